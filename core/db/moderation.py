"""Tables of the content checks. The rules that change them are in `core/moderation.py`."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, now_utc

MAX_TRACE_ID_LENGTH: Final = 100
MAX_ERROR_LENGTH: Final = 200
CHECK_FAILED: Final = "failed"  # stored as the verdict when WeChat could not check the picture


class CheckState(StrEnum):
    """Result of the content check of a stylization. Only `pass` allows sharing."""

    PENDING = "pending"
    PASS = "pass"  # noqa: S105  # a verdict
    REVIEW = "review"  # an operator has to review the result
    RISKY = "risky"


VERDICTS_BY_SEVERITY: Final = (CheckState.PASS, CheckState.REVIEW, CheckState.RISKY)
"""The verdicts of WeChat, the most severe one last."""


class ContentCheck(Base):
    """A content check of one stylization. Nothing is left to do when `due_at` is None."""

    __tablename__ = "content_checks"
    __table_args__ = (Index(None, "due_at"),)

    stylization_id: Mapped[str] = mapped_column(
        ForeignKey("stylizations.id", ondelete="CASCADE"), primary_key=True
    )
    asked: Mapped[int] = mapped_column(default=0)  # requests that WeChat has accepted or refused
    failures: Mapped[int] = mapped_column(default=0)  # consecutive requests without a response
    due_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now_utc)
    last_error: Mapped[str | None] = mapped_column(String(MAX_ERROR_LENGTH))

    def lease(self, *, until: datetime) -> None:
        """Reserve the check for one worker. If the worker dies, it is due again at `until`."""
        self.due_at = until

    def record_request(self, *, verdict_until: datetime) -> None:
        """Record an accepted request. It is repeated if no verdict arrives by `verdict_until`."""
        self.asked += 1
        self.failures = 0
        self.last_error = None
        self.due_at = verdict_until

    def record_refusal(self, reason: str, *, until: datetime) -> None:
        """Record a refused request. It counts as a request, because a refusal may be permanent."""
        self.asked += 1
        self.last_error = reason[:MAX_ERROR_LENGTH]
        self.due_at = until

    def postpone(self, reason: str, *, until: datetime) -> None:
        """Record that WeChat did not process the request. It does not count as a request."""
        self.failures += 1
        self.last_error = reason[:MAX_ERROR_LENGTH]
        self.due_at = until

    def end(self) -> None:
        """Send no more requests."""
        self.due_at = None


class CheckTrace(Base):
    """One request by the trace id that WeChat assigned, with its result.

    WeChat can push a result before the worker has recorded its request. Until then
    `stylization_id` is None.
    """

    __tablename__ = "check_traces"
    __table_args__ = (Index(None, "created_at"),)

    trace_id: Mapped[str] = mapped_column(String(MAX_TRACE_ID_LENGTH), primary_key=True)
    stylization_id: Mapped[str | None] = mapped_column(
        ForeignKey("stylizations.id", ondelete="CASCADE"), index=True
    )
    verdict: Mapped[str | None] = mapped_column(String(8))  # a CheckState or CHECK_FAILED
    label: Mapped[int | None]  # WeChat's number for the kind of content; 100: nothing found
    created_at: Mapped[datetime] = mapped_column(default=now_utc)
    heard_at: Mapped[datetime | None]  # when the result arrived
