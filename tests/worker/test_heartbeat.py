"""The sign of life, the leases it keeps, and the end of a forward that hangs."""

import time
from pathlib import Path

import pytest

from core.db.base import now_utc
from core.db.workers import WorkerHeartbeat
from tests.worker.conftest import Workshop
from tests.worker.fake_model import MODEL_VERSION
from worker.claim import claim_batch
from worker.heartbeat import Heartbeat


@pytest.fixture
def impatient(workshop: Workshop) -> tuple[Heartbeat, list[str]]:
    """A heart with a time limit of nothing, which notes its end rather than ending the process."""
    ends: list[str] = []
    settings = workshop.settings.model_copy(update={"job_timeout_seconds": 0.0})
    return Heartbeat(workshop.database, settings, end_process=lambda: ends.append("ended")), ends


def claim(workshop: Workshop, *, lease_seconds: float = 15) -> str:
    rows = claim_batch(
        workshop.database, model_version=MODEL_VERSION, max_batch=8, lease_seconds=lease_seconds
    )
    assert rows[0].token is not None
    return rows[0].token


def sign_of_life(workshop: Workshop) -> WorkerHeartbeat:
    with workshop.database.reading() as session:
        return session.get_one(WorkerHeartbeat, workshop.heartbeat.worker_id)


def test_a_worker_says_that_it_starts_and_then_that_it_is_ready(workshop: Workshop) -> None:
    workshop.heartbeat.send()
    assert sign_of_life(workshop).state == "starting"

    workshop.heartbeat.set_ready(device="cpu", model_version=MODEL_VERSION)

    row = sign_of_life(workshop)
    assert (row.state, row.device, row.model_version) == ("ready", "cpu", MODEL_VERSION)


def test_a_beat_is_seen_from_outside_where_a_file_is_named(
    workshop: Workshop, tmp_path: Path
) -> None:
    seen = tmp_path / "heartbeat"
    settings = workshop.settings.model_copy(update={"heartbeat_file": seen})

    Heartbeat(workshop.database, settings).send()

    assert seen.exists()


def test_a_held_lease_is_renewed(workshop: Workshop) -> None:
    row_id = workshop.queue_row()
    token = claim(workshop, lease_seconds=0.01)

    with workshop.heartbeat.renewing_leases(token):
        workshop.heartbeat.send()

    lease_until = workshop.row(row_id).lease_until
    assert lease_until is not None
    assert lease_until > now_utc()
    assert sign_of_life(workshop).state == "busy"


def test_a_lease_let_go_is_not_renewed(workshop: Workshop) -> None:
    row_id = workshop.queue_row()
    token = claim(workshop, lease_seconds=0.01)
    with workshop.heartbeat.renewing_leases(token):
        before = workshop.row(row_id).lease_until

    workshop.heartbeat.send()

    assert workshop.row(row_id).lease_until == before


def test_a_forward_that_hangs_ends_the_process_and_gives_its_rows_back(
    workshop: Workshop, impatient: tuple[Heartbeat, list[str]]
) -> None:
    heartbeat, ends = impatient
    row_id = workshop.queue_row()

    with heartbeat.renewing_leases(claim(workshop)):
        heartbeat.send()

    assert ends == ["ended"]
    assert workshop.row(row_id).status == "queued"


def test_a_row_that_hangs_at_its_last_attempt_fails_as_timed_out(
    workshop: Workshop, impatient: tuple[Heartbeat, list[str]]
) -> None:
    heartbeat, _ = impatient
    row_id = workshop.queue_row(attempts=workshop.settings.max_attempts - 1)

    with heartbeat.renewing_leases(claim(workshop)):
        heartbeat.send()

    assert (workshop.row(row_id).status, workshop.row(row_id).error_code) == ("failed", "timed_out")


def test_the_time_limit_counts_from_the_last_forward(workshop: Workshop) -> None:
    ends: list[str] = []
    settings = workshop.settings.model_copy(update={"job_timeout_seconds": 0.2})
    heartbeat = Heartbeat(workshop.database, settings, end_process=lambda: ends.append("ended"))
    workshop.queue_row()

    with heartbeat.renewing_leases(claim(workshop)):
        time.sleep(0.3)
        heartbeat.restart_time_limit()
        heartbeat.send()

    assert ends == []


def test_the_thread_beats_on_its_own_and_leaves_the_list_when_it_stops(workshop: Workshop) -> None:
    workshop.heartbeat.start()
    first = sign_of_life(workshop).seen_at
    time.sleep(0.4)
    assert sign_of_life(workshop).seen_at > first

    workshop.heartbeat.stop()

    with workshop.database.reading() as session:
        assert session.get(WorkerHeartbeat, workshop.heartbeat.worker_id) is None
