"""Sends what is due to be told. A thread in every worker; several are safe.

A notice is taken for a minute, sent, and then marked: one that was under way when its worker died
is due again after that minute.
"""

import asyncio
import logging
import random
import threading
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final, TypeVar

from sqlalchemy import delete, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core.db.base import now_utc
from core.db.engine import Database
from core.db.notifications import Notification, Webhook
from core.db.pictures import Picture
from core.db.stylizations import Stylization
from worker.notifications.senders import DeliveryFailed, OutgoingNotification, Sender

log = logging.getLogger(__name__)

Row = TypeVar("Row", Webhook, Notification)

LOOK_EVERY_SECONDS: Final = 1.0
LETTERS_AT_ONCE: Final = 20
SEND_SECONDS: Final = 10.0  # for one outgoing, all in all
TAKEN_FOR: Final = timedelta(seconds=60)
FIRST_RETRY: Final = timedelta(seconds=5)
GROWTH: Final = 4  # 5 s, 20 s, 80 s, 5 min, 21 min, 85 min, 5.7 h, then every 6 h: 25.6 h in all
LONGEST_RETRY: Final = timedelta(hours=6)
MOST_ATTEMPTS: Final = 11
JITTER: Final = 0.2  # of an interval, either way: what failed together is not tried together
DISABLED_AFTER: Final = timedelta(days=1)  # without a success since the first failure
KEPT: Final = timedelta(days=7)  # notices that were sent or given up
FORGET_EVERY: Final = 3600  # looks


class NotificationDispatcher:
    """Looks every second for notices that are due, and sends them side by side."""

    def __init__(self, database: Database, senders: Mapping[str, Sender]) -> None:
        """`senders` by channel. Nothing runs before `start`."""
        self._database = database
        self._senders = senders
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)

    def start(self) -> None:
        """Begin; the first look is at once."""
        self._thread.start()

    def stop(self) -> None:
        """Stop when what is under way has been sent."""
        self._stop.set()
        self._thread.join(timeout=SEND_SECONDS + 1)

    def deliver(self) -> int:
        """Send what is due now. Returns how many notices were taken."""
        letters = self._take()
        if letters:
            failures = asyncio.run(self._send_all(letters))
            for outgoing, failure in zip(letters, failures, strict=True):
                self._note(outgoing, failure)
        return len(letters)

    def forget(self) -> None:
        """Delete notices that were sent, or given up, long ago."""
        with self._database.transaction() as session:
            session.execute(delete(Notification).where(Notification.ended_at < now_utc() - KEPT))

    # Taking

    def _take(self) -> list[OutgoingNotification]:
        now = now_utc()
        with self._database.reading() as session:  # mostly there is none, and no lock is needed
            if (
                session.scalar(select(Notification.id).where(Notification.due_at <= now).limit(1))
                is None
            ):
                return []
        # Webhooks take turns, so that one that answers slowly holds up no other.
        nth = func.row_number().over(
            partition_by=(Notification.channel, Notification.webhook_id),
            order_by=(Notification.due_at, Notification.id),
        )
        due = select(Notification.id, nth.label("nth")).where(Notification.due_at <= now).subquery()
        next_ones = (
            select(Notification)
            .join(due, due.c.id == Notification.id)
            .where(Notification.due_at <= now)
            .order_by(due.c.nth, Notification.due_at, Notification.id)
            .limit(LETTERS_AT_ONCE)
            .with_for_update(of=Notification, skip_locked=True)
        )
        with self._database.transaction() as session:
            notices = session.scalars(next_ones).all()
            for notice in notices:
                notice.lease(until=now + TAKEN_FOR)
            return [_letter(session, notice) for notice in notices]

    # Sending

    async def _send_all(
        self, letters: Sequence[OutgoingNotification]
    ) -> list[DeliveryFailed | None]:
        return await asyncio.gather(*(self._send(outgoing) for outgoing in letters))

    async def _send(self, outgoing: OutgoingNotification) -> DeliveryFailed | None:
        """None when it was taken."""
        sender = self._senders.get(outgoing.notification.channel)
        if sender is None:
            return DeliveryFailed("this channel is not set up", is_final=True)
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await sender.send(outgoing)
        except DeliveryFailed as failure:
            return failure
        except TimeoutError:
            return DeliveryFailed(f"it took longer than {SEND_SECONDS:g} s")
        except Exception:  # a defect must not keep the others from being sent
            log.exception("%s: could not be sent", outgoing.notification.id)
            return DeliveryFailed("an error on our side")
        return None

    # Marking

    def _note(self, outgoing: OutgoingNotification, failure: DeliveryFailed | None) -> None:
        now = now_utc()
        with self._database.transaction() as session:
            # The webhook before the notice: in this order a webhook is deleted, too.
            webhook = _locked(session, Webhook, outgoing.notification.webhook_id)
            notice = _locked(session, Notification, outgoing.notification.id)
            if notice is None or notice.ended_at is not None:
                return
            if failure is None:
                notice.mark_sent(now)
                if webhook is not None:
                    webhook.record_success(now)
                return
            log.info("%s, try %d: %s", notice.id, notice.attempts, failure.reason)
            if failure.is_final or notice.attempts >= MOST_ATTEMPTS:
                notice.abandon(failure.reason, now)
            else:
                notice.postpone(failure.reason, until=now + pause_after(notice.attempts))
            if webhook is not None:
                webhook.record_failure(failure.reason, now)
                _disable_what_failed_for_long(session, webhook, is_over=failure.ends_webhook)

    def _run(self) -> None:
        looks = 0
        while True:
            try:
                while self.deliver() == LETTERS_AT_ONCE and not self._stop.is_set():
                    pass
                if looks % FORGET_EVERY == 0:
                    self.forget()
            except SQLAlchemyError:
                log.exception("notices wait, as the database is away")
            looks += 1
            if self._stop.wait(LOOK_EVERY_SECONDS):
                return


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many failures."""
    pause = min(LONGEST_RETRY, FIRST_RETRY * float(GROWTH ** (attempts - 1)))
    jitter: float = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  # no secret
    return pause * jitter


def _letter(session: Session, notice: Notification) -> OutgoingNotification:
    row = session.get_one(Stylization, notice.stylization_id)
    result = session.get(Picture, row.result_picture_id) if row.result_picture_id else None
    webhook = session.get(Webhook, notice.webhook_id) if notice.webhook_id else None
    return OutgoingNotification(notice, row, result, webhook)


def _locked(session: Session, kind: type[Row], row_id: str | None) -> Row | None:
    return None if row_id is None else session.get(kind, row_id, with_for_update=True)


def _disable_what_failed_for_long(session: Session, webhook: Webhook, *, is_over: bool) -> None:
    now = now_utc()
    if not is_over and now - (webhook.failing_since or now) < DISABLED_AFTER:
        return
    webhook.disable(now)
    open_notices = select(Notification).where(
        Notification.webhook_id == webhook.id, Notification.ended_at.is_(None)
    )
    for notice in session.scalars(open_notices.with_for_update(skip_locked=True)):
        notice.abandon("its webhook was disabled", now)
