"""Takes orders in, follows what becomes of them, and calls them off."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.pictures.reader import PictureReader
from app.pictures.service import NewPicture, settle_in, stored, take_in
from app.resources import Resources
from app.styles.presets import Presets, Words
from app.styles.schemas import OWN_DEFAULT_TAU, own_name
from app.styles.service import ChosenStyle, StyleOrder, add_style, choose_style, new_style
from app.stylizations.requests import (
    Order,
    StyleShareOrder,
    checked_levels,
    fingerprints,
    render_size,
)
from app.stylizations.views import Followed, followed, own_row
from core.db.base import new_id, now_utc
from core.db.engine import Database
from core.db.pictures import Picture
from core.db.styles import Style
from core.db.stylizations import Status, StyleShare, Stylization
from core.db.users import User
from core.errors import IdempotencyConflict, QueueFull, QuotaExceeded
from core.notifications.outbox import enqueue_notifications
from core.settings import Settings
from styling.sizes import MIN_SIDE_PX

QUOTA_RETRY_SECONDS = 5
FULL_RETRY_SECONDS = 10


def create_stylizations(
    resources: Resources, presets: Presets, reader: PictureReader, orders: Sequence[Order]
) -> tuple[list[Followed], bool]:
    """Take orders of one owner and one photograph in: check, store, commit, ring for a worker.

    All are taken or none; nothing is stored when one is refused.

    Returns:
        The rows, and whether they are new; the same keys give the same rows again.

    Raises:
        AppError: one of the refusals of pictures, styles, quotas and keys.
    """
    hashes = fingerprints(orders)
    earlier = _replayed(resources.database, orders, hashes)
    if earlier is not None:
        return earlier, False
    owner_id = orders[0].owner_id
    with resources.database.reading() as session:
        _refuse_when_full(session, resources.settings, owner_id, len(orders))
    looks = [_look(resources.database, presets, reader, order) for order in orders]
    content = _content(resources, reader, orders[0])
    try:
        ids = _commit(resources, orders, hashes, looks, content)
    except IntegrityError:
        earlier = _replayed(resources.database, orders, hashes)
        if earlier is None:
            raise
        return earlier, False
    resources.queue.notify_workers()
    return find_stylizations(resources.database, owner_id, ids), True


# What an order brings


@dataclass(frozen=True)
class _Look:
    """The styles of one order: found, or on their way in."""

    style: ChosenStyle
    shares: tuple[StyleShareOrder, ...]
    own_style: tuple[Style, NewPicture] | None


def _look(database: Database, presets: Presets, reader: PictureReader, order: Order) -> _Look:
    if not isinstance(order.style, tuple):
        new = StyleOrder(order.owner_id, order.style, "", None, order.request_id)
        own_style = new_style(new, reader)
        style = ChosenStyle(own_style[0].id, own_name(own_style[0]), OWN_DEFAULT_TAU)
        return _Look(style, (), own_style)
    found = [choose_style(database, presets, order.owner_id, each.id) for each in order.style]
    if len(found) == 1:
        return _Look(found[0], (), None)
    return _Look(_mixture(found), order.style, None)


def _mixture(styles: Sequence[ChosenStyle]) -> ChosenStyle:
    """Goes by its first style's id, and by all names."""
    return ChosenStyle(
        styles[0].id,
        Words(
            zh=" + ".join(style.name.zh for style in styles),
            en=" + ".join(style.name.en for style in styles),
        ),
        max(style.default_tau for style in styles),
    )


def _content(resources: Resources, reader: PictureReader, order: Order) -> NewPicture | str:
    """A photograph on its way in, or the id of one that is here."""
    if isinstance(order.content, str):
        return order.content
    return take_in(resources, reader, order.owner_id, order.content)


# Rows


