"""One upload, one picture back: takes orders in, follows them, lists them, lets them go."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import BinaryIO

from sqlalchemy import and_, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from app.media.service import NewPicture, new_picture, stored
from app.paging import Cursor, page_of
from app.pictures import PictureReader, sha256_of
from app.resources import Resources
from app.shared.database import Database
from app.shared.errors import IdempotencyConflict, NotFound, QueueFull, QuotaExceeded
from app.shared.settings import Settings
from app.shared.tables import Picture, Status, Style, Stylization, User, new_id, now_utc
from app.styles.presets import Presets
from app.styles.schemas import OWN_DEFAULT_TAU, own_name
from app.styles.service import ChosenStyle, StyleOrder, add_style, choose_style, new_style

QUOTA_RETRY_SECONDS = 5
FULL_RETRY_SECONDS = 10


@dataclass(frozen=True)
class Order:
    """A photograph that shall take on a style: one that is named, or one that comes along."""

    owner_id: str
    content: BinaryIO
    style_picture: BinaryIO | None
    style_id: str | None  # exactly one of the two
    tau: float | None  # None: the style's default
    keep_color: bool
    client_key: str | None

    def fingerprint(self) -> str:
        """The same for the same request, to tell a replay from a conflict."""
        parts = [
            sha256_of(self.content),
            sha256_of(self.style_picture) if self.style_picture else None,
            self.style_id,
            self.tau,
            self.keep_color,
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True)
class Followed:
    """A row with what is needed to show it."""

    row: Stylization
    pictures: dict[str, Picture]  # by id: what was sent, what came back, its thumbnail
    position: int | None  # 1 is next; None when it does not wait


def create_stylization(
    resources: Resources, presets: Presets, reader: PictureReader, order: Order
) -> tuple[Followed, bool]:
    """Take an order in: check, store the bytes, commit the row, ring for a worker.

    Nothing is stored when it is refused.

    Returns:
        The row, and whether it is new; the same `client_key` gives the same row again.

    Raises:
        AppError: one of the refusals of pictures, styles, quotas and keys.
    """
    request_hash = order.fingerprint()
    earlier = _replayed(resources.database, order, request_hash)
    if earlier is not None:
        return earlier, False
    with resources.database.reading() as session:
        _refuse_when_full(session, resources.settings, order.owner_id)
    incoming = _read(resources, presets, reader, order)
    row = _row(order, incoming, request_hash)
    try:
        _commit(resources, incoming, row)
    except IntegrityError:
        earlier = _replayed(resources.database, order, request_hash)
        if earlier is None:
            raise
        return earlier, False
    resources.queue.wake()
    return find_stylization(resources.database, order.owner_id, row.id), True


@dataclass(frozen=True)
class _Incoming:
    """All that one order brings, decoded but not yet stored."""

    content: NewPicture
    style: ChosenStyle
    own_style: tuple[Style, NewPicture] | None

    @property
    def pictures(self) -> list[NewPicture]:
        return [self.content, *([self.own_style[1]] if self.own_style else [])]


def _read(resources: Resources, presets: Presets, reader: PictureReader, order: Order) -> _Incoming:
    own_style = None
    if order.style_picture is None:
        style = choose_style(resources.database, presets, order.owner_id, order.style_id or "")
    else:
        new = StyleOrder(order.owner_id, order.style_picture, name="", client_key=None)
        own_style = new_style(new, reader)
        style = ChosenStyle(own_style[0].id, own_name(own_style[0]), OWN_DEFAULT_TAU)
    kept_until = now_utc() + timedelta(days=resources.settings.original_days)
    encoded = reader.read(order.content)
    content = new_picture(encoded, owner_id=order.owner_id, expires_at=kept_until)
    return _Incoming(content, style, own_style)


def _row(order: Order, incoming: _Incoming, request_hash: str) -> Stylization:
    return Stylization(
        id=new_id("stl"),
        owner_id=order.owner_id,
        client_key=order.client_key,
        request_hash=request_hash,
        style_id=incoming.style.id,
        style_name=incoming.style.name.model_dump(),
        tau=incoming.style.default_tau if order.tau is None else order.tau,
        keep_color=order.keep_color,
        picture_id=incoming.content.row.id,
        width=incoming.content.row.width,
        height=incoming.content.row.height,
        status=Status.QUEUED,
        created_at=now_utc(),
    )


def _commit(resources: Resources, incoming: _Incoming, row: Stylization) -> None:
    with (
        stored(resources.storage, incoming.pictures),
        resources.database.transaction() as session,
    ):
        # The owner's row is the lock under which one owner's orders are counted and added.
        session.get_one(User, row.owner_id, with_for_update=True)
        _refuse_when_full(session, resources.settings, row.owner_id)
        if incoming.own_style is not None:
            add_style(session, *incoming.own_style)
        session.add(incoming.content.row)
        session.flush()
        session.add(row)


def _refuse_when_full(session: Session, settings: Settings, owner_id: str) -> None:
    waiting = select(func.count()).where(Stylization.status == Status.QUEUED)
    mine = session.scalar(waiting.where(Stylization.owner_id == owner_id)) or 0
    if mine >= settings.max_queued_per_owner:
        raise QuotaExceeded(limit=settings.max_queued_per_owner, retry_after_s=QUOTA_RETRY_SECONDS)
    if (session.scalar(waiting) or 0) >= settings.max_queued_total:
        raise QueueFull(limit=settings.max_queued_total, retry_after_s=FULL_RETRY_SECONDS)


def _replayed(database: Database, order: Order, request_hash: str) -> Followed | None:
    if order.client_key is None:
        return None
    same_key = select(Stylization).where(
        Stylization.owner_id == order.owner_id, Stylization.client_key == order.client_key
    )
    with database.reading() as session:
        row = session.scalars(same_key).one_or_none()
        if row is None:
            return None
        if row.request_hash != request_hash or row.deleted_at is not None:
            raise IdempotencyConflict(field="client_key")
        return _followed(session, [row])[0]


def find_stylization(database: Database, owner_id: str, stylization_id: str) -> Followed:
    """One stylization of this owner, as it stands now.

    Raises:
        NotFound: there is none; somebody else's looks the same.
    """
    with database.reading() as session:
        row = _own_row(session, owner_id, stylization_id)
        return _followed(session, [row])[0]


def list_stylizations(
    database: Database,
    owner_id: str,
    *,
    status: Status | None,
    style_id: str | None,
    cursor: Cursor | None,
    limit: int,
) -> tuple[list[Followed], str | None]:
    """One's own history, newest first, and the cursor of the next page."""
    wanted = (
        select(Stylization)
        .where(Stylization.owner_id == owner_id, Stylization.deleted_at.is_(None))
        .order_by(Stylization.created_at.desc(), Stylization.id.desc())
        .limit(limit + 1)
    )
    if status is not None:
        wanted = wanted.where(Stylization.status == status)
    if style_id is not None:
        wanted = wanted.where(Stylization.style_id == style_id)
    if cursor is not None:
        wanted = wanted.where(cursor.precedes(Stylization.created_at, Stylization.id))
    with database.reading() as session:
        rows, following = page_of(list(session.scalars(wanted)), limit)
        return _followed(session, rows), following


