"""Creates, finds, lists and deletes the styles that users add, and resolves style ids."""

import hashlib
from collections.abc import Container
from dataclasses import dataclass
from typing import BinaryIO, Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.client_text import quoted
from app.languages import LocalizedTextRead
from app.pagination import Cursor, page_of
from app.pictures.reader import sha256_of
from app.pictures.service import NewPicture, new_picture, store_with_rollback
from app.resources import Resources
from app.styles.schemas import OWN_DEFAULT_TAU, Refinement, own_name
from core.db.base import find_by_id, new_id, now_utc
from core.db.engine import Database
from core.db.pictures import Picture
from core.db.styles import RefinementState, Style, StyleStatus
from core.db.workers import WorkerHeartbeat, is_alive
from core.errors import Forbidden, IdempotencyConflict, NotFound, ReplayOfDeleted, UnknownStyle
from core.failures import StyleFailed

MAX_NAME: Final = 80  # characters


@dataclass(frozen=True)
class OwnStyle:
    """An own style with its picture, and whether workers improve it."""

    style: Style
    picture: Picture
    refinement: Refinement = Refinement.NONE


@dataclass(frozen=True)
class ResolvedStyle:
    """The part of a style that a stylization stores."""

    id: str
    name: LocalizedTextRead
    default_tau: float


@dataclass(frozen=True)
class StyleUpload:
    """An uploaded picture that becomes a style of its owner."""

    owner_id: str
    file: BinaryIO
    name: str
    client_key: str | None
    request_id: str | None = None  # of the HTTP request; not part of the hash

    def content_hash(self) -> str:
        """Return a hash that distinguishes a replay from a conflict of client keys.

        Databases store these hashes: their input must not change.
        """
        text = f"{sha256_of(self.file)}\n{self.name}"
        return hashlib.sha256(text.encode()).hexdigest()


def create_style(resources: Resources, upload: StyleUpload) -> tuple[OwnStyle, bool]:
    """Store the picture and notify the workers, one of which computes the style code.

    Returns:
        The style, and whether it is new; the same `client_key` returns the same style again.

    Raises:
        IdempotencyConflict: the `client_key` belongs to another upload.
        ReplayOfDeleted: the style that the same upload has created was deleted.
        AppError: the picture cannot be used; the subclass says why.
    """
    request_hash = upload.content_hash()
    existing = _find_replayed(resources.database, upload, request_hash)
    if existing is not None:
        return existing, False
    style, picture = new_style(resources, upload, request_hash=request_hash)
    try:
        with (
            store_with_rollback(resources.storage, [picture]),
            resources.database.transaction() as session,
        ):
            add_style(session, style, picture)
    except IntegrityError:  # a concurrent request with the same client key was faster
        existing = _find_replayed(resources.database, upload, request_hash)
        if existing is None:
            raise
        return existing, False
    resources.queue.notify_workers()
    return OwnStyle(style, picture.row), True


def new_style(
    resources: Resources,
    upload: StyleUpload,
    *,
    field: str = "file",
    request_hash: str | None = None,
) -> tuple[Style, NewPicture]:
    """Return the row of an own style and its picture, not yet in the database.

    The picture does not expire; it is deleted with the style. `field` is its form field.
    """
    encoded = resources.picture_reader.read(upload.file, field=field)
    picture = new_picture(encoded, owner_id=upload.owner_id, expires_at=None)
    style = Style(
        id=new_id("sty"),
        owner_id=upload.owner_id,
        name=upload.name,
        picture_id=picture.row.id,
        client_key=upload.client_key,
        request_hash=request_hash,
        status=StyleStatus.PREPARING,
        request_id=upload.request_id,
        created_at=now_utc(),
    )
    return style, picture


def add_style(session: Session, style: Style, picture: NewPicture) -> None:
    """Add both rows, the picture first because the style references it."""
    session.add(picture.row)
    session.flush()
    session.add(style)


