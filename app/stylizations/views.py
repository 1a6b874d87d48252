"""Stylization rows with everything that a response shows of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db.pictures import Picture
from core.db.scheduling import queue_positions
from core.db.stylizations import Status, StyleShare, Stylization
from core.errors import NotFound


@dataclass(frozen=True)
class StylizationView:
    """A row with its pictures, its mixture and its position in the queue."""

    row: Stylization
    pictures: dict[str, Picture]  # by id: the photo, the result and its thumbnail
    shares: list[StyleShare]  # of a mixture; empty for one style
    position: int | None  # 1 is next; None when the row is not queued


def find_owned_row(
    session: Session,
    owner_id: str,
    stylization_id: str,
    *,
    lock: bool = False,
    deleted: bool = False,
) -> Stylization:
    """Return a row of this owner; with `deleted`, a deleted row instead.

    Raises:
        NotFound: the owner has no such row. Another owner's row gives the same error.
    """
    query = select(Stylization).where(
        Stylization.id == stylization_id,
        Stylization.owner_id == owner_id,
        Stylization.deleted_at.is_not(None) if deleted else Stylization.deleted_at.is_(None),
    )
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound
    return row


def load_views(session: Session, rows: Sequence[Stylization]) -> list[StylizationView]:
    """Return a view of each row; one statement per table, not per row."""
    pictures = load_pictures(session, rows)
    shares = _load_shares(session, rows)
    positions = _load_positions(session, rows)
    return [
        StylizationView(
            row,
            {id_: pictures[id_] for id_ in _picture_ids(row) if id_ in pictures},
            shares[row.id],
            positions.get(row.id),
        )
        for row in rows
    ]


def load_pictures(session: Session, rows: Sequence[Stylization]) -> dict[str, Picture]:
    """Return the photos, results and thumbnails of the rows, by id."""
    ids = [id_ for row in rows for id_ in _picture_ids(row)]
    found = session.scalars(select(Picture).where(Picture.id.in_(ids)))
    return {picture.id: picture for picture in found}


def _picture_ids(row: Stylization) -> list[str]:
    ids = (row.picture_id, row.result_picture_id, row.thumb_picture_id)
    return [id_ for id_ in ids if id_ is not None]


def _load_shares(session: Session, rows: Sequence[Stylization]) -> dict[str, list[StyleShare]]:
    found = session.scalars(
        select(StyleShare)
        .where(StyleShare.stylization_id.in_([row.id for row in rows]))
        .order_by(StyleShare.weight.desc(), StyleShare.style_id)
    )
    shares: dict[str, list[StyleShare]] = defaultdict(list)
    for share in found:
        shares[share.stylization_id].append(share)
    return shares


def _load_positions(session: Session, rows: Sequence[Stylization]) -> dict[str, int]:
    """Return the position of each queued row in the order in which workers claim rows."""
    queued_ids = [row.id for row in rows if row.status == Status.QUEUED]
    if not queued_ids:
        return {}
    queue = queue_positions()
    positions = select(queue.c.id, queue.c.position).where(queue.c.id.in_(queued_ids))
    return {row.id: row.position for row in session.execute(positions)}
