"""Reports that this worker is alive, renews its leases and enforces the time limit per batch."""

import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from prometheus_client import Counter
from sqlalchemy import delete, select, update
from sqlalchemy.exc import SQLAlchemyError

from core.db.base import new_id, now_utc
from core.db.engine import Database
from core.db.styles import Style, StyleStatus
from core.db.stylizations import Status, Stylization
from core.db.workers import WorkerHeartbeat, WorkerState
from core.failures import TimedOut
from core.logs import log_context
from core.notifications.outbox import enqueue_notifications
from core.settings import Settings
from worker.periodic.runner import PeriodicTask

log = logging.getLogger(__name__)

EXIT_HUNG: Final = 75  # EX_TEMPFAIL: the supervisor starts another worker


def _exit_process() -> None:
    os._exit(EXIT_HUNG)  # a forward pass that hangs in C code cannot be interrupted


class Heartbeat:
    """Updates this worker's row every `heartbeat_seconds` and renews the leases of its batch.

    If one forward pass takes longer than `job_timeout_seconds`, its rows are released (or fail,
    after their last attempt) and the process ends, because a hung forward pass cannot be
    interrupted.
    """

    def __init__(
        self,
        database: Database,
        settings: Settings,
        *,
        end_process: Callable[[], None] = _exit_process,
    ) -> None:
        """Prepare the heartbeat; nothing is sent before `running`."""
        self.worker_id = new_id("wrk")
        self.refines_styles = False  # sent with the next heartbeat; the API tells clients
        self._database = database
        self._settings = settings
        self._end_process = end_process
        self._state = WorkerState.STARTING
        self._device: str | None = None
        self._model_version: str | None = None
        self._token: str | None = None
        self._limit_started_at = 0.0  # monotonic seconds
        self._task = PeriodicTask(
            "heartbeat", self.send, interval_seconds=settings.heartbeat_seconds
        )

    @contextmanager
    def running(self, failures: Counter | None = None) -> Iterator[None]:
        """Send heartbeats while the block runs, then delete this worker's row.

        `failures` counts heartbeats that could not be sent; see `PeriodicTask.start`.
        """
        self._task.start(failures)
        try:
            yield
        finally:
            self._task.request_stop()
            self._task.join(self._settings.heartbeat_seconds + 1)
            self._delete_row()

    def set_ready(self, *, device: str, model_version: str) -> None:
        """Report that the model is loaded."""
        self._state = WorkerState.READY
        self._device = device
        self._model_version = model_version
        self._task.run_once()

    @contextmanager
    def renewing_leases(self, token: str) -> Iterator[None]:
        """Renew the leases with this token while the block runs, and enforce the time limit."""
        self.restart_time_limit()
        self._token = token
        self._state = WorkerState.BUSY
        try:
            yield
        finally:
            self._token = None
            self._state = WorkerState.READY

    def restart_time_limit(self) -> None:
        """Restart `job_timeout_seconds`; called before each forward pass of a batch."""
        self._limit_started_at = time.monotonic()

    def send(self) -> None:
        """Send one heartbeat: update the row and renew the leases, or end a hung process."""
        token = self._token
        limit_seconds = self._settings.job_timeout_seconds
        if token is not None and time.monotonic() - self._limit_started_at > limit_seconds:
            log.error("a forward pass took longer than %s s; this process ends", limit_seconds)
            self._abandon_batch(token)
            return
        with self._database.transaction() as session:
            row = session.merge(WorkerHeartbeat(id=self.worker_id))
            row.seen_at = now_utc()
            row.state = self._state
            row.device = self._device
            row.model_version = self._model_version
            row.refines_styles = self.refines_styles
            if token is not None:
                lease_until = now_utc() + timedelta(seconds=self._settings.lease_seconds)
                session.execute(
                    update(Style)
                    .where(
                        Style.refinement_token == token, Style.refinement_lease_until.is_not(None)
                    )
                    .values(refinement_lease_until=lease_until)
                )
                for table, status in (
                    (Stylization, Status.RUNNING),
                    (Style, StyleStatus.PREPARING),
                ):
                    session.execute(
                        update(table)
                        .where(table.token == token, table.status == status)
                        .values(lease_until=lease_until)
                    )
        if self._settings.heartbeat_file is not None:
            self._settings.heartbeat_file.touch()

    def _abandon_batch(self, token: str) -> None:
        try:
            self._release_rows(token)
        except SQLAlchemyError:
            log.exception("the rows could not be released; their leases will expire")
        finally:
            self._end_process()

    def _release_rows(self, token: str) -> None:
        error = TimedOut(seconds=f"{self._settings.job_timeout_seconds:g}")
        with self._database.transaction() as session:
            rows = select(Stylization).where(Stylization.token == token).with_for_update()
            for row in session.scalars(rows):
                with log_context(request_id=row.request_id, stylization_id=row.id):
                    log.error(
                        "the row was in the forward pass that hung",
                        extra={"attempt": row.attempts},
                    )
                if row.attempts < self._settings.max_attempts:
                    row.release(token=token)
                else:
                    row.fail(token=token, error=error, now=now_utc())
                    enqueue_notifications(session, row)
            styles = select(Style).where(Style.token == token).with_for_update()
            for style in session.scalars(styles):
                if style.attempts < self._settings.max_attempts:
                    style.release(token=token)
                else:
                    style.fail(token=token, error=error)
            refined = select(Style).where(Style.refinement_token == token).with_for_update()
            for style in session.scalars(refined):
                style.release_refinement(token=token, max_attempts=self._settings.max_attempts)

    def _delete_row(self) -> None:
        try:
            with self._database.transaction() as session:
                session.execute(delete(WorkerHeartbeat).where(WorkerHeartbeat.id == self.worker_id))
        except SQLAlchemyError as error:
            log.warning("the heartbeat row of this worker could not be deleted: %s", error)
