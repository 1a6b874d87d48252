"""Checks the parts that the service depends on, and collects metrics."""

import logging
import shutil

from sqlalchemy import select

from app.operations.maintenance import read_queue_state
from app.operations.schemas import CheckResult, Checks
from app.resources import Resources
from core.db.base import now_utc
from core.db.engine import DATABASE_ERRORS, Database
from core.db.workers import WorkerHeartbeat, is_alive
from core.errors import NotReady
from core.metrics import ServiceMetrics, exposition
from core.settings import Settings
from core.storage import MIN_FREE_BYTES, storage_folder

log = logging.getLogger(__name__)


def readiness(resources: Resources) -> Checks:
    """Check database, storage, queue and workers.

    Raises:
        NotReady: the database or the storage is not reachable, so no upload can be stored. Without
            Redis or a worker, uploads are stored and wait.
    """
    database = _is_writable(resources.database)
    checks = Checks(
        database=_result(is_ok=database),
        storage=_result(is_ok=_has_space(resources.settings)),
        queue=_result(is_ok=resources.queue.ping()),
        worker=_result(is_ok=database and _has_running_worker(resources.database)),
    )
    missing = [name for name in ("database", "storage") if getattr(checks, name) == "away"]
    if missing:
        raise NotReady(missing=", ".join(missing), retry_after_s=5)
    return checks


def metrics_text(resources: Resources, metrics: ServiceMetrics) -> bytes:
    """The metrics of this process, and of the queue as it is in the database now."""
    try:
        state = read_queue_state(resources.database)
    except DATABASE_ERRORS as error:
        log.warning("the database cannot be used: %s", error)
        metrics.queue.mark_unknown()
    else:
        metrics.queue.update(
            rows=state.rows,
            oldest_seconds=state.oldest_seconds,
            workers=state.workers_by_state(),
        )
    return exposition(metrics.registry)


def _result(*, is_ok: bool) -> CheckResult:
    return "ok" if is_ok else "away"


def _is_writable(database: Database) -> bool:
    try:
        database.check_writable()
    except DATABASE_ERRORS as error:
        log.warning("the database cannot be used: %s", error)
        return False
    return True


def _has_space(settings: Settings) -> bool:
    """Whether the disk of a local storage has space; a bucket is not checked, to save a request."""
    folder = storage_folder(settings)
    if folder is None:
        return True
    try:
        return shutil.disk_usage(folder).free > MIN_FREE_BYTES
    except OSError:
        return False


def _has_running_worker(database: Database) -> bool:
    recent = select(WorkerHeartbeat.id).where(is_alive(now_utc()))
    with database.reading() as session:
        return session.scalars(recent.limit(1)).first() is not None
