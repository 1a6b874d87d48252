"""Stylizations: the row is the job, and only its own methods change its status."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import ID_LENGTH, Base, id_column, now_utc
from core.db.pictures import Picture
from core.errors import AlreadyFinished, AppError, ClaimLost, IllegalTransition


class Status(StrEnum):
    """Where a stylization stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN_STATUSES = (Status.QUEUED, Status.RUNNING)


class Stylization(Base):
    """One upload, one picture back. The row is the job.

    queued -> running -> done | failed; running -> queued when its worker died;
    queued | running -> cancelled; failed -> queued when an operator says so.
    """

    __tablename__ = "stylizations"
    __table_args__ = (
        UniqueConstraint("owner_id", "client_key"),
        Index(None, "status", "created_at", "id"),  # the queue, and one's position in it
        Index(None, "owner_id", "created_at", "id"),  # the history
        Index(None, "style_id"),
        Index(None, "picture_id"),
        Index(None, "share_token", unique=True),
    )

    id: Mapped[str] = id_column("stl")
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    client_key: Mapped[str | None] = mapped_column(String(200))
    request_hash: Mapped[str | None] = mapped_column(String(64))  # tells a replay from a conflict
    style_id: Mapped[str] = mapped_column(String(100))  # a preset's, or `sty_…`; a mixture's first
    style_name: Mapped[dict[str, str]]  # {"zh", "en"} as it was at the time
    tau: Mapped[float]  # 0..1.5
    levels: Mapped[dict[str, float] | None]  # shares of tau: colour, texture, structure; None: all
    keep_color: Mapped[bool] = mapped_column(default=False)
    output_format: Mapped[str] = mapped_column(String(8), default="jpeg", server_default="jpeg")
    picture_id: Mapped[str] = mapped_column(ForeignKey("pictures.id"))
    width: Mapped[int]  # render size, px: rows of one size share a forward
    height: Mapped[int]
    status: Mapped[str] = mapped_column(String(16), default=Status.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    token: Mapped[str | None] = mapped_column(String(ID_LENGTH))  # changes with every claim
    error_code: Mapped[str | None] = mapped_column(String(40))
    error_message: Mapped[dict[str, str] | None]  # {"zh", "en"}
    result_picture_id: Mapped[str | None] = mapped_column(ForeignKey("pictures.id"))
    thumb_picture_id: Mapped[str | None] = mapped_column(ForeignKey("pictures.id"))
    result_width: Mapped[int | None]
    result_height: Mapped[int | None]
    model_version: Mapped[str | None] = mapped_column(String(100))
    title: Mapped[str | None] = mapped_column(String(200))
    favourite: Mapped[bool] = mapped_column(default=False, server_default=false())
    share_token: Mapped[str | None] = mapped_column(String(ID_LENGTH))  # who knows it may look
    request_id: Mapped[str | None] = mapped_column(String(64))  # what brought it, for the logs
    check_state: Mapped[str | None] = mapped_column(String(8))  # see core.db.moderation
    created_at: Mapped[datetime] = mapped_column(default=now_utc)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]

    @property
    def is_open(self) -> bool:
        """Whether it still waits or runs."""
        return self.status in OPEN_STATUSES

    def claim(self, *, token: str, now: datetime, lease_until: datetime) -> None:
        """Queued to running; the attempt counts before the work, which bounds a deadly picture."""
        if self.status != Status.QUEUED:
            raise IllegalTransition(f"stylization {self.id} is {self.status} and cannot be claimed")
        self.status = Status.RUNNING
        self.attempts += 1
        self.token = token
        self.lease_until = lease_until
        self.started_at = self.started_at or now

    def finish(
        self, *, token: str, result: Picture, thumb: Picture, model_version: str, now: datetime
    ) -> None:
        """Running to done. Raises ClaimLost when no longer this worker's (drop the result)."""
        self._must_be_held(token)
        self.result_picture_id = result.id
        self.thumb_picture_id = thumb.id
        self.result_width = result.width
        self.result_height = result.height
        self.model_version = model_version
        self._end(Status.DONE, now)

    def fail(self, *, token: str | None, error: AppError, now: datetime) -> None:
        """To failed, with the code and words of `error`.

        A worker passes its token (ClaimLost when the row is no longer its own); `token=None` fails
        a row that only waits, or whose lease has run out.
        """
        if token is not None:
            self._must_be_held(token)
        elif not self.is_open:
            raise IllegalTransition(f"stylization {self.id} is {self.status} and cannot fail")
        self.error_code = error.code
        self.error_message = error.messages()
        self._end(Status.FAILED, now)

    def cancel(self, *, now: datetime) -> None:
        """Queued or running to cancelled; a later result is dropped. Raises AlreadyFinished."""
        if not self.is_open:
            raise AlreadyFinished(state=self.status)
        self._end(Status.CANCELLED, now)

    def release(self, *, token: str) -> None:
        """Running back to queued, to be tried again. Raises ClaimLost when it is not held so."""
        self._must_be_held(token)
        self.status = Status.QUEUED
        self.token = None
        self.lease_until = None

    def requeue(self) -> None:
        """Failed to queued, as if it were new but for its place; by an operator's hand."""
        if self.status != Status.FAILED or self.deleted_at is not None:
            state = self.status if self.deleted_at is None else "deleted"
            raise IllegalTransition(f"stylization {self.id} is {state} and cannot be queued again")
        self.status = Status.QUEUED
        self.attempts = 0
        self.error_code = None
        self.error_message = None
        self.started_at = None
        self.finished_at = None

    def _must_be_held(self, token: str) -> None:
        if self.status != Status.RUNNING or self.token != token:
            raise ClaimLost(f"stylization {self.id} is {self.status} and not held by this worker")

    def _end(self, status: Status, now: datetime) -> None:
        self.status = status
        self.finished_at = now
        self.token = None
        self.lease_until = None


class StyleShare(Base):
    """One style of a mixture. A stylization in one style has none: its row says it."""

    __tablename__ = "style_shares"

    stylization_id: Mapped[str] = mapped_column(
        ForeignKey("stylizations.id", ondelete="CASCADE"), primary_key=True
    )
    style_id: Mapped[str] = mapped_column(String(100), primary_key=True, index=True)
    weight: Mapped[float]  # over 0; divided by the sum of all
