"""The stage and the progress of a job in responses."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.stylizations.throughput import MAX_PROGRESS, progress
from core.db.base import now_utc
from core.db.stylizations import Stage, Stylization
from tests.app.test_creating_stylizations import upload
from tests.app.test_reading_stylizations import URL, fail, finish, start


def set_values(client, job_id: str, **values) -> None:
    with client.resources.database.transaction() as session:
        row = session.get_one(Stylization, job_id)
        for name, value in values.items():
            setattr(row, name, value)


def read(client, job_id: str) -> tuple:
    job = client.get(f"{URL}/{job_id}").json()
    return job["stage"], job["progress"]


def test_a_queued_job_is_in_the_stage_queued_with_no_progress(client):
    job = upload(client).json()

    assert (job["stage"], job["progress"]) == ("queued", 0)


@pytest.mark.parametrize("stage", [Stage.LOADING, Stage.PAINTING, Stage.STORING])
def test_a_running_job_has_the_stage_of_its_worker(client, stage):
    job_id = upload(client).json()["id"]
    start(client, job_id)
    assert read(client, job_id) == ("loading", None)

    set_values(client, job_id, running_stage=stage)

    assert read(client, job_id) == (stage, None)


@pytest.mark.parametrize(("ran", "shown"), [(10, 0.25), (36, 0.9), (80, 0.95), (1e6, 0.99)])
def test_a_running_job_shows_the_share_of_the_expected_duration(client, ran, shown):
    job_id = upload(client).json()["id"]
    start(client, job_id)
    set_values(
        client,
        job_id,
        expected_seconds=40.0,
        started_at=now_utc() - timedelta(seconds=ran),
    )

    assert read(client, job_id)[1] == pytest.approx(shown, abs=0.02)


def test_a_clock_behind_that_of_the_worker_shows_no_progress(client):
    job_id = upload(client).json()["id"]
    start(client, job_id)
    set_values(client, job_id, expected_seconds=40.0, started_at=now_utc() + timedelta(seconds=3))

    assert read(client, job_id) == ("loading", 0)


@pytest.mark.parametrize("end", [finish, fail])
def test_a_job_that_has_ended_has_no_stage_and_all_of_its_progress(client, end):
    job_id = upload(client).json()["id"]

    end(client, job_id)

    assert read(client, job_id) == (None, 1)


def test_a_job_that_returned_to_the_queue_starts_again(client):
    job_id = upload(client).json()["id"]
    start(client, job_id)
    set_values(client, job_id, running_stage=Stage.STORING, expected_seconds=0.001)
    with client.resources.database.transaction() as session:
        session.get_one(Stylization, job_id).release(token="tkn")

    assert read(client, job_id) == ("queued", 0)


@given(
    expected=st.floats(1e-3, 1e6),
    times=st.lists(st.floats(0, 1e7), min_size=2, max_size=20).map(sorted),
)
def test_progress_never_decreases_and_stays_below_1(expected, times):
    shown = [progress(time, expected_seconds=expected) for time in times]

    assert shown == sorted(shown)
    assert shown[0] >= 0
    assert shown[-1] <= MAX_PROGRESS
