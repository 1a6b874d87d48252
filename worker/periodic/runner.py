"""Runs functions periodically in background threads until the worker stops."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from prometheus_client import Counter

log = logging.getLogger(__name__)

STOP_SECONDS: Final = 12.0  # sending a notification takes up to 10 s


class PeriodicTask:
    """Calls `run` every `interval_seconds` in its own thread, so that no task delays another.

    `run` returns True when more work is waiting; it is then called again without a pause.
    An exception never ends the task: it is logged and counted, and `run` is called again after
    the usual interval.
    """

    def __init__(self, name: str, run: Callable[[], object], *, interval_seconds: float) -> None:
        """Prepare the task. `name` appears in the logs and as a label of the failure counter."""
        self.name = name
        self._run = run
        self._interval_seconds = interval_seconds
        self._failures: Counter | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, name=name, daemon=True)

    def start(self, failures: Counter | None = None) -> None:
        """Start the thread, which calls `run` at once.

        Args:
            failures: a counter with the label `task`; incremented for each exception.
        """
        self._failures = failures
        self._thread.start()

    def request_stop(self) -> None:
        """Ask the thread to end after the current call."""
        self._stop.set()

    def join(self, timeout_seconds: float = STOP_SECONDS) -> None:
        """Wait for the thread to end. Returns at once if it was never started."""
        if self._thread.is_alive():
            self._thread.join(timeout=timeout_seconds)

    def is_running(self) -> bool:
        """Return whether the thread has been started and has not ended."""
        return self._thread.is_alive()

    def run_once(self) -> bool:
        """Call `run` once. Returns whether more work is waiting; False after an exception."""
        try:
            return self._run() is True
        except Exception:
            log.exception("the periodic task %s failed; it will be retried", self.name)
            if self._failures is not None:
                self._failures.labels(self.name).inc()
            return False

    def _loop(self) -> None:
        while not self._stop.is_set():
            has_more = self.run_once()
            if not has_more:
                self._stop.wait(self._interval_seconds)


@contextmanager
def running(tasks: Iterable[PeriodicTask], failures: Counter | None = None) -> Iterator[None]:
    """Run the tasks while the block runs; `failures` is passed to each task's `start`."""
    started = list(tasks)
    for task in started:
        task.start(failures)
    try:
        yield
    finally:
        for task in started:
            task.request_stop()
        for task in started:
            task.join()
