"""What is kept how long: the original its days, the "before" as long as its result."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from core.db.base import now_utc
from core.db.pictures import Picture
from core.db.stylizations import Stylization
from tests.worker.conftest import WorkerStack

YESTERDAY = timedelta(days=-1)
LARGE = (1600, 1200)
SMALL = (1024, 700)


def finished(stack: WorkerStack, size: tuple[int, int] = LARGE) -> str:
    row_id = stack.queue_row(size=size)
    stack.renderer.render_next_batch()
    return row_id


def picture(stack: WorkerStack, picture_id: str | None) -> Picture:
    with stack.database.reading() as session:
        return session.get_one(Picture, picture_id)


def let_expire(stack: WorkerStack, picture_id: str | None, within: timedelta) -> None:
    with stack.database.transaction() as session:
        session.get_one(Picture, picture_id).expires_at = now_utc() + within


def stored(stack: WorkerStack) -> int:
    folder = stack.settings.data_dir / "storage"
    return len([file for file in folder.rglob("*") if file.is_file()])


def test_an_original_past_its_days_gives_way_to_a_smaller_before(stack: WorkerStack) -> None:
    row_id = finished(stack)
    original = stack.row(row_id).picture_id
    let_expire(stack, original, YESTERDAY)

    stack.reconciler.sweep()

    row = stack.row(row_id)
    before = picture(stack, row.picture_id)
    assert (before.width, before.height) == (1024, 768)
    assert before.expires_at == picture(stack, row.result_picture_id).expires_at
    with Image.open(BytesIO(stack.storage.read(before.storage_key))) as shown:
        assert shown.size == (1024, 768)
    assert not stack.storage.exists(picture(stack, original).storage_key)


def test_the_before_is_there_before_the_original_ends(stack: WorkerStack) -> None:
    row_id = finished(stack)
    original = stack.row(row_id).picture_id
    let_expire(stack, original, timedelta(minutes=5))

    stack.reconciler.sweep()

    assert stack.row(row_id).picture_id != original
    assert stack.storage.exists(picture(stack, original).storage_key)


def test_an_original_that_is_no_larger_stays_itself(stack: WorkerStack) -> None:
    row_id = finished(stack, SMALL)
    original = stack.row(row_id).picture_id
    let_expire(stack, original, YESTERDAY)

    stack.reconciler.sweep()

    row = stack.row(row_id)
    end = picture(stack, row.result_picture_id).expires_at
    assert (row.picture_id, picture(stack, original).expires_at) == (original, end)


def test_for_an_hour_no_smaller_one_is_made(stack: WorkerStack) -> None:
    row_id = finished(stack)
    row = stack.row(row_id)
    let_expire(stack, row.picture_id, timedelta(minutes=5))
    let_expire(stack, row.result_picture_id, timedelta(minutes=35))

    stack.reconciler.sweep()

    end = picture(stack, row.result_picture_id).expires_at
    assert stack.row(row_id).picture_id == row.picture_id
    assert picture(stack, row.picture_id).expires_at == end


def test_before_and_result_go_together(stack: WorkerStack) -> None:
    row_id = finished(stack)
    let_expire(stack, stack.row(row_id).picture_id, YESTERDAY)
    stack.reconciler.sweep()
    row = stack.row(row_id)
    for picture_id in (row.picture_id, row.result_picture_id, row.thumb_picture_id):
        let_expire(stack, picture_id, YESTERDAY)

    stack.reconciler.sweep()

    assert stored(stack) == 0


def test_without_a_result_an_original_ends_with_its_days(stack: WorkerStack) -> None:
    row_id = finished(stack)
    row = stack.row(row_id)
    let_expire(stack, row.picture_id, YESTERDAY)
    let_expire(stack, row.result_picture_id, YESTERDAY)

    stack.reconciler.sweep()

    assert stack.row(row_id).picture_id == row.picture_id
    assert not stack.storage.exists(picture(stack, row.picture_id).storage_key)


def test_what_its_owner_deleted_leaves_no_before(stack: WorkerStack) -> None:
    row_id = finished(stack)
    row = stack.row(row_id)
    stack.change(row_id, lambda row: setattr(row, "deleted_at", now_utc()))
    let_expire(stack, row.picture_id, YESTERDAY)

    stack.reconciler.sweep()

    assert stack.row(row_id).picture_id == row.picture_id
    assert not stack.storage.exists(picture(stack, row.picture_id).storage_key)


def test_results_of_one_original_share_its_before(stack: WorkerStack) -> None:
    first, second = finished(stack), finished(stack)
    original = stack.row(first).picture_id
    stack.change(second, lambda row: setattr(row, "picture_id", original))
    let_expire(stack, stack.row(first).result_picture_id, timedelta(days=2))
    let_expire(stack, original, YESTERDAY)

    stack.reconciler.sweep()

    before = picture(stack, stack.row(first).picture_id)
    end = picture(stack, stack.row(second).result_picture_id).expires_at
    assert stack.row(second).picture_id == before.id != original
    assert before.expires_at == end


def test_bytes_that_are_lost_do_not_stop_the_sweep(stack: WorkerStack) -> None:
    lost, kept = finished(stack), finished(stack)
    for row_id in (lost, kept):
        let_expire(stack, stack.row(row_id).picture_id, YESTERDAY)
    stack.storage.remove(picture(stack, stack.row(lost).picture_id).storage_key)

    stack.reconciler.sweep()

    gone = picture(stack, stack.row(lost).picture_id)
    assert gone.removed_at is not None
    assert picture(stack, stack.row(kept).picture_id).width == 1024


def test_a_before_whose_making_broke_off_is_made_again_and_leaves_nothing(
    stack: WorkerStack, monkeypatch
) -> None:
    row_id = finished(stack)
    let_expire(stack, stack.row(row_id).picture_id, YESTERDAY)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("worker.periodic.retention._put_in_place", die)
        with pytest.raises(KeyboardInterrupt):
            stack.reconciler.sweep()
    unused = unused_pictures(stack)
    stack.reconciler.sweep()
    [let_expire(stack, picture_id, YESTERDAY) for picture_id in unused]
    stack.reconciler.sweep()

    assert len(unused) == 1
    assert stored(stack) == 3  # before, result, thumbnail


def unused_pictures(stack: WorkerStack) -> list[str]:
    """Pictures that no row names."""
    with stack.database.reading() as session:
        rows = session.query(Stylization)
        named = {
            id_ for r in rows for id_ in (r.picture_id, r.result_picture_id, r.thumb_picture_id)
        }
        return [p.id for p in session.query(Picture) if p.id not in named]


def test_a_row_that_went_with_its_owner_while_it_was_rendered_leaves_no_bytes(
    stack: WorkerStack,
) -> None:
    row_id = stack.queue_row()

    def erase(_pictures: object) -> None:
        with stack.database.transaction() as session:
            session.delete(session.get_one(Stylization, row_id))

    stack.stylizer.before_forward = erase

    stack.renderer.render_next_batch()

    assert stored(stack) == 1  # the upload, which goes with its own row
