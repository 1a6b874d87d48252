"""Styles that users have added."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import ID_LENGTH, Base, id_column, now_utc
from core.errors import AppError, ClaimLost, IllegalTransition


class StyleStatus(StrEnum):
    """Where an own style stands: a worker computes its code before it can be used."""

    PREPARING = "preparing"
    READY = "ready"
    FAILED = "failed"


class Style(Base):
    """A user's own style; a worker computes its code from the picture. Presets are not rows."""

    __tablename__ = "styles"
    __table_args__ = (
        UniqueConstraint("owner_id", "client_key"),
        Index(None, "status", "created_at"),
        Index(None, "owner_id", "created_at"),
        Index(None, "picture_id"),
    )

    id: Mapped[str] = id_column("sty")
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    client_key: Mapped[str | None] = mapped_column(String(200))
    request_hash: Mapped[str | None] = mapped_column(String(64))  # tells a replay from a conflict
    name: Mapped[str] = mapped_column(String(200))
    picture_id: Mapped[str] = mapped_column(ForeignKey("pictures.id"))
    status: Mapped[str] = mapped_column(String(16), default=StyleStatus.PREPARING)
    code: Mapped[bytes | None]  # a few kB
    model_version: Mapped[str | None] = mapped_column(String(100))
    error_code: Mapped[str | None] = mapped_column(String(40))
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    token: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    request_id: Mapped[str | None] = mapped_column(String(64))  # what brought it, for the logs
    created_at: Mapped[datetime] = mapped_column(default=now_utc)
    deleted_at: Mapped[datetime | None]

    def claim(self, *, token: str, lease_until: datetime) -> None:
        """Take it for preparing, a ready one again when the model has changed."""
        if self.status == StyleStatus.FAILED:
            raise IllegalTransition(f"style {self.id} is {self.status} and cannot be prepared")
        if self.status == StyleStatus.READY:
            self.attempts = 0
        self.status = StyleStatus.PREPARING
        self.attempts += 1
        self.token = token
        self.lease_until = lease_until

    def finish(self, *, token: str, code: bytes, model_version: str) -> None:
        """Preparing to ready. Raises ClaimLost when it is no longer this worker's."""
        self._must_be_held(token)
        self.status = StyleStatus.READY
        self.code = code
        self.model_version = model_version
        self._let_go()

    def fail(self, *, token: str, error: AppError) -> None:
        """Preparing to failed. Raises ClaimLost when it is no longer this worker's."""
        self._must_be_held(token)
        self.status = StyleStatus.FAILED
        self.error_code = error.code
        self._let_go()

    def release(self, *, token: str) -> None:
        """Give it back to be prepared again."""
        self._must_be_held(token)
        self._let_go()

    def _must_be_held(self, token: str) -> None:
        if self.status != StyleStatus.PREPARING or self.token != token:
            raise ClaimLost(f"style {self.id} is {self.status} and not held by this worker")

    def _let_go(self) -> None:
        self.token = None
        self.lease_until = None