def _commit(
    resources: Resources,
    orders: Sequence[Order],
    hashes: Sequence[str],
    looks: Sequence[_Look],
    content: NewPicture | str,
) -> list[str]:
    owner_id, settings = orders[0].owner_id, resources.settings
    incoming = [look.own_style[1] for look in looks if look.own_style is not None]
    if isinstance(content, NewPicture):
        incoming.append(content)
    with stored(resources.storage, incoming), resources.database.transaction() as session:
        # The owner's row is the lock under which one owner's orders are counted and added.
        session.get_one(User, owner_id, with_for_update=True)
        _refuse_when_full(session, settings, owner_id, len(orders))
        picture = settle_in(session, settings, owner_id, content)
        rows = [
            _row(settings, order, request_hash, look, picture)
            for order, request_hash, look in zip(orders, hashes, looks, strict=True)
        ]
        for look in looks:
            if look.own_style is not None:
                add_style(session, *look.own_style)
        session.flush()
        session.add_all(rows)
        session.flush()
        for row, look in zip(rows, looks, strict=True):
            session.add_all(
                StyleShare(stylization_id=row.id, style_id=share.id, weight=share.weight)
                for share in look.shares
            )
        return [row.id for row in rows]


def _row(
    settings: Settings, order: Order, request_hash: str, look: _Look, picture: Picture
) -> Stylization:
    tau = look.style.default_tau if order.tau is None else order.tau
    width, height = render_size(
        picture.width,
        picture.height,
        max_side_px=order.max_side_px,
        limits=(MIN_SIDE_PX, settings.result_max_side_px),
    )
    return Stylization(
        id=new_id("stl"),
        owner_id=order.owner_id,
        client_key=order.client_key,
        request_hash=request_hash,
        style_id=look.style.id,
        style_name=look.style.name.model_dump(),
        tau=tau,
        levels=checked_levels(order.levels, tau),
        keep_color=order.keep_color,
        output_format=order.output_format,
        title=order.title,
        picture_id=picture.id,
        width=width,
        height=height,
        status=Status.QUEUED,
        request_id=order.request_id,
        created_at=now_utc(),
    )


def _refuse_when_full(session: Session, settings: Settings, owner_id: str, more: int) -> None:
    waiting = select(func.count()).where(Stylization.status == Status.QUEUED)
    mine = session.scalar(waiting.where(Stylization.owner_id == owner_id)) or 0
    if mine + more > settings.max_queued_per_owner:
        raise QuotaExceeded(limit=settings.max_queued_per_owner, retry_after_s=QUOTA_RETRY_SECONDS)
    if (session.scalar(waiting) or 0) + more > settings.max_queued_total:
        raise QueueFull(limit=settings.max_queued_total, retry_after_s=FULL_RETRY_SECONDS)


def _replayed(
    database: Database, orders: Sequence[Order], hashes: Sequence[str]
) -> list[Followed] | None:
    wanted = dict(zip((order.client_key for order in orders), hashes, strict=True))
    if None in wanted:
        return None
    same_keys = select(Stylization).where(
        Stylization.owner_id == orders[0].owner_id, Stylization.client_key.in_(wanted)
    )
    with database.reading() as session:
        rows = {row.client_key: row for row in session.scalars(same_keys)}
        if not rows:
            return None
        for key, request_hash in wanted.items():
            row = rows.get(key)
            if row is None or row.request_hash != request_hash or row.deleted_at is not None:
                raise IdempotencyConflict(field="client_key")
        return followed(session, [rows[key] for key in wanted])


# Following


def find_stylization(database: Database, owner_id: str, stylization_id: str) -> Followed:
    """One stylization of this owner, as it stands now.

    Raises:
        NotFound: there is none; somebody else's looks the same.
    """
    with database.reading() as session:
        return followed(session, [own_row(session, owner_id, stylization_id)])[0]


def find_stylizations(database: Database, owner_id: str, ids: Sequence[str]) -> list[Followed]:
    """Several, in the order of their ids.

    Raises:
        NotFound: one of them is not this owner's.
    """
    with database.reading() as session:
        return followed(session, [own_row(session, owner_id, one) for one in ids])


def cancel_stylization(database: Database, owner_id: str, stylization_id: str) -> Followed:
    """Queued or running to cancelled; a result that comes later is dropped.

    Raises:
        NotFound: there is none of this owner.
        AlreadyFinished: it has ended.
    """
    with database.transaction() as session:
        row = own_row(session, owner_id, stylization_id, lock=True)
        row.cancel(now=now_utc())
        enqueue_notifications(session, row)
        return followed(session, [row])[0]
