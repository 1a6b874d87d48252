"""The order of the queue: round-robin between owners.

In round n every owner has their n-th queued job served, so one owner's hundred jobs do not delay
another owner's first. Within a round, owners with a running job come last. The others follow the
time at which they began to wait: the creation of their first queued job or the end of the last job
that was served, whichever is later. With one job per owner this is first come, first served.

Workers claim rows in this order, and the API reports a row's position in it.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ForeignKey, String, Subquery, case, func, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from core.db.base import ID_LENGTH, Base, upsert
from core.db.stylizations import Status, Stylization


class OwnerTurn(Base):
    """The last job of an owner that a worker claimed, and when it was claimed."""

    __tablename__ = "owner_turns"

    owner_id: Mapped[str] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    served_at: Mapped[datetime]
    stylization_id: Mapped[str] = mapped_column(String(ID_LENGTH))  # no key: the row may be erased


def queue_positions() -> Subquery:
    """Select `id` and `position` of every queued row; the row at position 1 is claimed next.

    The number of rows is bounded by the limits on queued jobs.
    """
    owner_id = Stylization.owner_id
    queued = (
        select(
            Stylization.id,
            owner_id,
            func.row_number()
            .over(partition_by=owner_id, order_by=(Stylization.created_at, Stylization.id))
            .label("round"),
            func.min(Stylization.created_at).over(partition_by=owner_id).label("first_created_at"),
        )
        .where(Stylization.status == Status.QUEUED)
        .subquery()
    )
    served = aliased(Stylization)
    last_served_at = func.coalesce(served.finished_at, OwnerTurn.served_at)
    is_being_served = case((served.status == Status.RUNNING, 1), else_=0)
    waits_since = case(
        (last_served_at > queued.c.first_created_at, last_served_at),
        else_=queued.c.first_created_at,
    )
    position = func.row_number().over(
        order_by=(queued.c.round, is_being_served, waits_since, queued.c.owner_id)
    )
    return (
        select(queued.c.id, position.label("position"))
        .outerjoin(OwnerTurn, OwnerTurn.owner_id == queued.c.owner_id)
        .outerjoin(served, served.id == OwnerTurn.stylization_id)
        .subquery()
    )


def record_turns(session: Session, rows: Iterable[Stylization], now: datetime) -> None:
    """Record that the owners of these rows were served; part of the transaction that claims them.

    Owners are written in sorted order, so that two workers cannot deadlock.
    """
    last_row_id = {row.owner_id: row.id for row in rows}
    inserted = upsert(session, OwnerTurn).values(
        [
            {"owner_id": owner_id, "served_at": now, "stylization_id": last_row_id[owner_id]}
            for owner_id in sorted(last_row_id)
        ]
    )
    session.execute(
        inserted.on_conflict_do_update(
            index_elements=[OwnerTurn.owner_id],
            set_={
                "served_at": inserted.excluded.served_at,
                "stylization_id": inserted.excluded.stylization_id,
            },
        )
    )
