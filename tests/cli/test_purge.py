"""What an operator forgets, a worker's sweep removes."""

from datetime import timedelta

from sqlalchemy import select

from app.operations.maintenance import purge
from core.db.base import now_utc
from core.db.pictures import Picture
from tests.worker.conftest import Workshop


def is_stored(workshop: Workshop, picture_id: str | None) -> bool:
    key = select(Picture.storage_key).where(Picture.id == picture_id)
    with workshop.database.reading() as session:
        return workshop.storage.exists(session.scalars(key).one())


def test_the_bytes_of_a_purged_result_are_removed_and_those_of_the_photograph_stay(
    workshop: Workshop,
) -> None:
    row_id = workshop.queue_row()
    workshop.renderer.render_next_batch()

    purge(workshop.database, before=now_utc() + timedelta(seconds=1), dry_run=False)
    workshop.reconciler.sweep()

    row = workshop.row(row_id)
    assert not is_stored(workshop, row.result_picture_id)
    assert not is_stored(workshop, row.thumb_picture_id)
    assert is_stored(workshop, row.picture_id)
