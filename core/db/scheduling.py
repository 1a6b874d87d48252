"""Whose turn it is: the order in which workers take waiting rows, told the same to those who wait.

Owners take turns, so that no one's hundred jobs delay another's first: an owner's second waiting
job comes after everybody's first. Among owners, those come last who are being served now; the
others in the order in which they have begun to wait, with the first waiting job or with the end of
their last turn, whichever is later. With one job each that is first come, first served.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ForeignKey, String, Subquery, case, func, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from core.db.base import ID_LENGTH, Base, upsert
from core.db.stylizations import Status, Stylization


class OwnerTurn(Base):
    """When a worker last took a row of this owner, and which: the turn lasts until it has ended."""

    __tablename__ = "owner_turns"

    owner_id: Mapped[str] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    served_at: Mapped[datetime]
    stylization_id: Mapped[str] = mapped_column(String(ID_LENGTH))  # no key: it may be erased


def queue_positions() -> Subquery:
    """Every waiting row by `id`, with its `place`: 1 is next. The caps on the queue bound it."""
    of_owner = Stylization.owner_id
    laps = (
        select(
            Stylization.id,
            of_owner,
            func.row_number()
            .over(partition_by=of_owner, order_by=(Stylization.created_at, Stylization.id))
            .label("lap"),
            func.min(Stylization.created_at).over(partition_by=of_owner).label("came_at"),
        )
        .where(Stylization.status == Status.QUEUED)
        .subquery()
    )
    served = aliased(Stylization)
    turn_ended_at = func.coalesce(served.finished_at, OwnerTurn.served_at)
    is_being_served = case((served.status == Status.RUNNING, 1), else_=0)
    waits_since = case((turn_ended_at > laps.c.came_at, turn_ended_at), else_=laps.c.came_at)
    place = func.row_number().over(
        order_by=(laps.c.lap, is_being_served, waits_since, laps.c.owner_id)
    )
    return (
        select(laps.c.id, place.label("place"))
        .outerjoin(OwnerTurn, OwnerTurn.owner_id == laps.c.owner_id)
        .outerjoin(served, served.id == OwnerTurn.stylization_id)
        .subquery()
    )


def record_turns(session: Session, rows: Iterable[Stylization], now: datetime) -> None:
    """The owners of these rows have their turn; call it in the transaction that takes the rows.

    Always in the same order, so that two workers never wait for each other.
    """
    last = {row.owner_id: row.id for row in rows}
    noted = upsert(session, OwnerTurn).values(
        [
            {"owner_id": owner_id, "served_at": now, "stylization_id": last[owner_id]}
            for owner_id in sorted(last)
        ]
    )
    session.execute(
        noted.on_conflict_do_update(
            index_elements=[OwnerTurn.owner_id],
            set_={
                "served_at": noted.excluded.served_at,
                "stylization_id": noted.excluded.stylization_id,
            },
        )
    )
