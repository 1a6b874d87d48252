"""Runs child processes: restarts those that exit and stops all of them together."""

import ctypes
import logging
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

from cli.embedded_queue import EmbeddedQueue
from core.errors import SetupError

log = logging.getLogger(__name__)

POLL_SECONDS = 0.2
QUEUE_POLL_SECONDS = 2.0
FIRST_PAUSE_SECONDS = 0.5  # before a restart; doubled after each early exit
LONGEST_PAUSE_SECONDS = 4.0
EARLY_EXIT_SECONDS = 20.0  # an exit within this time of the start is an early exit
STOP_SECONDS = 20.0  # time to finish the current batch; unfinished jobs run after the next start
EXIT_SETUP = 78  # EX_CONFIG: a restart would fail in the same way
MAX_EARLY_EXITS = 5
PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """One process that is kept running."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    next_start_at: float = 0.0
    early_exits: int = 0
    pause_seconds: float = field(default=FIRST_PAUSE_SECONDS)

    def start(self) -> None:
        """Start the process. Its output goes to stderr: stdout is reserved for the ready line."""
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr.fileno(),
            preexec_fn=_terminate_with_parent if sys.platform == "linux" else None,
        )
        self.started_at = time.monotonic()

    def schedule_restart(self, now: float) -> None:
        """Set the time of the next start, after the process has exited."""
        self.process = None
        if now - self.started_at < EARLY_EXIT_SECONDS:
            self.early_exits += 1
            self.pause_seconds = min(self.pause_seconds * 2, LONGEST_PAUSE_SECONDS)
        else:
            self.early_exits = 0
            self.pause_seconds = FIRST_PAUSE_SECONDS
        self.next_start_at = now + self.pause_seconds


class Supervisor:
    """Keeps children running. They share its process group, so Ctrl-C reaches all of them."""

    def __init__(
        self,
        children: Sequence[Child],
        *,
        embedded_queue: EmbeddedQueue | None,
        is_ready: Callable[[], bool],
        on_ready: Callable[[], None],
    ) -> None:
        """`on_ready` is called once, as soon as `is_ready` returns True."""
        self._children = children
        self._embedded_queue = embedded_queue
        self._is_ready = is_ready
        self._on_ready = on_ready
        self._was_ready = False
        self._is_stopping = False
        self._next_queue_poll = 0.0

    def run(self) -> int:
        """Run until SIGINT or SIGTERM. Returns the exit status.

        Raises:
            SetupError: a child exits with status 78, or exits early several times in a row before
                the stack is ready.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._request_stop)
        try:
            while not self._is_stopping:
                self._restart_children()
                self._restart_queue()
                self._report_ready()
                time.sleep(POLL_SECONDS)
        finally:
            self._stop_children()
        return 0

    def _request_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._is_stopping = True

    def _restart_children(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.process is None:
                if now >= child.next_start_at:
                    child.start()
            elif (status := child.process.poll()) is not None:
                self._handle_exit(child, status, now)

    def _handle_exit(self, child: Child, status: int, now: float) -> None:
        if self._is_stopping:
            return
        if status == EXIT_SETUP:
            raise SetupError(f"{child.name} cannot start; see the log above")
        child.schedule_restart(now)
        if not self._was_ready and child.early_exits >= MAX_EARLY_EXITS:
            raise SetupError(
                f"{child.name} keeps exiting (exit status {status}); see the log above"
            )
        log.warning("%s exited with status %d; restarting it", child.name, status)

    def _restart_queue(self) -> None:
        now = time.monotonic()
        if self._embedded_queue is None or now < self._next_queue_poll:
            return
        self._next_queue_poll = now + QUEUE_POLL_SECONDS
        if not self._embedded_queue.is_running() and not self._is_stopping:
            log.warning("the queue server has exited; restarting it")
            self._embedded_queue.start()

    def _report_ready(self) -> None:
        if not self._was_ready and self._is_ready():
            self._was_ready = True
            self._on_ready()

    def _stop_children(self) -> None:
        running = [child.process for child in self._children if child.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(timeout=max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


# Loaded here because nothing may be imported between fork and exec.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _terminate_with_parent() -> None:
    # Otherwise the API of a killed supervisor would keep the port.
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
