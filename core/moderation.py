"""Rules of content moderation: whether a result may be shared.

The owner always sees a finished result; the check only controls sharing. The worker requests
checks (`worker/periodic/content_checks.py`) and the API receives the results (`app/moderation`).
Results can arrive in any order, more than once, and before the worker has recorded its request.
Therefore every request has a row of its own, and the most severe verdict applies.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db.base import now_utc, upsert
from core.db.moderation import (
    CHECK_FAILED,
    VERDICTS_BY_SEVERITY,
    CheckState,
    CheckTrace,
    ContentCheck,
)
from core.db.pictures import Picture
from core.db.stylizations import Status, Stylization
from core.db.users import User, UserKind
from core.settings import Settings

FAILED_CHECK_RETRY: Final = timedelta(minutes=5)


def effective_check_state(row: Stylization) -> CheckState | None:
    """Return the state that applies to a stylization, or None before it is done.

    A row without a stored state is older than the content checks and counts as passed.
    """
    if row.status != Status.DONE:
        return None
    return CheckState(row.check_state or CheckState.PASS)


def begin_check(session: Session, row: Stylization, settings: Settings) -> None:
    """Set the state of a row that is now done and schedule its check if it needs one.

    Call this in the transaction that finishes the row.
    """
    if settings.moderation == "off":
        row.check_state = CheckState.PASS
    elif session.get_one(User, row.owner_id).kind != UserKind.WECHAT:
        row.check_state = CheckState(settings.moderation_without_openid)
    else:
        row.check_state = CheckState.PENDING
        session.add(ContentCheck(stylization_id=row.id, due_at=now_utc()))


def lock_trace(session: Session, trace_id: str) -> CheckTrace:
    """Return the locked row of a trace. Create it if it does not exist."""
    insert = upsert(session, CheckTrace).values(trace_id=trace_id, created_at=now_utc())
    session.execute(insert.on_conflict_do_nothing(index_elements=[CheckTrace.trace_id]))
    return session.get_one(CheckTrace, trace_id, with_for_update=True, populate_existing=True)


def apply_result(session: Session, trace: CheckTrace, now: datetime) -> None:
    """Apply the result of a trace, if both the result and the stylization are known.

    A verdict updates the stylization. A failed check is requested again within 5 minutes.
    """
    if trace.stylization_id is None or trace.heard_at is None:
        return
    if trace.verdict != CHECK_FAILED:
        _apply_most_severe_verdict(session, trace.stylization_id, now)
        return
    check = session.get(ContentCheck, trace.stylization_id, with_for_update=True)
    if check is not None and check.due_at is not None:
        check.due_at = min(check.due_at, now + FAILED_CHECK_RETRY)


def _apply_most_severe_verdict(session: Session, stylization_id: str, now: datetime) -> None:
    # The row is locked before the verdicts are read, so that no concurrent verdict is missed.
    row = session.get(Stylization, stylization_id, with_for_update=True, populate_existing=True)
    received = select(CheckTrace.verdict).where(
        CheckTrace.stylization_id == stylization_id, CheckTrace.verdict.in_(VERDICTS_BY_SEVERITY)
    )
    verdicts = [CheckState(verdict) for verdict in session.scalars(received) if verdict is not None]
    if row is None or not verdicts:
        return
    set_check_state(session, row, max(verdicts, key=VERDICTS_BY_SEVERITY.index), now)


def record_manual_review(
    session: Session, row: Stylization, state: CheckState, now: datetime
) -> None:
    """Set the decision of an operator. It replaces all verdicts, and later ones are ignored."""
    requested = select(CheckTrace).where(CheckTrace.stylization_id == row.id).with_for_update()
    manual = lock_trace(session, f"by-hand-{row.id}")
    manual.stylization_id = row.id
    for trace in (*session.scalars(requested), manual):
        trace.heard_at, trace.verdict = now, state.value
    set_check_state(session, row, state, now)


def set_check_state(session: Session, row: Stylization, state: CheckState, now: datetime) -> None:
    """Set the state of a locked stylization and end its check.

    A risky result is unshared and its pictures are deleted. The row stays and shows the state.
    """
    row.check_state = state
    check = session.get(ContentCheck, row.id, with_for_update=True)
    if check is not None:
        check.end()
    if state is CheckState.RISKY:
        row.share_token = None
        ids = [row.result_picture_id, row.thumb_picture_id]
        results = select(Picture).where(Picture.id.in_(ids))
        for picture in session.scalars(results.order_by(Picture.id).with_for_update()):
            picture.deleted_at = picture.deleted_at or now
