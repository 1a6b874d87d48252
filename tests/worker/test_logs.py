"""Whatever a worker says about a row, it says whose request brought it."""

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from core.db.base import now_utc
from core.logs import log_formatter
from tests.worker.conftest import Workshop
from tests.worker.fake_model import MODEL_VERSION
from worker.claim import claim_batch
from worker.heartbeat import Heartbeat

TAP = "tap-17"


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[dict[str, Any]]]:
    """What was logged so far, as the process would write it."""
    caplog.set_level(logging.INFO)
    caplog.handler.setFormatter(log_formatter(is_json=True))
    return lambda: [json.loads(line) for line in caplog.text.splitlines()]


def refuse(_: Any) -> None:
    raise ValueError("not this one")


def test_from_the_claim_to_the_end(workshop: Workshop, lines: Callable[[], Any]) -> None:
    row_id = workshop.queue_row(request_id=TAP)

    workshop.renderer.render_next_batch()

    assert [line["event"] for line in lines()] == ["claimed", "done"]
    assert {line["request_id"] for line in lines()} == {TAP}
    assert {line["stylization_id"] for line in lines()} == {row_id}
    assert lines()[0]["attempt"] == 1


def test_when_the_model_refuses_it(workshop: Workshop, lines: Callable[[], Any]) -> None:
    workshop.stylizer.before_forward = refuse
    workshop.queue_row(request_id=TAP)

    workshop.renderer.render_next_batch()

    assert {line["request_id"] for line in lines()} == {TAP}
    assert "ValueError: not this one" in lines()[1]["exception"]
    assert (lines()[-1]["event"], lines()[-1]["code"]) == ("failed", "render_failed")


def test_when_a_batch_fails_it_names_all_of_it_and_then_each(
    workshop: Workshop, lines: Callable[[], Any]
) -> None:
    def refuse_several(pictures: list[Image.Image]) -> None:
        if len(pictures) > 1:
            refuse(pictures)

    workshop.stylizer.before_forward = refuse_several
    for name in ("one", "two"):
        workshop.queue_row(request_id=name)

    workshop.renderer.render_next_batch()

    (of_all,) = [line for line in lines() if "request_ids" in line]
    assert of_all["request_ids"] == ["one", "two"]
    done = [line["request_id"] for line in lines() if line["event"] == "done"]
    assert done == ["one", "two"]


def test_when_its_picture_is_gone(workshop: Workshop, lines: Callable[[], Any]) -> None:
    row_id = workshop.queue_row(request_id=TAP)
    key = workshop.renderer._storage_key(workshop.row(row_id).picture_id)
    workshop.storage.remove(key)

    workshop.renderer.render_next_batch()

    assert {line["request_id"] for line in lines()} == {TAP}
    assert lines()[-1]["code"] == "picture_lost"


def test_when_it_was_cancelled_meanwhile(workshop: Workshop, lines: Callable[[], Any]) -> None:
    row_id = workshop.queue_row(request_id=TAP)
    workshop.stylizer.before_forward = lambda _: workshop.change(
        row_id, lambda row: row.cancel(now=now_utc())
    )

    workshop.renderer.render_next_batch()

    assert (lines()[-1]["level"], lines()[-1]["request_id"]) == ("info", TAP)
    assert "dropped" in lines()[-1]["event"]


def test_when_its_worker_is_gone(workshop: Workshop, lines: Callable[[], Any]) -> None:
    workshop.queue_row(
        request_id=TAP,
        status="running",
        token="gone",
        attempts=1,
        lease_until=now_utc() - timedelta(seconds=1),
    )

    workshop.reconciler.free_expired_rows()

    assert [line["request_id"] for line in lines()] == [TAP]


def test_when_its_forward_hangs(workshop: Workshop, lines: Callable[[], Any]) -> None:
    settings = workshop.settings.model_copy(update={"job_timeout_seconds": 0.0})
    heartbeat = Heartbeat(workshop.database, settings, end_process=lambda: None)
    workshop.queue_row(request_id=TAP)
    rows = claim_batch(
        workshop.database, model_version=MODEL_VERSION, max_batch=8, lease_seconds=15
    )

    with heartbeat.renewing_leases(rows[0].token or ""):
        heartbeat.send()

    assert [line["request_id"] for line in lines() if "hung" in line["event"]] == [TAP]


def test_when_it_is_an_own_style(workshop: Workshop, lines: Callable[[], Any]) -> None:
    style_id = workshop.new_style(request_id=TAP)

    workshop.renderer.prepare_next_style()

    (line,) = lines()
    assert (line["event"], line["request_id"], line["style_id"]) == ("prepared", TAP, style_id)
