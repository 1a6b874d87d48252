"""Maintenance by operators: failed jobs are queued again, old results are purged."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.operations.maintenance import purge, read_queue_state, requeue, requeue_failed
from core.db.base import now_utc
from core.db.engine import Database, open_database
from core.db.migrations.upgrade import upgrade
from core.db.notifications import Channel, Event, Notification, Webhook
from core.db.pictures import Picture
from core.db.stylizations import Status, Stylization
from core.errors import IllegalTransition
from core.queue import Queue, open_queue
from core.settings import Settings
from core.storage import Storage, open_storage
from tests.factories import make_picture, make_stylization

NOW = now_utc()
FAILED = {
    "status": Status.FAILED,
    "error_code": "worker_died",
    "error_message": {"zh": "断", "en": "broke"},
    "attempts": 3,
    "finished_at": NOW,
}


class Stack:
    """Database, queue and storage, with functions to create and read rows."""

    def __init__(self, settings: Settings) -> None:
        self.database: Database = open_database(settings)
        self.queue: Queue = open_queue(settings)
        self.storage: Storage = open_storage(settings)
        upgrade(self.database)

    def create_row(self, **values: Any) -> str:
        with self.database.transaction() as session:
            return make_stylization(session, self.storage, **values).id

    def create_done(self, *, days_ago: float, **picture: Any) -> str:
        with self.database.transaction() as session:
            result, thumb = (
                make_picture(session, self.storage, expires_at=NOW + timedelta(days=30), **picture)
                for _ in range(2)
            )
            return make_stylization(
                session,
                self.storage,
                status=Status.DONE,
                result_picture_id=result.id,
                thumb_picture_id=thumb.id,
                finished_at=NOW - timedelta(days=days_ago),
            ).id

    def read_row(self, row_id: str) -> Stylization:
        with self.database.reading() as session:
            return session.get_one(Stylization, row_id)

    def change_photo(self, row_id: str, **values: Any) -> None:
        with self.database.transaction() as session:
            picture = session.get_one(Picture, session.get_one(Stylization, row_id).picture_id)
            for name, value in values.items():
                setattr(picture, name, value)

    def are_pictures_available(self, row_id: str) -> list[bool]:
        with self.database.reading() as session:
            row = session.get_one(Stylization, row_id)
            ids = (row.picture_id, row.result_picture_id, row.thumb_picture_id)
            return [session.get_one(Picture, one).is_available(now_utc()) for one in ids]


@pytest.fixture
def stack(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[Stack]:
    stack = Stack(Settings(data_dir=tmp_path, database_url=database_url, redis_url=redis_url))
    yield stack
    stack.queue.close()
    stack.database.close()


def test_the_state_of_an_empty_queue(stack: Stack) -> None:
    state = read_queue_state(stack.database)

    assert (state.rows, state.oldest_seconds) == ({"queued": 0, "running": 0}, 0)
    assert state.workers_by_state() == {"starting": 0, "ready": 0, "busy": 0}


def test_a_failed_job_is_queued_again_and_the_workers_are_notified(stack: Stack) -> None:
    row_id = stack.create_row(**FAILED)

    requeue(stack.database, stack.queue, row_id)

    row = stack.read_row(row_id)
    assert (row.status, row.attempts, row.finished_at) == ("queued", 0, None)
    assert (row.error_code, row.error_message) == (None, None)
    assert stack.queue.count_pending() == 1


def test_wechat_notifications_that_were_not_sent_wait_for_the_next_end(stack: Stack) -> None:
    row_id = stack.create_row(**FAILED)
    with stack.database.transaction() as session:
        hook = Webhook(
            owner_id=session.get_one(Stylization, row_id).owner_id,
            url="https://example.com",
            event_names=Event.FAILED,
            secret="whsec_x",
        )
        session.add(hook)
        session.flush()
        for channel, webhook_id in ((Channel.WEBHOOK, hook.id), (Channel.WECHAT, None)):
            notification = Notification(
                channel=channel, stylization_id=row_id, webhook_id=webhook_id
            )
            notification.mark_due(Event.FAILED, NOW)
            session.add(notification)

    requeue(stack.database, stack.queue, row_id)

    with stack.database.reading() as session:
        notifications = {n.channel: n for n in session.scalars(select(Notification))}
    webhook, wechat = notifications[Channel.WEBHOOK], notifications[Channel.WECHAT]
    assert (webhook.due_at, webhook.ended_at is None) == (None, False)
    assert (wechat.due_at, wechat.event, wechat.ended_at) == (None, None, None)


@pytest.mark.parametrize("status", ["queued", "running", "done", "cancelled"])
def test_only_failed_jobs_can_be_queued_again(stack: Stack, status: str) -> None:
    row_id = stack.create_row(status=status)

    with pytest.raises(IllegalTransition, match=status):
        requeue(stack.database, stack.queue, row_id)

    assert stack.read_row(row_id).status == status


def test_a_deleted_job_is_not_queued_again(stack: Stack) -> None:
    row_id = stack.create_row(**FAILED, deleted_at=NOW)

    with pytest.raises(IllegalTransition, match="deleted"):
        requeue(stack.database, stack.queue, row_id)


def test_a_job_without_its_photo_is_not_queued_again(stack: Stack) -> None:
    row_id = stack.create_row(**FAILED)
    stack.change_photo(row_id, removed_at=NOW)

    with pytest.raises(IllegalTransition, match="photo"):
        requeue(stack.database, stack.queue, row_id)


def test_an_unknown_job_is_reported(stack: Stack) -> None:
    with pytest.raises(IllegalTransition, match="stl_none"):
        requeue(stack.database, stack.queue, "stl_none")


def test_jobs_are_queued_again_by_code_and_time(stack: Stack) -> None:
    matching = [stack.create_row(**FAILED), stack.create_row(**FAILED)]
    others = [
        stack.create_row(**{**FAILED, "error_code": "render_failed"}),
        stack.create_row(**{**FAILED, "finished_at": NOW - timedelta(hours=3)}),
        stack.create_row(**FAILED, deleted_at=NOW),
        without_photo := stack.create_row(**FAILED),
    ]
    stack.change_photo(without_photo, removed_at=NOW)

    since = NOW - timedelta(hours=2)
    count = requeue_failed(stack.database, stack.queue, code="worker_died", since=since)

    assert count == 2
    assert {stack.read_row(row_id).status for row_id in matching} == {"queued"}
    assert {stack.read_row(row_id).status for row_id in others} == {"failed"}
    assert stack.queue.count_pending() == 2


def test_results_older_than_the_given_days_are_expired(stack: Stack) -> None:
    old, recent = stack.create_done(days_ago=8), stack.create_done(days_ago=6)

    count = purge(stack.database, before=NOW - timedelta(days=7), dry_run=False)

    assert count == 1
    assert stack.are_pictures_available(old) == [True, False, False]
    assert stack.are_pictures_available(recent) == [True, True, True]
    assert stack.read_row(old).status == "done"


def test_a_dry_run_returns_the_same_number_and_changes_nothing(stack: Stack) -> None:
    old = stack.create_done(days_ago=8)

    count = purge(stack.database, before=NOW - timedelta(days=7), dry_run=True)

    assert count == 1
    assert stack.are_pictures_available(old) == [True, True, True]


def test_a_result_that_is_also_an_upload_stays(stack: Stack) -> None:
    old = stack.create_done(days_ago=8, stands_alone=True)

    assert purge(stack.database, before=NOW - timedelta(days=7), dry_run=False) == 0

    assert stack.are_pictures_available(old) == [True, True, True]


def test_a_purged_result_is_not_counted_again(stack: Stack) -> None:
    stack.create_done(days_ago=8)
    purge(stack.database, before=NOW, dry_run=False)

    assert purge(stack.database, before=NOW, dry_run=False) == 0
