"""Keeps pictures with their rows, and finds the bytes behind a checked picture address."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from app.media.signatures import Variant
from app.pictures import EncodedPicture, thumbnail_webp
from app.shared.database import Database
from app.shared.errors import Expired, NotFound
from app.shared.storage import Storage, picture_key
from app.shared.tables import Picture, new_id


@dataclass(frozen=True)
class NewPicture:
    """A picture on its way in: its row, not yet added, and its bytes, not yet stored."""

    row: Picture
    data: bytes


def new_picture(
    encoded: EncodedPicture, *, owner_id: str, expires_at: datetime | None
) -> NewPicture:
    """The row of an upload; `expires_at` None keeps it until it is deleted."""
    picture_id = new_id("pic")
    row = Picture(
        id=picture_id,
        owner_id=owner_id,
        sha256=encoded.sha256,
        bytes=len(encoded.data),
        width=encoded.width,
        height=encoded.height,
        format=encoded.format,
        storage_key=picture_key(picture_id, "jpg"),
        expires_at=expires_at,
    )
    return NewPicture(row, encoded.data)


@contextmanager
def stored(storage: Storage, pictures: Sequence[NewPicture]) -> Iterator[None]:
    """Store the bytes first; take them back when the rows are not committed inside.

    Usage: `with stored(storage, [picture]), database.transaction() as session: ...`
    """
    try:
        for picture in pictures:
            storage.put(picture.row.storage_key, picture.data)
        yield
    except BaseException:
        for picture in pictures:
            storage.remove(picture.row.storage_key)
        raise


@dataclass(frozen=True)
class PictureTag:
    """What a client may cache a picture by, and what is needed to open it."""

    etag: str
    media_type: str
    storage_key: str
    variant: Variant


def find_picture(
    database: Database, picture_id: str, variant: Variant, *, now: datetime
) -> PictureTag:
    """Look the picture up without reading its bytes.

    Raises:
        NotFound: there never was one, or its owner has deleted it.
        Expired: its time is over.
    """
    with database.reading() as session:
        picture = session.get(Picture, picture_id)
    if picture is None or picture.deleted_at is not None:
        raise NotFound
    if not picture.is_available(now):
        raise Expired
    kind = "webp" if variant is Variant.THUMB else picture.format.lower()
    etag = f'"{picture.sha256[:32]}-{variant.value}"'
    return PictureTag(etag, f"image/{kind}", picture.storage_key, variant)


def open_picture(storage: Storage, tag: PictureTag) -> bytes:
    """The bytes of a picture, or of the small form of it.

    Raises:
        Expired: they were swept in this very moment.
    """
    try:
        data = storage.open(tag.storage_key)
    except FileNotFoundError as gone:
        raise Expired from gone
    return thumbnail_webp(data) if tag.variant is Variant.THUMB else data