def _find_replayed(database: Database, upload: StyleUpload, request_hash: str) -> OwnStyle | None:
    """Return the style that an earlier request with the same client key has created."""
    if upload.client_key is None:
        return None
    same_key = select(Style).where(
        Style.owner_id == upload.owner_id, Style.client_key == upload.client_key
    )
    with database.reading() as session:
        style = session.scalars(same_key).one_or_none()
        if style is None:
            return None
        if style.request_hash != request_hash:
            raise IdempotencyConflict(field="client_key")
        if style.deleted_at is not None:
            raise ReplayOfDeleted(field="client_key")
        return _with_picture(session, style)


def resolve_style(
    resources: Resources, owner_id: str, style_id: str, *, field: str = "style_id"
) -> ResolvedStyle:
    """Return the style with this id: a preset, or an own style, which may still be preparing.

    `field`: the one with the id, which an error names.

    Raises:
        UnknownStyle: the owner has no style with this id.
        StyleFailed: its style code could not be computed.
    """
    preset = resources.presets.find(style_id)
    if preset is not None:
        return ResolvedStyle(style_id, preset.entry.name, preset.entry.default_tau)
    try:
        own = find_own(resources.database, owner_id, style_id).style
    except NotFound as missing:
        raise UnknownStyle(style_id=quoted(style_id), field=field) from missing
    if own.status == StyleStatus.FAILED:
        raise StyleFailed(field=field)
    return ResolvedStyle(own.id, own_name(own), OWN_DEFAULT_TAU)


def find_own(database: Database, owner_id: str, style_id: str) -> OwnStyle:
    """Return an own style of this owner.

    Raises:
        NotFound: the owner has no such style.
    """
    with database.reading() as session:
        return _find_own(session, owner_id, style_id)


def _find_own(session: Session, owner_id: str, style_id: str) -> OwnStyle:
    style = find_by_id(session, Style, style_id)
    if style is None or style.owner_id != owner_id or style.deleted_at is not None:
        raise NotFound
    return _with_picture(session, style)


def _with_picture(session: Session, style: Style) -> OwnStyle:
    refinement = _refinement_of(style, _refined_versions(session))
    return OwnStyle(style, session.get_one(Picture, style.picture_id), refinement)


def _refined_versions(session: Session) -> Container[str | None]:
    """Return the model versions for which a live worker refines styles."""
    versions = select(WorkerHeartbeat.model_version).where(
        WorkerHeartbeat.refines_styles, is_alive(now_utc())
    )
    return set(session.scalars(versions))


def _refinement_of(style: Style, refined_versions: Container[str | None]) -> Refinement:
    if style.status != StyleStatus.READY:
        return Refinement.NONE
    if style.refinement == RefinementState.REFINED:
        return Refinement.REFINED
    is_pending = style.refinement == RefinementState.PENDING
    if is_pending and style.model_version in refined_versions:
        return Refinement.REFINING
    return Refinement.NONE


def list_own(
    database: Database, owner_id: str, *, cursor: Cursor | None, limit: int
) -> tuple[list[OwnStyle], str | None]:
    """Return a page of the owner's styles, newest first, and the cursor of the next page."""
    query = (
        select(Style)
        .where(Style.owner_id == owner_id, Style.deleted_at.is_(None))
        .order_by(Style.created_at.desc(), Style.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        query = query.where(cursor.precedes(Style.created_at, Style.id))
    with database.reading() as session:
        styles, next_cursor = page_of(list(session.scalars(query)), limit)
        ids = [style.picture_id for style in styles]
        found = session.scalars(select(Picture).where(Picture.id.in_(ids)))
        pictures = {picture.id: picture for picture in found}
        versions = _refined_versions(session)
    own = [
        OwnStyle(style, pictures[style.picture_id], _refinement_of(style, versions))
        for style in styles
    ]
    return own, next_cursor


def delete_style(resources: Resources, owner_id: str, style_id: str) -> None:
    """Delete an own style and its picture. Its stylizations stay, and queued ones are finished.

    Raises:
        NotFound: the owner has no such style.
        Forbidden: it is a preset.
    """
    if resources.presets.find(style_id) is not None:
        raise Forbidden
    with resources.database.transaction() as session:
        own = _find_own(session, owner_id, style_id)
        own.style.deleted_at = own.picture.deleted_at = now_utc()
