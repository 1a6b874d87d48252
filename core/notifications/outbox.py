"""The outbox: notifications are written in the transaction that ends a stylization.

Workers send them later. A notification is never lost, and never sent for a transaction that was
rolled back. It may be sent twice.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db.base import now_utc
from core.db.notifications import EVENT_OF, Channel, Notification, Webhook
from core.db.stylizations import Status, Stylization


def enqueue_notifications(session: Session, row: Stylization) -> None:
    """Write the notifications for a row that has ended.

    Every transaction that finishes, fails or cancels a row must call this.
    """
    event, now = EVENT_OF[Status(row.status)], now_utc()
    webhooks = select(Webhook).where(
        Webhook.owner_id == row.owner_id, Webhook.disabled_at.is_(None)
    )
    # KEY SHARE: no webhook is deleted before its notification is written.
    for webhook in session.scalars(webhooks.with_for_update(read=True, key_share=True)):
        if event in webhook.events:
            notification = Notification(
                channel=Channel.WEBHOOK, stylization_id=row.id, webhook_id=webhook.id
            )
            notification.mark_due(event, now)
            session.add(notification)
    waiting = select(Notification).where(
        Notification.stylization_id == row.id, Notification.event.is_(None)
    )
    for notification in session.scalars(waiting):
        notification.mark_due(event, now)


def withdraw_notifications(session: Session, row: Stylization, now: datetime) -> None:
    """Withdraw the unsent notifications of a row that is queued again.

    A WeChat message waits for the next end of the row. A webhook notification is abandoned,
    because the next end writes a new one.
    """
    unsent = select(Notification).where(
        Notification.stylization_id == row.id,
        Notification.event.is_not(None),
        Notification.ended_at.is_(None),
    )
    for notification in session.scalars(unsent.with_for_update()):
        if notification.channel == Channel.WECHAT:
            notification.reset()
        else:
            notification.abandon("the stylization was queued again", now)
