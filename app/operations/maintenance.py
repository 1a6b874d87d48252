"""Maintenance by an operator: read the queue, retry failed jobs, expire old results."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.orm import Session

from core.db.base import now_utc
from core.db.engine import Database
from core.db.pictures import Picture
from core.db.stylizations import OPEN_STATUSES, Status, Stylization
from core.db.workers import WorkerHeartbeat, WorkerState, is_alive
from core.errors import IllegalTransition
from core.notifications.outbox import withdraw_notifications
from core.queue import MAX_WAKE_UPS, Queue


@dataclass(frozen=True)
class QueueState:
    """The state of the queue at one time."""

    rows: dict[str, int]  # number of queued and running rows, by status
    oldest_seconds: float  # age of the oldest queued row; 0 when there is none
    workers: Sequence[WorkerHeartbeat]  # seen within the last 30 s, oldest first

    def workers_by_state(self) -> dict[str, int]:
        """The number of workers in each state."""
        counted: dict[str, int] = dict.fromkeys(WorkerState, 0)
        for worker in self.workers:
            counted[worker.state] = counted.get(worker.state, 0) + 1
        return counted


def read_queue_state(database: Database) -> QueueState:
    """Read the queue with two statements: on the index of open rows, and on the few workers."""
    now = now_utc()
    by_status = (
        select(Stylization.status, func.count(), func.min(Stylization.created_at))
        .where(Stylization.status.in_(OPEN_STATUSES))
        .group_by(Stylization.status)
    )
    alive = select(WorkerHeartbeat).where(is_alive(now))
    with database.reading() as session:
        found = {status: (count, oldest) for status, count, oldest in session.execute(by_status)}
        workers = session.scalars(alive.order_by(WorkerHeartbeat.started_at)).all()
    _, oldest = found.get(Status.QUEUED, (0, now))
    return QueueState(
        rows={status: found.get(status, (0, None))[0] for status in OPEN_STATUSES},
        oldest_seconds=max(0.0, (now - oldest).total_seconds()),
        workers=workers,
    )


def requeue(database: Database, queue: Queue, stylization_id: str) -> None:
    """Queue one failed stylization again, and notify a worker.

    Raises:
        IllegalTransition: there is no such row, it has not failed, or its photo was deleted.
    """
    with database.transaction() as session:
        row = session.get(Stylization, stylization_id, with_for_update=True)
        if row is None:
            raise IllegalTransition(f"there is no stylization {stylization_id}")
        if not _has_photo(session, row):
            raise IllegalTransition(f"the photo of stylization {row.id} was deleted")
        row.requeue()
        withdraw_notifications(session, row, now_utc())
    queue.notify_workers()


def requeue_failed(database: Database, queue: Queue, *, code: str, since: datetime) -> int:
    """Queue all stylizations again that have failed with `code` since then and still have a photo.

    Returns:
        How many were queued.
    """
    failed = (
        select(Stylization)
        .join(Picture, Picture.id == Stylization.picture_id)
        .where(
            Stylization.status == Status.FAILED,
            Stylization.error_code == code,
            Stylization.finished_at >= since,
            Stylization.deleted_at.is_(None),
            Picture.removed_at.is_(None),
        )
    )
    with database.transaction() as session:
        rows = session.scalars(failed.with_for_update(of=Stylization)).all()
        for row in rows:
            row.requeue()
            withdraw_notifications(session, row, now_utc())
    queue.top_up(len(rows), at_most=MAX_WAKE_UPS)
    return len(rows)


def purge(database: Database, *, before: datetime, dry_run: bool) -> int:
    """Let the results that were finished before then expire; the workers delete the files later.

    The rows stay in the history of their owners, without a result.

    Returns:
        How many results expire, or would expire without `dry_run`.
    """
    now = now_utc()
    done = Stylization.status == Status.DONE, Stylization.finished_at < before
    with database.transaction() as session:
        results = _unexpired_results(select(Stylization.result_picture_id).where(*done), now)
        count = session.scalar(select(func.count()).select_from(Picture).where(*results)) or 0
        if not dry_run:
            thumbs = _unexpired_results(select(Stylization.thumb_picture_id).where(*done), now)
            for pictures in (results, thumbs):
                session.execute(
                    update(Picture)
                    .where(*pictures)
                    .values(expires_at=now)
                    .execution_options(synchronize_session=False)
                )
    return count


def _unexpired_results(ids: Select[str | None], now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Select these pictures, without those that are expired or were also uploaded as a photo."""
    return (
        Picture.id.in_(ids),
        Picture.removed_at.is_(None),
        Picture.stands_alone.is_(False),
        or_(Picture.expires_at.is_(None), Picture.expires_at > now),
    )


def _has_photo(session: Session, row: Stylization) -> bool:
    return session.get_one(Picture, row.picture_id).removed_at is None