def cancel_stylization(database: Database, owner_id: str, stylization_id: str) -> Followed:
    """Queued or running to cancelled; a result that comes later is dropped.

    Raises:
        NotFound: there is none of this owner.
        AlreadyFinished: it has ended.
    """
    with database.transaction() as session:
        row = _own_row(session, owner_id, stylization_id, lock=True)
        row.cancel(now=now_utc())
        return _followed(session, [row])[0]


def delete_stylization(database: Database, owner_id: str, stylization_id: str) -> None:
    """Forget it and its pictures; cancels it first if it has not ended.

    Raises:
        NotFound: there is none of this owner.
    """
    now = now_utc()
    with database.transaction() as session:
        row = _own_row(session, owner_id, stylization_id, lock=True)
        if row.is_open:
            row.cancel(now=now)
        row.deleted_at = now
        for picture in _pictures_of(session, [row]).values():
            picture.deleted_at = now


def _own_row(
    session: Session, owner_id: str, stylization_id: str, *, lock: bool = False
) -> Stylization:
    if "\0" in stylization_id:  # PostgreSQL cannot even be asked for it
        raise NotFound
    own = select(Stylization).where(
        Stylization.id == stylization_id,
        Stylization.owner_id == owner_id,
        Stylization.deleted_at.is_(None),
    )
    row = session.scalars(own.with_for_update() if lock else own).one_or_none()
    if row is None:
        raise NotFound
    return row


def _followed(session: Session, rows: Sequence[Stylization]) -> list[Followed]:
    pictures = _pictures_of(session, rows)
    positions = _positions(session, rows)
    return [
        Followed(
            row,
            {id_: pictures[id_] for id_ in _picture_ids(row) if id_ in pictures},
            positions.get(row.id),
        )
        for row in rows
    ]


def _picture_ids(row: Stylization) -> list[str]:
    ids = (row.picture_id, row.result_picture_id, row.thumb_picture_id)
    return [id_ for id_ in ids if id_ is not None]


def _pictures_of(session: Session, rows: Sequence[Stylization]) -> dict[str, Picture]:
    ids = [id_ for row in rows for id_ in _picture_ids(row)]
    found = session.scalars(select(Picture).where(Picture.id.in_(ids)))
    return {picture.id: picture for picture in found}


def _positions(session: Session, rows: Sequence[Stylization]) -> dict[str, int]:
    """The place of each waiting row in the order in which workers claim; one statement for all."""
    waiting = [row.id for row in rows if row.status == Status.QUEUED]
    if not waiting:
        return {}
    earlier = aliased(Stylization)
    ahead = (
        select(func.count())
        .where(
            earlier.status == Status.QUEUED,
            or_(
                earlier.created_at < Stylization.created_at,
                and_(earlier.created_at == Stylization.created_at, earlier.id < Stylization.id),
            ),
        )
        .scalar_subquery()
    )
    counted = select(Stylization.id, ahead).where(Stylization.id.in_(waiting))
    return {row_id: count + 1 for row_id, count in session.execute(counted)}
