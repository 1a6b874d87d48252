"""Child processes are restarted when they exit, and stopped together."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from cli import supervisor
from cli.supervisor import Child, Supervisor
from core.errors import SetupError
from core.settings import child_environment

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _stderr_and_signals(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "stderr", sys.__stderr__)  # a child needs a real one
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


def child(code: str) -> Child:
    return Child("a child", [sys.executable, "-c", code], child_environment())


def supervise(
    children: list[Child], is_ready: Callable[[], bool], on_ready: Callable[[], None]
) -> Supervisor:
    return Supervisor(children, embedded_queue=None, is_ready=is_ready, on_ready=on_ready)


def request_stop() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def test_readiness_is_reported_once_and_a_signal_stops_the_children() -> None:
    sleeper = child("import time; time.sleep(60)")
    reports: list[str] = []

    def report() -> None:
        reports.append("ready")
        request_stop()

    status = supervise([sleeper], lambda: sleeper.process is not None, report).run()

    assert (status, reports) == (0, ["ready"])
    assert sleeper.process is not None
    assert sleeper.process.poll() == -signal.SIGTERM


def test_a_child_that_exits_is_restarted() -> None:
    exiting = child("pass")
    exits_before_ready = 2

    running = supervise([exiting], lambda: exiting.early_exits >= exits_before_ready, request_stop)

    assert running.run() == 0
    assert exiting.early_exits == exits_before_ready


def test_a_child_that_keeps_exiting_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE_SECONDS", 0.1)

    with pytest.raises(SetupError, match="exit status 3"):
        supervise([child("raise SystemExit(3)")], lambda: False, request_stop).run()


def test_a_child_with_a_setup_error_is_not_restarted() -> None:
    sleeper = child("import time; time.sleep(60)")

    with pytest.raises(SetupError, match="cannot start"):
        supervise([sleeper, child("raise SystemExit(78)")], lambda: False, request_stop).run()

    assert sleeper.process is not None
    assert sleeper.process.poll() is not None


def test_a_child_that_does_not_stop_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.5)
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print(); time.sleep(60)"
    stubborn = child(code)
    started_at = time.monotonic()

    supervise([stubborn], lambda: time.monotonic() - started_at > 2, request_stop).run()

    assert stubborn.process is not None
    assert stubborn.process.poll() == -signal.SIGKILL


def test_pauses_grow_after_early_exits_up_to_four_seconds() -> None:
    exiting = child("pass")

    pauses = [_pause_after_exit(exiting) for _ in range(6)]

    assert pauses == [1.0, 2.0, 4.0, 4.0, 4.0, 4.0]


def _pause_after_exit(exiting: Child) -> float:
    exiting.schedule_restart(now=0.0)
    return exiting.pause_seconds
