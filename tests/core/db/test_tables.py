"""The status transitions of rows, and the transitions that they refuse."""

from datetime import UTC, datetime, timedelta

import pytest

from core.db.base import EARLIEST, LATEST, UtcDateTime, now_utc
from core.db.pictures import Picture
from core.db.search_text import search_text
from core.db.styles import Style
from core.db.stylizations import Stylization
from core.errors import AlreadyFinished, ClaimLost, IllegalTransition
from core.failures import RenderFailed

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(seconds=15)


def queued() -> Stylization:
    return Stylization(id="stl_1", status="queued", attempts=0, created_at=NOW)


def running() -> Stylization:
    row = queued()
    row.claim(token="mine", now=NOW, lease_until=LATER)
    return row


def finish(row: Stylization, token: str = "mine") -> None:
    picture = Picture(id="pic_1", width=640, height=480)
    row.finish(token=token, result=picture, thumb=picture, model_version="1", now=LATER)


def test_a_claim_counts_the_attempt_and_records_the_start() -> None:
    row = running()

    assert (row.status, row.attempts, row.token) == ("running", 1, "mine")
    assert (row.started_at, row.lease_until) == (NOW, LATER)


def test_a_finished_row_has_its_result_and_no_claim() -> None:
    row = running()

    finish(row)

    assert (row.status, row.result_width, row.result_height) == ("done", 640, 480)
    assert (row.token, row.lease_until, row.finished_at) == (None, None, LATER)


def test_a_failed_row_has_its_message_in_both_languages() -> None:
    row = running()

    row.fail(token="mine", error=RenderFailed(), now=LATER)

    assert (row.status, row.error_code) == ("failed", "render_failed")
    assert row.error_message is not None
    assert set(row.error_message) == {"zh", "en"}


def test_a_running_row_cannot_be_claimed() -> None:
    with pytest.raises(IllegalTransition):
        running().claim(token="other", now=NOW, lease_until=LATER)


@pytest.mark.parametrize("token", ["other", ""])
def test_only_the_current_token_can_finish_fail_or_release_a_row(token: str) -> None:
    row = running()

    with pytest.raises(ClaimLost):
        finish(row, token)
    with pytest.raises(ClaimLost):
        row.fail(token=token, error=RenderFailed(), now=LATER)
    with pytest.raises(ClaimLost):
        row.release(token=token)


def test_a_late_result_does_not_undo_a_cancellation() -> None:
    row = running()
    row.cancel(now=LATER)

    with pytest.raises(ClaimLost):
        finish(row)

    assert row.status == "cancelled"


@pytest.mark.parametrize("make", [queued, running])
def test_a_row_that_has_not_ended_can_be_cancelled(make) -> None:
    row = make()

    row.cancel(now=LATER)

    assert (row.status, row.is_open) == ("cancelled", False)


def test_a_row_that_has_ended_cannot_be_cancelled() -> None:
    row = running()
    finish(row)

    with pytest.raises(AlreadyFinished, match="done"):
        row.cancel(now=LATER)


def test_a_row_that_has_ended_cannot_fail() -> None:
    row = queued()
    row.cancel(now=NOW)

    with pytest.raises(IllegalTransition):
        row.fail(token=None, error=RenderFailed(), now=LATER)


def test_a_released_row_keeps_its_attempts_and_waits_again() -> None:
    row = running()

    row.release(token="mine")

    assert (row.attempts, row.started_at) == (1, None)
    assert row.waiting_since > NOW + timedelta(hours=1)


def test_a_row_starts_with_its_last_claim() -> None:
    row = running()
    row.release(token="mine")

    row.claim(token="again", now=LATER, lease_until=LATER)

    assert (row.attempts, row.started_at) == (2, LATER)


def release(row: Stylization) -> None:
    row.release(token="mine")


def fail(row: Stylization) -> None:
    row.fail(token="mine", error=RenderFailed(), now=LATER)


