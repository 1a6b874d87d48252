"""Stores webhooks and requests for subscribe messages; the workers send the notifications."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.client_text import quoted
from app.stylizations.views import find_owned_row
from core.db.base import now_utc
from core.db.engine import Database
from core.db.notifications import (
    EVENT_OF,
    Channel,
    Event,
    Notification,
    Webhook,
    new_webhook_secret,
)
from core.db.stylizations import Status
from core.db.users import User, UserKind
from core.errors import NotFound, TooManyWebhooks
from core.notifications.destinations import validate_destination
from core.settings import Settings
from core.wechat.errors import NotAWeChatUser, UnknownTemplate

MAX_WEBHOOKS: Final = 10  # of one owner; each receives a request for every job


def add_webhook(
    database: Database, settings: Settings, owner_id: str, url: str, events: Sequence[Event]
) -> Webhook:
    """Add a webhook.

    Raises:
        InvalidWebhookAddress, PrivateWebhookAddress: the URL is not allowed.
        TooManyWebhooks: the owner has 10 webhooks already.
    """
    checked = validate_destination(url, allow_private=settings.private_webhooks)
    names = " ".join(event.value for event in Event if event in events)
    webhook = Webhook(
        owner_id=owner_id, url=str(checked), event_names=names, secret=new_webhook_secret()
    )
    with database.transaction() as session:
        # The lock serializes the requests of one owner, so that the limit is enforced.
        session.get_one(User, owner_id, with_for_update=True)
        mine = select(func.count()).where(Webhook.owner_id == owner_id)
        if (session.scalar(mine) or 0) >= MAX_WEBHOOKS:
            raise TooManyWebhooks(limit=MAX_WEBHOOKS)
        session.add(webhook)
    return webhook


def list_webhooks(database: Database, owner_id: str) -> Sequence[Webhook]:
    """All webhooks of an owner, oldest first."""
    mine = select(Webhook).where(Webhook.owner_id == owner_id)
    with database.reading() as session:
        return session.scalars(mine.order_by(Webhook.created_at, Webhook.id)).all()


def find_webhook(database: Database, owner_id: str, webhook_id: str) -> Webhook:
    """One webhook of an owner.

    Raises:
        NotFound: the owner has no webhook with this id.
    """
    with database.reading() as session:
        return _own_webhook(session, owner_id, webhook_id)


def remove_webhook(database: Database, owner_id: str, webhook_id: str) -> None:
    """Delete a webhook with its unsent notifications.

    Raises:
        NotFound: the owner has no webhook with this id.
    """
    with database.transaction() as session:
        session.delete(_own_webhook(session, owner_id, webhook_id))


def request_message(
    database: Database, settings: Settings, owner_id: str, stylization_id: str, template_id: str
) -> None:
    """Send the owner one subscribe message when the stylization ends, or now if it has ended.

    Another request changes the template until the message has been sent.

    Raises:
        NotFound: the owner has no stylization with this id.
        NotAWeChatUser: the owner did not log in with WeChat.
        UnknownTemplate: the template is not in the settings.
    """
    if template_id not in settings.wechat_templates:
        raise UnknownTemplate(template_id=quoted(template_id), field="template_id")
    with database.transaction() as session:
        row = find_owned_row(session, owner_id, stylization_id, lock=True)
        if session.get_one(User, owner_id).kind != UserKind.WECHAT:
            raise NotAWeChatUser
        existing = select(Notification).where(
            Notification.stylization_id == row.id, Notification.channel == Channel.WECHAT
        )
        notification = session.scalars(existing).one_or_none()
        if notification is None:
            notification = Notification(channel=Channel.WECHAT, stylization_id=row.id)
            session.add(notification)
            if not row.is_open:
                notification.mark_due(EVENT_OF[Status(row.status)], now_utc())
        notification.template_id = template_id


def _own_webhook(session: Session, owner_id: str, webhook_id: str) -> Webhook:
    own = select(Webhook).where(Webhook.id == webhook_id, Webhook.owner_id == owner_id)
    webhook = session.scalars(own).one_or_none()
    if webhook is None:
        raise NotFound
    return webhook
