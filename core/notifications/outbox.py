"""The outbox: notifications are written in the transaction that ends a stylization.

The workers send them. A notification is never lost and never sent for a transaction that was rolled
back; it may be sent twice.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db.base import now_utc
from core.db.notifications import EVENT_OF, Channel, Notification, Webhook
from core.db.stylizations import Status, Stylization


def enqueue_notifications(session: Session, row: Stylization) -> None:
    """Write what is to be told now that this row has ended.

    Every transaction that finishes, fails or cancels a row calls it.
    """
    event, now = EVENT_OF[Status(row.status)], now_utc()
    listening = select(Webhook).where(
        Webhook.owner_id == row.owner_id, Webhook.disabled_at.is_(None)
    )
    # KEY SHARE: none of them is deleted before its notice is written.
    for webhook in session.scalars(listening.with_for_update(read=True, key_share=True)):
        if event in webhook.events:
            notice = Notification(
                channel=Channel.WEBHOOK, stylization_id=row.id, webhook_id=webhook.id
            )
            notice.mark_due(event, now)
            session.add(notice)
    waiting = select(Notification).where(
        Notification.stylization_id == row.id, Notification.event.is_(None)
    )
    for notice in session.scalars(waiting):
        notice.mark_due(event, now)


def withdraw_notifications(session: Session, row: Stylization, now: datetime) -> None:
    """A stylization that had ended is queued again: what was not told yet is told at its next end.

    A webhook's notice of the last end is given up; the next end writes a new one.
    """
    unsent = select(Notification).where(
        Notification.stylization_id == row.id,
        Notification.event.is_not(None),
        Notification.ended_at.is_(None),
    )
    for notice in session.scalars(unsent.with_for_update()):
        if notice.channel == Channel.WECHAT:
            notice.reset()
        else:
            notice.abandon("the stylization was queued again", now)
