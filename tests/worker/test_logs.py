"""Every log line about a row has the id of the request that created the row."""

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from core.db.base import now_utc
from core.logs import log_formatter
from tests.worker.conftest import WorkerStack
from tests.worker.fake_model import MODEL_VERSION
from worker.claim import claim_batch
from worker.heartbeat import Heartbeat

REQUEST_ID = "request-17"


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[dict[str, Any]]]:
    """The lines logged so far, in the format of the process."""
    caplog.set_level(logging.INFO)
    caplog.handler.setFormatter(log_formatter(is_json=True))
    return lambda: [json.loads(line) for line in caplog.text.splitlines()]


def refuse(_: Any) -> None:
    raise ValueError("not this one")


def test_a_done_row_is_logged_at_claim_and_end(
    stack: WorkerStack, lines: Callable[[], Any]
) -> None:
    row_id = stack.queue_row(request_id=REQUEST_ID)

    stack.renderer.render_next_batch()

    assert [line["event"] for line in lines()] == ["claimed", "done"]
    assert {line["request_id"] for line in lines()} == {REQUEST_ID}
    assert {line["stylization_id"] for line in lines()} == {row_id}
    assert lines()[0]["attempt"] == 1


def test_a_row_that_the_model_refuses_is_logged(
    stack: WorkerStack, lines: Callable[[], Any]
) -> None:
    stack.painter.before_forward = refuse
    stack.queue_row(request_id=REQUEST_ID)

    stack.renderer.render_next_batch()

    assert {line["request_id"] for line in lines()} == {REQUEST_ID}
    assert "ValueError: not this one" in lines()[1]["exception"]
    assert (lines()[-1]["event"], lines()[-1]["code"]) == ("failed", "render_failed")


def test_a_failed_batch_is_logged_with_all_request_ids_and_then_each_row_with_its_own(
    stack: WorkerStack, lines: Callable[[], Any]
) -> None:
    def refuse_several(pictures: list[Image.Image]) -> None:
        if len(pictures) > 1:
            refuse(pictures)

    stack.painter.before_forward = refuse_several
    for name in ("one", "two"):
        stack.queue_row(request_id=name)

    stack.renderer.render_next_batch()

    (batch_line,) = [line for line in lines() if "request_ids" in line]
    assert batch_line["request_ids"] == ["one", "two"]
    done = [line["request_id"] for line in lines() if line["event"] == "done"]
    assert done == ["one", "two"]


def test_a_row_whose_photo_is_missing_is_logged(
    stack: WorkerStack, lines: Callable[[], Any]
) -> None:
    row_id = stack.queue_row(request_id=REQUEST_ID)
    key = stack.renderer._storage_key(stack.row(row_id).picture_id)
    stack.storage.remove(key)

    stack.renderer.render_next_batch()

    assert {line["request_id"] for line in lines()} == {REQUEST_ID}
    assert lines()[-1]["code"] == "picture_lost"


def test_a_row_that_was_cancelled_while_it_was_rendered_is_logged(
    stack: WorkerStack, lines: Callable[[], Any]
) -> None:
    row_id = stack.queue_row(request_id=REQUEST_ID)
    stack.painter.before_forward = lambda _: stack.change(
        row_id, lambda row: row.cancel(now=now_utc())
    )

    stack.renderer.render_next_batch()

    assert (lines()[-1]["level"], lines()[-1]["request_id"]) == ("info", REQUEST_ID)
    assert "dropped" in lines()[-1]["event"]


def test_a_row_whose_worker_died_is_logged(stack: WorkerStack, lines: Callable[[], Any]) -> None:
    stack.queue_row(
        request_id=REQUEST_ID,
        status="running",
        token="of-a-dead-worker",
        attempts=1,
        lease_until=now_utc() - timedelta(seconds=1),
    )

    stack.reconciler.release_expired_rows()

    assert [line["request_id"] for line in lines()] == [REQUEST_ID]


def test_a_row_whose_forward_pass_hangs_is_logged(
    stack: WorkerStack, lines: Callable[[], Any]
) -> None:
    settings = stack.settings.model_copy(update={"job_timeout_seconds": 0.0})
    heartbeat = Heartbeat(stack.database, settings, end_process=lambda: None)
    stack.queue_row(request_id=REQUEST_ID)
    rows = claim_batch(stack.database, model_version=MODEL_VERSION, max_batch=8, lease_seconds=15)

    with heartbeat.renewing_leases(rows[0].token or ""):
        heartbeat.send()

    assert [line["request_id"] for line in lines() if "hung" in line["event"]] == [REQUEST_ID]


def test_a_prepared_style_is_logged(stack: WorkerStack, lines: Callable[[], Any]) -> None:
    style_id = stack.new_style(request_id=REQUEST_ID)

    stack.renderer.prepare_next_style()

    (line,) = lines()
    assert (line["event"], line["request_id"], line["style_id"]) == (
        "prepared",
        REQUEST_ID,
        style_id,
    )
