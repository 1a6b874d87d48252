"""The ETA in responses, from rows whose times are set by the test."""

import math
from datetime import timedelta

from app.stylizations import throughput
from app.stylizations.throughput import Throughput, measure_throughput
from core.db.base import now_utc
from core.db.stylizations import Stylization
from core.db.workers import WorkerHeartbeat, WorkerState
from tests.app.test_creating_stylizations import upload
from tests.app.test_reading_stylizations import URL, finish, start


def add_worker(client, *, seen_ago=timedelta(0), state=WorkerState.READY) -> None:
    with client.resources.database.transaction() as session:
        session.add(WorkerHeartbeat(seen_at=now_utc() - seen_ago, state=state))


def finish_batch(client, rows: int, *, seconds: float, ago: float = 60, attempts: int = 1) -> None:
    """Finish rows of one batch, `seconds` after their common start."""
    ids = [upload(client).json()["id"] for _ in range(rows)]
    started_at = now_utc() - timedelta(seconds=ago)
    for job_id in ids:
        finish(client, job_id)
        with client.resources.database.transaction() as session:
            row = session.get_one(Stylization, job_id)
            row.started_at = started_at
            row.finished_at = started_at + timedelta(seconds=seconds)
            row.attempts = attempts


def clear_cache(client) -> None:
    """Discard the measurement that an earlier upload of the test has caused."""
    client.app.state.resources.throughput_meter._measured_at = -math.inf


def test_without_a_worker_or_a_finished_job_there_is_no_eta(client):
    first = upload(client).json()
    add_worker(client)

    assert first["eta_s"] is None
    assert measure_throughput(client.resources.database) is None


def test_the_eta_counts_the_batches_ahead(client):
    add_worker(client)
    finish_batch(client, 2, seconds=4)
    finish_batch(client, 2, seconds=4, ago=50)
    clear_cache(client)

    etas = [upload(client).json()["eta_s"] for _ in range(5)]

    assert etas == [4, 4, 8, 8, 12]


def test_two_workers_halve_the_wait(client):
    add_worker(client)
    add_worker(client, state=WorkerState.BUSY)
    finish_batch(client, 1, seconds=4)
    clear_cache(client)

    assert [upload(client).json()["eta_s"] for _ in range(4)] == [4, 4, 8, 8]


def test_workers_without_a_recent_heartbeat_or_not_ready_do_not_count(client):
    finish_batch(client, 1, seconds=4)
    add_worker(client, seen_ago=timedelta(minutes=1))
    add_worker(client, state=WorkerState.STARTING)

    assert measure_throughput(client.resources.database) is None


def test_a_running_batch_counts_as_half_done(client):
    add_worker(client)
    finish_batch(client, 1, seconds=4)
    start(client, upload(client).json()["id"])
    clear_cache(client)

    assert measure_throughput(client.resources.database) == Throughput(
        4, 1, workers=1, is_busy=True
    )
    assert upload(client).json()["eta_s"] == 6


def test_the_eta_of_a_running_job_is_the_rest_of_its_batch(client):
    add_worker(client)
    finish_batch(client, 1, seconds=40)
    job = upload(client).json()
    start(client, job["id"])
    clear_cache(client)

    eta = client.get(f"{URL}/{job['id']}").json()["eta_s"]

    assert 30 < eta <= 40


def test_a_job_that_has_ended_has_no_eta(client):
    add_worker(client)
    finish_batch(client, 1, seconds=4)
    clear_cache(client)

    assert [job["eta_s"] for job in client.get(URL).json()["items"]] == [None]


def test_a_retried_row_does_not_count_for_the_throughput(client):
    add_worker(client)
    finish_batch(client, 1, seconds=4)
    finish_batch(client, 1, seconds=900, ago=1000, attempts=2)

    measured = measure_throughput(client.resources.database)

    assert measured is not None
    assert measured.batch_seconds == 4


def test_the_throughput_is_cached_for_a_few_seconds(client, monkeypatch):
    monkeypatch.setattr(throughput, "CACHE_SECONDS", 60)  # a slow machine needs more than 3
    add_worker(client)
    finish_batch(client, 1, seconds=4)
    clear_cache(client)
    before = upload(client).json()["eta_s"]
    finish_batch(client, 30, seconds=400)

    assert (before, upload(client).json()["eta_s"]) == (4, 8)
