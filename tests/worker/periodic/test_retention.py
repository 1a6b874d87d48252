"""What is kept how long: the original its days, the "before" as long as its result."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from core.db.base import now_utc
from core.db.pictures import Picture
from core.db.stylizations import Stylization
from tests.worker.conftest import Workshop

YESTERDAY = timedelta(days=-1)
LARGE = (1600, 1200)
SMALL = (1024, 700)


def finished(workshop: Workshop, size: tuple[int, int] = LARGE) -> str:
    row_id = workshop.queue_row(size=size)
    workshop.renderer.render_next_batch()
    return row_id


def picture(workshop: Workshop, picture_id: str | None) -> Picture:
    with workshop.database.reading() as session:
        return session.get_one(Picture, picture_id)


def let_expire(workshop: Workshop, picture_id: str | None, within: timedelta) -> None:
    with workshop.database.transaction() as session:
        session.get_one(Picture, picture_id).expires_at = now_utc() + within


def stored(workshop: Workshop) -> int:
    folder = workshop.settings.data_dir / "storage"
    return len([file for file in folder.rglob("*") if file.is_file()])


def test_an_original_past_its_days_gives_way_to_a_smaller_before(workshop: Workshop) -> None:
    row_id = finished(workshop)
    original = workshop.row(row_id).picture_id
    let_expire(workshop, original, YESTERDAY)

    workshop.reconciler.sweep()

    row = workshop.row(row_id)
    before = picture(workshop, row.picture_id)
    assert (before.width, before.height) == (1024, 768)
    assert before.expires_at == picture(workshop, row.result_picture_id).expires_at
    with Image.open(BytesIO(workshop.storage.read(before.storage_key))) as shown:
        assert shown.size == (1024, 768)
    assert not workshop.storage.exists(picture(workshop, original).storage_key)


def test_the_before_is_there_before_the_original_ends(workshop: Workshop) -> None:
    row_id = finished(workshop)
    original = workshop.row(row_id).picture_id
    let_expire(workshop, original, timedelta(minutes=5))

    workshop.reconciler.sweep()

    assert workshop.row(row_id).picture_id != original
    assert workshop.storage.exists(picture(workshop, original).storage_key)


def test_an_original_that_is_no_larger_stays_itself(workshop: Workshop) -> None:
    row_id = finished(workshop, SMALL)
    original = workshop.row(row_id).picture_id
    let_expire(workshop, original, YESTERDAY)

    workshop.reconciler.sweep()

    row = workshop.row(row_id)
    end = picture(workshop, row.result_picture_id).expires_at
    assert (row.picture_id, picture(workshop, original).expires_at) == (original, end)


def test_for_an_hour_no_smaller_one_is_made(workshop: Workshop) -> None:
    row_id = finished(workshop)
    row = workshop.row(row_id)
    let_expire(workshop, row.picture_id, timedelta(minutes=5))
    let_expire(workshop, row.result_picture_id, timedelta(minutes=35))

    workshop.reconciler.sweep()

    end = picture(workshop, row.result_picture_id).expires_at
    assert workshop.row(row_id).picture_id == row.picture_id
    assert picture(workshop, row.picture_id).expires_at == end


def test_before_and_result_go_together(workshop: Workshop) -> None:
    row_id = finished(workshop)
    let_expire(workshop, workshop.row(row_id).picture_id, YESTERDAY)
    workshop.reconciler.sweep()
    row = workshop.row(row_id)
    for picture_id in (row.picture_id, row.result_picture_id, row.thumb_picture_id):
        let_expire(workshop, picture_id, YESTERDAY)

    workshop.reconciler.sweep()

    assert stored(workshop) == 0


def test_without_a_result_an_original_ends_with_its_days(workshop: Workshop) -> None:
    row_id = finished(workshop)
    row = workshop.row(row_id)
    let_expire(workshop, row.picture_id, YESTERDAY)
    let_expire(workshop, row.result_picture_id, YESTERDAY)

    workshop.reconciler.sweep()

    assert workshop.row(row_id).picture_id == row.picture_id
    assert not workshop.storage.exists(picture(workshop, row.picture_id).storage_key)


def test_what_its_owner_deleted_leaves_no_before(workshop: Workshop) -> None:
    row_id = finished(workshop)
    row = workshop.row(row_id)
    workshop.change(row_id, lambda row: setattr(row, "deleted_at", now_utc()))
    let_expire(workshop, row.picture_id, YESTERDAY)

    workshop.reconciler.sweep()

    assert workshop.row(row_id).picture_id == row.picture_id
    assert not workshop.storage.exists(picture(workshop, row.picture_id).storage_key)


def test_results_of_one_original_share_its_before(workshop: Workshop) -> None:
    first, second = finished(workshop), finished(workshop)
    original = workshop.row(first).picture_id
    workshop.change(second, lambda row: setattr(row, "picture_id", original))
    let_expire(workshop, workshop.row(first).result_picture_id, timedelta(days=2))
    let_expire(workshop, original, YESTERDAY)

    workshop.reconciler.sweep()

    before = picture(workshop, workshop.row(first).picture_id)
    end = picture(workshop, workshop.row(second).result_picture_id).expires_at
    assert workshop.row(second).picture_id == before.id != original
    assert before.expires_at == end


def test_bytes_that_are_lost_do_not_stop_the_sweep(workshop: Workshop) -> None:
    lost, kept = finished(workshop), finished(workshop)
    for row_id in (lost, kept):
        let_expire(workshop, workshop.row(row_id).picture_id, YESTERDAY)
    workshop.storage.remove(picture(workshop, workshop.row(lost).picture_id).storage_key)

    workshop.reconciler.sweep()

    gone = picture(workshop, workshop.row(lost).picture_id)
    assert gone.removed_at is not None
    assert picture(workshop, workshop.row(kept).picture_id).width == 1024


def test_a_before_whose_making_broke_off_is_made_again_and_leaves_nothing(
    workshop: Workshop, monkeypatch
) -> None:
    row_id = finished(workshop)
    let_expire(workshop, workshop.row(row_id).picture_id, YESTERDAY)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("worker.periodic.retention._put_in_place", die)
        with pytest.raises(KeyboardInterrupt):
            workshop.reconciler.sweep()
    unused = unused_pictures(workshop)
    workshop.reconciler.sweep()
    [let_expire(workshop, picture_id, YESTERDAY) for picture_id in unused]
    workshop.reconciler.sweep()

    assert len(unused) == 1
    assert stored(workshop) == 3  # before, result, thumbnail


def unused_pictures(workshop: Workshop) -> list[str]:
    """Pictures that no row names."""
    with workshop.database.reading() as session:
        rows = session.query(Stylization)
        named = {
            id_ for r in rows for id_ in (r.picture_id, r.result_picture_id, r.thumb_picture_id)
        }
        return [p.id for p in session.query(Picture) if p.id not in named]


def test_a_row_that_went_with_its_owner_while_it_was_rendered_leaves_no_bytes(
    workshop: Workshop,
) -> None:
    row_id = workshop.queue_row()

    def erase(_pictures: object) -> None:
        with workshop.database.transaction() as session:
            session.delete(session.get_one(Stylization, row_id))

    workshop.stylizer.before_forward = erase

    workshop.renderer.render_next_batch()

    assert stored(workshop) == 1  # the upload, which goes with its own row
