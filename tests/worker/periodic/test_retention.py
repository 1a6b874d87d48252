"""How long pictures are kept: a photo for its days, a reduced copy as long as the result."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from app.stylizations.history import delete_stylization, restore_stylization
from core.db.base import UNDO_PERIOD, now_utc
from core.db.pictures import Picture
from core.db.stylizations import Stylization
from tests.worker.conftest import WorkerStack

YESTERDAY = timedelta(days=-1)
LARGE = (1600, 1200)
SMALL = (1024, 700)


def new_result(stack: WorkerStack, size: tuple[int, int] = LARGE) -> str:
    row_id = stack.queue_row(size=size)
    stack.renderer.render_next_batch()
    return row_id


def picture_row(stack: WorkerStack, picture_id: str | None) -> Picture:
    with stack.database.reading() as session:
        return session.get_one(Picture, picture_id)


def set_expiry(stack: WorkerStack, picture_id: str | None, within: timedelta) -> None:
    with stack.database.transaction() as session:
        session.get_one(Picture, picture_id).expires_at = now_utc() + within


def count_stored(stack: WorkerStack) -> int:
    folder = stack.settings.data_dir / "storage"
    return len([file for file in folder.rglob("*") if file.is_file()])


def test_an_expired_photo_is_replaced_by_a_reduced_copy(stack: WorkerStack) -> None:
    row_id = new_result(stack)
    photo = stack.row(row_id).picture_id
    set_expiry(stack, photo, YESTERDAY)

    stack.retention.sweep()

    row = stack.row(row_id)
    reduced = picture_row(stack, row.picture_id)
    assert (reduced.width, reduced.height) == (1024, 768)
    assert reduced.expires_at == picture_row(stack, row.result_picture_id).expires_at
    with Image.open(BytesIO(stack.storage.read(reduced.storage_key))) as shown:
        assert shown.size == (1024, 768)
    assert not stack.storage.exists(picture_row(stack, photo).storage_key)


def test_a_photo_is_reduced_before_it_expires(stack: WorkerStack) -> None:
    row_id = new_result(stack)
    photo = stack.row(row_id).picture_id
    set_expiry(stack, photo, timedelta(minutes=5))

    stack.retention.sweep()

    assert stack.row(row_id).picture_id != photo
    assert stack.storage.exists(picture_row(stack, photo).storage_key)


def test_a_small_photo_is_kept_unchanged(stack: WorkerStack) -> None:
    row_id = new_result(stack, SMALL)
    photo = stack.row(row_id).picture_id
    set_expiry(stack, photo, YESTERDAY)

    stack.retention.sweep()

    row = stack.row(row_id)
    end = picture_row(stack, row.result_picture_id).expires_at
    assert (row.picture_id, picture_row(stack, photo).expires_at) == (photo, end)


def test_a_photo_is_not_reduced_for_less_than_an_hour(stack: WorkerStack) -> None:
    row_id = new_result(stack)
    row = stack.row(row_id)
    set_expiry(stack, row.picture_id, timedelta(minutes=5))
    set_expiry(stack, row.result_picture_id, timedelta(minutes=35))

    stack.retention.sweep()

    end = picture_row(stack, row.result_picture_id).expires_at
    assert stack.row(row_id).picture_id == row.picture_id
    assert picture_row(stack, row.picture_id).expires_at == end


def test_reduced_photo_and_result_expire_together(stack: WorkerStack) -> None:
    row_id = new_result(stack)
    set_expiry(stack, stack.row(row_id).picture_id, YESTERDAY)
    stack.retention.sweep()
    row = stack.row(row_id)
    for picture_id in (row.picture_id, row.result_picture_id, row.thumb_picture_id):
        set_expiry(stack, picture_id, YESTERDAY)

    stack.retention.sweep()

    assert count_stored(stack) == 0


def test_without_a_result_a_photo_expires_normally(stack: WorkerStack) -> None:
    row_id = new_result(stack)
    row = stack.row(row_id)
    set_expiry(stack, row.picture_id, YESTERDAY)
    set_expiry(stack, row.result_picture_id, YESTERDAY)

    stack.retention.sweep()

    assert stack.row(row_id).picture_id == row.picture_id
    assert not stack.storage.exists(picture_row(stack, row.picture_id).storage_key)


def delete(stack: WorkerStack, row_id: str, *, ago: timedelta = timedelta(0)) -> None:
    row = stack.row(row_id)
    delete_stylization(stack.database, row.owner_id, row_id)
    with stack.database.transaction() as session:
        session.get_one(Stylization, row_id).deleted_at = now_utc() - ago
        for picture_id in (row.picture_id, row.result_picture_id, row.thumb_picture_id):
            session.get_one(Picture, picture_id).deleted_at = now_utc() - ago


@pytest.mark.parametrize("size", [LARGE, SMALL], ids=["large", "small"])
def test_a_photo_that_expires_after_its_deletion_can_be_restored(
    stack: WorkerStack, size: tuple[int, int]
) -> None:
    row_id = new_result(stack, size)
    row = stack.row(row_id)
    delete(stack, row_id)
    set_expiry(stack, row.picture_id, YESTERDAY)
    stack.retention.sweep()

    restore_stylization(stack.database, row.owner_id, row_id)
    stack.retention.sweep()

    photo = picture_row(stack, stack.row(row_id).picture_id)
    assert photo.is_available(now_utc())
    assert stack.storage.exists(photo.storage_key)


def test_the_photo_of_a_deleted_result_is_removed_and_not_reduced_after_the_undo_period(
    stack: WorkerStack,
) -> None:
    row_id = new_result(stack)
    row = stack.row(row_id)
    delete(stack, row_id, ago=UNDO_PERIOD + timedelta(seconds=1))
    set_expiry(stack, row.picture_id, YESTERDAY)

    stack.retention.sweep()

    assert stack.row(row_id).picture_id == row.picture_id
    assert count_stored(stack) == 0


def test_results_of_one_photo_share_its_reduced_copy(stack: WorkerStack) -> None:
    first, second = new_result(stack), new_result(stack)
    photo = stack.row(first).picture_id
    stack.change(second, lambda row: setattr(row, "picture_id", photo))
    set_expiry(stack, stack.row(first).result_picture_id, timedelta(days=2))
    set_expiry(stack, photo, YESTERDAY)

    stack.retention.sweep()

    reduced = picture_row(stack, stack.row(first).picture_id)
    end = picture_row(stack, stack.row(second).result_picture_id).expires_at
    assert stack.row(second).picture_id == reduced.id != photo
    assert reduced.expires_at == end


def test_missing_bytes_do_not_stop_the_sweep(stack: WorkerStack) -> None:
    lost, kept = new_result(stack), new_result(stack)
    for row_id in (lost, kept):
        set_expiry(stack, stack.row(row_id).picture_id, YESTERDAY)
    stack.storage.remove(picture_row(stack, stack.row(lost).picture_id).storage_key)

    stack.retention.sweep()

    removed = picture_row(stack, stack.row(lost).picture_id)
    assert removed.removed_at is not None
    assert picture_row(stack, stack.row(kept).picture_id).width == 1024


def test_an_interrupted_reduction_is_repeated_and_leaves_no_bytes_behind(
    stack: WorkerStack, monkeypatch
) -> None:
    row_id = new_result(stack)
    set_expiry(stack, stack.row(row_id).picture_id, YESTERDAY)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("worker.periodic.retention._replace_photo", die)
        with pytest.raises(KeyboardInterrupt):
            stack.retention.sweep()
    unused = unused_pictures(stack)
    stack.retention.sweep()
    [set_expiry(stack, picture_id, YESTERDAY) for picture_id in unused]
    stack.retention.sweep()

    assert len(unused) == 1
    assert count_stored(stack) == 3  # reduced photo, result, thumbnail


def unused_pictures(stack: WorkerStack) -> list[str]:
    """Return the pictures that no row references."""
    with stack.database.reading() as session:
        rows = session.query(Stylization)
        used = {
            id_ for r in rows for id_ in (r.picture_id, r.result_picture_id, r.thumb_picture_id)
        }
        return [p.id for p in session.query(Picture) if p.id not in used]


def test_a_row_that_was_erased_while_it_was_rendered_leaves_no_bytes(
    stack: WorkerStack,
) -> None:
    row_id = stack.queue_row()

    def erase(_pictures: object) -> None:
        with stack.database.transaction() as session:
            session.delete(session.get_one(Stylization, row_id))

    stack.painter.before_forward = erase

    stack.renderer.render_next_batch()

    assert count_stored(stack) == 1  # the photo, which is removed with its own row
