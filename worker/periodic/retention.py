"""How long things are kept: originals, their smaller "before", and whatever an erased user owned.

Each step may break off anywhere and is done again by the next round. A "before" is known to the
tables before its bytes are stored, so that no copy of a photograph lies where nobody looks for it.
"""

import logging
from datetime import datetime, timedelta
from io import BytesIO
from typing import Final

from PIL import Image
from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from core.db.base import now_utc
from core.db.engine import Database
from core.db.erasure import delete_erased_rows, erased_users, mark_for_erasure
from core.db.pictures import Picture, new_picture_row
from core.db.stylizations import Stylization
from core.db.users import User
from core.storage import Storage
from imaging.encode import RESULT_QUALITY, EncodedPicture, decode_stored

log = logging.getLogger(__name__)

BEFORE_SIDE_PX: Final = 1024  # the long side
AT_ONCE: Final = 200
AHEAD: Final = timedelta(minutes=10)  # so that a comparison never misses its "before"
# An original that would end so shortly before its result is kept instead of made smaller.
NOT_WORTH_IT: Final = timedelta(hours=1)
UNUSED_KEPT: Final = timedelta(hours=1)  # a "before" whose making broke off

Result = aliased(Picture)


def needed_as_before(now: datetime) -> ColumnElement[bool]:
    """Whether a picture is the photograph of a result that is kept longer than it."""
    return exists().where(Stylization.picture_id == Picture.id, *_outlives(Picture.expires_at, now))


def _outlives(
    expires_at: InstrumentedAttribute[datetime | None], now: datetime
) -> tuple[ColumnElement[bool], ...]:
    return (
        Stylization.deleted_at.is_(None),
        Result.id == Stylization.result_picture_id,
        Result.deleted_at.is_(None),
        Result.removed_at.is_(None),
        or_(
            Result.expires_at.is_(None),
            (Result.expires_at > now) & (Result.expires_at > expires_at),
        ),
    )


def keep_befores(database: Database, storage: Storage) -> int:
    """Let what compares a result with its photograph live as long as the result.

    An original about to end gives way to a picture of 1024 px on the long side; one that is no
    larger stays itself. Returns how many were looked after.
    """
    now = now_utc()
    ending = select(Picture).where(
        Picture.expires_at < now + AHEAD,
        Picture.deleted_at.is_(None),
        Picture.removed_at.is_(None),
        needed_as_before(now),
    )
    with database.reading() as session:
        originals = session.scalars(ending.limit(AT_ONCE)).all()
        ends = {original.id: _end_of_results(session, original, now) for original in originals}
    for original in originals:
        _keep_before(database, storage, original, ends[original.id])
    return len(originals)


def _end_of_results(session: Session, original: Picture, now: datetime) -> datetime | None:
    """When the last of its results ends; None: one is kept until it is deleted."""
    living = select(Result.expires_at).where(
        Stylization.picture_id == original.id,
        Picture.id == original.id,
        *_outlives(Picture.expires_at, now),
    )
    ends = session.scalars(living).all()
    dated = [end for end in ends if end is not None]
    return max(dated) if dated and len(dated) == len(ends) else None


def _keep_before(
    database: Database, storage: Storage, original: Picture, end: datetime | None
) -> None:
    is_soon = end is not None and end - (original.expires_at or end) < NOT_WORTH_IT
    if is_soon or max(original.width, original.height) <= BEFORE_SIDE_PX:
        _change(database, original.id, expires_at=end)
        return
    try:
        encoded = encode_before(decode_stored(storage.read(original.storage_key)))
    except OSError:
        log.exception("%s: there is nothing left of it to keep", original.id)
        storage.remove(original.storage_key)  # it may be there and no picture any more
        _change(database, original.id, removed_at=now_utc())
        return
    before = new_picture_row(
        encoded, owner_id=original.owner_id, expires_at=now_utc() + UNUSED_KEPT
    )
    with database.transaction() as session:
        session.add(before)
    storage.put(before.storage_key, encoded.data)
    _put_in_place(database, original, before, end)


def encode_before(photograph: Image.Image) -> EncodedPicture:
    """The photograph at a size to compare with; small ones are not enlarged."""
    before = photograph.copy()
    before.thumbnail((BEFORE_SIDE_PX, BEFORE_SIDE_PX), Image.Resampling.LANCZOS)
    buffer = BytesIO()
    before.save(buffer, "JPEG", quality=RESULT_QUALITY)
    return EncodedPicture(buffer.getvalue(), *before.size)


def _put_in_place(
    database: Database, original: Picture, before: Picture, end: datetime | None
) -> None:
    """Let the rows name the smaller picture; the original then ends in its own time."""
    with database.transaction() as session:
        ids = select(Stylization.id).where(
            Stylization.picture_id == original.id,
            Picture.id == original.id,
            *_outlives(Picture.expires_at, now_utc()),
        )
        rows = select(Stylization).where(Stylization.id.in_(ids)).with_for_update()
        for row in session.scalars(rows):
            row.picture_id = before.id
            session.get_one(Picture, before.id).expires_at = end


def _change(database: Database, picture_id: str, **values: datetime | None) -> None:
    with database.transaction() as session:
        picture = session.get_one(Picture, picture_id, with_for_update=True)
        for name, value in values.items():
            setattr(picture, name, value)


def forget_erased(database: Database) -> int:
    """Mark what erased users still own, and remove those of whom nothing is left.

    An upload or a forward that was under way when they asked may have left something since.
    Returns how many users are gone.
    """
    now = now_utc()
    gone = 0
    with database.reading() as session:
        users = session.scalars(erased_users(AT_ONCE)).all()
    for user in users:
        with database.transaction() as session:
            locked = session.get(User, user.id, with_for_update=True)
            if locked is None:
                continue
            mark_for_erasure(session, locked.id, now=now)
            gone += delete_erased_rows(session, locked, now=now)
    return gone
