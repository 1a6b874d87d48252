"""The worker's sign of life: it keeps leases from running out, until the work takes too long."""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import SQLAlchemyError

from core.db.base import new_id, now_utc
from core.db.engine import Database
from core.db.styles import Style, StyleStatus
from core.db.stylizations import Status, Stylization
from core.db.workers import WorkerHeartbeat, WorkerState
from core.errors import IllegalTransition
from core.failures import TimedOut
from core.logs import log_context
from core.notifications.outbox import enqueue_notifications
from core.settings import Settings

log = logging.getLogger(__name__)

EXIT_HUNG = 75  # EX_TEMPFAIL: whoever supervises the worker starts another


def _exit_at_once() -> None:
    os._exit(EXIT_HUNG)  # a forward that hangs in C lets no exception through


class Heartbeat:
    """Beats in a thread of its own: says that this worker lives, and renews the leases it holds.

    When one forward takes longer than `job_timeout_seconds`, the rows are given back (or fail,
    after their last attempt) and the process ends, for a hung forward cannot be interrupted.
    """

    def __init__(
        self,
        database: Database,
        settings: Settings,
        *,
        end_process: Callable[[], None] = _exit_at_once,
    ) -> None:
        """Nothing beats before `start`."""
        self.worker_id = new_id("wrk")
        self._database = database
        self._settings = settings
        self._end_process = end_process
        self._state = WorkerState.STARTING
        self._device: str | None = None
        self._model_version: str | None = None
        self._token: str | None = None
        self._held_since = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heart", daemon=True)

    def start(self) -> None:
        """Begin to beat."""
        self._send_safely()
        self._thread.start()

    def stop(self) -> None:
        """Stop, and take this worker off the list."""
        self._stop.set()
        self._thread.join(timeout=self._settings.heartbeat_seconds + 1)
        try:
            with self._database.transaction() as session:
                session.execute(delete(WorkerHeartbeat).where(WorkerHeartbeat.id == self.worker_id))
        except SQLAlchemyError as error:
            log.warning("this worker stays on the list: %s", error)

    def set_ready(self, *, device: str, model_version: str) -> None:
        """Say that the model is loaded."""
        self._state = WorkerState.READY
        self._device = device
        self._model_version = model_version
        self._send_safely()

    @contextmanager
    def renewing_leases(self, token: str) -> Iterator[None]:
        """Renew what carries this token for as long as the block runs, within its time."""
        self._held_since = time.monotonic()
        self._token = token
        self._state = WorkerState.BUSY
        try:
            yield
        finally:
            self._token = None
            self._state = WorkerState.READY

    def restart_time_limit(self) -> None:
        """The time limit counts from here: a batch may need several forwards."""
        self._held_since = time.monotonic()

    def send(self) -> None:
        """One beat: the sign of life, the leases, the time limit."""
        token = self._token
        limit = self._settings.job_timeout_seconds
        if token is not None and time.monotonic() - self._held_since > limit:
            log.error("a forward took longer than %s s; this process ends", limit)
            self._give_up(token)
            return
        with self._database.transaction() as session:
            self._sign_of_life(session.merge(WorkerHeartbeat(id=self.worker_id)))
            if token is not None:
                lease = now_utc() + timedelta(seconds=self._settings.lease_seconds)
                for table, status in (
                    (Stylization, Status.RUNNING),
                    (Style, StyleStatus.PREPARING),
                ):
                    session.execute(
                        update(table)
                        .where(table.token == token, table.status == status)
                        .values(lease_until=lease)
                    )
        if self._settings.heartbeat_file is not None:
            self._settings.heartbeat_file.touch()

    def _sign_of_life(self, row: WorkerHeartbeat) -> None:
        row.seen_at = now_utc()
        row.state = self._state
        row.device = self._device
        row.model_version = self._model_version

    def _give_up(self, token: str) -> None:
        try:
            self._release_rows(token)
        except SQLAlchemyError:
            log.exception("the rows could not be given back; their leases will run out")
        finally:
            self._end_process()

    def _release_rows(self, token: str) -> None:
        error = TimedOut(seconds=f"{self._settings.job_timeout_seconds:g}")
        with self._database.transaction() as session:
            rows = select(Stylization).where(Stylization.token == token).with_for_update()
            for row in session.scalars(rows):
                with log_context(request_id=row.request_id, stylization_id=row.id):
                    log.error("it was in the forward that hung", extra={"attempt": row.attempts})
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

    def _send_safely(self) -> None:
        try:
            self.send()
        except (SQLAlchemyError, IllegalTransition, OSError):
            log.exception("a heartbeat was missed")

    def _run(self) -> None:
        while not self._stop.wait(self._settings.heartbeat_seconds):
            self._send_safely()
