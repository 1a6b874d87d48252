"""Webhooks, and the outbox of notifications that are waiting to be sent."""

import base64
import secrets
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, id_column, now_utc
from core.db.stylizations import Status

SECRET_PREFIX: Final = "whsec_"  # noqa: S105  # the Standard Webhooks prefix, not a secret
SECRET_BYTES: Final = 32
MAX_URL_LENGTH: Final = 2000
MAX_REASON_LENGTH: Final = 200


class Event(StrEnum):
    """The events that a webhook can subscribe to. The values are part of the API."""

    DONE = "stylization.done"
    FAILED = "stylization.failed"
    CANCELLED = "stylization.cancelled"


EVENT_OF: Final = {
    Status.DONE: Event.DONE,
    Status.FAILED: Event.FAILED,
    Status.CANCELLED: Event.CANCELLED,
}


class Channel(StrEnum):
    """How a notification is sent. Each channel has a sender in `worker/notifications`."""

    WEBHOOK = "webhook"
    WECHAT = "wechat"


class Webhook(Base):
    """A URL that receives its owner's events. It is disabled after 24 hours without a success."""

    __tablename__ = "webhooks"

    id: Mapped[str] = id_column("whk")
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    url: Mapped[str] = mapped_column(String(MAX_URL_LENGTH))
    event_names: Mapped[str] = mapped_column(String(100))  # separated by spaces
    secret: Mapped[str] = mapped_column(String(100))  # in plain text: it signs every payload
    created_at: Mapped[datetime] = mapped_column(default=now_utc)
    last_success_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]  # the first failure after the last success
    last_error: Mapped[str | None] = mapped_column(String(MAX_REASON_LENGTH))
    disabled_at: Mapped[datetime | None]

    @property
    def events(self) -> list[Event]:
        """The subscribed events. Names that this version does not know are ignored."""
        return [event for event in Event if event.value in self.event_names.split()]

    def record_success(self, now: datetime) -> None:
        """Record that the receiver accepted a notification."""
        self.last_success_at = now
        self.failing_since = None
        self.last_error = None

    def record_failure(self, reason: str, now: datetime) -> None:
        """Record that a notification could not be delivered."""
        self.failing_since = self.failing_since or now
        self.last_error = reason[:MAX_REASON_LENGTH]

    def disable(self, now: datetime) -> None:
        """Send nothing more to this webhook; `last_error` holds the reason."""
        self.disabled_at = self.disabled_at or now


class Notification(Base):
    """One message on one channel. It waits for its event, then is due until sent or abandoned."""

    __tablename__ = "notices"
    __table_args__ = (
        Index(None, "due_at"),
        Index(None, "stylization_id"),
        Index(None, "webhook_id"),
        Index(None, "ended_at"),
    )

    id: Mapped[str] = id_column("ntc")
    channel: Mapped[str] = mapped_column(String(16))
    stylization_id: Mapped[str] = mapped_column(ForeignKey("stylizations.id", ondelete="CASCADE"))
    webhook_id: Mapped[str | None] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    template_id: Mapped[str | None] = mapped_column(String(100))  # of a WeChat subscribe message
    event: Mapped[str | None] = mapped_column(String(40))  # None until the event occurs
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]  # None before the event, and after it was sent or abandoned
    created_at: Mapped[datetime] = mapped_column(default=now_utc)
    ended_at: Mapped[datetime | None]  # when it was sent or abandoned
    last_error: Mapped[str | None] = mapped_column(String(MAX_REASON_LENGTH))

    def mark_due(self, event: Event, now: datetime) -> None:
        """Record the event; the notification is due now."""
        self.event = event.value
        self.due_at = now

    def reset(self) -> None:
        """Wait for the next event, as if none had occurred."""
        self.event = None
        self.due_at = None
        self.attempts = 0

    def lease(self, *, until: datetime) -> None:
        """Count an attempt. If the worker dies, the notification is due again at `until`."""
        self.attempts += 1
        self.due_at = until

    def mark_sent(self, now: datetime) -> None:
        """Record that the receiver accepted it."""
        self.due_at = None
        self.ended_at = now
        self.last_error = None

    def postpone(self, reason: str, *, until: datetime) -> None:
        """Record a failed attempt; the next one is due at `until`."""
        self.due_at = until
        self.last_error = reason[:MAX_REASON_LENGTH]

    def abandon(self, reason: str, now: datetime) -> None:
        """Record a failure that is not retried."""
        self.due_at = None
        self.ended_at = now
        self.last_error = reason[:MAX_REASON_LENGTH]


def new_webhook_secret() -> str:
    """Return a secret in the Standard Webhooks form: the prefix, then base64."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
