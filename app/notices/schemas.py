"""What the notices room takes and gives over HTTP."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from app.shared.outbox import MAX_URL, Event, Webhook


class WebhookOrder(BaseModel):
    """Where to, and what of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(
        min_length=1,
        max_length=MAX_URL,
        description="An https address on the public Internet.",
        examples=["https://example.com/dualtrans"],
    )
    events: tuple[Event, ...] = Field(
        default=tuple(Event), min_length=1, max_length=len(Event), description="Absent: all."
    )


class WebhookRead(BaseModel):
    """An address that is told when stylizations of its owner's end."""

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
    def of(cls, webhook: Webhook) -> "WebhookRead":
        """The webhook as its owner sees it, without its secret."""
        return cls(**_shown(webhook))


class WebhookCreated(WebhookRead):
    """A new webhook with its secret, which is not shown again."""

    secret: str = Field(
        description="Signs what is sent, as https://www.standardwebhooks.com says.",
        examples=["whsec_..."],
    )

    @classmethod
    def of(cls, webhook: Webhook) -> "WebhookCreated":
        """The webhook as its owner sees it this once."""
        return cls(**_shown(webhook), secret=webhook.secret)


class WebhookList(BaseModel):
    """All webhooks of the caller's, oldest first."""

    items: list[WebhookRead]


class MessageOrder(BaseModel):
    """What the user has agreed to be sent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    template_id: str = Field(
        min_length=1, max_length=100, description="As `wx.requestSubscribeMessage` took it."
    )


def _shown(webhook: Webhook) -> dict[str, object]:
    return {
        "id": webhook.id,
        "url": webhook.url,
        "events": webhook.events,
        "created_at": webhook.created_at,
        "last_success_at": webhook.last_success_at,
        "failing_since": webhook.failing_since,
        "last_error": webhook.last_error,
        "disabled_at": webhook.disabled_at,
    }
