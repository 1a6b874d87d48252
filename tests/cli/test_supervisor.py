"""Processes that are kept running, and stopped together."""

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


@pytest.fixture(autouse=True)
def _stderr_and_signals(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "stderr", sys.__stderr__)  # a child needs a real one
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def child(code: str) -> Child:
    return Child("a child", [sys.executable, "-c", code], child_environment())


def supervise(
    children: list[Child], is_up: Callable[[], bool], when_up: Callable[[], None]
) -> Supervisor:
    return Supervisor(children, embedded_queue=None, is_up=is_up, when_up=when_up)


def ask_to_stop() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def test_when_all_is_up_it_is_said_once_and_a_signal_ends_it() -> None:
    sleeper = child("import time; time.sleep(60)")
    said: list[str] = []

    def say() -> None:
        said.append("up")
        ask_to_stop()

    status = supervise([sleeper], lambda: sleeper.process is not None, say).run()

    assert (status, said) == (0, ["up"])
    assert sleeper.process is not None
    assert sleeper.process.poll() == -signal.SIGTERM


def test_a_child_that_dies_is_started_again() -> None:
    dying = child("pass")
    deaths_before_it_is_up = 2

    status = supervise([dying], lambda: dying.young_deaths >= deaths_before_it_is_up, ask_to_stop)

    assert status.run() == 0
    assert dying.young_deaths == deaths_before_it_is_up


def test_a_child_that_never_stays_up_ends_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE_SECONDS", 0.1)

    with pytest.raises(SetupError, match="exit status 3"):
        supervise([child("raise SystemExit(3)")], lambda: False, ask_to_stop).run()


def test_a_child_that_says_another_try_is_of_no_use_is_believed() -> None:
    sleeper = child("import time; time.sleep(60)")

    with pytest.raises(SetupError, match="cannot start"):
        supervise([sleeper, child("raise SystemExit(78)")], lambda: False, ask_to_stop).run()

    assert sleeper.process is not None
    assert sleeper.process.poll() is not None


def test_a_child_that_will_not_stop_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.5)
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print(); time.sleep(60)"
    deaf = child(code)
    began = time.monotonic()

    supervise([deaf], lambda: time.monotonic() - began > 2, ask_to_stop).run()

    assert deaf.process is not None
    assert deaf.process.poll() == -signal.SIGKILL


def test_pauses_grow_while_a_child_dies_young_and_stay_under_five_seconds() -> None:
    dying = child("pass")

    pauses = [_pause_after_death(dying) for _ in range(6)]

    assert pauses == [1.0, 2.0, 4.0, 4.0, 4.0, 4.0]


def _pause_after_death(dying: Child) -> float:
    dying.note_death(now=0.0)
    return dying.pause
