"""Deletes what has reached the end of its retention, and everything of erased users.

Every step can stop at any point; the next run completes it. Bytes are removed before their row is
marked, and the row of a reduced photo is written before its bytes, so that the storage never holds
a picture that the database does not know.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO
from typing import Final

from PIL import Image
from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from core.db.base import UNDO_PERIOD, now_utc
from core.db.engine import Database
from core.db.erasure import delete_erased_rows, erased_users, mark_for_erasure
from core.db.pictures import Picture, new_picture_row
from core.db.styles import Style, StyleStatus
from core.db.stylizations import OPEN_STATUSES, Stylization
from core.db.users import User, UserKind
from core.db.workers import WorkerHeartbeat
from core.settings import Settings
from core.storage import Storage
from imaging.encode import RESULT_QUALITY, EncodedPicture, decode_stored
from worker.periodic.runner import PeriodicTask

log = logging.getLogger(__name__)

BATCH_SIZE: Final = 200
INTERVAL_FACTOR: Final = 12  # heartbeat intervals between two runs
REDUCED_SIDE_PX: Final = 1024  # the long side of a reduced photo
LEAD_TIME: Final = timedelta(minutes=10)  # a photo is reduced this long before it expires
# A photo that expires so shortly before its result is kept unchanged instead of being reduced.
MIN_GAIN: Final = timedelta(hours=1)
UNUSED_RETENTION: Final = timedelta(hours=1)  # of a reduced photo that no row references
HEARTBEAT_RETENTION: Final = timedelta(hours=1)  # of workers that have stopped

Result = aliased(Picture)


class Retention:
    """Applies the retention rules."""

    def __init__(self, database: Database, storage: Storage, settings: Settings) -> None:
        """Connect the parts; nothing runs before the tasks are started."""
        self._database = database
        self._storage = storage
        self._interval_seconds = INTERVAL_FACTOR * settings.heartbeat_seconds

    def tasks(self) -> list[PeriodicTask]:
        """Return the periodic task of the retention."""
        return [
            PeriodicTask(
                "retention",
                lambda: self.sweep() == BATCH_SIZE,
                interval_seconds=self._interval_seconds,
            )
        ]

    def sweep(self) -> int:
        """Apply every rule once. Returns how many pictures were removed from the storage.

        Deleted pictures can be restored within `UNDO_PERIOD`, so their bytes stay that long, also
        if they expire in the meantime. Pictures that an open row, an existing style or the
        comparison with a result needs are kept.
        """
        delete_erased_users(self._database)
        retain_photos(self._database, self._storage)
        now = now_utc()
        with self._database.transaction() as session:
            stopped = WorkerHeartbeat.seen_at < now - HEARTBEAT_RETENTION
            session.execute(delete(WorkerHeartbeat).where(stopped))
        with self._database.reading() as session:
            pictures = _removable_pictures(session, now)
        for picture in pictures:
            self._storage.remove(picture.storage_key)
            _update_picture(self._database, picture.id, removed_at=now)
        return len(pictures)


def _removable_pictures(session: Session, now: datetime) -> Sequence[Picture]:
    used_by_open_row = exists().where(
        Stylization.picture_id == Picture.id, Stylization.status.in_(OPEN_STATUSES)
    )
    used_by_style = exists().where(
        Style.picture_id == Picture.id,
        or_(Style.deleted_at.is_(None), Style.status == StyleStatus.PREPARING),
    )
    is_expired = and_(
        Picture.expires_at < now, ~is_needed_for_comparison(now), ~_can_be_restored(now)
    )
    owner_is_erased = exists().where(User.id == Picture.owner_id, User.kind == UserKind.ERASED)
    is_erased = and_(Picture.deleted_at.is_not(None), owner_is_erased)  # cannot be restored
    is_deleted = Picture.deleted_at < now - UNDO_PERIOD
    removable = select(Picture).where(
        Picture.removed_at.is_(None),
        or_(is_expired, is_erased, is_deleted),
        ~used_by_open_row,
        ~used_by_style,
    )
    return session.scalars(removable.limit(BATCH_SIZE)).all()


def _can_be_restored(now: datetime) -> ColumnElement[bool]:
    """Whether a picture is the photo of a deleted row that its owner can still restore."""
    return exists().where(
        Stylization.picture_id == Picture.id, Stylization.deleted_at >= now - UNDO_PERIOD
    )


def is_needed_for_comparison(now: datetime) -> ColumnElement[bool]:
    """Whether a picture is the photo of a result that is kept longer than the photo."""
    return exists().where(
        Stylization.picture_id == Picture.id, *_result_outlives(Picture.expires_at, now)
    )


def _result_outlives(
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


def retain_photos(database: Database, storage: Storage) -> int:
    """Keep photos that are about to expire as long as the results that are compared with them.

    A photo is replaced by a copy of 1024 px on the long side; a smaller one is kept as it is.
    Returns how many photos were handled.
    """
    now = now_utc()
    expiring = select(Picture).where(
        Picture.expires_at < now + LEAD_TIME,
        Picture.deleted_at.is_(None),
        Picture.removed_at.is_(None),
        is_needed_for_comparison(now),
    )
    with database.reading() as session:
        photos = session.scalars(expiring.limit(BATCH_SIZE)).all()
        ends = {photo.id: _end_of_results(session, photo, now) for photo in photos}
    for photo in photos:
        _retain_photo(database, storage, photo, ends[photo.id])
    return len(photos)


def _end_of_results(session: Session, photo: Picture, now: datetime) -> datetime | None:
    """Return when the last result of a photo expires; None if one is kept until deleted."""
    results = select(Result.expires_at).where(
        Stylization.picture_id == photo.id,
        Picture.id == photo.id,
        *_result_outlives(Picture.expires_at, now),
    )
    ends = session.scalars(results).all()
    dated = [end for end in ends if end is not None]
    return max(dated) if dated and len(dated) == len(ends) else None


def _retain_photo(
    database: Database, storage: Storage, photo: Picture, end: datetime | None
) -> None:
    is_soon = end is not None and end - (photo.expires_at or end) < MIN_GAIN
    if is_soon or max(photo.width, photo.height) <= REDUCED_SIDE_PX:
        _update_picture(database, photo.id, expires_at=end)
        return
    try:
        encoded = encode_reduced(decode_stored(storage.read(photo.storage_key)))
    except OSError:
        log.exception("the photo %s is missing or unreadable", photo.id)
        storage.remove(photo.storage_key)  # unreadable bytes may be left
        _update_picture(database, photo.id, removed_at=now_utc())
        return
    reduced = new_picture_row(
        encoded, owner_id=photo.owner_id, expires_at=now_utc() + UNUSED_RETENTION
    )
    with database.transaction() as session:
        session.add(reduced)
    storage.put(reduced.storage_key, encoded.data)
    _replace_photo(database, photo, reduced, end)


def encode_reduced(photo: Image.Image) -> EncodedPicture:
    """Encode a photo at the size used for comparisons. A smaller one is not enlarged."""
    reduced = photo.copy()
    reduced.thumbnail((REDUCED_SIDE_PX, REDUCED_SIDE_PX), Image.Resampling.LANCZOS)
    buffer = BytesIO()
    reduced.save(buffer, "JPEG", quality=RESULT_QUALITY)
    return EncodedPicture(buffer.getvalue(), *reduced.size)


def _replace_photo(
    database: Database, photo: Picture, reduced: Picture, end: datetime | None
) -> None:
    """Reference the reduced photo instead; the original expires as planned."""
    with database.transaction() as session:
        ids = select(Stylization.id).where(
            Stylization.picture_id == photo.id,
            Picture.id == photo.id,
            *_result_outlives(Picture.expires_at, now_utc()),
        )
        rows = session.scalars(
            select(Stylization).where(Stylization.id.in_(ids)).with_for_update()
        ).all()
        for row in rows:
            row.picture_id = reduced.id
        if rows:
            session.execute(update(Picture).where(Picture.id == reduced.id).values(expires_at=end))


def _update_picture(database: Database, picture_id: str, **values: datetime | None) -> None:
    with database.transaction() as session:
        session.execute(update(Picture).where(Picture.id == picture_id).values(**values))


def delete_erased_users(database: Database) -> int:
    """Mark what erased users still own, and delete the users who own nothing any more.

    An upload or a forward pass that was running when erasure was requested may have added rows
    since. Returns how many users were deleted.
    """
    now = now_utc()
    deleted = 0
    with database.reading() as session:
        users = session.scalars(erased_users(BATCH_SIZE)).all()
    for user in users:
        with database.transaction() as session:
            locked = session.get(User, user.id, with_for_update=True)
            if locked is None:
                continue
            mark_for_erasure(session, locked.id, now=now)
            deleted += delete_erased_rows(session, locked, now=now)
    return deleted
