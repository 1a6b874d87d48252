"""Refines the codes of own styles while no other work waits.

A style is usable before. How a run ends:

* All steps are done: the style is `refined`.
* Other work waits, the worker stops, or the time of the run is over: the code so far is stored, and
  a later run goes on from it.
* The style cannot be refined, or a run has no step in its time: after `max_attempts` such runs the
  refinement is given up.
* The worker dies, or the storage or the database is unreachable: the lease expires, and another run
  goes on from the code that was stored last. This counts as an attempt as well.
"""

import logging
import time
from collections.abc import Callable
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from core.db.engine import Database
from core.db.pictures import Picture
from core.db.styles import Style
from core.metrics import WorkerMetrics
from core.settings import Settings
from core.storage import Storage, StorageError
from imaging.encode import decode_stored
from worker.claim import claim_refinement, count_waiting, is_refinement_claimed
from worker.heartbeat import Heartbeat
from worker.painter import Painter, RefinementUnavailableError
from worker.pipeline import change_style, log_context_of

log = logging.getLogger(__name__)

RUN_SECONDS: Final = 120.0
CHECK_SECONDS: Final = 1.0


class Refiner:
    """Refines one own style at a time. A process has one refiner."""

    def __init__(
        self,
        *,
        database: Database,
        storage: Storage,
        painter: Painter,
        heartbeat: Heartbeat,
        settings: Settings,
        is_stopping: Callable[[], bool] = lambda: False,
        metrics: WorkerMetrics | None = None,
        run_seconds: float = RUN_SECONDS,
    ) -> None:
        """Connect the parts; nothing is claimed yet.

        `is_stopping` says whether the worker shall stop. A run ends after `run_seconds`.
        """
        self._database = database
        self._storage = storage
        self._painter = painter
        self._heartbeat = heartbeat
        self._settings = settings
        self._is_stopping = is_stopping
        self._metrics = metrics or WorkerMetrics()
        self._run_seconds = run_seconds

    def refine_next_style(self) -> bool:
        """Refine one own style until other work waits. Returns False when there was none."""
        if not self._painter.can_refine or self._is_stopping():
            return False
        style = claim_refinement(
            self._database,
            model_version=self._painter.model_version,
            lease_seconds=self._settings.lease_seconds,
        )
        if style is None or style.refinement_token is None:
            return False
        token = style.refinement_token
        with self._heartbeat.renewing_leases(token), log_context_of(style):
            self._refine(style, token)
        return True

    def _refine(self, style: Style, token: str) -> None:
        run = _Run(
            has_other_work=lambda: self._has_other_work(style.id, token),
            is_stopping=self._is_stopping,
            seconds=self._run_seconds,
        )
        try:
            picture = decode_stored(self._storage.read(self._storage_key(style)))
            self._heartbeat.restart_time_limit()
            result = self._painter.refine_style(
                picture,
                start=style.refined_code,
                steps=max(1, self._settings.refinement_steps - style.refinement_steps),
                should_stop=lambda: self._should_stop(run),
            )
        except (SQLAlchemyError, StorageError):
            log.exception("style %s will be refined again when its lease expires", style.id)
        except RefinementUnavailableError as error:
            log.error("own styles are not refined: %s", error)  # noqa: TRY400  # no traceback needed
            self._heartbeat.refines_styles = False
            self._store(style, token, style.refined_code, steps=0, is_done=False)
        except Exception as error:  # any error of the model ends this attempt
            log.warning("style %s cannot be refined", style.id, exc_info=error)
            self._release(style, token)
        else:
            if run.is_out_of_time and result.steps == 0:
                log.warning("style %s: not one step in %g s", style.id, self._run_seconds)
                self._release(style, token)
            else:
                is_done = not run.is_stopped
                self._store(style, token, result.code, steps=result.steps, is_done=is_done)

    def _storage_key(self, style: Style) -> str:
        with self._database.reading() as session:
            return session.get_one(Picture, style.picture_id).storage_key

    def _should_stop(self, run: "_Run") -> bool:
        self._heartbeat.restart_time_limit()  # a step has ended, so the process does not hang
        return run.should_stop()

    def _has_other_work(self, style_id: str, token: str) -> bool:
        """Return whether other work waits, or this run is useless because the claim has ended."""
        waiting = count_waiting(self._database, model_version=self._painter.model_version)
        return bool(waiting) or not is_refinement_claimed(self._database, style_id, token)

    def _store(
        self, style: Style, token: str, code: bytes | None, *, steps: int, is_done: bool
    ) -> None:
        def store(row: Style) -> None:
            row.store_refinement(token=token, code=code, steps=steps, is_done=is_done)

        if change_style(self._database, self._metrics, style.id, store):
            log.info("refined" if is_done else "refinement paused", extra={"steps": steps})
            if is_done:
                self._metrics.styles_refined.inc()

    def _release(self, style: Style, token: str) -> None:
        max_attempts = self._settings.max_attempts
        change_style(
            self._database,
            self._metrics,
            style.id,
            lambda row: row.release_refinement(token=token, max_attempts=max_attempts),
        )


class _Run:
    """Decides when a run ends although steps are left."""

    def __init__(
        self, has_other_work: Callable[[], bool], is_stopping: Callable[[], bool], *, seconds: float
    ) -> None:
        """Start the time of the run. `has_other_work` is called once a second at most."""
        self.is_stopped = False
        self.is_out_of_time = False
        self._has_other_work = has_other_work
        self._is_stopping = is_stopping
        self._next_check_at = time.monotonic()
        self._ends_at = self._next_check_at + seconds

    def should_stop(self) -> bool:
        """Return whether the run shall end; it stays True."""
        now = time.monotonic()
        if now >= self._ends_at:
            self.is_out_of_time = self.is_stopped = True
        elif self._is_stopping():
            self.is_stopped = True
        elif now >= self._next_check_at:
            self._next_check_at = now + CHECK_SECONDS
            self.is_stopped = self.is_stopped or self._has_other_work()
        return self.is_stopped
