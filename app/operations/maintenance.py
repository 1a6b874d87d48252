"""Maintenance by operators: the state of the queue, failed jobs and old results."""

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
from core.queue import MAX_NOTIFICATIONS, Queue


@dataclass(frozen=True)
class QueueState:
    """The state of the queue at one moment."""

    rows: dict[str, int]  # number of queued and of running jobs
    oldest_seconds: float  # since the oldest queued job was queued; 0 when none is queued
    workers: Sequence[WorkerHeartbeat]  # live workers, the oldest first

    def workers_by_state(self) -> dict[str, int]:
        """Count the live workers by state."""
        counts: dict[str, int] = dict.fromkeys(WorkerState, 0)
        for worker in self.workers:
            counts[worker.state] = counts.get(worker.state, 0) + 1
        return counts


def read_queue_state(database: Database) -> QueueState:
    """Read the state of the queue, with two queries on indexed columns."""
    now = now_utc()
    waiting_since = func.coalesce(Stylization.requeued_at, Stylization.created_at)
    by_status = (
        select(Stylization.status, func.count(), func.min(waiting_since))
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
    """Queue one failed stylization again and notify the workers.

    Raises:
        IllegalTransition: it does not exist, has not failed, or its photo is no longer stored.
    """
    with database.transaction() as session:
        row = session.get(Stylization, stylization_id, with_for_update=True)
        if row is None:
            raise IllegalTransition(f"there is no stylization {stylization_id}")
        if not _has_photo(session, row):
            raise IllegalTransition(f"the photo of stylization {row.id} is no longer stored")
        row.requeue()
        withdraw_notifications(session, row, now_utc())
    queue.notify_workers()


def requeue_failed(database: Database, queue: Queue, *, code: str, since: datetime) -> int:
    """Queue the jobs again that failed with `code` since then and whose photo is still stored.

    Returns how many there were.
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
    queue.add_notifications(len(rows), at_most=MAX_NOTIFICATIONS)
    return len(rows)


def purge(database: Database, *, before: datetime, dry_run: bool) -> int:
    """Expire every result that was finished before then. The workers delete the files.

    The rows stay in the history of their owners, without a picture.

    Returns:
        The number of results that were expired or, with `dry_run`, would be.
    """
    now = now_utc()
    done = Stylization.status == Status.DONE, Stylization.finished_at < before
    with database.transaction() as session:
        results = _unexpired(select(Stylization.result_picture_id).where(*done), now)
        count = session.scalar(select(func.count()).select_from(Picture).where(*results)) or 0
        if not dry_run:
            thumbs = _unexpired(select(Stylization.thumb_picture_id).where(*done), now)
            for pictures in (results, thumbs):
                session.execute(
                    update(Picture)
                    .where(*pictures)
                    .values(expires_at=now)
                    .execution_options(synchronize_session=False)
                )
    return count


def _unexpired(ids: Select[str | None], now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Conditions for pictures of these ids that have not expired and are no separate uploads."""
    return (
        Picture.id.in_(ids),
        Picture.removed_at.is_(None),
        Picture.stands_alone.is_(False),
        or_(Picture.expires_at.is_(None), Picture.expires_at > now),
    )


def _has_photo(session: Session, row: Stylization) -> bool:
    return session.get_one(Picture, row.picture_id).removed_at is None
