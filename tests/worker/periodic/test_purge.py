"""The retention task removes what an operator has purged."""

from datetime import timedelta

from sqlalchemy import select

from app.operations.maintenance import purge
from core.db.base import now_utc
from core.db.pictures import Picture
from tests.worker.conftest import WorkerStack


def is_stored(stack: WorkerStack, picture_id: str | None) -> bool:
    key = select(Picture.storage_key).where(Picture.id == picture_id)
    with stack.database.reading() as session:
        return stack.storage.exists(session.scalars(key).one())


def test_the_bytes_of_a_purged_result_are_removed_and_those_of_the_photo_stay(
    stack: WorkerStack,
) -> None:
    row_id = stack.queue_row()
    stack.renderer.render_next_batch()

    purge(stack.database, before=now_utc() + timedelta(seconds=1), dry_run=False)
    stack.retention.sweep()

    row = stack.row(row_id)
    assert not is_stored(stack, row.result_picture_id)
    assert not is_stored(stack, row.thumb_picture_id)
    assert is_stored(stack, row.picture_id)
