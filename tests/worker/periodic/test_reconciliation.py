"""Repair after dead workers and lost notifications; removal of expired pictures."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from redis import Redis

from core.db.base import UNDO_PERIOD, now_utc
from core.db.pictures import Picture
from core.db.workers import WorkerHeartbeat
from tests.factories import make_picture
from tests.worker.conftest import WorkerStack
from tests.worker.fake_model import MODEL_VERSION
from tests.worker.test_pipeline import expire_lease
from worker.claim import claim_batch

ONE_DAY = timedelta(days=1)


def claim_and_die(stack: WorkerStack, row_id: str) -> None:
    claim_batch(stack.database, model_version=MODEL_VERSION, max_batch=1, lease_seconds=15)
    stack.change(row_id, expire_lease)


def test_a_row_whose_worker_died_is_queued_again(stack: WorkerStack) -> None:
    row_id = stack.queue_row()
    claim_and_die(stack, row_id)

    stack.reconciler.repair()

    assert (stack.row(row_id).status, stack.row(row_id).attempts) == ("queued", 1)


def test_a_row_with_a_valid_lease_is_not_changed(stack: WorkerStack) -> None:
    row_id = stack.queue_row()
    claim_batch(stack.database, model_version=MODEL_VERSION, max_batch=1, lease_seconds=15)

    stack.reconciler.repair()

    assert stack.row(row_id).status == "running"


def test_a_row_that_kills_its_workers_fails_after_the_last_attempt(stack: WorkerStack) -> None:
    row_id = stack.queue_row()
    for _ in range(stack.settings.max_attempts):
        claim_and_die(stack, row_id)
        stack.reconciler.release_expired_rows()

    row = stack.row(row_id)
    assert (row.status, row.error_code, row.attempts) == ("failed", "worker_died", 3)
    assert row.error_message is not None
    assert "3" in row.error_message["zh"]


def test_concurrent_reconcilers_release_a_row_once(stack: WorkerStack) -> None:
    for row_id in stack.queue_rows(5):
        claim_and_die(stack, row_id)

    with ThreadPoolExecutor(4) as pool:
        released = list(pool.map(lambda _: stack.reconciler.release_expired_rows(), range(4)))

    assert sum(released) == 5


def test_notifications_that_redis_lost_are_restored(stack: WorkerStack, redis_url: str) -> None:
    stack.queue_rows(3)
    with Redis.from_url(redis_url) as connection:
        connection.flushall()

    stack.reconciler.repair()

    assert stack.queue.count_pending() == 3


def test_restoring_adds_only_missing_notifications(stack: WorkerStack) -> None:
    stack.queue_rows(3)

    stack.reconciler.repair()
    stack.reconciler.repair()

    assert stack.queue.count_pending() == 3


def test_an_expired_result_is_removed_and_its_row_stays(stack: WorkerStack) -> None:
    row_id = stack.queue_row()
    stack.renderer.render_next_batch()
    result_id = stack.row(row_id).result_picture_id
    assert result_id is not None
    expire(stack, result_id)

    stack.retention.sweep()

    with stack.database.reading() as session:
        result = session.get_one(Picture, result_id)
    assert result.removed_at is not None
    assert not result.is_available(now_utc())
    assert not stack.storage.exists(result.storage_key)
    assert stack.row(row_id).status == "done"


def test_the_photo_of_an_open_row_is_kept(stack: WorkerStack) -> None:
    picture_id = stack.row(stack.queue_row()).picture_id
    expire(stack, picture_id)

    assert stack.retention.sweep() == 0


def test_the_picture_of_an_existing_style_is_kept(stack: WorkerStack) -> None:
    expire(stack, stack.style(stack.new_style()).picture_id)

    assert stack.retention.sweep() == 0


def test_a_deleted_picture_is_removed_after_the_undo_period(
    stack: WorkerStack,
) -> None:
    with stack.database.transaction() as session:
        make_picture(session, stack.storage, deleted_at=now_utc())
        picture = make_picture(session, stack.storage, deleted_at=now_utc() - 2 * UNDO_PERIOD)

    assert stack.retention.sweep() == 1
    assert stack.retention.sweep() == 0
    assert not stack.storage.exists(picture.storage_key)


def test_heartbeats_of_stopped_workers_are_deleted(stack: WorkerStack) -> None:
    with stack.database.transaction() as session:
        session.add(WorkerHeartbeat(id="wrk_old", seen_at=now_utc() - ONE_DAY))
        session.add(WorkerHeartbeat(id="wrk_new"))

    stack.retention.sweep()

    with stack.database.reading() as session:
        assert [row.id for row in session.query(WorkerHeartbeat)] == ["wrk_new"]


def expire(stack: WorkerStack, picture_id: str) -> None:
    with stack.database.transaction() as session:
        session.get_one(Picture, picture_id).expires_at = now_utc() - ONE_DAY
