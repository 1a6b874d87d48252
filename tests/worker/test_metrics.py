"""What a worker counts, and the port on which it shows it."""

import socket
from typing import Any

import httpx
import pytest
from prometheus_client import CollectorRegistry

from core.db.base import now_utc
from core.errors import SetupError
from core.metrics import WorkerMetrics, metrics_server
from core.settings import Settings
from tests.worker.conftest import WorkerStack


def number(stack: WorkerStack, name: str, **labels: str) -> float:
    registry: CollectorRegistry = stack.renderer._metrics.registry
    return registry.get_sample_value(name, labels) or 0.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_batch_is_counted_whole_and_each_of_its_pictures(stack: WorkerStack) -> None:
    stack.queue_rows(3)

    stack.renderer.render_next_batch()

    assert number(stack, "dualtrans_batch_size_sum") == 3
    assert number(stack, "dualtrans_forward_seconds_count") == 1
    for name in ("load_seconds", "store_seconds", "queue_wait_seconds"):
        assert number(stack, f"dualtrans_{name}_count") == 3
    assert number(stack, "dualtrans_results_total") == 3


def test_the_wait_is_counted_from_the_order_and_at_the_first_claim_alone(
    stack: WorkerStack,
) -> None:
    stack.queue_row(created_at=now_utc().replace(year=2020))
    stack.queue_row(attempts=1)

    stack.renderer.render_next_batch()
    stack.renderer.render_next_batch()

    assert number(stack, "dualtrans_results_total") == 2
    assert number(stack, "dualtrans_queue_wait_seconds_count") == 1
    assert number(stack, "dualtrans_queue_wait_seconds_sum") > 365 * 24 * 3600


def test_a_failure_is_counted_by_its_code(stack: WorkerStack) -> None:
    def refuse(_: Any) -> None:
        raise ValueError("not this one")

    stack.stylizer.before_forward = refuse
    stack.queue_row()

    stack.renderer.render_next_batch()

    assert number(stack, "dualtrans_failures_total", code="render_failed") == 1
    assert number(stack, "dualtrans_results_total") == 0


def test_a_row_cancelled_under_the_forward_is_counted_as_lost(stack: WorkerStack) -> None:
    row_id = stack.queue_row()
    stack.stylizer.before_forward = lambda _: stack.change(
        row_id, lambda row: row.cancel(now=now_utc())
    )

    stack.renderer.render_next_batch()

    assert number(stack, "dualtrans_claims_lost_total") == 1
    assert number(stack, "dualtrans_results_total") == 0


def test_a_prepared_style_is_counted(stack: WorkerStack) -> None:
    stack.new_style()

    stack.renderer.prepare_next_style()

    assert number(stack, "dualtrans_styles_prepared_total") == 1


def test_the_numbers_are_shown_on_the_port_that_is_set_while_the_worker_listens() -> None:
    metrics, port = WorkerMetrics(), free_port()
    metrics.results.inc()
    address = f"http://127.0.0.1:{port}/metrics"

    with metrics_server(metrics, Settings(metrics_port=port)):
        shown = httpx.get(address).text

    assert "dualtrans_results_total 1.0" in shown
    with pytest.raises(httpx.ConnectError):
        httpx.get(address)


def test_without_a_port_nothing_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.metrics.start_http_server", pytest.fail)

    with metrics_server(WorkerMetrics(), Settings()):
        pass


def test_a_port_that_is_taken_is_told_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        taking_it_too = metrics_server(WorkerMetrics(), Settings(metrics_port=port))
        with pytest.raises(SetupError, match=f"{port}.*DUALTRANS_METRICS_PORT"), taking_it_too:
            pass
