"""Keeps pictures with their rows, and finds the bytes behind a checked picture address.

Equal bytes of one owner are stored once: a picture that comes again is held, not added.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO, Final

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from app.pictures.reader import PictureReader
from app.resources import Resources
from core.db.base import now_utc
from core.db.engine import Database
from core.db.pictures import Picture, new_picture_row
from core.db.styles import Style
from core.db.stylizations import Stylization
from core.errors import Expired, NotFound, UnknownPicture
from core.picture_urls import Variant
from core.settings import Settings
from core.storage import Storage
from imaging.encode import EncodedPicture, jpeg_of, preview_of

KIND_OF: Final = {Variant.THUMB: "webp", Variant.JPEG: "jpeg"}  # whatever the picture's own
SAFE_FROM_THE_SWEEP: Final = timedelta(minutes=1)  # what ends sooner is stored anew


@dataclass(frozen=True)
class NewPicture:
    """A picture on its way in: its row, not yet added, and its bytes, not yet stored."""

    row: Picture
    data: bytes


def new_picture(
    encoded: EncodedPicture, *, owner_id: str, expires_at: datetime | None
) -> NewPicture:
    """The row of an upload; `expires_at` None keeps it until it is deleted."""
    return NewPicture(
        new_picture_row(encoded, owner_id=owner_id, expires_at=expires_at), encoded.data
    )


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


def kept_until(settings: Settings, now: datetime) -> datetime:
    """When an upload of this moment is forgotten."""
    return now + timedelta(days=settings.original_days)


def find_equal(database: Database, owner_id: str, sha256: str) -> str | None:
    """The id of a photograph of this owner with these very bytes, if it is here to stay a while.

    A style's picture, which has no end, is not taken: it goes with its style.
    """
    here = select(Picture.id).where(
        Picture.owner_id == owner_id,
        Picture.sha256 == sha256,
        Picture.deleted_at.is_(None),
        Picture.removed_at.is_(None),
        Picture.expires_at > now_utc() + SAFE_FROM_THE_SWEEP,
    )
    with database.reading() as session:
        return session.scalars(here.order_by(Picture.created_at.desc()).limit(1)).first()


def hold_picture(session: Session, owner_id: str, picture_id: str, until: datetime) -> Picture:
    """A photograph of this owner, to be used in this transaction and kept until then at least.

    What AI has made is none, nor is a style's picture: each goes with what it belongs to.

    Raises:
        UnknownPicture: there is none of this id, or its time is over.
    """
    if "\0" in picture_id:  # PostgreSQL cannot even be asked for it
        raise UnknownPicture(picture_id="", field="picture_id")
    picture = session.get(Picture, picture_id, with_for_update=True, populate_existing=True)
    is_here = picture is not None and picture.owner_id == owner_id
    if picture is None or not is_here or not picture.is_available(now_utc()):
        raise UnknownPicture(picture_id=picture_id[:40], field="picture_id")
    if picture.expires_at is None or _is_made(session, picture):
        raise UnknownPicture(picture_id=picture_id[:40], field="picture_id")
    picture.expires_at = max(picture.expires_at, until)
    return picture


def _is_made(session: Session, picture: Picture) -> bool:
    """Whether it is the result of a stylization, or the small form of one."""
    made = exists().where(
        Stylization.owner_id == picture.owner_id,
        or_(
            Stylization.result_picture_id == picture.id, Stylization.thumb_picture_id == picture.id
        ),
    )
    return bool(session.scalar(select(made)))


def let_go(session: Session, picture_ids: Iterable[str], now: datetime) -> None:
    """Delete the pictures that nothing else needs: no other row, no style, no upload for itself."""
    wanted = select(Picture).where(Picture.id.in_(picture_ids), Picture.deleted_at.is_(None))
    for picture in session.scalars(wanted.order_by(Picture.id).with_for_update()):
        needed = (
            exists().where(Stylization.picture_id == picture.id, Stylization.deleted_at.is_(None)),
            exists().where(Style.picture_id == picture.id, Style.deleted_at.is_(None)),
        )
        if not picture.stands_alone and not any(session.scalar(select(one)) for one in needed):
            picture.deleted_at = now


def take_in(
    resources: Resources, reader: PictureReader, owner_id: str, file: BinaryIO
) -> NewPicture | str:
    """An upload, checked: on its way in, or the id of the same picture that is here already.

    Raises:
        AppError: one of the refusals of pictures.
    """
    encoded = reader.read(file)
    known = find_equal(resources.database, owner_id, encoded.sha256)
    if known is not None:
        return known
    until = kept_until(resources.settings, now_utc())
    return new_picture(encoded, owner_id=owner_id, expires_at=until)


def settle_in(
    session: Session, settings: Settings, owner_id: str, content: NewPicture | str
) -> Picture:
    """The row of what `take_in` gave, to be used in this transaction.

    Raises:
        UnknownPicture: what was named is not here.
    """
    if isinstance(content, str):
        return hold_picture(session, owner_id, content, kept_until(settings, now_utc()))
    session.add(content.row)
    session.flush()
    return content.row


@dataclass(frozen=True)
class PictureOrder:
    """A picture that shall be kept for later use."""

    owner_id: str
    file: BinaryIO


def keep_picture(
    resources: Resources, reader: PictureReader, order: PictureOrder
) -> tuple[Picture, bool]:
    """Check a picture and keep it for itself.

    Returns:
        The picture, and whether it is new; equal bytes give the same picture again.
    """
    content = take_in(resources, reader, order.owner_id, order.file)
    new = [content] if isinstance(content, NewPicture) else []
    with stored(resources.storage, new), resources.database.transaction() as session:
        picture = settle_in(session, resources.settings, order.owner_id, content)
        picture.stands_alone = True
    return picture, bool(new)


def delete_picture(database: Database, owner_id: str, picture_id: str) -> None:
    """Forget a picture that was uploaded for itself; works made of it keep theirs.

    Raises:
        NotFound: there is none of this owner.
    """
    with database.transaction() as session:
        picture = _own(session, owner_id, picture_id)
        picture.stands_alone = False
        session.flush()
        let_go(session, [picture.id], now_utc())


def _own(session: Session, owner_id: str, picture_id: str) -> Picture:
    picture = session.get(Picture, picture_id) if "\0" not in picture_id else None
    if picture is None or picture.owner_id != owner_id or picture.deleted_at is not None:
        raise NotFound
    if not picture.stands_alone:
        raise NotFound
    return picture


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
    kind = KIND_OF.get(variant, picture.format.lower())
    etag = f'"{picture.sha256[:32]}-{variant.value}"'
    return PictureTag(etag, f"image/{kind}", picture.storage_key, variant)


def open_picture(storage: Storage, tag: PictureTag) -> bytes:
    """The bytes of a picture, or of another form of it.

    Raises:
        Expired: they were swept in this very moment.
    """
    try:
        data = storage.read(tag.storage_key)
    except FileNotFoundError as gone:
        raise Expired from gone
    match tag.variant:
        case Variant.FULL:
            return data
        case Variant.THUMB:
            return preview_of(data)
        case Variant.JPEG:
            return jpeg_of(data)