def fail_and_requeue(row: Stylization) -> None:
    fail(row)
    row.requeue()


@pytest.mark.parametrize(
    ("step", "stage"),
    [
        (finish, None),
        (fail, None),
        (lambda row: row.cancel(now=LATER), None),
        (release, "queued"),
        (fail_and_requeue, "queued"),
    ],
)
def test_only_a_running_row_has_the_stage_that_its_worker_reported(step, stage) -> None:
    row = running()
    row.running_stage = "painting"
    row.expected_seconds = 4.0
    assert row.stage == "painting"

    step(row)

    assert row.stage == stage
    assert row.running_stage is None
    assert row.expected_seconds is None


def test_a_running_row_of_a_worker_without_stages_has_none() -> None:
    assert Stylization(id="stl_1", status="running").stage is None


def test_a_failed_row_that_is_queued_again_has_all_its_attempts() -> None:
    row = running()
    fail(row)

    row.requeue()

    assert (row.status, row.attempts, row.error_code) == ("queued", 0, None)
    assert row.waiting_since > NOW + timedelta(hours=1)
    assert (row.error_message, row.started_at, row.finished_at) == (None, None, None)


@pytest.mark.parametrize("make", [queued, running])
def test_a_row_that_has_not_failed_cannot_be_queued_again(make) -> None:
    with pytest.raises(IllegalTransition):
        make().requeue()


def test_a_failed_style_cannot_be_prepared() -> None:
    with pytest.raises(IllegalTransition):
        Style(id="sty_1", status="failed").claim(token="mine", lease_until=LATER)


def test_a_ready_style_that_is_prepared_again_has_all_its_attempts() -> None:
    style = Style(id="sty_1", status="ready", attempts=3)

    style.claim(token="mine", lease_until=LATER)

    assert (style.status, style.attempts) == ("preparing", 1)


def test_only_the_current_token_can_finish_a_style() -> None:
    style = Style(id="sty_1", status="preparing", attempts=0)
    style.claim(token="mine", lease_until=LATER)

    with pytest.raises(ClaimLost):
        style.finish(token="other", code=b"", model_version="1")


def test_a_naive_time_is_refused() -> None:
    from sqlalchemy.dialects import sqlite

    with pytest.raises(ValueError, match="naive"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), sqlite.dialect())  # noqa: DTZ001


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("0001-01-01T00:00:00+08:00", EARLIEST),
        ("9999-12-31T23:59:59-05:00", LATEST),
        ("0001-01-01T08:00:00+08:00", EARLIEST),
        ("2026-01-01T08:00:00+08:00", NOW),
    ],
)
def test_a_time_outside_of_the_years_of_utc_becomes_the_nearest(given: str, stored: datetime):
    from sqlalchemy.dialects import postgresql

    time = datetime.fromisoformat(given)

    assert UtcDateTime().process_bind_param(time, postgresql.dialect()) == stored


@pytest.mark.parametrize("change", [{"title": "Море"}, {"style_name": {"zh": "海", "en": "Sea"}}])
def test_the_search_text_follows_the_title_and_the_name_of_the_style(change: dict) -> None:
    row = Stylization(title="Old", style_name={"zh": "旧", "en": "Old"})

    for name, value in change.items():
        setattr(row, name, value)

    assert row.search_text == search_text(row.title, row.style_name)
    assert Stylization(style_name=row.style_name, title=row.title).search_text == row.search_text


@pytest.mark.parametrize(
    ("given", "is_available"),
    [
        ({}, True),
        ({"expires_at": NOW + timedelta(days=9999)}, True),
        ({"expires_at": NOW}, False),
        ({"deleted_at": NOW}, False),
        ({"removed_at": NOW}, False),
    ],
)
def test_a_picture_is_available_until_it_expires_or_is_deleted(given, is_available: bool) -> None:
    assert Picture(**given).is_available(now_utc()) is is_available
