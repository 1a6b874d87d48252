"""What the notices room takes and gives over HTTP."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from core.db.notifications import MAX_URL_LENGTH, Event, Webhook


class WebhookOrder(BaseModel):
    """Where to, and what of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(
        min_length=1,
        max_length=MAX_URL_LENGTH,
        description="An https address on the public Internet.",
        examples=["https://example.com/dualtrans"],
    )
    events: tuple[Event, ...] = Field(
        default=tuple(Event), min_length=1, max_length=len(Event), description="Absent: all."
    )


class WebhookRead(BaseModel):
    """An address that is told when stylizations of its owner's end."""

    model_config = ConfigDict(from_attributes=True)

    id: str = Field(examples=["whk_Xb2m5o3wQ1aZs8Kd0fPqLg"])
    url: str
    events: list[Event]
    created_at: datetime
    last_success_at: datetime | None
    failing_since: datetime | None = Field(description="It has taken nothing since then.")
    last_error: str | None = Field(
        description="Why the last notice was not taken.", examples=["it answers 500"]
    )
    disabled_at: datetime | None = Field(
        description="It failed for a day, or answered 410, and is told nothing any more."
    )

    @classmethod
    def of(cls, webhook: Webhook) -> Self:
        """The webhook as its owner sees it; this very class has no secret to show."""
        return cls.model_validate(webhook)


class WebhookCreated(WebhookRead):
    """A new webhook with its secret, which is not shown again."""

    secret: str = Field(
        description="Signs what is sent, as https://www.standardwebhooks.com says.",
        examples=["whsec_..."],
    )


class WebhookList(BaseModel):
    """All webhooks of the caller's, oldest first."""

    items: list[WebhookRead]


class MessageOrder(BaseModel):
    """What the user has agreed to be sent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    template_id: str = Field(
        min_length=1, max_length=100, description="As `wx.requestSubscribeMessage` took it."
    )
