"""Which rows a worker takes next; the same statements on SQLite and PostgreSQL.

A claim is one transaction: PostgreSQL locks the rows and lets other workers pass them by (FOR
UPDATE SKIP LOCKED), SQLite lets one writer in at a time. The attempt is counted in it, before any
work.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from core.db.base import new_id, now_utc
from core.db.engine import Database
from core.db.scheduling import queue_positions, record_turns
from core.db.styles import Style, StyleStatus
from core.db.stylizations import Status, StyleShare, Stylization

IDS_AT_ONCE: Final = 100


def claim_batch(
    database: Database, *, model_version: str, max_batch: int, lease_seconds: float
) -> Sequence[Stylization]:
    """Take the row whose turn it is, and those behind it that can share its forward.

    Owners take turns (`core.db.scheduling`). Rows share a forward when they are of one size; styles
    and tau mix. A row that was tried before runs alone, so that one deadly picture takes no other
    with it. All rows of a batch carry one token.
    """
    can_run = _can_run(model_version)
    with database.transaction() as session:
        in_turn = _ids_in_turn(session)
        rows = _lock(session, in_turn, can_run, at_most=1)
        if rows and rows[0].attempts == 0:
            alike = and_(
                can_run,
                Stylization.id != rows[0].id,
                Stylization.attempts == 0,
                Stylization.width == rows[0].width,
                Stylization.height == rows[0].height,
            )
            rows += _lock(session, in_turn, alike, at_most=max_batch - 1)
        if rows:
            _claim_all(session, rows, lease_seconds)
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
    rows = select(func.count()).select_from(Stylization).where(_can_run(model_version))
    styles = select(func.count()).select_from(Style).where(_needs_preparing(model_version))
    with database.reading() as session:
        return (session.scalar(rows) or 0) + (session.scalar(styles) or 0)


def _ids_in_turn(session: Session) -> Sequence[str]:
    turns = queue_positions()
    return session.scalars(select(turns.c.id).order_by(turns.c.position)).all()


def _lock(
    session: Session, in_turn: Sequence[str], such: ColumnElement[bool], *, at_most: int
) -> list[Stylization]:
    """The first rows of this kind that no other worker is taking.

    By ids and not by a join with the order: PostgreSQL, whose statistics of a queue are always of
    yesterday, joins row by row (200 ms with 1,000 rows).
    """
    rows: list[Stylization] = []
    for start in range(0, len(in_turn), IDS_AT_ONCE):
        if len(rows) >= at_most:
            break
        some = in_turn[start : start + IDS_AT_ONCE]
        turn = case({row_id: number for number, row_id in enumerate(some)}, value=Stylization.id)
        next_ones = select(Stylization).where(Stylization.id.in_(some), such).order_by(turn)
        locked = next_ones.limit(at_most - len(rows)).with_for_update(skip_locked=True)
        rows.extend(session.scalars(locked))
    return rows


def _can_run(model_version: str) -> ColumnElement[bool]:
    is_missing = or_(Style.status != StyleStatus.READY, Style.model_version != model_version)
    return and_(Stylization.status == Status.QUEUED, ~waits_for_style(is_missing))


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


def _claim_all(session: Session, rows: Sequence[Stylization], lease_seconds: float) -> None:
    now = now_utc()
    token = new_id("tkn")
    for row in rows:
        row.claim(token=token, now=now, lease_until=now + timedelta(seconds=lease_seconds))
    record_turns(session, rows, now)
