"""Repairs what a dead worker or a lost Redis leaves. A thread in every worker; several are safe.

Every step is a transaction that locks the rows it changes and asks for their status again.
"""

import logging
import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import Select, and_, delete, exists, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core.db.base import UNDO_PERIOD, now_utc
from core.db.engine import Database
from core.db.pictures import Picture
from core.db.styles import Style, StyleStatus
from core.db.stylizations import OPEN_STATUSES, Status, Stylization
from core.db.users import User, UserKind
from core.db.workers import WorkerHeartbeat
from core.failures import StyleFailed, WorkerDied
from core.logs import log_context
from core.metrics import WorkerMetrics
from core.notifications.outbox import enqueue_notifications
from core.queue import MAX_NOTIFICATIONS, Queue
from core.settings import Settings
from core.storage import Storage, StorageError
from worker.claim import count_waiting, waits_for_style
from worker.periodic.retention import forget_erased, keep_befores, needed_as_before

log = logging.getLogger(__name__)

Row = TypeVar("Row", Stylization, Style)

ROWS_AT_ONCE = 200
SWEEP_EVERY = 12  # rounds; the sweep of expired pictures is in no hurry
DEAD_WORKERS_KEPT = timedelta(hours=1)


class Reconciler:
    """Runs its round every `heartbeat_seconds`."""

    def __init__(
        self,
        *,
        database: Database,
        storage: Storage,
        queue: Queue,
        settings: Settings,
        model_version: str,
        metrics: WorkerMetrics | None = None,
    ) -> None:
        """Nothing runs before `start`."""
        self._database = database
        self._storage = storage
        self._queue = queue
        self._settings = settings
        self._model_version = model_version
        self._metrics = metrics or WorkerMetrics()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reconciler", daemon=True)

    def start(self) -> None:
        """Begin; the first round is run at once."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the round that runs."""
        self._stop.set()
        self._thread.join(timeout=10)

    def repair(self) -> None:
        """One round: expired leases, rows whose style failed, lost wake-ups."""
        self.free_expired_styles()
        self.free_expired_rows()
        self.fail_rows_of_failed_styles()
        self.restore_notifications()

    def free_expired_rows(self) -> int:
        """Queue the rows of dead workers again, or fail them after their last attempt."""
        now = now_utc()
        with self._database.transaction() as session:
            expired = select(Stylization).where(
                Stylization.status == Status.RUNNING, Stylization.lease_until < now
            )
            rows = session.scalars(_some(expired)).all()
            for row in rows:
                with log_context(request_id=row.request_id, stylization_id=row.id):
                    log.warning("%s: its worker is gone (attempt %d)", row.id, row.attempts)
                if row.attempts < self._settings.max_attempts and row.token is not None:
                    row.release(token=row.token)
                else:
                    row.fail(token=None, error=WorkerDied(attempts=row.attempts), now=now)
                    enqueue_notifications(session, row)
                    self._metrics.failures.labels(WorkerDied.code).inc()
        self._metrics.rows_freed.inc(len(rows))
        return len(rows)

    def free_expired_styles(self) -> int:
        """The same for own styles that a dead worker was preparing."""
        with self._database.transaction() as session:
            expired = select(Style).where(
                Style.status == StyleStatus.PREPARING, Style.lease_until < now_utc()
            )
            styles = session.scalars(_some(expired)).all()
            for style in styles:
                with log_context(request_id=style.request_id, style_id=style.id):
                    log.warning("%s: its worker is gone (attempt %d)", style.id, style.attempts)
                token = style.token or ""
                if style.attempts < self._settings.max_attempts:
                    style.release(token=token)
                else:
                    style.fail(token=token, error=WorkerDied(attempts=style.attempts))
                    self._metrics.failures.labels(WorkerDied.code).inc()
        self._metrics.rows_freed.inc(len(styles))
        return len(styles)

    def fail_rows_of_failed_styles(self) -> int:
        """Rows that wait for an own style which could not be prepared wait no more."""
        now = now_utc()
        with self._database.transaction() as session:
            style_failed = waits_for_style(Style.status == StyleStatus.FAILED)
            waiting = select(Stylization).where(Stylization.status == Status.QUEUED, style_failed)
            rows = session.scalars(_some(waiting)).all()
            for row in rows:
                row.fail(token=None, error=StyleFailed(), now=now)
                enqueue_notifications(session, row)
        self._metrics.failures.labels(StyleFailed.code).inc(len(rows))
        return len(rows)

    def restore_notifications(self) -> int | None:
        """Ring for rows whose wake-up was lost. Returns how often, or None without Redis."""
        waiting = count_waiting(self._database, model_version=self._model_version)
        wanted = min(waiting, MAX_NOTIFICATIONS)
        return self._queue.add_notifications(wanted, at_most=wanted)

    def sweep(self) -> int:
        """Forget pictures that have expired or were deleted, users erased, and workers long gone.

        What was deleted can be brought back for a while, so its bytes stay as long. A picture that
        an open row, a living style or a result to compare with it still needs is kept. Bytes go
        before the mark, so that a sweep that breaks off is simply done again.
        """
        now = now_utc()
        forget_erased(self._database)
        keep_befores(self._database, self._storage)
        with self._database.transaction() as session:
            gone = WorkerHeartbeat.seen_at < now - DEAD_WORKERS_KEPT
            session.execute(delete(WorkerHeartbeat).where(gone))
        with self._database.reading() as session:
            pictures = self._forgettable(session)
        for picture in pictures:
            self._storage.remove(picture.storage_key)
            with self._database.transaction() as session:
                session.get_one(Picture, picture.id, with_for_update=True).removed_at = now
        return len(pictures)

    def _forgettable(self, session: Session) -> Sequence[Picture]:
        needed_by_row = exists().where(
            Stylization.picture_id == Picture.id, Stylization.status.in_(OPEN_STATUSES)
        )
        needed_by_style = exists().where(
            Style.picture_id == Picture.id,
            or_(Style.deleted_at.is_(None), Style.status == StyleStatus.PREPARING),
        )
        now = now_utc()
        has_ended = and_(Picture.expires_at < now, ~needed_as_before(now))
        is_erased = exists().where(User.id == Picture.owner_id, User.kind == UserKind.ERASED)
        has_gone = and_(Picture.deleted_at.is_not(None), is_erased)  # for good: nothing to undo
        over = or_(has_ended, has_gone, Picture.deleted_at < now - UNDO_PERIOD)
        forgettable = select(Picture).where(
            Picture.removed_at.is_(None), over, ~needed_by_row, ~needed_by_style
        )
        return session.scalars(forgettable.limit(ROWS_AT_ONCE)).all()

    def _sweep_all(self) -> None:
        while self.sweep() == ROWS_AT_ONCE and not self._stop.is_set():
            log.debug("there is more to forget")

    def _run(self) -> None:
        rounds = 0
        while True:
            try:
                self.repair()
                if rounds % SWEEP_EVERY == 0:
                    self._sweep_all()
            except (SQLAlchemyError, StorageError):
                log.exception("a round of repairs broke off; the next one goes on")
            rounds += 1
            if self._stop.wait(self._settings.heartbeat_seconds):
                return


def _some(rows: Select[Row]) -> Select[Row]:
    return rows.limit(ROWS_AT_ONCE).with_for_update(skip_locked=True)
