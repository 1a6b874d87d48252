"""Prometheus metrics of the API and the workers.

No label contains an id, a name or an address: routes are templates, and failures are codes. The
dashboard in deploy/grafana uses the names of these metrics.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    start_http_server,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from core.errors import SetupError
from core.settings import Settings

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
REQUEST_SECONDS: Final = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120)
PICTURE_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
FORWARD_SECONDS: Final = (0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 120)
WAIT_SECONDS: Final = (0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600)
BATCH_SIZES: Final = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
UNKNOWN: Final = float("nan")


class ServiceMetrics:
    """Metrics of one API process. Each instance has its own registry, so tests start at zero."""

    def __init__(self) -> None:
        """Create all metrics with the value zero."""
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "dualtrans_http_requests",
            "Responses by route template and status.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.request_seconds = Histogram(
            "dualtrans_http_request_seconds",
            "Seconds from the first byte of a request to the last of its response.",
            ["method", "route"],
            buckets=REQUEST_SECONDS,
            registry=self.registry,
        )
        self.refusals = Counter(
            "dualtrans_refusals",
            "Error responses by error code.",
            ["code"],
            registry=self.registry,
        )
        self.upload_bytes = Counter(
            "dualtrans_upload_bytes",
            "Bytes of uploaded pictures, including refused ones.",
            registry=self.registry,
        )
        self.upload_decode_seconds = Histogram(
            "dualtrans_upload_decode_seconds",
            "Seconds to check, decode and encode one upload, including the wait for a slot.",
            buckets=PICTURE_SECONDS,
            registry=self.registry,
        )
        self.queue = QueueGauges(self.registry)


class QueueGauges:
    """State of the queue. It is unknown until the first update."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register the gauges."""
        self.rows = Gauge(
            "dualtrans_queue_rows",
            "Stylizations in the database that are queued or running.",
            ["status"],
            registry=registry,
        )
        self.oldest_seconds = Gauge(
            "dualtrans_queue_oldest_seconds",
            "Seconds since the oldest queued stylization was queued; 0 when none is queued.",
            registry=registry,
        )
        self.workers = Gauge(
            "dualtrans_workers",
            "Workers with a heartbeat in the last 30 s, by state.",
            ["state"],
            registry=registry,
        )
        self.database_up = Gauge(
            "dualtrans_database_up",
            "1 if the database was reachable during this scrape, else 0.",
            registry=registry,
        )
        self.mark_unknown()

    def update(
        self, *, rows: Mapping[str, int], oldest_seconds: float, workers: Mapping[str, int]
    ) -> None:
        """Set the current state."""
        self.database_up.set(1)
        self.oldest_seconds.set(oldest_seconds)
        for gauge, counts in ((self.rows, rows), (self.workers, workers)):
            for label, count in counts.items():
                gauge.labels(label).set(count)

    def mark_unknown(self) -> None:
        """Set the state to unknown, because an old number would look like a short queue."""
        self.database_up.set(0)
        self.oldest_seconds.set(UNKNOWN)
        self.rows.clear()
        self.workers.clear()


class WorkerMetrics:
    """Metrics of one worker."""

    def __init__(self) -> None:
        """Create all metrics with the value zero."""
        self.registry = CollectorRegistry()
        self.info = Gauge(
            "dualtrans_worker_info",
            "Always 1; the labels are the device and the weights of this worker.",
            ["device", "model_version"],
            registry=self.registry,
        )
        self.results = self._counter("results", "Stylizations that finished with a result.")
        self.failures = self._counter(
            "failures", "Failed stylizations and styles, by error code.", "code"
        )
        self.styles_prepared = self._counter(
            "styles_prepared", "User styles whose style code was computed."
        )
        self.styles_refined = self._counter(
            "styles_refined", "User styles whose style code was refined."
        )
        self.claims_lost = self._counter(
            "claims_lost",
            "Jobs that were cancelled or claimed by another worker before their result was stored.",
        )
        self.rows_freed = self._counter(
            "rows_freed", "Jobs taken back from workers whose lease had expired."
        )
        self.batch_size = self._histogram(
            "batch_size", "Pictures that are rendered together.", BATCH_SIZES
        )
        self.task_failures = self._counter(
            "worker_task_failures", "Exceptions of periodic tasks, which are retried.", "task"
        )
        self.forward_seconds = self._histogram(
            "forward_seconds",
            "Seconds to render a batch, including failed ones.",
            FORWARD_SECONDS,
        )
        self.load_seconds = self._histogram(
            "load_seconds",
            "Seconds to read one photo from the storage and decode it.",
            PICTURE_SECONDS,
        )
        self.store_seconds = self._histogram(
            "store_seconds",
            "Seconds to encode one result, store it and commit its row.",
            PICTURE_SECONDS,
        )
        self.queue_wait_seconds = self._histogram(
            "queue_wait_seconds",
            "Seconds from when a job was queued, or queued again, to its claim.",
            WAIT_SECONDS,
        )

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"dualtrans_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: Sequence[float]) -> Histogram:
        return Histogram(f"dualtrans_{name}", text, buckets=buckets, registry=self.registry)


def exposition(registry: CollectorRegistry) -> bytes:
    """Return the metrics in Prometheus' text format; its media type is `CONTENT_TYPE`."""
    return generate_latest(registry)


@contextmanager
def metrics_server(metrics: WorkerMetrics, settings: Settings) -> Iterator[None]:
    """Serve the metrics on `metrics_port` inside the block. Without a port, do nothing.

    Raises:
        SetupError: the port is in use, or the address does not belong to this machine.
    """
    if settings.metrics_port is None:
        yield
        return
    address = f"{settings.metrics_host}:{settings.metrics_port}"
    try:
        server, thread = start_http_server(
            settings.metrics_port, settings.metrics_host, metrics.registry
        )
    except OSError as error:
        raise SetupError(
            f"cannot serve metrics on {address} ({error.strerror}); "
            "check DUALTRANS_METRICS_PORT and DUALTRANS_METRICS_HOST"
        ) from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
