"""Rows as their owner follows them: with their pictures, their mixture and their place."""

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
class Followed:
    """A row with what is needed to show it."""

    row: Stylization
    pictures: dict[str, Picture]  # by id: what was sent, what came back, its thumbnail
    shares: list[StyleShare]  # of a mixture; empty for one style
    position: int | None  # 1 is next; None when it does not wait


def own_row(
    session: Session,
    owner_id: str,
    stylization_id: str,
    *,
    lock: bool = False,
    deleted: bool = False,
) -> Stylization:
    """The row of this owner; a deleted one only where it is asked for.

    Raises:
        NotFound: there is none; somebody else's looks the same.
    """
    if "\0" in stylization_id:  # PostgreSQL cannot even be asked for it
        raise NotFound
    own = select(Stylization).where(
        Stylization.id == stylization_id,
        Stylization.owner_id == owner_id,
        Stylization.deleted_at.is_not(None) if deleted else Stylization.deleted_at.is_(None),
    )
    row = session.scalars(own.with_for_update() if lock else own).one_or_none()
    if row is None:
        raise NotFound
    return row


def followed(session: Session, rows: Sequence[Stylization]) -> list[Followed]:
    """The rows with all that belongs to them; a statement for each kind, not for each row."""
    pictures = pictures_of(session, rows)
    shares = _shares_of(session, rows)
    positions = _positions(session, rows)
    return [
        Followed(
            row,
            {id_: pictures[id_] for id_ in _picture_ids(row) if id_ in pictures},
            shares[row.id],
            positions.get(row.id),
        )
        for row in rows
    ]


def _shares_of(session: Session, rows: Sequence[Stylization]) -> dict[str, list[StyleShare]]:
    found = session.scalars(
        select(StyleShare)
        .where(StyleShare.stylization_id.in_([row.id for row in rows]))
        .order_by(StyleShare.weight.desc(), StyleShare.style_id)
    )
    shares: dict[str, list[StyleShare]] = defaultdict(list)
    for share in found:
        shares[share.stylization_id].append(share)
    return shares


def _picture_ids(row: Stylization) -> list[str]:
    ids = (row.picture_id, row.result_picture_id, row.thumb_picture_id)
    return [id_ for id_ in ids if id_ is not None]


def pictures_of(session: Session, rows: Sequence[Stylization]) -> dict[str, Picture]:
    """What the rows were made of and what was made, by id."""
    ids = [id_ for row in rows for id_ in _picture_ids(row)]
    found = session.scalars(select(Picture).where(Picture.id.in_(ids)))
    return {picture.id: picture for picture in found}


def _positions(session: Session, rows: Sequence[Stylization]) -> dict[str, int]:
    """The place of each waiting row in the order in which workers claim; one statement for all."""
    waiting = [row.id for row in rows if row.status == Status.QUEUED]
    if not waiting:
        return {}
    turns = queue_positions()
    places = select(turns.c.id, turns.c.position).where(turns.c.id.in_(waiting))
    return {place.id: place.position for place in session.execute(places)}
