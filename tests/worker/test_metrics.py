"""The metrics of a worker, and the port that serves them."""

import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import httpx
import pytest
from prometheus_client import CollectorRegistry

from core.db.base import now_utc
from core.db.stylizations import Stylization
from core.errors import SetupError
from core.failures import RenderFailed
from core.metrics import WorkerMetrics, metrics_server
from core.settings import Settings
from tests.worker.conftest import WorkerStack

YEAR: Final = timedelta(days=365)


def value(stack: WorkerStack, name: str, **labels: str) -> float:
    registry: CollectorRegistry = stack.renderer._metrics.registry
    return registry.get_sample_value(name, labels) or 0.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_batch_is_counted_once_and_each_of_its_photos(stack: WorkerStack) -> None:
    stack.queue_rows(3)

    stack.renderer.render_next_batch()

    assert value(stack, "dualtrans_batch_size_sum") == 3
    assert value(stack, "dualtrans_forward_seconds_count") == 1
    for name in ("load_seconds", "store_seconds", "queue_wait_seconds"):
        assert value(stack, f"dualtrans_{name}_count") == 3
    assert value(stack, "dualtrans_results_total") == 3


def test_the_queue_wait_is_measured_from_creation_to_the_claim(stack: WorkerStack) -> None:
    stack.queue_row(created_at=now_utc() - YEAR)

    stack.renderer.render_next_batch()

    assert value(stack, "dualtrans_queue_wait_seconds_count") == 1
    assert value(stack, "dualtrans_queue_wait_seconds_sum") >= YEAR.total_seconds()


def release(row: Stylization) -> None:
    row.claim(token="dead", now=now_utc(), lease_until=now_utc())
    row.release(token="dead")


def fail_and_requeue(row: Stylization) -> None:
    row.fail(token=None, error=RenderFailed(), now=now_utc())
    row.requeue()


@pytest.mark.parametrize("return_to_queue", [release, fail_and_requeue])
def test_the_wait_of_a_row_that_returns_to_the_queue_begins_again(
    stack: WorkerStack, return_to_queue: Callable[[Stylization], None]
) -> None:
    row_id = stack.queue_row(created_at=now_utc() - YEAR)
    stack.change(row_id, return_to_queue)

    stack.renderer.render_next_batch()

    assert value(stack, "dualtrans_queue_wait_seconds_count") == 1
    assert value(stack, "dualtrans_queue_wait_seconds_sum") < 3600


def test_a_failure_is_counted_by_code(stack: WorkerStack) -> None:
    def refuse(_: Any) -> None:
        raise ValueError("not this one")

    stack.painter.before_forward = refuse
    stack.queue_row()

    stack.renderer.render_next_batch()

    assert value(stack, "dualtrans_failures_total", code="render_failed") == 1
    assert value(stack, "dualtrans_results_total") == 0


def test_a_row_cancelled_during_the_forward_pass_counts_as_a_lost_claim(stack: WorkerStack) -> None:
    row_id = stack.queue_row()
    stack.painter.before_forward = lambda _: stack.change(
        row_id, lambda row: row.cancel(now=now_utc())
    )

    stack.renderer.render_next_batch()

    assert value(stack, "dualtrans_claims_lost_total") == 1
    assert value(stack, "dualtrans_results_total") == 0


def test_a_prepared_style_is_counted(stack: WorkerStack) -> None:
    stack.new_style()

    stack.renderer.prepare_next_style()

    assert value(stack, "dualtrans_styles_prepared_total") == 1


def test_metrics_are_served_on_the_configured_port_while_the_worker_listens() -> None:
    metrics, port = WorkerMetrics(), free_port()
    metrics.results.inc()
    address = f"http://127.0.0.1:{port}/metrics"

    with metrics_server(metrics, Settings(metrics_port=port)):
        shown = httpx.get(address).text

    assert "dualtrans_results_total 1.0" in shown
    with pytest.raises(httpx.ConnectError):
        httpx.get(address)


def test_without_a_port_no_server_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.metrics.start_http_server", pytest.fail)

    with metrics_server(WorkerMetrics(), Settings()):
        pass


def test_a_port_in_use_is_a_setup_error_that_names_the_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        second_server = metrics_server(WorkerMetrics(), Settings(metrics_port=port))
        with pytest.raises(SetupError, match=f"{port}.*DUALTRANS_METRICS_PORT"), second_server:
            pass
