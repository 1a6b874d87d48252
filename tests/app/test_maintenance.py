"""What an operator sets right: rows queued again, results forgotten before their time."""

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


class Desk:
    """The database as an operator sees it."""

    def __init__(self, settings: Settings) -> None:
        self.database: Database = open_database(settings)
        self.queue: Queue = open_queue(settings)
        self.storage: Storage = open_storage(settings)
        upgrade(self.database)

    def row(self, **given: Any) -> str:
        with self.database.transaction() as session:
            return make_stylization(session, self.storage, **given).id

    def done(self, *, days_ago: float, **picture: Any) -> str:
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

    def see(self, row_id: str) -> Stylization:
        with self.database.reading() as session:
            return session.get_one(Stylization, row_id)

    def change_photograph(self, row_id: str, **given: Any) -> None:
        with self.database.transaction() as session:
            picture = session.get_one(Picture, session.get_one(Stylization, row_id).picture_id)
            for name, value in given.items():
                setattr(picture, name, value)

    def pictures_shown(self, row_id: str) -> list[bool]:
        with self.database.reading() as session:
            row = session.get_one(Stylization, row_id)
            ids = (row.picture_id, row.result_picture_id, row.thumb_picture_id)
            return [session.get_one(Picture, one).is_available(now_utc()) for one in ids]


@pytest.fixture
def desk(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[Desk]:
    desk = Desk(Settings(data_dir=tmp_path, database_url=database_url, redis_url=redis_url))
    yield desk
    desk.queue.close()
    desk.database.close()


def test_a_queue_without_rows_is_calm(desk: Desk) -> None:
    state = read_queue_state(desk.database)

    assert (state.rows, state.oldest_seconds) == ({"queued": 0, "running": 0}, 0)
    assert state.workers_by_state() == {"starting": 0, "ready": 0, "busy": 0}


def test_a_failed_row_is_queued_again_and_a_worker_is_woken(desk: Desk) -> None:
    row_id = desk.row(**FAILED)

    requeue(desk.database, desk.queue, row_id)

    row = desk.see(row_id)
    assert (row.status, row.attempts, row.finished_at) == ("queued", 0, None)
    assert (row.error_code, row.error_message) == (None, None)
    assert desk.queue.waiting() == 1


def test_what_was_not_told_of_the_last_end_is_told_of_the_next(desk: Desk) -> None:
    row_id = desk.row(**FAILED)
    with desk.database.transaction() as session:
        hook = Webhook(
            owner_id=session.get_one(Stylization, row_id).owner_id,
            url="https://example.com",
            event_names=Event.FAILED,
            secret="whsec_x",
        )
        session.add(hook)
        session.flush()
        for channel, webhook_id in ((Channel.WEBHOOK, hook.id), (Channel.WECHAT, None)):
            notice = Notification(channel=channel, stylization_id=row_id, webhook_id=webhook_id)
            notice.happen(Event.FAILED, NOW)
            session.add(notice)

    requeue(desk.database, desk.queue, row_id)

    with desk.database.reading() as session:
        told = {notice.channel: notice for notice in session.scalars(select(Notification))}
    webhook, wechat = told[Channel.WEBHOOK], told[Channel.WECHAT]
    assert (webhook.due_at, webhook.ended_at is None) == (None, False)
    assert (wechat.due_at, wechat.event, wechat.ended_at) == (None, None, None)


@pytest.mark.parametrize("status", ["queued", "running", "done", "cancelled"])
def test_only_what_has_failed_can_be_queued_again(desk: Desk, status: str) -> None:
    row_id = desk.row(status=status)

    with pytest.raises(IllegalTransition, match=status):
        requeue(desk.database, desk.queue, row_id)

    assert desk.see(row_id).status == status


def test_what_its_owner_has_deleted_is_not_queued_again(desk: Desk) -> None:
    row_id = desk.row(**FAILED, deleted_at=NOW)

    with pytest.raises(IllegalTransition, match="deleted"):
        requeue(desk.database, desk.queue, row_id)


def test_what_has_lost_its_photograph_is_not_queued_again(desk: Desk) -> None:
    row_id = desk.row(**FAILED)
    desk.change_photograph(row_id, removed_at=NOW)

    with pytest.raises(IllegalTransition, match="photo of stylization"):
        requeue(desk.database, desk.queue, row_id)


def test_what_is_not_there_is_told(desk: Desk) -> None:
    with pytest.raises(IllegalTransition, match="stl_none"):
        requeue(desk.database, desk.queue, "stl_none")


def test_all_of_one_code_and_one_time_are_queued_again_and_no_others(desk: Desk) -> None:
    meant = [desk.row(**FAILED), desk.row(**FAILED)]
    others = [
        desk.row(**{**FAILED, "error_code": "render_failed"}),
        desk.row(**{**FAILED, "finished_at": NOW - timedelta(hours=3)}),
        desk.row(**FAILED, deleted_at=NOW),
        gone := desk.row(**FAILED),
    ]
    desk.change_photograph(gone, removed_at=NOW)

    since = NOW - timedelta(hours=2)
    count = requeue_failed(desk.database, desk.queue, code="worker_died", since=since)

    assert count == 2
    assert {desk.see(row_id).status for row_id in meant} == {"queued"}
    assert {desk.see(row_id).status for row_id in others} == {"failed"}
    assert desk.queue.waiting() == 2


def test_results_older_than_some_days_are_shown_no_more_and_younger_ones_are(desk: Desk) -> None:
    old, young = desk.done(days_ago=8), desk.done(days_ago=6)

    count = purge(desk.database, before=NOW - timedelta(days=7), dry_run=False)

    assert count == 1
    assert desk.pictures_shown(old) == [True, False, False]
    assert desk.pictures_shown(young) == [True, True, True]
    assert desk.see(old).status == "done"


def test_a_dry_run_counts_the_same_and_changes_nothing(desk: Desk) -> None:
    old = desk.done(days_ago=8)

    count = purge(desk.database, before=NOW - timedelta(days=7), dry_run=True)

    assert count == 1
    assert desk.pictures_shown(old) == [True, True, True]


def test_a_result_that_its_owner_has_sent_again_stays(desk: Desk) -> None:
    old = desk.done(days_ago=8, stands_alone=True)

    assert purge(desk.database, before=NOW - timedelta(days=7), dry_run=False) == 0

    assert desk.pictures_shown(old) == [True, True, True]


def test_what_is_forgotten_already_is_not_counted_again(desk: Desk) -> None:
    desk.done(days_ago=8)
    purge(desk.database, before=NOW, dry_run=False)

    assert purge(desk.database, before=NOW, dry_run=False) == 0
