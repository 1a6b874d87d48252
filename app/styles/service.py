"""Finds presets and own styles; takes in a user's own style picture for a worker to prepare."""

import hashlib
from dataclasses import dataclass
from typing import BinaryIO, Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.pagination import Cursor, page_of
from app.pictures.reader import PictureReader, sha256_of
from app.pictures.service import NewPicture, new_picture, stored
from app.resources import Resources
from app.styles.presets import Presets, Words
from app.styles.schemas import OWN_DEFAULT_TAU, own_name
from core.db.base import new_id, now_utc
from core.db.engine import Database
from core.db.pictures import Picture
from core.db.styles import Style, StyleStatus
from core.errors import Forbidden, IdempotencyConflict, NotFound, UnknownStyle
from core.failures import StyleFailed

MAX_NAME: Final = 80  # characters


@dataclass(frozen=True)
class OwnStyle:
    """An own style with the picture that it is made from."""

    style: Style
    picture: Picture


@dataclass(frozen=True)
class ChosenStyle:
    """What a stylization keeps of its style."""

    id: str
    name: Words
    default_tau: float


@dataclass(frozen=True)
class StyleOrder:
    """A picture that shall become a style of its owner."""

    owner_id: str
    file: BinaryIO
    name: str
    client_key: str | None
    request_id: str | None = None  # what brought it; a replay has another

    def fingerprint(self) -> str:
        """The same for the same request, to tell a replay from a conflict."""
        text = f"{sha256_of(self.file)}\n{self.name}"
        return hashlib.sha256(text.encode()).hexdigest()


def create_style(
    resources: Resources, reader: PictureReader, order: StyleOrder
) -> tuple[OwnStyle, bool]:
    """Keep the picture, and wake a worker to compute its code.

    Returns:
        The style, and whether it is new; the same `client_key` gives the same style again.
    """
    request_hash = order.fingerprint()
    earlier = _replayed(resources.database, order, request_hash)
    if earlier is not None:
        return earlier, False
    style, picture = new_style(order, reader, request_hash=request_hash)
    try:
        with stored(resources.storage, [picture]), resources.database.transaction() as session:
            add_style(session, style, picture)
    except IntegrityError:
        earlier = _replayed(resources.database, order, request_hash)
        if earlier is None:
            raise
        return earlier, False
    resources.queue.notify_workers()
    return OwnStyle(style, picture.row), True


def new_style(
    order: StyleOrder, reader: PictureReader, *, request_hash: str | None = None
) -> tuple[Style, NewPicture]:
    """The rows of an own style, not yet added; its picture stays until the style is deleted."""
    picture = new_picture(reader.read(order.file), owner_id=order.owner_id, expires_at=None)
    style = Style(
        id=new_id("sty"),
        owner_id=order.owner_id,
        name=order.name,
        picture_id=picture.row.id,
        client_key=order.client_key,
        request_hash=request_hash,
        status=StyleStatus.PREPARING,
        request_id=order.request_id,
        created_at=now_utc(),
    )
    return style, picture


def add_style(session: Session, style: Style, picture: NewPicture) -> None:
    """Add both rows, the picture first, since the style names it."""
    session.add(picture.row)
    session.flush()
    session.add(style)


def _replayed(database: Database, order: StyleOrder, request_hash: str) -> OwnStyle | None:
    if order.client_key is None:
        return None
    same_key = select(Style).where(
        Style.owner_id == order.owner_id, Style.client_key == order.client_key
    )
    with database.reading() as session:
        style = session.scalars(same_key).one_or_none()
        if style is None:
            return None
        if style.request_hash != request_hash or style.deleted_at is not None:
            raise IdempotencyConflict(field="client_key")
        return OwnStyle(style, session.get_one(Picture, style.picture_id))


def choose_style(database: Database, presets: Presets, owner_id: str, style_id: str) -> ChosenStyle:
    """The style that a stylization names: a preset, or an own style that may still be preparing.

    Raises:
        UnknownStyle: there is none of this id for this owner.
        StyleFailed: it could not be prepared.
    """
    preset = presets.find(style_id)
    if preset is not None:
        return ChosenStyle(style_id, preset.entry.name, preset.entry.default_tau)
    try:
        own = find_own(database, owner_id, style_id).style
    except NotFound as missing:
        raise UnknownStyle(style_id=style_id[:MAX_NAME], field="style_id") from missing
    if own.status == StyleStatus.FAILED:
        raise StyleFailed(field="style_id")
    return ChosenStyle(own.id, own_name(own), OWN_DEFAULT_TAU)


def find_own(database: Database, owner_id: str, style_id: str) -> OwnStyle:
    """An own style of this owner.

    Raises:
        NotFound: there is none; somebody else's looks the same.
    """
    with database.reading() as session:
        style = session.get(Style, style_id) if "\0" not in style_id else None
        if style is None or style.owner_id != owner_id or style.deleted_at is not None:
            raise NotFound
        return OwnStyle(style, session.get_one(Picture, style.picture_id))


def list_own(
    database: Database, owner_id: str, *, cursor: Cursor | None, limit: int
) -> tuple[list[OwnStyle], str | None]:
    """One's own styles, newest first, and the cursor of the next page."""
    wanted = (
        select(Style)
        .where(Style.owner_id == owner_id, Style.deleted_at.is_(None))
        .order_by(Style.created_at.desc(), Style.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        wanted = wanted.where(cursor.precedes(Style.created_at, Style.id))
    with database.reading() as session:
        styles, following = page_of(list(session.scalars(wanted)), limit)
        ids = [style.picture_id for style in styles]
        found = session.scalars(select(Picture).where(Picture.id.in_(ids)))
        pictures = {picture.id: picture for picture in found}
    return [OwnStyle(style, pictures[style.picture_id]) for style in styles], following


def delete_style(database: Database, presets: Presets, owner_id: str, style_id: str) -> None:
    """Forget an own style and its picture; what was made with it stays.

    Stylizations that already wait for it are still finished.

    Raises:
        NotFound: there is none of this owner.
        Forbidden: it is a preset.
    """
    if presets.find(style_id) is not None:
        raise Forbidden
    own = find_own(database, owner_id, style_id)
    now = now_utc()
    with database.transaction() as session:
        session.get_one(Style, own.style.id).deleted_at = now
        session.get_one(Picture, own.picture.id).deleted_at = now
