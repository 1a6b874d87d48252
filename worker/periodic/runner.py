"""Runs a function again and again in the background until the worker stops."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final

log = logging.getLogger(__name__)

STOP_SECONDS: Final = 10.0


class PeriodicTask:
    """Calls `run` every `interval_seconds` in a thread of its own.

    A slow task never delays another one. A call that raises is logged, and the next call follows
    after the usual interval: no exception ends the task.
    """

    def __init__(self, name: str, run: Callable[[], object], *, interval_seconds: float) -> None:
        self.name = name
        self._run = run
        self._interval_seconds = interval_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread; the first call follows at once."""
        self._thread.start()

    def request_stop(self) -> None:
        """Ask the thread to end after the call that is running."""
        self._stop.set()

    def join(self, timeout_seconds: float = STOP_SECONDS) -> None:
        """Wait for the thread to end; a thread that never started has ended."""
        if self._thread.is_alive():
            self._thread.join(timeout=timeout_seconds)

    def run_safely(self) -> None:
        """Call `run` once; log an exception instead of raising it."""
        try:
            self._run()
        except Exception:
            log.exception("the periodic task %s failed; it is retried", self.name)

    def _loop(self) -> None:
        while True:
            self.run_safely()
            if self._stop.wait(self._interval_seconds):
                return


@contextmanager
def running(tasks: Iterable[PeriodicTask]) -> Iterator[None]:
    """Run the tasks for as long as the block runs."""
    started = list(tasks)
    for task in started:
        task.start()
    try:
        yield
    finally:
        for task in started:
            task.request_stop()
        for task in started:
            task.join()
