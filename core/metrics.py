"""What API and workers count and time, under the names that Prometheus and the dashboard know.

No label holds an id, a name or an address: routes are templates, failures are codes.
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
    """Of one API process. Each has a registry of its own, so that tests can count from nothing."""

    def __init__(self) -> None:
        """All at zero."""
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "dualtrans_http_requests",
            "Requests answered, by route template and status.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.request_seconds = Histogram(
            "dualtrans_http_request_seconds",
            "From the first byte to the last, a long poll's waiting included.",
            ["method", "route"],
            buckets=REQUEST_SECONDS,
            registry=self.registry,
        )
        self.refusals = Counter(
            "dualtrans_refusals",
            "Requests that ended in an error, by its code.",
            ["code"],
            registry=self.registry,
        )
        self.upload_bytes = Counter(
            "dualtrans_upload_bytes",
            "Bytes of the pictures that were read, refused ones included.",
            registry=self.registry,
        )
        self.upload_decode_seconds = Histogram(
            "dualtrans_upload_decode_seconds",
            "To check, decode and encode one uploaded picture, its turn awaited.",
            buckets=PICTURE_SECONDS,
            registry=self.registry,
        )
        self.queue = QueueGauges(self.registry)


class QueueGauges:
    """How the queue stands; unknown until somebody looks."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Shown in this registry."""
        self.rows = Gauge(
            "dualtrans_queue_rows",
            "Stylizations that are queued or running, as the database says.",
            ["status"],
            registry=registry,
        )
        self.oldest_seconds = Gauge(
            "dualtrans_queue_oldest_seconds",
            "Age of the stylization that has been queued longest; 0 when none is.",
            registry=registry,
        )
        self.workers = Gauge(
            "dualtrans_workers",
            "Workers that gave a sign of life within 30 s, by what they say of themselves.",
            ["state"],
            registry=registry,
        )
        self.database_up = Gauge(
            "dualtrans_database_up",
            "Whether the database answered this scrape.",
            registry=registry,
        )
        self.mark_unknown()

    def update(
        self, *, rows: Mapping[str, int], oldest_seconds: float, workers: Mapping[str, int]
    ) -> None:
        """Say how it stands now."""
        self.database_up.set(1)
        self.oldest_seconds.set(oldest_seconds)
        for gauge, counted in ((self.rows, rows), (self.workers, workers)):
            for label, count in counted.items():
                gauge.labels(label).set(count)

    def mark_unknown(self) -> None:
        """Say that nobody knows: an old number would be taken for a calm queue."""
        self.database_up.set(0)
        self.oldest_seconds.set(UNKNOWN)
        self.rows.clear()
        self.workers.clear()


class WorkerMetrics:
    """Of one worker."""

    def __init__(self) -> None:
        """All at zero."""
        self.registry = CollectorRegistry()
        self.info = Gauge(
            "dualtrans_worker_info",
            "1, with the device and the weights of this worker.",
            ["device", "model_version"],
            registry=self.registry,
        )
        self.results = self._counter("results", "Stylizations that are done.")
        self.failures = self._counter(
            "failures", "Stylizations and styles that this worker failed, by code.", "code"
        )
        self.styles_prepared = self._counter("styles_prepared", "Own styles that got their code.")
        self.claims_lost = self._counter(
            "claims_lost", "Rows cancelled or given to another before their result was stored."
        )
        self.rows_freed = self._counter(
            "rows_freed", "Rows and styles taken from workers without a sign of life."
        )
        self.batch_size = self._histogram("batch_size", "Pictures in one forward.", BATCH_SIZES)
        self.forward_seconds = self._histogram(
            "forward_seconds", "One forward of the model, whatever it ended in.", FORWARD_SECONDS
        )
        self.load_seconds = self._histogram(
            "load_seconds", "To fetch one upload from the storage and decode it.", PICTURE_SECONDS
        )
        self.store_seconds = self._histogram(
            "store_seconds", "To encode one result, store it, commit its row.", PICTURE_SECONDS
        )
        self.queue_wait_seconds = self._histogram(
            "queue_wait_seconds", "From the order to its first claim.", WAIT_SECONDS
        )

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"dualtrans_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: Sequence[float]) -> Histogram:
        return Histogram(f"dualtrans_{name}", text, buckets=buckets, registry=self.registry)


def exposition(registry: CollectorRegistry) -> bytes:
    """The numbers as Prometheus reads them, in `CONTENT_TYPE`."""
    return generate_latest(registry)


@contextmanager
def metrics_server(metrics: WorkerMetrics, settings: Settings) -> Iterator[None]:
    """Answer Prometheus on `metrics_port` while the block runs; without a port nothing is opened.

    Raises:
        SetupError: the port is taken, or the address is none of this machine's.
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
            f"cannot show metrics on {address} ({error.strerror}); "
            "see DUALTRANS_METRICS_PORT and DUALTRANS_METRICS_HOST"
        ) from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
