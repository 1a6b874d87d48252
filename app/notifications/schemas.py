"""Request and response bodies of webhooks and subscribe messages."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from app.request_bodies import FROM_JSON, RequestBody
from core.db.notifications import MAX_URL_LENGTH, Event, Webhook


class WebhookBody(RequestBody):
    """The URL of a webhook and its events."""

    url: str = Field(
        min_length=1,
        max_length=MAX_URL_LENGTH,
        description="An https address on the public Internet.",
        examples=["https://example.com/dualtrans"],
    )
    events: Annotated[tuple[Annotated[Event, FROM_JSON], ...], FROM_JSON] = Field(
        default=tuple(Event),
        min_length=1,
        max_length=len(Event),
        description="Default: all events.",
    )


class WebhookRead(BaseModel):
    """A webhook that receives a request when a stylization of its owner ends."""

    model_config = ConfigDict(from_attributes=True)

    id: str = Field(examples=["whk_Xb2m5o3wQ1aZs8Kd0fPqLg"])
    url: str
    events: list[Event]
    created_at: datetime
    last_success_at: datetime | None
    failing_since: datetime | None = Field(description="The first failure since the last success.")
    last_error: str | None = Field(
        description="Why the last request failed.", examples=["responded with status 500"]
    )
    disabled_at: datetime | None = Field(
        description="When it was disabled, after 24 hours of failures or a response 410."
    )

    @classmethod
    def of(cls, webhook: Webhook) -> Self:
        """The webhook as its owner sees it, without the secret."""
        return cls.model_validate(webhook)


class WebhookCreated(WebhookRead):
    """A new webhook with its secret, which is shown only once."""

    secret: str = Field(
        description="Signs the requests as https://www.standardwebhooks.com specifies.",
        examples=["whsec_..."],
    )


class WebhookList(BaseModel):
    """All webhooks of the caller, oldest first."""

    items: list[WebhookRead]


class MessageBody(RequestBody):
    """The message that the user has accepted."""

    template_id: str = Field(
        min_length=1,
        max_length=100,
        description="The template id that `wx.requestSubscribeMessage` used.",
    )
