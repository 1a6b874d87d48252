"""Sends the notifications that are due. Several workers may do this at the same time.

A notification is leased for a minute, sent, and then marked. If the worker dies while sending, the
notification is due again when the lease ends.
"""

import asyncio
import logging
import random
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final, TypeVar

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.db.base import now_utc
from core.db.engine import Database
from core.db.notifications import Notification, Webhook
from core.db.pictures import Picture
from core.db.stylizations import Stylization
from worker.notifications.senders import DeliveryFailed, OutgoingNotification, Sender
from worker.periodic.runner import PeriodicTask

log = logging.getLogger(__name__)

Row = TypeVar("Row", Webhook, Notification)

POLL_SECONDS: Final = 1.0
BATCH_SIZE: Final = 20
SEND_SECONDS: Final = 10.0  # limit for one notification, including name resolution
LEASE: Final = timedelta(seconds=60)
FIRST_RETRY: Final = timedelta(seconds=5)
RETRY_FACTOR: Final = 4  # 5 s, 20 s, 80 s, 5 min, 21 min, 85 min, 5.7 h, then every 6 h: 25.6 h
MAX_RETRY: Final = timedelta(hours=6)
MAX_ATTEMPTS: Final = 11
JITTER: Final = 0.2  # share of the interval, so that failures at one time are not retried at once
DISABLE_AFTER: Final = timedelta(days=1)  # without a success since the first failure
RETENTION: Final = timedelta(days=7)  # of notifications that were sent or abandoned
CLEANUP_SECONDS: Final = 3600.0


class NotificationDispatcher:
    """Sends due notifications concurrently and records the outcome of each."""

    def __init__(self, database: Database, senders: Mapping[str, Sender]) -> None:
        """Use one sender per channel."""
        self._database = database
        self._senders = senders

    def tasks(self) -> list[PeriodicTask]:
        """Return the periodic tasks of this dispatcher."""
        return [
            PeriodicTask(
                "notifications",
                lambda: self.send_due() == BATCH_SIZE,
                interval_seconds=POLL_SECONDS,
            ),
            PeriodicTask("notification cleanup", self.delete_old, interval_seconds=CLEANUP_SECONDS),
        ]

    def send_due(self) -> int:
        """Send the notifications that are due now. Returns how many were leased."""
        batch = self._lease_due()
        if batch:
            failures = asyncio.run(self._send_all(batch))
            for outgoing, failure in zip(batch, failures, strict=True):
                self._record(outgoing, failure)
        return len(batch)

    def delete_old(self) -> None:
        """Delete notifications that were sent or abandoned more than a week ago."""
        old = Notification.ended_at < now_utc() - RETENTION
        with self._database.transaction() as session:
            session.execute(delete(Notification).where(old))

    # Lease

    def _lease_due(self) -> list[OutgoingNotification]:
        now = now_utc()
        is_due = Notification.due_at <= now
        with self._database.reading() as session:  # usually nothing is due: no lock is taken
            if session.scalar(select(Notification.id).where(is_due).limit(1)) is None:
                return []
        # Round-robin between webhooks, so that a slow receiver does not delay the others.
        round_number = func.row_number().over(
            partition_by=(Notification.channel, Notification.webhook_id),
            order_by=(Notification.due_at, Notification.id),
        )
        due = select(Notification.id, round_number.label("round")).where(is_due).subquery()
        next_batch = (
            select(Notification)
            .join(due, due.c.id == Notification.id)
            .where(is_due)
            .order_by(due.c.round, Notification.due_at, Notification.id)
            .limit(BATCH_SIZE)
            .with_for_update(of=Notification, skip_locked=True)
        )
        with self._database.transaction() as session:
            notifications = session.scalars(next_batch).all()
            for notification in notifications:
                notification.lease(until=now + LEASE)
            return [_with_related_rows(session, each) for each in notifications]

    # Send

    async def _send_all(self, batch: Sequence[OutgoingNotification]) -> list[DeliveryFailed | None]:
        return await asyncio.gather(*(self._send(outgoing) for outgoing in batch))

    async def _send(self, outgoing: OutgoingNotification) -> DeliveryFailed | None:
        """Return None when the receiver accepted the notification."""
        sender = self._senders.get(outgoing.notification.channel)
        if sender is None:
            return DeliveryFailed("this channel is not configured", is_final=True)
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await sender.send(outgoing)
        except DeliveryFailed as failure:
            return failure
        except TimeoutError:
            return DeliveryFailed(f"timed out after {SEND_SECONDS:g} s")
        except Exception:  # a defect in one sender must not affect the other notifications
            log.exception("notification %s could not be sent", outgoing.notification.id)
            return DeliveryFailed("internal error")
        return None

    # Record

    def _record(self, outgoing: OutgoingNotification, failure: DeliveryFailed | None) -> None:
        now = now_utc()
        with self._database.transaction() as session:
            # Lock order: the webhook first, as when a webhook is deleted.
            webhook = _locked(session, Webhook, outgoing.notification.webhook_id)
            notification = _locked(session, Notification, outgoing.notification.id)
            if notification is None or notification.ended_at is not None:
                return
            if failure is None:
                notification.mark_sent(now)
                if webhook is not None:
                    webhook.record_success(now)
                return
            log.info(
                "notification %s, attempt %d: %s",
                notification.id,
                notification.attempts,
                failure.reason,
            )
            if failure.is_final or notification.attempts >= MAX_ATTEMPTS:
                notification.abandon(failure.reason, now)
            else:
                notification.postpone(
                    failure.reason, until=now + retry_delay(notification.attempts)
                )
            if webhook is not None:
                webhook.record_failure(failure.reason, now)
                _disable_if_failing(session, webhook, is_final=failure.ends_webhook)


def retry_delay(attempts: int) -> timedelta:
    """Return the time to wait after this many failed attempts, with jitter."""
    delay = min(MAX_RETRY, FIRST_RETRY * float(RETRY_FACTOR ** (attempts - 1)))
    jitter: float = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  # not security-relevant
    return delay * jitter


def _with_related_rows(session: Session, notification: Notification) -> OutgoingNotification:
    row = session.get_one(Stylization, notification.stylization_id)
    result = session.get(Picture, row.result_picture_id) if row.result_picture_id else None
    webhook = session.get(Webhook, notification.webhook_id) if notification.webhook_id else None
    return OutgoingNotification(notification, row, result, webhook)


def _locked(session: Session, table: type[Row], row_id: str | None) -> Row | None:
    return None if row_id is None else session.get(table, row_id, with_for_update=True)


def _disable_if_failing(session: Session, webhook: Webhook, *, is_final: bool) -> None:
    """Disable a webhook that failed for a day, or at once if it wants no more notifications."""
    now = now_utc()
    if not is_final and now - (webhook.failing_since or now) < DISABLE_AFTER:
        return
    webhook.disable(now)
    unsent = select(Notification).where(
        Notification.webhook_id == webhook.id, Notification.ended_at.is_(None)
    )
    for notification in session.scalars(unsent.with_for_update(skip_locked=True)):
        notification.abandon("the webhook was disabled", now)
