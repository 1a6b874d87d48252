"""Periodic tasks repeat, survive every exception, and stop with the worker."""

import threading

import pytest
from sqlalchemy.exc import OperationalError

from core.metrics import WorkerMetrics
from core.storage import StorageError
from worker.periodic.runner import PeriodicTask, running

WAIT_SECONDS = 5.0


def failures_of(metrics: WorkerMetrics, task: str) -> float:
    labels = {"task": task}
    return metrics.registry.get_sample_value("dualtrans_worker_task_failures_total", labels) or 0.0


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("SELECT 1", {}, Exception("unreachable")),
        StorageError("the bucket is unreachable"),
        KeyError("a defect"),
    ],
    ids=["database", "storage", "defect"],
)
def test_an_exception_is_logged_and_counted_and_does_not_end_the_task(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    metrics = WorkerMetrics()
    errors = [error]
    is_called_again = threading.Event()

    def run() -> None:
        if errors:
            raise errors.pop()
        is_called_again.set()

    with running([PeriodicTask("sample", run, interval_seconds=0.01)], metrics.task_failures):
        assert is_called_again.wait(WAIT_SECONDS)

    assert "the periodic task sample failed" in caplog.text
    assert failures_of(metrics, "sample") == 1


def test_a_failing_task_does_not_stop_another() -> None:
    calls: list[str] = []
    is_called_twice = threading.Event()

    def fail() -> None:
        raise ZeroDivisionError

    def work() -> None:
        calls.append("called")
        if len(calls) == 2:
            is_called_twice.set()

    tasks = [
        PeriodicTask("failing", fail, interval_seconds=0.01),
        PeriodicTask("working", work, interval_seconds=0.01),
    ]
    with running(tasks):
        assert is_called_twice.wait(WAIT_SECONDS)


def test_a_task_that_has_more_work_is_called_again_without_a_pause() -> None:
    remaining = [True, True, False]
    is_done = threading.Event()

    def run() -> bool:
        has_more = remaining.pop(0)
        if not has_more:
            is_done.set()
        return has_more

    with running([PeriodicTask("sample", run, interval_seconds=3600)]):
        assert is_done.wait(WAIT_SECONDS)


def test_tasks_end_with_the_block() -> None:
    task = PeriodicTask("sample", lambda: None, interval_seconds=3600)

    with running([task]):
        assert task.is_running()

    assert not task.is_running()


def test_a_task_that_always_has_more_work_can_be_stopped() -> None:
    task = PeriodicTask("sample", lambda: True, interval_seconds=3600)

    with running([task]):
        pass

    assert not task.is_running()


def test_joining_a_task_that_was_never_started_returns_at_once() -> None:
    PeriodicTask("sample", lambda: None, interval_seconds=3600).join()
