"""Whether a work may be shared: what the content check has said of it, and what is still asked.

Its owner sees a work at once, whatever its state. A worker asks WeChat (`worker/periodic/content_checks.py`), the
API hears the verdicts (`app/moderation`). They may come in any order, twice, or before the worker
has written down what it asked: a trace is a row of its own, and the gravest of its verdicts holds.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db.base import Base, now_utc, upsert
from core.db.pictures import Picture
from core.db.stylizations import Status, Stylization
from core.db.users import User, UserKind
from core.settings import Settings

MAX_TRACE_ID: Final = 100  # characters
MAX_REASON: Final = 200
ASK_AGAIN: Final = timedelta(minutes=5)  # after a check that came to nothing
NO_ANSWER: Final = "failed"  # what a trace says when WeChat could not check the picture


class CheckState(StrEnum):
    """What is known of a work's content; it is shared in `pass` alone."""

    PENDING = "pending"
    PASS = "pass"  # noqa: S105  # a verdict
    REVIEW = "review"
    RISKY = "risky"


GRAVITY: Final = (CheckState.PASS, CheckState.REVIEW, CheckState.RISKY)
"""The verdicts; a later one counts more."""


class ContentCheck(Base):
    """That WeChat is to be asked of a work. Without `due_at` there is nothing to do."""

    __tablename__ = "content_checks"
    __table_args__ = (Index(None, "due_at"),)

    stylization_id: Mapped[str] = mapped_column(
        ForeignKey("stylizations.id", ondelete="CASCADE"), primary_key=True
    )
    asked: Mapped[int] = mapped_column(default=0)  # how often WeChat has taken the question
    failures: Mapped[int] = mapped_column(default=0)  # in a row: it could not be reached
    due_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now_utc)
    last_error: Mapped[str | None] = mapped_column(String(MAX_REASON))

    def take(self, *, until: datetime) -> None:
        """A worker asks now; when that worker dies, it is due again at `until`."""
        self.due_at = until

    def note_asked(self, *, answer_until: datetime) -> None:
        """WeChat has the question; without an answer by then it is asked again."""
        self.asked += 1
        self.failures = 0
        self.last_error = None
        self.due_at = answer_until

    def note_refused(self, reason: str, *, until: datetime) -> None:
        """WeChat does not take this question now; that counts, for it may never."""
        self.asked += 1
        self.last_error = reason[:MAX_REASON]
        self.due_at = until

    def put_off(self, reason: str, *, until: datetime) -> None:
        """WeChat could not be reached."""
        self.failures += 1
        self.last_error = reason[:MAX_REASON]
        self.due_at = until

    def end(self) -> None:
        """Nothing more is asked."""
        self.due_at = None


class CheckTrace(Base):
    """One question by the id that WeChat gave it, and the answer. No work: not known to us yet."""

    __tablename__ = "check_traces"
    __table_args__ = (Index(None, "created_at"),)

    trace_id: Mapped[str] = mapped_column(String(MAX_TRACE_ID), primary_key=True)
    stylization_id: Mapped[str | None] = mapped_column(
        ForeignKey("stylizations.id", ondelete="CASCADE"), index=True
    )
    verdict: Mapped[str | None] = mapped_column(String(8))  # one of GRAVITY, or NO_ANSWER
    label: Mapped[int | None]  # WeChat's number for what it has found; 100: nothing
    created_at: Mapped[datetime] = mapped_column(default=now_utc)
    heard_at: Mapped[datetime | None]


def state_of(row: Stylization) -> CheckState | None:
    """What holds of a work; None until it is done. Works from before there were checks pass."""
    if row.status != Status.DONE:
        return None
    return CheckState(row.check_state or CheckState.PASS)


def begin_check(session: Session, row: Stylization, settings: Settings) -> None:
    """Say whether a work that is done now has to be checked; call it where the row is finished."""
    if settings.moderation == "off":
        row.check_state = CheckState.PASS
    elif session.get_one(User, row.owner_id).kind != UserKind.WECHAT:
        row.check_state = CheckState(settings.moderation_without_openid)
    else:
        row.check_state = CheckState.PENDING
        session.add(ContentCheck(stylization_id=row.id, due_at=now_utc()))


def locked_trace(session: Session, trace_id: str) -> CheckTrace:
    """The row of a trace, made if it is new; of two that come at once one waits for the other."""
    row = upsert(session, CheckTrace).values(trace_id=trace_id, created_at=now_utc())
    session.execute(row.on_conflict_do_nothing(index_elements=[CheckTrace.trace_id]))
    return session.get_one(CheckTrace, trace_id, with_for_update=True, populate_existing=True)


def follow(session: Session, trace: CheckTrace, now: datetime) -> None:
    """Let an answer have its effect: a verdict holds; without one it is asked again soon."""
    if trace.stylization_id is None or trace.heard_at is None:
        return
    if trace.verdict != NO_ANSWER:
        settle(session, trace.stylization_id, now)
        return
    check = session.get(ContentCheck, trace.stylization_id, with_for_update=True)
    if check is not None and check.due_at is not None:
        check.due_at = min(check.due_at, now + ASK_AGAIN)


def settle(session: Session, stylization_id: str, now: datetime) -> None:
    """Let the gravest verdict that has come hold; without one nothing changes.

    The row is locked before the verdicts are read, so that of two that come at once none is lost.
    """
    row = session.get(Stylization, stylization_id, with_for_update=True, populate_existing=True)
    heard = select(CheckTrace.verdict).where(
        CheckTrace.stylization_id == stylization_id, CheckTrace.verdict.in_(GRAVITY)
    )
    verdicts = [CheckState(verdict) for verdict in session.scalars(heard) if verdict is not None]
    if row is None or not verdicts:
        return
    decide(session, row, max(verdicts, key=GRAVITY.index), now)


def overrule(session: Session, row: Stylization, state: CheckState, now: datetime) -> None:
    """Let every question about a work be answered with this, so that no later verdict counts."""
    asked = select(CheckTrace).where(CheckTrace.stylization_id == row.id).with_for_update()
    by_hand = locked_trace(session, f"by-hand-{row.id}")
    by_hand.stylization_id = row.id
    for trace in (*session.scalars(asked), by_hand):
        trace.heard_at, trace.verdict = now, state.value


def decide(session: Session, row: Stylization, state: CheckState, now: datetime) -> None:
    """Say what holds of a work, and ask no more.

    A risky one is shared no longer and loses its pictures; the row stays, and says why.
    """
    row.check_state = state
    check = session.get(ContentCheck, row.id, with_for_update=True)
    if check is not None:
        check.end()
    if state is CheckState.RISKY:
        row.share_token = None
        made = select(Picture).where(Picture.id.in_([row.result_picture_id, row.thumb_picture_id]))
        for picture in session.scalars(made.order_by(Picture.id).with_for_update()):
            picture.deleted_at = picture.deleted_at or now
