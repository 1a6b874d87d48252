"""Stylizations. A row is a job, and only the methods of the row change its status."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, validates

from core.db.base import ID_LENGTH, Base, id_column, now_utc
from core.db.pictures import Picture
from core.db.search_text import search_text
from core.errors import AlreadyFinished, AppError, ClaimLost, IllegalTransition
from styling.brush import DEFAULT_BRUSH


class Status(StrEnum):
    """The status of a stylization."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN_STATUSES = (Status.QUEUED, Status.RUNNING)


class Stage(StrEnum):
    """What happens to an open stylization."""

    QUEUED = "queued"
    LOADING = "loading"  # a worker reads the photo and the style codes
    PAINTING = "painting"
    STORING = "storing"  # a worker labels, encodes and stores the results


class Stylization(Base):
    """One photo to stylize, and its result.

    queued -> running -> done | failed
    running -> queued: the worker died
    queued | running -> cancelled
    failed -> queued: an operator queued it again
    """

    __tablename__ = "stylizations"
    __table_args__ = (
        UniqueConstraint("owner_id", "client_key"),
        Index(None, "status", "created_at", "id"),  # the queue and the position in it
        Index(None, "owner_id", "created_at", "id"),  # the history
        Index(None, "style_id"),
        Index(None, "picture_id"),
        Index(None, "share_token", unique=True),
    )

    id: Mapped[str] = id_column("stl")
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    client_key: Mapped[str | None] = mapped_column(String(200))
    request_hash: Mapped[str | None] = mapped_column(
        String(64)
    )  # distinguishes a replay from a conflict
    # A preset or `sty_…`; the first style of a mixture.
    style_id: Mapped[str] = mapped_column(String(100))
    style_name: Mapped[dict[str, str]]  # {"zh", "en"}, as it was at creation
    tau: Mapped[float]  # the style strength, 0 to 1.5
    levels: Mapped[dict[str, float] | None]  # shares of tau by level; None: all 1
    brush: Mapped[str] = mapped_column(
        String(8), default=DEFAULT_BRUSH, server_default=DEFAULT_BRUSH
    )  # a styling.brush.Brush
    keep_color: Mapped[bool] = mapped_column(default=False)
    output_format: Mapped[str] = mapped_column(String(8), default="jpeg", server_default="jpeg")
    picture_id: Mapped[str] = mapped_column(ForeignKey("pictures.id"))
    width: Mapped[int]  # render size in px; rows of one size are rendered together
    height: Mapped[int]
    status: Mapped[str] = mapped_column(String(16), default=Status.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    running_stage: Mapped[str | None] = mapped_column(String(8))  # a Stage; None: not running
    expected_seconds: Mapped[float | None]  # from the claim to the end of the batch
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
    # Follows title and style_name. None: the row is from a version without this column.
    search_text: Mapped[str | None] = mapped_column(Text)
    favourite: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Anyone with the token may see the result.
    share_token: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    request_id: Mapped[str | None] = mapped_column(String(64))  # the request that created the row
    check_state: Mapped[str | None] = mapped_column(String(8))  # a core.db.moderation.CheckState
    created_at: Mapped[datetime] = mapped_column(default=now_utc)
    requeued_at: Mapped[datetime | None]  # when it last returned to the queue
    started_at: Mapped[datetime | None]  # the last claim
    finished_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]

    @validates("title", "style_name")
    def _update_search_text(self, name: str, value: Any) -> Any:  # noqa: ANN401  # either column
        """Keep `search_text` up to date; SQLAlchemy calls this when one of the two is set."""
        values = {"title": self.title, "style_name": self.style_name, name: value}
        self.search_text = search_text(values["title"], values["style_name"] or {})
        return value

    @property
    def is_open(self) -> bool:
        """Whether the row is queued or running."""
        return self.status in OPEN_STATUSES

    @property
    def stage(self) -> Stage | None:
        """What happens to the row; None after its end, or if its worker reports no stage."""
        if self.status == Status.QUEUED:
            return Stage.QUEUED
        if self.status != Status.RUNNING or self.running_stage is None:
            return None
        return Stage(self.running_stage)

    @property
    def waiting_since(self) -> datetime:
        """When the row was queued for the last time."""
        return self.requeued_at or self.created_at

    def claim(
        self,
        *,
        token: str,
        now: datetime,
        lease_until: datetime,
        expected_seconds: float | None = None,
    ) -> None:
        """Change queued to running and count the attempt.

        It is counted before any work, so that a photo that kills workers runs out of attempts.

        Args:
            token: the id of this claim.
            now: the start of the attempt.
            lease_until: when the claim ends, unless the worker renews it.
            expected_seconds: how long the attempt will take; None if the worker cannot tell yet.

        Raises:
            IllegalTransition: the row is not queued.
        """
        if self.status != Status.QUEUED:
            raise IllegalTransition(f"stylization {self.id} is {self.status} and cannot be claimed")
        self.status = Status.RUNNING
        self.attempts += 1
        self.token = token
        self.lease_until = lease_until
        self.running_stage = Stage.LOADING
        self.expected_seconds = expected_seconds
        self.started_at = now

    def finish(
        self, *, token: str, result: Picture, thumb: Picture, model_version: str, now: datetime
    ) -> None:
        """Change running to done.

        Raises:
            ClaimLost: the token is not the current one; the caller drops the result.
        """
        self._check_claim(token)
        self.result_picture_id = result.id
        self.thumb_picture_id = thumb.id
        self.result_width = result.width
        self.result_height = result.height
        self.model_version = model_version
        self._end(Status.DONE, now)

    def fail(self, *, token: str | None, error: AppError, now: datetime) -> None:
        """Change an open row to failed, with the code and the messages of `error`.

        Args:
            token: the worker's claim; None fails a queued row, or one whose lease has expired.
            error: what the client is shown.
            now: the end of the row.

        Raises:
            ClaimLost: the token is not the current one.
            IllegalTransition: without a token, the row has ended already.
        """
        if token is not None:
            self._check_claim(token)
        elif not self.is_open:
            raise IllegalTransition(f"stylization {self.id} is {self.status} and cannot fail")
        self.error_code = error.code
        self.error_message = error.messages()
        self._end(Status.FAILED, now)

    def cancel(self, *, now: datetime) -> None:
        """Change an open row to cancelled; a later result is dropped.

        Raises:
            AlreadyFinished: the row has ended.
        """
        if not self.is_open:
            raise AlreadyFinished(state=self.status)
        self._end(Status.CANCELLED, now)

    def release(self, *, token: str) -> None:
        """Change running to queued, to be tried again. Raises ClaimLost as `finish` does."""
        self._check_claim(token)
        self._end_attempt()
        self._return_to_queue()

    def requeue(self) -> None:
        """Change failed to queued, at the old position and with all attempts; for operators.

        Raises:
            IllegalTransition: the row has not failed, or was deleted.
        """
        if self.status != Status.FAILED or self.deleted_at is not None:
            state = self.status if self.deleted_at is None else "deleted"
            raise IllegalTransition(f"stylization {self.id} is {state} and cannot be queued again")
        self.attempts = 0
        self.error_code = None
        self.error_message = None
        self.finished_at = None
        self._return_to_queue()

    def _return_to_queue(self) -> None:
        self.status = Status.QUEUED
        self.started_at = None
        self.requeued_at = now_utc()

    def _check_claim(self, token: str) -> None:
        if self.status != Status.RUNNING or self.token != token:
            raise ClaimLost(
                f"stylization {self.id} is {self.status} and not claimed by this worker"
            )

    def _end(self, status: Status, now: datetime) -> None:
        self.status = status
        self.finished_at = now
        self._end_attempt()

    def _end_attempt(self) -> None:
        self.token = None
        self.lease_until = None
        self.running_stage = None
        self.expected_seconds = None


class StyleShare(Base):
    """One style of a mixture. A stylization in a single style has no shares."""

    __tablename__ = "style_shares"

    stylization_id: Mapped[str] = mapped_column(
        ForeignKey("stylizations.id", ondelete="CASCADE"), primary_key=True
    )
    style_id: Mapped[str] = mapped_column(String(100), primary_key=True, index=True)
    weight: Mapped[float]  # above 0; divided by the sum of the weights
