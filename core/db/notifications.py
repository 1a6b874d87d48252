"""Webhooks, and the notifications that are still to be sent."""

import base64
import secrets
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import ID_LENGTH, Base, new_id, now_utc
from core.db.stylizations import Status

SECRET_START: Final = "whsec_"  # noqa: S105  # how the Standard Webhooks mark a secret
SECRET_BYTES: Final = 32
MAX_URL: Final = 2000  # characters
MAX_REASON: Final = 200


class Event(StrEnum):
    """What a webhook can be told of; the names are part of the interface."""

    DONE = "stylization.done"
    FAILED = "stylization.failed"
    CANCELLED = "stylization.cancelled"


EVENT_OF: Final = {
    Status.DONE: Event.DONE,
    Status.FAILED: Event.FAILED,
    Status.CANCELLED: Event.CANCELLED,
}


class Channel(StrEnum):
    """The ways in which a notice goes out; each has a sender in `worker`."""

    WEBHOOK = "webhook"
    WECHAT = "wechat"


class Webhook(Base):
    """An address of its owner's that is told of events. It is disabled after failing for long."""

    __tablename__ = "webhooks"

    id: Mapped[str] = mapped_column(
        String(ID_LENGTH), primary_key=True, default=lambda: new_id("whk")
    )
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    url: Mapped[str] = mapped_column(String(MAX_URL))
    event_names: Mapped[str] = mapped_column(String(100))  # separated by blanks
    secret: Mapped[str] = mapped_column(String(100))  # readable, for each notice is signed with it
    created_at: Mapped[datetime] = mapped_column(default=now_utc)
    last_success_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]  # no success since then
    last_error: Mapped[str | None] = mapped_column(String(MAX_REASON))
    disabled_at: Mapped[datetime | None]

    @property
    def events(self) -> list[Event]:
        """What it is told of; an event of a later version counts as none."""
        return [event for event in Event if event.value in self.event_names.split()]

    def succeed(self, now: datetime) -> None:
        """It has taken a notice."""
        self.last_success_at = now
        self.failing_since = None
        self.last_error = None

    def fail(self, reason: str, now: datetime) -> None:
        """It has not taken a notice."""
        self.failing_since = self.failing_since or now
        self.last_error = reason[:MAX_REASON]

    def disable(self, now: datetime) -> None:
        """Tell it nothing any more; `last_error` says why."""
        self.disabled_at = self.disabled_at or now


class Notification(Base):
    """One thing to be told on one channel: waits for its event, then is due until it is sent."""

    __tablename__ = "notices"
    __table_args__ = (
        Index(None, "due_at"),
        Index(None, "stylization_id"),
        Index(None, "webhook_id"),
        Index(None, "ended_at"),
    )

    id: Mapped[str] = mapped_column(
        String(ID_LENGTH), primary_key=True, default=lambda: new_id("ntc")
    )
    channel: Mapped[str] = mapped_column(String(16))
    stylization_id: Mapped[str] = mapped_column(ForeignKey("stylizations.id", ondelete="CASCADE"))
    webhook_id: Mapped[str | None] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    template_id: Mapped[str | None] = mapped_column(String(100))  # of a subscribe message
    event: Mapped[str | None] = mapped_column(String(40))  # None: it has not happened yet
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]  # None: not yet, or no more
    created_at: Mapped[datetime] = mapped_column(default=now_utc)
    ended_at: Mapped[datetime | None]  # sent, or given up
    last_error: Mapped[str | None] = mapped_column(String(MAX_REASON))

    def happen(self, event: Event, now: datetime) -> None:
        """Its event is there: it is due."""
        self.event = event.value
        self.due_at = now

    def wait_again(self) -> None:
        """Its event is undone: it has not happened yet."""
        self.event = None
        self.due_at = None
        self.attempts = 0

    def take(self, *, until: datetime) -> None:
        """A worker sends it now; when that worker dies, it is due again at `until`."""
        self.attempts += 1
        self.due_at = until

    def succeed(self, now: datetime) -> None:
        """It was sent."""
        self.due_at = None
        self.ended_at = now
        self.last_error = None

    def put_off(self, reason: str, *, until: datetime) -> None:
        """It could not be sent; it is tried again."""
        self.due_at = until
        self.last_error = reason[:MAX_REASON]

    def give_up(self, reason: str, now: datetime) -> None:
        """It could not be sent, and is not tried again."""
        self.due_at = None
        self.ended_at = now
        self.last_error = reason[:MAX_REASON]


def new_webhook_secret() -> str:
    """A secret in the form of the Standard Webhooks: the prefix, then base64."""
    return SECRET_START + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
