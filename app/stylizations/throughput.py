"""The throughput of the last minutes, and the estimates that responses show: time and progress."""

import math
import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Final

from sqlalchemy import exists, func, select

from core.db.base import now_utc
from core.db.engine import Database
from core.db.stylizations import Status, Stylization
from core.db.workers import WorkerHeartbeat, WorkerState, is_alive

CACHE_SECONDS: Final = 3.0  # one measurement serves all requests of this process for so long
SAMPLED_ROWS: Final = 64
MIN_SHARE_LEFT: Final = 0.1  # of the expected duration, for a batch that takes longer
MAX_PROGRESS: Final = 0.99  # of a running row


@dataclass(frozen=True)
class Throughput:
    """The median batch of a worker, and the number of workers."""

    batch_seconds: float  # from the claim of a batch to its last result
    batch_rows: float  # results per batch
    workers: int
    is_busy: bool

    def seconds_until_done(self, position: int) -> float:
        """Return the estimated seconds until the row at this position is done; 1 is next.

        A batch ends as a whole, so the rows ahead are counted in batches. A running batch counts
        as half done, its average state.
        """
        batches = math.ceil(position / (self.batch_rows * self.workers))
        running = 0.5 / self.workers if self.is_busy else 0.0
        return self.batch_seconds * (batches + running)


def seconds_left(ran_seconds: float, *, expected_seconds: float) -> float:
    """Return the estimated seconds left for a row that has run for `ran_seconds`."""
    return max(expected_seconds - ran_seconds, expected_seconds * MIN_SHARE_LEFT)


def progress(ran_seconds: float, *, expected_seconds: float) -> float:
    """Return the estimated share of the duration that is over, 0 to `MAX_PROGRESS`.

    It never decreases with time: the worker stores `expected_seconds` once, at the claim.
    """
    left = seconds_left(ran_seconds, expected_seconds=expected_seconds)
    return min(round(ran_seconds / (ran_seconds + left), 2), MAX_PROGRESS)


class ThroughputMeter:
    """Measures the throughput on demand and caches it for a few seconds. Thread-safe."""

    def __init__(self, database: Database) -> None:
        """Store the database; the first call of `current` measures."""
        self._database = database
        self._throughput: Throughput | None = None
        self._measured_at = -math.inf
        self._lock = threading.Lock()

    def current(self) -> Throughput | None:
        """Return the throughput; None without a ready worker or without a finished row."""
        with self._lock:
            if time.monotonic() - self._measured_at > CACHE_SECONDS:
                self._throughput = measure_throughput(self._database)
                self._measured_at = time.monotonic()
            return self._throughput


def measure_throughput(database: Database) -> Throughput | None:
    """Measure the throughput of the rows that finished last.

    One statement along the index of the queue. Returns None like `ThroughputMeter.current`.
    """
    workers = (
        select(func.count())
        .where(WorkerHeartbeat.state != WorkerState.STARTING, is_alive(now_utc()))
        .scalar_subquery()
    )
    is_busy = exists().where(Stylization.status == Status.RUNNING)
    # A retried row runs alone, so it is no measure of a batch.
    latest = (
        select(Stylization.started_at, Stylization.finished_at, workers, is_busy)
        .where(Stylization.status == Status.DONE, Stylization.attempts == 1)
        .order_by(Stylization.created_at.desc())
        .limit(SAMPLED_ROWS)
    )
    with database.reading() as session:
        rows = session.execute(latest).all()
    if not rows or not rows[0][2]:
        return None
    sizes, seconds = _batches((started, finished) for started, finished, *_ in rows)
    return Throughput(median(seconds), median(sizes), rows[0][2], bool(rows[0][3]))


def _batches(
    rows: Iterable[tuple[datetime | None, datetime | None]],
) -> tuple[list[int], list[float]]:
    """Return the size and the duration of each batch; rows of a batch share their `started_at`."""
    ends: defaultdict[datetime, list[datetime]] = defaultdict(list)
    for started_at, finished_at in rows:
        if started_at is not None and finished_at is not None:
            ends[started_at].append(finished_at)
    if len(ends) > 1 and sum(map(len, ends.values())) == SAMPLED_ROWS:
        del ends[min(ends)]  # the sample may have cut the oldest batch
    sizes = [len(finished) for finished in ends.values()]
    return sizes, [(max(end) - start).total_seconds() for start, end in ends.items()]
