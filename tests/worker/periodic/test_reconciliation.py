"""What a dead worker and a lost queue leave, repaired; what has expired, forgotten."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from redis import Redis

from core.db.base import UNDO_PERIOD, now_utc
from core.db.pictures import Picture
from core.db.workers import WorkerHeartbeat
from tests.factories import make_picture
from tests.worker.conftest import Workshop
from tests.worker.fake_model import MODEL_VERSION
from tests.worker.test_pipeline import expire_lease
from worker.claim import claim_batch

YESTERDAY = timedelta(days=1)


def claim_and_die(workshop: Workshop, row_id: str) -> None:
    claim_batch(workshop.database, model_version=MODEL_VERSION, max_batch=1, lease_seconds=15)
    workshop.change(row_id, expire_lease)


def test_a_row_whose_worker_died_is_queued_again(workshop: Workshop) -> None:
    row_id = workshop.queue_row()
    claim_and_die(workshop, row_id)

    workshop.reconciler.repair()

    assert (workshop.row(row_id).status, workshop.row(row_id).attempts) == ("queued", 1)


def test_a_row_whose_lease_holds_is_left_alone(workshop: Workshop) -> None:
    row_id = workshop.queue_row()
    claim_batch(workshop.database, model_version=MODEL_VERSION, max_batch=1, lease_seconds=15)

    workshop.reconciler.repair()

    assert workshop.row(row_id).status == "running"


def test_a_row_that_kills_its_workers_fails_after_the_last_attempt(workshop: Workshop) -> None:
    row_id = workshop.queue_row()
    for _ in range(workshop.settings.max_attempts):
        claim_and_die(workshop, row_id)
        workshop.reconciler.free_expired_rows()

    row = workshop.row(row_id)
    assert (row.status, row.error_code, row.attempts) == ("failed", "worker_died", 3)
    assert row.error_message is not None
    assert "3" in row.error_message["zh"]


def test_reconcilers_that_run_at_once_free_a_row_once(workshop: Workshop) -> None:
    for row_id in workshop.queue_rows(5):
        claim_and_die(workshop, row_id)

    with ThreadPoolExecutor(4) as pool:
        freed = list(pool.map(lambda _: workshop.reconciler.free_expired_rows(), range(4)))

    assert sum(freed) == 5


def test_wake_ups_that_redis_lost_are_rung_again(workshop: Workshop, redis_url: str) -> None:
    workshop.queue_rows(3)
    with Redis.from_url(redis_url) as connection:
        connection.flushall()

    workshop.reconciler.repair()

    assert workshop.queue.count_pending() == 3


def test_wake_ups_are_topped_up_not_added_to(workshop: Workshop) -> None:
    workshop.queue_rows(3)

    workshop.reconciler.repair()
    workshop.reconciler.repair()

    assert workshop.queue.count_pending() == 3


def test_an_expired_result_is_forgotten_and_its_row_stays(workshop: Workshop) -> None:
    row_id = workshop.queue_row()
    workshop.renderer.render_next_batch()
    result_id = workshop.row(row_id).result_picture_id
    assert result_id is not None
    expire(workshop, result_id)

    workshop.reconciler.sweep()

    with workshop.database.reading() as session:
        result = session.get_one(Picture, result_id)
    assert result.removed_at is not None
    assert not result.is_available(now_utc())
    assert not workshop.storage.exists(result.storage_key)
    assert workshop.row(row_id).status == "done"


def test_an_upload_that_a_waiting_row_needs_is_kept(workshop: Workshop) -> None:
    picture_id = workshop.row(workshop.queue_row()).picture_id
    expire(workshop, picture_id)

    assert workshop.reconciler.sweep() == 0


def test_the_picture_of_a_living_style_is_kept(workshop: Workshop) -> None:
    expire(workshop, workshop.style(workshop.new_style()).picture_id)

    assert workshop.reconciler.sweep() == 0


def test_a_deleted_picture_is_forgotten_when_it_can_no_longer_be_brought_back(
    workshop: Workshop,
) -> None:
    with workshop.database.transaction() as session:
        make_picture(session, workshop.storage, deleted_at=now_utc())
        picture = make_picture(session, workshop.storage, deleted_at=now_utc() - 2 * UNDO_PERIOD)

    assert workshop.reconciler.sweep() == 1
    assert workshop.reconciler.sweep() == 0
    assert not workshop.storage.exists(picture.storage_key)


def test_workers_long_gone_are_taken_off_the_list(workshop: Workshop) -> None:
    with workshop.database.transaction() as session:
        session.add(WorkerHeartbeat(id="wrk_old", seen_at=now_utc() - YESTERDAY))
        session.add(WorkerHeartbeat(id="wrk_new"))

    workshop.reconciler.sweep()

    with workshop.database.reading() as session:
        assert [row.id for row in session.query(WorkerHeartbeat)] == ["wrk_new"]


def expire(workshop: Workshop, picture_id: str) -> None:
    with workshop.database.transaction() as session:
        session.get_one(Picture, picture_id).expires_at = now_utc() - YESTERDAY
