"""Keeps a few processes running: starts them again when they die, stops them together."""

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

LOOK_SECONDS = 0.2
QUEUE_LOOK_SECONDS = 2.0
FIRST_PAUSE_SECONDS = 0.5  # before a dead process is started again; doubled each time it dies young
LONGEST_PAUSE_SECONDS = 4.0
YOUNG_SECONDS = 20.0
STOP_SECONDS = 20.0  # for the batch in hand; rows that do not make it are rendered next time
EXIT_SETUP = 78  # a process that says so would say it again: nothing is started anew
MAX_DEATHS_BEFORE_UP = 5
PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """One process that is to be there."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    start_at: float = 0.0
    young_deaths: int = 0
    pause: float = field(default=FIRST_PAUSE_SECONDS)

    def start(self) -> None:
        """Start it; what it prints goes to stderr, for stdout holds the ready line alone."""
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr.fileno(),
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )
        self.started = time.monotonic()

    def note_death(self, now: float) -> None:
        """Say when it is to be started again."""
        self.process = None
        if now - self.started < YOUNG_SECONDS:
            self.young_deaths += 1
            self.pause = min(self.pause * 2, LONGEST_PAUSE_SECONDS)
        else:
            self.young_deaths = 0
            self.pause = FIRST_PAUSE_SECONDS
        self.start_at = now + self.pause


class Supervisor:
    """All children in this process's own group; Ctrl-C reaches each of them."""

    def __init__(
        self,
        children: Sequence[Child],
        *,
        embedded_queue: EmbeddedQueue | None,
        is_up: Callable[[], bool],
        when_up: Callable[[], None],
    ) -> None:
        """`when_up` is called once, when `is_up` first says so."""
        self._children = children
        self._embedded_queue = embedded_queue
        self._is_up = is_up
        self._when_up = when_up
        self._has_been_up = False
        self._is_stopping = False
        self._next_queue_look = 0.0

    def run(self) -> int:
        """Watch until SIGINT or SIGTERM. Returns the exit status.

        Raises:
            SetupError: a child cannot start and says that another try is of no use.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask_to_stop)
        try:
            while not self._is_stopping:
                self._look_after_children()
                self._look_after_queue()
                self._say_when_up()
                time.sleep(LOOK_SECONDS)
        finally:
            self._stop_children()
        return 0

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._is_stopping = True

    def _look_after_children(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.process is None:
                if now >= child.start_at:
                    child.start()
            elif (status := child.process.poll()) is not None:
                self._mourn(child, status, now)

    def _mourn(self, child: Child, status: int, now: float) -> None:
        if self._is_stopping:
            return
        if status == EXIT_SETUP:
            raise SetupError(f"{child.name} cannot start, see above")
        child.note_death(now)
        if not self._has_been_up and child.young_deaths >= MAX_DEATHS_BEFORE_UP:
            raise SetupError(f"{child.name} does not stay up (exit status {status}), see above")
        log.warning("%s died (%d); it is started again", child.name, status)

    def _look_after_queue(self) -> None:
        now = time.monotonic()
        if self._embedded_queue is None or now < self._next_queue_look:
            return
        self._next_queue_look = now + QUEUE_LOOK_SECONDS
        if not self._embedded_queue.is_running() and not self._is_stopping:
            log.warning("the queue server is gone; it is started again")
            self._embedded_queue.start()

    def _say_when_up(self) -> None:
        if not self._has_been_up and self._is_up():
            self._has_been_up = True
            self._when_up()

    def _stop_children(self) -> None:
        running = [child.process for child in self._children if child.process is not None]
        for process in running:
            process.terminate()
        give_up = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(timeout=max(0.0, give_up - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


# Loaded before the fork: nothing may be imported between fork and exec.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_parent() -> None:
    # A supervisor that is killed leaves nobody behind who would hold the port.
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
