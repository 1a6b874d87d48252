"""Stores, retains and releases photos, and reads the bytes of a picture.

Equal photos of one owner are stored once: a repeated upload extends the retention of the first.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO, Final

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from app.client_text import quoted
from app.resources import Resources
from core.db.base import find_by_id, now_utc
from core.db.engine import Database
from core.db.pictures import Picture, new_picture_row
from core.db.stylizations import Stylization
from core.errors import Expired, NotFound, UnknownPicture
from core.picture_urls import Variant
from core.settings import Settings
from core.storage import Storage
from imaging.encode import EncodedPicture, jpeg_of, preview_of
from imaging.formats import PictureFormat

SHORT_ID: Final = 8  # characters of an id; pictures of one day with equal ones are improbable
MIN_REMAINING_RETENTION: Final = timedelta(minutes=1)  # a photo that ends sooner is stored again


@dataclass(frozen=True)
class UploadedPhoto:
    """A photo that came with the request; it has not been checked yet."""

    file: BinaryIO


@dataclass(frozen=True)
class StoredPhoto:
    """A photo that is stored already, by the id that the client sent."""

    picture_id: str


@dataclass(frozen=True)
class NewPicture:
    """A checked picture: its row is not in the database yet, its bytes are not stored yet."""

    row: Picture
    data: bytes


def new_picture(
    encoded: EncodedPicture, *, owner_id: str, expires_at: datetime | None
) -> NewPicture:
    """Return the row and the bytes of a checked upload.

    `expires_at`: the end of retention; None keeps the picture until it is deleted.
    """
    return NewPicture(
        new_picture_row(encoded, owner_id=owner_id, expires_at=expires_at), encoded.data
    )


@contextmanager
def store_with_rollback(storage: Storage, pictures: Sequence[NewPicture]) -> Iterator[None]:
    """Store the bytes, then run the block; remove them again if the block raises.

    Usage: `with store_with_rollback(storage, [picture]), database.transaction() as session: ...`
    """
    try:
        for picture in pictures:
            storage.put(picture.row.storage_key, picture.data)
        yield
    except BaseException:
        for picture in pictures:
            storage.remove(picture.row.storage_key)
        raise


def photo_expiry(settings: Settings, now: datetime) -> datetime:
    """Return when the retention of a photo ends that is uploaded or used now."""
    return now + timedelta(days=settings.original_days)


def find_stored_photo(database: Database, owner_id: str, sha256: str) -> str | None:
    """Return the id of this owner's photo with the same bytes, or None.

    A photo whose retention ends within a minute does not count. Neither does the picture of a
    style, which has no `expires_at`: it is deleted with its style.
    """
    equal = select(Picture.id).where(
        Picture.owner_id == owner_id,
        Picture.sha256 == sha256,
        Picture.deleted_at.is_(None),
        Picture.removed_at.is_(None),
        Picture.expires_at > now_utc() + MIN_REMAINING_RETENTION,
    )
    with database.reading() as session:
        return session.scalars(equal.order_by(Picture.created_at.desc()).limit(1)).first()


def retain_photo(session: Session, owner_id: str, picture_id: str, until: datetime) -> Picture:
    """Lock a photo of this owner and extend its retention to `until` at least.

    A generated result cannot be used as input photo, and neither can the picture of a style.

    Raises:
        UnknownPicture: the owner has no photo with this id, or it has expired.
    """
    picture = find_by_id(session, Picture, picture_id, lock=True)
    is_owned = picture is not None and picture.owner_id == owner_id
    if picture is None or not is_owned or not picture.is_available(now_utc()):
        raise UnknownPicture(picture_id=quoted(picture_id), field="picture_id")
    if picture.expires_at is None or _is_result(session, picture):
        raise UnknownPicture(picture_id=quoted(picture_id), field="picture_id")
    picture.expires_at = max(picture.expires_at, until)
    return picture


def _is_result(session: Session, picture: Picture) -> bool:
    """Return whether the picture is the result of a stylization or the thumbnail of one."""
    result = exists().where(
        Stylization.owner_id == picture.owner_id,
        or_(
            Stylization.result_picture_id == picture.id, Stylization.thumb_picture_id == picture.id
        ),
    )
    return bool(session.scalar(select(result)))


def release_pictures(session: Session, picture_ids: Iterable[str], now: datetime) -> None:
    """Mark these pictures as deleted, except those that something still needs.

    A photo that was uploaded through `POST /v1/pictures` stays, and so does the photo of another
    stylization. The picture of a style is never among them: see `find_stored_photo`.
    """
    pictures = select(Picture).where(Picture.id.in_(picture_ids), Picture.deleted_at.is_(None))
    for picture in session.scalars(pictures.order_by(Picture.id).with_for_update()):
        is_in_use = select(
            exists().where(Stylization.picture_id == picture.id, Stylization.deleted_at.is_(None))
        )
        if not picture.stands_alone and not session.scalar(is_in_use):
            picture.deleted_at = now


def ingest_photo(
    resources: Resources, owner_id: str, photo: UploadedPhoto | StoredPhoto
) -> NewPicture | StoredPhoto:
    """Check and encode an upload. A photo that is stored already is returned as a `StoredPhoto`.

    Raises:
        AppError: the upload cannot be used; the subclass says why.
    """
    if isinstance(photo, StoredPhoto):
        return photo
    encoded = resources.picture_reader.read(photo.file)
    known_id = find_stored_photo(resources.database, owner_id, encoded.sha256)
    if known_id is not None:
        return StoredPhoto(known_id)
    until = photo_expiry(resources.settings, now_utc())
    return new_picture(encoded, owner_id=owner_id, expires_at=until)


def attach_photo(
    session: Session, settings: Settings, owner_id: str, photo: NewPicture | StoredPhoto
) -> Picture:
    """Return the row of an ingested photo, added to this transaction or locked in it.

    Raises:
        UnknownPicture: the owner has no stored photo with this id.
    """
    if isinstance(photo, StoredPhoto):
        return retain_photo(session, owner_id, photo.picture_id, photo_expiry(settings, now_utc()))
    session.add(photo.row)
    session.flush()
    return photo.row


def store_photo(resources: Resources, owner_id: str, upload: UploadedPhoto) -> tuple[Picture, bool]:
    """Store a photo on its own, so that it outlives the stylizations that use it.

    Returns:
        The photo, and whether it is new; equal bytes return the same photo again.

    Raises:
        AppError: the upload cannot be used; the subclass says why.
    """
    photo = ingest_photo(resources, owner_id, upload)
    new = [photo] if isinstance(photo, NewPicture) else []
    with store_with_rollback(resources.storage, new), resources.database.transaction() as session:
        picture = attach_photo(session, resources.settings, owner_id, photo)
        picture.stands_alone = True
    return picture, bool(new)


def delete_photo(database: Database, owner_id: str, picture_id: str) -> None:
    """Delete a photo that was uploaded on its own, unless a stylization still uses it.

    A photo that is still used is deleted with its last stylization.

    Raises:
        NotFound: the owner has no such photo.
    """
    with database.transaction() as session:
        picture = _find_uploaded_photo(session, owner_id, picture_id)
        picture.stands_alone = False
        session.flush()
        release_pictures(session, [picture.id], now_utc())


def _find_uploaded_photo(session: Session, owner_id: str, picture_id: str) -> Picture:
    picture = session.get(Picture, picture_id)
    if picture is None or picture.owner_id != owner_id or picture.deleted_at is not None:
        raise NotFound
    if not picture.stands_alone:
        raise NotFound
    return picture


@dataclass(frozen=True)
class PictureFile:
    """One variant of a stored picture, before its bytes are read."""

    picture: Picture
    variant: Variant

    @property
    def format(self) -> PictureFormat:
        """The format of the variant."""
        return self.variant.format_of(self.picture.file_format)

    @property
    def etag(self) -> str:
        """A hash; weak for a variant, which another release may encode into other bytes."""
        digest = self.picture.sha256[:32]
        return f'"{digest}"' if self.variant is Variant.FULL else f'W/"{digest}-{self.variant}"'

    @property
    def download_name(self) -> str:
        """The name of a saved file, such as `dualtrans-2026-11-28-Xb2m5o3w.jpg`; dates are UTC."""
        date = f"{self.picture.created_at:%Y-%m-%d}"
        short_id = self.picture.id.removeprefix("pic_")[:SHORT_ID]
        return f"dualtrans-{date}-{short_id}.{self.format.extension}"


def find_picture(
    database: Database, picture_id: str, variant: Variant, *, extension: str | None, now: datetime
) -> PictureFile:
    """Return a variant of a picture without reading its bytes.

    `extension`: the one of the address; None for addresses of earlier releases, which have none.

    Raises:
        NotFound: no picture has this id, its owner has deleted it, or its variant has another
            extension.
        Expired: its retention has ended.
    """
    with database.reading() as session:
        picture = session.get(Picture, picture_id)
    if picture is None or picture.deleted_at is not None:
        raise NotFound
    if not picture.is_available(now):
        raise Expired
    file = PictureFile(picture, variant)
    if extension not in (None, file.format.extension):
        raise NotFound
    return file


def read_picture(storage: Storage, file: PictureFile) -> bytes:
    """Return the bytes of a variant; a thumbnail or JPEG is encoded at each call.

    Raises:
        Expired: the bytes were removed after `find_picture`.
    """
    try:
        data = storage.read(file.picture.storage_key)
    except FileNotFoundError as error:
        raise Expired from error
    match file.variant:
        case Variant.FULL:
            return data
        case Variant.THUMB:
            return preview_of(data)
        case Variant.JPEG:
            return jpeg_of(data)
