"""How long one has to wait, told and measured, with a real renderer whose model stands in."""

import time

import pytest

from app.stylizations.throughput import measure_throughput
from core.db.base import now_utc
from tests.worker.conftest import WorkerStack

FORWARD_SECONDS = 0.25


def seconds_to_finish(stack: WorkerStack, row_ids: list[str]) -> list[float]:
    """Render all that waits; when each of these rows was done, counted from now."""
    began = now_utc()
    while stack.renderer.render_next_batch():
        pass
    ends = [stack.row(row_id).finished_at for row_id in row_ids]
    return [(end - began).total_seconds() for end in ends if end is not None]


@pytest.fixture
def steady(stack: WorkerStack) -> WorkerStack:
    """Twenty rows have been rendered lately, in batches of eight, eight and four."""
    stack.stylizer.forward_seconds = FORWARD_SECONDS
    stack.heartbeat.set_ready(device="cpu", model_version=stack.stylizer.model_version)
    seconds_to_finish(stack, stack.queue_rows(20))
    return stack


def test_on_a_steady_queue_the_promise_is_kept_within_a_factor_of_two(steady: WorkerStack) -> None:
    row_ids = steady.queue_rows(24)
    pace = measure_throughput(steady.database)
    assert pace is not None
    promised = [pace.seconds_until_done(place) for place in range(1, 25)]

    taken = seconds_to_finish(steady, row_ids)

    ratios = [told / real for told, real in zip(promised, taken, strict=True)]
    assert max(ratios) <= 2
    assert min(ratios) >= 0.5


def test_the_promise_to_a_row_that_runs_is_what_is_left_of_its_batch(steady: WorkerStack) -> None:
    pace = measure_throughput(steady.database)
    assert pace is not None

    began = time.monotonic()
    seconds_to_finish(steady, steady.queue_rows(8))
    taken = time.monotonic() - began

    assert 0.5 <= pace.seconds_left(ran_seconds=0) / taken <= 2
