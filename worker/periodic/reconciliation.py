"""Repairs what dead workers and lost queue notifications leave behind.

Every worker does this; several may do it at the same time. Each step is one transaction that locks
the rows it changes and checks their status again.
"""

import logging
from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy import Select, select

from core.db.base import now_utc
from core.db.engine import Database
from core.db.styles import Style, StyleStatus
from core.db.stylizations import Status, Stylization
from core.failures import StyleFailed, WorkerDied
from core.logs import log_context
from core.metrics import WorkerMetrics
from core.notifications.outbox import enqueue_notifications
from core.queue import MAX_NOTIFICATIONS, Queue
from core.settings import Settings
from worker.claim import count_waiting, is_refinement_waiting, uses_style
from worker.periodic.runner import PeriodicTask

log = logging.getLogger(__name__)

Row = TypeVar("Row", Stylization, Style)

BATCH_SIZE: Final = 200


class Reconciler:
    """Releases expired leases, fails rows of failed styles, restores queue notifications."""

    def __init__(
        self,
        *,
        database: Database,
        queue: Queue,
        settings: Settings,
        model_version: str,
        can_refine: Callable[[], bool] = lambda: False,
        metrics: WorkerMetrics | None = None,
    ) -> None:
        """Connect the parts; nothing runs before the tasks are started.

        `can_refine` says whether this worker can refine own styles.
        """
        self._database = database
        self._queue = queue
        self._settings = settings
        self._model_version = model_version
        self._can_refine = can_refine
        self._metrics = metrics or WorkerMetrics()

    def tasks(self) -> list[PeriodicTask]:
        """Return the periodic task of the reconciler."""
        return [
            PeriodicTask(
                "reconciliation", self.repair, interval_seconds=self._settings.heartbeat_seconds
            )
        ]

    def repair(self) -> None:
        """Run every step once."""
        self.release_expired_styles()
        self.release_expired_refinements()
        self.release_expired_rows()
        self.fail_rows_of_failed_styles()
        self.restore_notifications()

    def release_expired_rows(self) -> int:
        """Queue the rows of dead workers again, or fail them after their last attempt.

        Returns how many rows had an expired lease.
        """
        now = now_utc()
        with self._database.transaction() as session:
            expired = select(Stylization).where(
                Stylization.status == Status.RUNNING, Stylization.lease_until < now
            )
            rows = session.scalars(_lock_batch(expired)).all()
            for row in rows:
                with log_context(request_id=row.request_id, stylization_id=row.id):
                    log.warning("the lease of %s expired (attempt %d)", row.id, row.attempts)
                if row.attempts < self._settings.max_attempts and row.token is not None:
                    row.release(token=row.token)
                else:
                    row.fail(token=None, error=WorkerDied(attempts=row.attempts), now=now)
                    enqueue_notifications(session, row)
                    self._metrics.failures.labels(WorkerDied.code).inc()
        self._metrics.rows_freed.inc(len(rows))
        return len(rows)

    def release_expired_styles(self) -> int:
        """Do the same for the own styles that dead workers were preparing."""
        with self._database.transaction() as session:
            expired = select(Style).where(
                Style.status == StyleStatus.PREPARING, Style.lease_until < now_utc()
            )
            styles = session.scalars(_lock_batch(expired)).all()
            for style in styles:
                with log_context(request_id=style.request_id, style_id=style.id):
                    log.warning("the lease of %s expired (attempt %d)", style.id, style.attempts)
                token = style.token or ""
                if style.attempts < self._settings.max_attempts:
                    style.release(token=token)
                else:
                    style.fail(token=token, error=WorkerDied(attempts=style.attempts))
                    self._metrics.failures.labels(WorkerDied.code).inc()
        self._metrics.rows_freed.inc(len(styles))
        return len(styles)

    def release_expired_refinements(self) -> int:
        """Let other workers refine the own styles of dead ones, up to the limit of attempts."""
        with self._database.transaction() as session:
            expired = select(Style).where(Style.refinement_lease_until < now_utc())
            styles = session.scalars(_lock_batch(expired)).all()
            for style in styles:
                attempt = style.refinement_attempts
                with log_context(request_id=style.request_id, style_id=style.id):
                    log.warning(
                        "the lease of the refinement of %s expired (attempt %d)", style.id, attempt
                    )
                style.release_refinement(
                    token=style.refinement_token or "", max_attempts=self._settings.max_attempts
                )
        self._metrics.rows_freed.inc(len(styles))
        return len(styles)

    def fail_rows_of_failed_styles(self) -> int:
        """Fail queued rows that use an own style that could not be prepared."""
        now = now_utc()
        with self._database.transaction() as session:
            style_failed = uses_style(Style.status == StyleStatus.FAILED)
            queued = select(Stylization).where(Stylization.status == Status.QUEUED, style_failed)
            rows = session.scalars(_lock_batch(queued)).all()
            for row in rows:
                row.fail(token=None, error=StyleFailed(), now=now)
                enqueue_notifications(session, row)
        self._metrics.failures.labels(StyleFailed.code).inc(len(rows))
        return len(rows)

    def restore_notifications(self) -> int | None:
        """Add queue notifications for waiting rows whose notification was lost.

        When none waits, one notification starts the refinement of an own style. Returns how many
        were added, or None when Redis is unreachable.
        """
        waiting = count_waiting(self._database, model_version=self._model_version)
        if not waiting and self._can_refine():
            waiting = int(is_refinement_waiting(self._database, model_version=self._model_version))
        wanted = min(waiting, MAX_NOTIFICATIONS)
        return self._queue.add_notifications(wanted, at_most=wanted)


def _lock_batch(rows: Select[Row]) -> Select[Row]:
    return rows.limit(BATCH_SIZE).with_for_update(skip_locked=True)
