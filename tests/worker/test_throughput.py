"""Estimated waiting times compared with measured ones, with a fake model."""

import time

import pytest

from app.stylizations.throughput import measure_throughput, seconds_left
from core.db.base import now_utc
from tests.worker.conftest import WorkerStack

FORWARD_SECONDS = 0.25


def seconds_to_finish(stack: WorkerStack, row_ids: list[str]) -> list[float]:
    """Render everything; return the seconds until each of these rows was done."""
    began = now_utc()
    while stack.renderer.render_next_batch():
        pass
    ends = [stack.row(row_id).finished_at for row_id in row_ids]
    return [(end - began).total_seconds() for end in ends if end is not None]


@pytest.fixture
def steady(stack: WorkerStack) -> WorkerStack:
    """A worker that has just rendered twenty rows in batches of eight, eight and four."""
    stack.painter.forward_seconds = FORWARD_SECONDS
    stack.heartbeat.set_ready(device="cpu", model_version=stack.painter.model_version)
    seconds_to_finish(stack, stack.queue_rows(20))
    return stack


def test_on_a_steady_queue_estimates_are_right_within_a_factor_of_two(steady: WorkerStack) -> None:
    row_ids = steady.queue_rows(24)
    throughput = measure_throughput(steady.database)
    assert throughput is not None
    estimated = [throughput.seconds_until_done(position) for position in range(1, 25)]

    measured = seconds_to_finish(steady, row_ids)

    ratios = [estimate / actual for estimate, actual in zip(estimated, measured, strict=True)]
    assert max(ratios) <= 2
    assert min(ratios) >= 0.5


def test_the_estimate_of_a_running_row_is_the_rest_of_its_batch(steady: WorkerStack) -> None:
    throughput = measure_throughput(steady.database)
    assert throughput is not None

    began = time.monotonic()
    seconds_to_finish(steady, steady.queue_rows(8))
    measured = time.monotonic() - began

    estimated = seconds_left(0, expected_seconds=throughput.batch_seconds)
    assert 0.5 <= estimated / measured <= 2
