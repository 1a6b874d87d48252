"""The heartbeat row, the renewal of leases, and the end of a process that hangs."""

import time
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from core.db.base import now_utc
from core.db.workers import WorkerHeartbeat
from core.metrics import WorkerMetrics
from tests.worker.conftest import WorkerStack, wait_until
from tests.worker.fake_model import MODEL_VERSION
from worker.claim import claim_batch
from worker.heartbeat import Heartbeat


@pytest.fixture
def impatient(stack: WorkerStack) -> tuple[Heartbeat, list[str]]:
    """A heartbeat with a time limit of zero that records the end of the process."""
    ends: list[str] = []
    settings = stack.settings.model_copy(update={"job_timeout_seconds": 0.0})
    return Heartbeat(stack.database, settings, end_process=lambda: ends.append("ended")), ends


def claim(stack: WorkerStack, *, lease_seconds: float = 15) -> str:
    rows = claim_batch(
        stack.database, model_version=MODEL_VERSION, max_batch=8, lease_seconds=lease_seconds
    )
    assert rows[0].token is not None
    return rows[0].token


def heartbeat_row(stack: WorkerStack) -> WorkerHeartbeat:
    with stack.database.reading() as session:
        return session.get_one(WorkerHeartbeat, stack.heartbeat.worker_id)


def has_heartbeat(stack: WorkerStack) -> bool:
    with stack.database.reading() as session:
        return session.get(WorkerHeartbeat, stack.heartbeat.worker_id) is not None


def test_a_worker_reports_that_it_is_starting_and_then_that_it_is_ready(stack: WorkerStack) -> None:
    stack.heartbeat.send()
    assert heartbeat_row(stack).state == "starting"

    stack.heartbeat.set_ready(device="cpu", model_version=MODEL_VERSION)

    row = heartbeat_row(stack)
    assert (row.state, row.device, row.model_version) == ("ready", "cpu", MODEL_VERSION)


def test_a_heartbeat_touches_the_file_of_the_settings(stack: WorkerStack, tmp_path: Path) -> None:
    file = tmp_path / "heartbeat"
    settings = stack.settings.model_copy(update={"heartbeat_file": file})

    Heartbeat(stack.database, settings).send()

    assert file.exists()


def test_the_lease_of_the_current_batch_is_renewed(stack: WorkerStack) -> None:
    row_id = stack.queue_row()
    token = claim(stack, lease_seconds=0.01)

    with stack.heartbeat.renewing_leases(token):
        stack.heartbeat.send()

    lease_until = stack.row(row_id).lease_until
    assert lease_until is not None
    assert lease_until > now_utc()
    assert heartbeat_row(stack).state == "busy"


def test_the_lease_of_a_finished_batch_is_not_renewed(stack: WorkerStack) -> None:
    row_id = stack.queue_row()
    token = claim(stack, lease_seconds=0.01)
    with stack.heartbeat.renewing_leases(token):
        before = stack.row(row_id).lease_until

    stack.heartbeat.send()

    assert stack.row(row_id).lease_until == before


def test_a_forward_pass_that_hangs_ends_the_process_and_releases_its_rows(
    stack: WorkerStack, impatient: tuple[Heartbeat, list[str]]
) -> None:
    heartbeat, ends = impatient
    row_id = stack.queue_row()

    with heartbeat.renewing_leases(claim(stack)):
        heartbeat.send()

    assert ends == ["ended"]
    assert stack.row(row_id).status == "queued"


def test_a_row_that_hangs_in_its_last_attempt_fails_as_timed_out(
    stack: WorkerStack, impatient: tuple[Heartbeat, list[str]]
) -> None:
    heartbeat, _ = impatient
    row_id = stack.queue_row(attempts=stack.settings.max_attempts - 1)

    with heartbeat.renewing_leases(claim(stack)):
        heartbeat.send()

    assert (stack.row(row_id).status, stack.row(row_id).error_code) == ("failed", "timed_out")


def test_the_time_limit_restarts_with_every_forward_pass(stack: WorkerStack) -> None:
    ends: list[str] = []
    settings = stack.settings.model_copy(update={"job_timeout_seconds": 0.2})
    heartbeat = Heartbeat(stack.database, settings, end_process=lambda: ends.append("ended"))
    stack.queue_row()

    with heartbeat.renewing_leases(claim(stack)):
        time.sleep(0.3)
        heartbeat.restart_time_limit()
        heartbeat.send()

    assert ends == []


def test_a_running_heartbeat_is_sent_repeatedly_and_its_row_is_deleted_at_the_end(
    stack: WorkerStack,
) -> None:
    stack.heartbeat.send()
    first = heartbeat_row(stack).seen_at

    with stack.heartbeat.running():
        wait_until(lambda: heartbeat_row(stack).seen_at > first)

    with stack.database.reading() as session:
        assert session.get(WorkerHeartbeat, stack.heartbeat.worker_id) is None


def test_a_heartbeat_that_cannot_be_sent_is_counted_and_the_next_one_follows(
    stack: WorkerStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    metrics = WorkerMetrics()
    send, failures = stack.database.transaction, [OperationalError("BEGIN", {}, Exception())]

    def transaction():
        if failures:
            raise failures.pop()
        return send()

    monkeypatch.setattr(stack.database, "transaction", transaction)

    with stack.heartbeat.running(metrics.task_failures):
        wait_until(lambda: has_heartbeat(stack))

    name, labels = "dualtrans_worker_task_failures_total", {"task": "heartbeat"}
    assert metrics.registry.get_sample_value(name, labels) == 1
