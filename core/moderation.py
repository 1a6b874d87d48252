"""Rules of content moderation: whether a result may be shared.

The owner always sees a finished result; the check only controls sharing. The worker requests
checks (`worker/periodic/content_checks.py`) and the API receives the results (`app/moderation`).
Results can arrive in any order, more than once, and before the worker has recorded its request.
Therefore every request has a row of its own, and the most severe verdict applies.

A result that was finished while the check was off, or by a worker that does not know the check yet,
has no verdict. It is checked when it is shared, or when its link is opened.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from core.db.base import now_utc, upsert
from core.db.engine import Database
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

    A row without a stored state is older than the content checks and counts as passed until it is
    shared (`begin_missing_check`).
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
        now = now_utc()
        session.merge(
            ContentCheck(stylization_id=row.id, asked=0, failures=0, created_at=now, due_at=now)
        )


def begin_missing_check(database: Database, stylization_id: str, settings: Settings) -> None:
    """Begin the check of a done row that counts as passed without a verdict.

    Call this before other people see the result. It changes nothing while the check is off, or if
    the row has a verdict or needs none.
    """
    if settings.moderation == "off":
        return
    unchecked = select(Stylization).where(
        Stylization.id == stylization_id,
        Stylization.status == Status.DONE,
        or_(Stylization.check_state.is_(None), Stylization.check_state == CheckState.PASS),
        ~exists().where(
            CheckTrace.stylization_id == Stylization.id,
            CheckTrace.verdict.in_(VERDICTS_BY_SEVERITY),
        ),
    )
    if settings.moderation_without_openid == "pass":
        unchecked = unchecked.where(
            exists().where(User.id == Stylization.owner_id, User.kind == UserKind.WECHAT)
        )
    with database.reading() as session:
        if session.scalars(unchecked).first() is None:
            return
    with database.transaction() as session:
        for row in session.scalars(unchecked.with_for_update(of=Stylization)):
            begin_check(session, row, settings)


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


def record_policy_without_openid(
    session: Session, row: Stylization, state: CheckState, now: datetime
) -> None:
    """Set the configured state of a row that WeChat cannot check."""
    if state is CheckState.PASS:  # the lowest severity, so that any verdict replaces it
        trace = lock_trace(session, f"policy-{row.id}")
        trace.stylization_id, trace.heard_at, trace.verdict = row.id, now, state.value
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
