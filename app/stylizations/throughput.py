"""How fast pictures come out of late, and so how long one has to wait for one's own."""

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

KEPT_SECONDS: Final = 3.0  # for so long one measurement serves everybody who asks this process
ROWS_LOOKED_AT: Final = 64
LEAST_SHARE_LEFT: Final = 0.1  # of a batch that takes longer than usual


@dataclass(frozen=True)
class Pace:
    """What one worker does, and how many there are."""

    batch_seconds: float  # from the claim of a batch to its last picture
    batch_rows: float  # pictures in one
    workers: int
    is_busy: bool

    def seconds_until_done(self, place: int) -> float:
        """For the row at this place: 1 is next.

        Batches end together, so those ahead are counted in batches. What runs now is half done, as
        seen from a moment that is as good as any.
        """
        rounds = math.ceil(place / (self.batch_rows * self.workers))
        running = 0.5 / self.workers if self.is_busy else 0.0
        return self.batch_seconds * (rounds + running)

    def seconds_left(self, *, ran_seconds: float) -> float:
        """For a row that has run for so long."""
        return max(self.batch_seconds - ran_seconds, self.batch_seconds * LEAST_SHARE_LEFT)


class ThroughputMeter:
    """The present pace; measured when asked for, a few seconds apart at the most often."""

    def __init__(self, database: Database) -> None:
        """Nothing is measured before somebody asks."""
        self._database = database
        self._pace: Pace | None = None
        self._measured_at = -math.inf
        self._measuring = threading.Lock()

    def now(self) -> Pace | None:
        """The pace, or None: no worker is there, or nothing has been made yet."""
        with self._measuring:
            if time.monotonic() - self._measured_at > KEPT_SECONDS:
                self._pace = measure_throughput(self._database)
                self._measured_at = time.monotonic()
            return self._pace


def measure_throughput(database: Database) -> Pace | None:
    """The pace of the rows that were done last; one statement, along the queue's index."""
    has_a_sign_of_life = (
        WorkerHeartbeat.state != WorkerState.STARTING,
        is_alive(now_utc()),
    )
    workers = select(func.count()).where(*has_a_sign_of_life).scalar_subquery()
    is_busy = exists().where(Stylization.status == Status.RUNNING)
    # A row that was tried before has been waiting since it was first taken.
    lately = (
        select(Stylization.started_at, Stylization.finished_at, workers, is_busy)
        .where(Stylization.status == Status.DONE, Stylization.attempts == 1)
        .order_by(Stylization.created_at.desc())
        .limit(ROWS_LOOKED_AT)
    )
    with database.reading() as session:
        rows = session.execute(lately).all()
    if not rows or not rows[0][2]:
        return None
    sizes, seconds = _batches((started, finished) for started, finished, *_ in rows)
    return Pace(median(seconds), median(sizes), rows[0][2], bool(rows[0][3]))


def _batches(
    rows: Iterable[tuple[datetime | None, datetime | None]],
) -> tuple[list[int], list[float]]:
    """How many pictures each batch had, and how long it took: its rows were taken at one moment."""
    ends: defaultdict[datetime, list[datetime]] = defaultdict(list)
    for started_at, finished_at in rows:
        if started_at is not None and finished_at is not None:
            ends[started_at].append(finished_at)
    if len(ends) > 1 and sum(map(len, ends.values())) == ROWS_LOOKED_AT:
        del ends[min(ends)]  # it may reach beyond what was looked at
    sizes = [len(finished) for finished in ends.values()]
    return sizes, [(max(end) - start).total_seconds() for start, end in ends.items()]
