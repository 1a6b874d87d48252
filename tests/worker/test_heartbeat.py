"""The sign of life, the leases it keeps, and the end of a forward that hangs."""

import time
from pathlib import Path

import pytest

from core.db.base import now_utc
from core.db.workers import WorkerHeartbeat
from tests.worker.conftest import WorkerStack
from tests.worker.fake_model import MODEL_VERSION
from worker.claim import claim_batch
from worker.heartbeat import Heartbeat


@pytest.fixture
def impatient(stack: WorkerStack) -> tuple[Heartbeat, list[str]]:
    """A heart with a time limit of nothing, which notes its end rather than ending the process."""
    ends: list[str] = []
    settings = stack.settings.model_copy(update={"job_timeout_seconds": 0.0})
    return Heartbeat(stack.database, settings, end_process=lambda: ends.append("ended")), ends


def claim(stack: WorkerStack, *, lease_seconds: float = 15) -> str:
    rows = claim_batch(
        stack.database, model_version=MODEL_VERSION, max_batch=8, lease_seconds=lease_seconds
    )
    assert rows[0].token is not None
    return rows[0].token


def sign_of_life(stack: WorkerStack) -> WorkerHeartbeat:
    with stack.database.reading() as session:
        return session.get_one(WorkerHeartbeat, stack.heartbeat.worker_id)


def test_a_worker_says_that_it_starts_and_then_that_it_is_ready(stack: WorkerStack) -> None:
    stack.heartbeat.send()
    assert sign_of_life(stack).state == "starting"

    stack.heartbeat.set_ready(device="cpu", model_version=MODEL_VERSION)

    row = sign_of_life(stack)
    assert (row.state, row.device, row.model_version) == ("ready", "cpu", MODEL_VERSION)


def test_a_beat_is_seen_from_outside_where_a_file_is_named(
    stack: WorkerStack, tmp_path: Path
) -> None:
    seen = tmp_path / "heartbeat"
    settings = stack.settings.model_copy(update={"heartbeat_file": seen})

    Heartbeat(stack.database, settings).send()

    assert seen.exists()


def test_a_held_lease_is_renewed(stack: WorkerStack) -> None:
    row_id = stack.queue_row()
    token = claim(stack, lease_seconds=0.01)

    with stack.heartbeat.renewing_leases(token):
        stack.heartbeat.send()

    lease_until = stack.row(row_id).lease_until
    assert lease_until is not None
    assert lease_until > now_utc()
    assert sign_of_life(stack).state == "busy"


def test_a_lease_let_go_is_not_renewed(stack: WorkerStack) -> None:
    row_id = stack.queue_row()
    token = claim(stack, lease_seconds=0.01)
    with stack.heartbeat.renewing_leases(token):
        before = stack.row(row_id).lease_until

    stack.heartbeat.send()

    assert stack.row(row_id).lease_until == before


def test_a_forward_that_hangs_ends_the_process_and_gives_its_rows_back(
    stack: WorkerStack, impatient: tuple[Heartbeat, list[str]]
) -> None:
    heartbeat, ends = impatient
    row_id = stack.queue_row()

    with heartbeat.renewing_leases(claim(stack)):
        heartbeat.send()

    assert ends == ["ended"]
    assert stack.row(row_id).status == "queued"


def test_a_row_that_hangs_at_its_last_attempt_fails_as_timed_out(
    stack: WorkerStack, impatient: tuple[Heartbeat, list[str]]
) -> None:
    heartbeat, _ = impatient
    row_id = stack.queue_row(attempts=stack.settings.max_attempts - 1)

    with heartbeat.renewing_leases(claim(stack)):
        heartbeat.send()

    assert (stack.row(row_id).status, stack.row(row_id).error_code) == ("failed", "timed_out")


def test_the_time_limit_counts_from_the_last_forward(stack: WorkerStack) -> None:
    ends: list[str] = []
    settings = stack.settings.model_copy(update={"job_timeout_seconds": 0.2})
    heartbeat = Heartbeat(stack.database, settings, end_process=lambda: ends.append("ended"))
    stack.queue_row()

    with heartbeat.renewing_leases(claim(stack)):
        time.sleep(0.3)
        heartbeat.restart_time_limit()
        heartbeat.send()

    assert ends == []


def test_the_thread_beats_on_its_own_and_leaves_the_list_when_it_stops(stack: WorkerStack) -> None:
    stack.heartbeat.start()
    first = sign_of_life(stack).seen_at
    time.sleep(0.4)
    assert sign_of_life(stack).seen_at > first

    stack.heartbeat.stop()

    with stack.database.reading() as session:
        assert session.get(WorkerHeartbeat, stack.heartbeat.worker_id) is None
