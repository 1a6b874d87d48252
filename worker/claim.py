"""Which rows a worker takes next; the same statements on SQLite and PostgreSQL.

A claim is one transaction: PostgreSQL locks the rows and lets other workers pass them by (FOR
UPDATE SKIP LOCKED), SQLite lets one writer in at a time. The attempt is counted in it, before any
work.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from app.shared.database import Database
from app.shared.tables import (
    Status,
    Style,
    StyleShare,
    StyleStatus,
    Stylization,
    new_id,
    now_utc,
)


def claim_batch(
    database: Database, *, model_version: str, max_batch: int, lease_seconds: float
) -> Sequence[Stylization]:
    """Take the row that has waited longest, and those behind it that can share its forward.

    They share it when they are of one size; styles and tau mix. A row that was tried before runs
    alone, so that one deadly picture takes no other with it. All rows of a batch carry one token.
    """
    with database.transaction() as session:
        next_rows = _can_run(model_version).with_for_update(skip_locked=True)
        first = session.scalars(next_rows.limit(1)).one_or_none()
        if first is None:
            return []
        rows = [first]
        if first.attempts == 0 and max_batch > 1:
            alike = next_rows.where(
                Stylization.id != first.id,
                Stylization.attempts == 0,
                Stylization.width == first.width,
                Stylization.height == first.height,
            )
            rows.extend(session.scalars(alike.limit(max_batch - 1)))
        _claim_all(rows, lease_seconds)
    return rows


def claim_style(database: Database, *, model_version: str, lease_seconds: float) -> Style | None:
    """Take the own style that has waited longest for its code.

    That is a new one, or one whose code another model computed and that a queued row asks for.
    """
    with database.transaction() as session:
        wanted = select(Style).where(_needs_preparing(model_version)).order_by(Style.created_at)
        style = session.scalars(wanted.limit(1).with_for_update(skip_locked=True)).one_or_none()
        if style is not None:
            lease_until = now_utc() + timedelta(seconds=lease_seconds)
            style.claim(token=new_id("tkn"), lease_until=lease_until)
    return style


def count_waiting(database: Database, *, model_version: str) -> int:
    """How many rows and styles a worker could take now."""
    rows = _can_run(model_version).order_by(None).subquery()
    with database.reading() as session:
        styles = session.scalar(
            select(func.count()).select_from(Style).where(_needs_preparing(model_version))
        )
        return (session.scalar(select(func.count()).select_from(rows)) or 0) + (styles or 0)


def _can_run(model_version: str) -> Select[Stylization]:
    is_missing = or_(Style.status != StyleStatus.READY, Style.model_version != model_version)
    return (
        select(Stylization)
        .where(Stylization.status == Status.QUEUED, ~waits_for_style(is_missing))
        .order_by(Stylization.created_at, Stylization.id)
    )


def waits_for_style(such: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a stylization is in an own style of this kind, alone or in its mixture."""
    alone = exists().where(Style.id == Stylization.style_id, such)
    mixed_in = exists().where(
        StyleShare.stylization_id == Stylization.id, Style.id == StyleShare.style_id, such
    )
    return or_(alone, mixed_in)


def _needs_preparing(model_version: str) -> ColumnElement[bool]:
    alone = exists().where(Stylization.style_id == Style.id, Stylization.status == Status.QUEUED)
    mixed_in = exists().where(
        StyleShare.style_id == Style.id,
        Stylization.id == StyleShare.stylization_id,
        Stylization.status == Status.QUEUED,
    )
    is_asked_for = or_(alone, mixed_in)
    return or_(
        and_(Style.status == StyleStatus.PREPARING, Style.token.is_(None)),
        and_(Style.status == StyleStatus.READY, Style.model_version != model_version, is_asked_for),
    )


def _claim_all(rows: Sequence[Stylization], lease_seconds: float) -> None:
    now = now_utc()
    token = new_id("tkn")
    for row in rows:
        row.claim(token=token, now=now, lease_until=now + timedelta(seconds=lease_seconds))
