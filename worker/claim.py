"""Claims the rows and styles that a worker processes next, on SQLite and PostgreSQL.

A claim is one transaction. PostgreSQL locks the rows and other workers skip them (FOR UPDATE SKIP
LOCKED); SQLite allows one writer at a time. The attempt is counted before any work begins.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from core.db.base import new_id, now_utc
from core.db.engine import Database
from core.db.scheduling import queue_positions, record_turns
from core.db.styles import RefinementState, Style, StyleStatus
from core.db.stylizations import Status, StyleShare, Stylization

IDS_PER_QUERY: Final = 100


def claim_batch(
    database: Database,
    *,
    model_version: str,
    max_batch: int,
    lease_seconds: float,
    expected_seconds: Callable[[Sequence[Stylization]], float | None] = lambda _: None,
) -> Sequence[Stylization]:
    """Claim the next row of the queue, and rows behind it that can be rendered together with it.

    The order is round-robin between owners (`core.db.scheduling`). Rows of one render size are
    rendered together; styles, strengths and brushes may differ. A row that was tried before runs
    alone, so that a photo that kills its worker affects no other row. All rows of a batch have the
    same token.

    Args:
        database: the rows.
        model_version: the version of the weights; rows whose style code is of another one wait.
        max_batch: the largest number of rows to claim.
        lease_seconds: how long the claim lasts without a renewal.
        expected_seconds: the estimated duration of a batch with these rows.

    Returns:
        The claimed rows; empty when none is waiting.
    """
    can_run = _can_run(model_version)
    with database.transaction() as session:
        ids = _queued_ids(session)
        rows = _lock(session, ids, can_run, limit=1)
        if rows and rows[0].attempts == 0:
            fits = and_(
                can_run,
                Stylization.id != rows[0].id,
                Stylization.attempts == 0,
                Stylization.width == rows[0].width,
                Stylization.height == rows[0].height,
            )
            rows += _lock(session, ids, fits, limit=max_batch - 1)
        if rows:
            _claim_all(session, rows, lease_seconds, expected_seconds(rows))
    return rows


def claim_style(database: Database, *, model_version: str, lease_seconds: float) -> Style | None:
    """Claim the own style that has waited longest for its style code.

    This is a new style, or one with a code of other weights that a queued row uses.
    """
    with database.transaction() as session:
        waiting = select(Style).where(_needs_code(model_version)).order_by(Style.created_at)
        style = session.scalars(waiting.limit(1).with_for_update(skip_locked=True)).one_or_none()
        if style is not None:
            lease_until = now_utc() + timedelta(seconds=lease_seconds)
            style.claim(token=new_id("tkn"), lease_until=lease_until)
    return style


def claim_refinement(
    database: Database, *, model_version: str, lease_seconds: float
) -> Style | None:
    """Claim the newest own style whose code can be refined, unless other work waits.

    The newest is first, because its owner may still be looking.
    """
    if count_waiting(database, model_version=model_version):
        return None
    with database.transaction() as session:
        newest = (
            select(Style).where(_can_be_refined(model_version)).order_by(Style.created_at.desc())
        )
        style = session.scalars(newest.limit(1).with_for_update(skip_locked=True)).one_or_none()
        if style is not None:
            lease_until = now_utc() + timedelta(seconds=lease_seconds)
            style.claim_refinement(token=new_id("tkn"), lease_until=lease_until)
    return style


def is_refinement_waiting(database: Database, *, model_version: str) -> bool:
    """Return whether a worker could claim an own style to refine now, if no other work waits."""
    with database.reading() as session:
        return bool(session.scalar(select(exists().where(_can_be_refined(model_version)))))


def is_refinement_claimed(database: Database, style_id: str, token: str) -> bool:
    """Return whether the style exists and the claim of its refinement has this token."""
    claimed = exists().where(
        Style.id == style_id, Style.refinement_token == token, Style.deleted_at.is_(None)
    )
    with database.reading() as session:
        return bool(session.scalar(select(claimed)))


def count_waiting(database: Database, *, model_version: str) -> int:
    """Return how many rows and styles a worker could claim now."""
    rows = select(func.count()).select_from(Stylization).where(_can_run(model_version))
    styles = select(func.count()).select_from(Style).where(_needs_code(model_version))
    with database.reading() as session:
        return (session.scalar(rows) or 0) + (session.scalar(styles) or 0)


def uses_style(matches: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a stylization uses an own style that meets `matches`, alone or in a mixture."""
    as_only_style = exists().where(Style.id == Stylization.style_id, matches)
    in_mixture = exists().where(
        StyleShare.stylization_id == Stylization.id, Style.id == StyleShare.style_id, matches
    )
    return or_(as_only_style, in_mixture)


def _queued_ids(session: Session) -> Sequence[str]:
    positions = queue_positions()
    return session.scalars(select(positions.c.id).order_by(positions.c.position)).all()


def _lock(
    session: Session, ids: Sequence[str], matches: ColumnElement[bool], *, limit: int
) -> list[Stylization]:
    """Lock the first rows that match and that no other worker has locked.

    Rows are selected by id rather than by a join with the queue order: PostgreSQL's statistics of
    a queue are always outdated, so it joins row by row (200 ms with 1,000 rows).
    """
    rows: list[Stylization] = []
    for start in range(0, len(ids), IDS_PER_QUERY):
        if len(rows) >= limit:
            break
        chunk = ids[start : start + IDS_PER_QUERY]
        order = case({row_id: index for index, row_id in enumerate(chunk)}, value=Stylization.id)
        candidates = select(Stylization).where(Stylization.id.in_(chunk), matches).order_by(order)
        locked = candidates.limit(limit - len(rows)).with_for_update(skip_locked=True)
        rows.extend(session.scalars(locked))
    return rows


def _can_run(model_version: str) -> ColumnElement[bool]:
    has_no_code = or_(Style.status != StyleStatus.READY, Style.model_version != model_version)
    return and_(Stylization.status == Status.QUEUED, ~uses_style(has_no_code))


def _needs_code(model_version: str) -> ColumnElement[bool]:
    as_only_style = exists().where(
        Stylization.style_id == Style.id, Stylization.status == Status.QUEUED
    )
    in_mixture = exists().where(
        StyleShare.style_id == Style.id,
        Stylization.id == StyleShare.stylization_id,
        Stylization.status == Status.QUEUED,
    )
    is_used = or_(as_only_style, in_mixture)
    return or_(
        and_(Style.status == StyleStatus.PREPARING, Style.token.is_(None)),
        and_(Style.status == StyleStatus.READY, Style.model_version != model_version, is_used),
    )


def _can_be_refined(model_version: str) -> ColumnElement[bool]:
    return and_(
        Style.refinement == RefinementState.PENDING,
        Style.refinement_token.is_(None),
        Style.status == StyleStatus.READY,
        Style.model_version == model_version,
        Style.deleted_at.is_(None),
    )


def _claim_all(
    session: Session,
    rows: Sequence[Stylization],
    lease_seconds: float,
    expected_seconds: float | None,
) -> None:
    now = now_utc()
    token = new_id("tkn")
    lease_until = now + timedelta(seconds=lease_seconds)
    for row in rows:
        row.claim(token=token, now=now, lease_until=lease_until, expected_seconds=expected_seconds)
    record_turns(session, rows, now)
