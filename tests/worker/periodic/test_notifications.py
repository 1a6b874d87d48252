"""Notifications: written when a row ends, sent, retried, abandoned, and deleted later."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.keys import local_user
from core.db.base import now_utc
from core.db.notifications import Channel, Event, Notification, Webhook
from core.db.styles import StyleStatus
from core.db.stylizations import Stylization
from core.failures import RenderFailed
from core.notifications.outbox import enqueue_notifications
from tests.receiver import Receiver, run_receiver
from tests.worker.conftest import WorkerStack
from tests.worker.periodic.test_reconciliation import claim_and_die
from worker.__main__ import open_senders
from worker.notifications.senders import DeliveryFailed, OutgoingNotification
from worker.periodic.notifications import (
    BATCH_SIZE,
    DISABLE_AFTER,
    LEASE,
    MAX_ATTEMPTS,
    NotificationDispatcher,
    retry_delay,
)


class Recorder:
    """A sender that records notifications and raises the given failure."""

    def __init__(self, failure: DeliveryFailed | Exception | None = None) -> None:
        self.failure = failure
        self.sent: list[OutgoingNotification] = []

    async def send(self, outgoing: OutgoingNotification) -> None:
        self.sent.append(outgoing)
        if self.failure is not None:
            raise self.failure


def add_webhook(stack: WorkerStack, url: str = "https://example.com/", **given: Any) -> str:
    with stack.database.transaction() as session:
        names = " ".join(Event)
        webhook = Webhook(
            **{"owner_id": local_user(session).id, "url": url, "event_names": names}
            | {"secret": "whsec_aaaa"}
            | given
        )
        session.add(webhook)
        session.flush()
        return webhook.id


def notifications(stack: WorkerStack) -> list[Notification]:
    with stack.database.reading() as session:
        return list(
            session.scalars(select(Notification).order_by(Notification.created_at, Notification.id))
        )


def events(stack: WorkerStack) -> list[str | None]:
    return [notification.event for notification in notifications(stack)]


def webhook_row(stack: WorkerStack, webhook_id: str) -> Webhook:
    with stack.database.reading() as session:
        return session.get_one(Webhook, webhook_id)


def cancel(stack: WorkerStack, row_id: str) -> None:
    with stack.database.transaction() as session:
        row = session.get_one(Stylization, row_id)
        row.cancel(now=now_utc())
        enqueue_notifications(session, row)


def make_due(stack: WorkerStack) -> None:
    with stack.database.transaction() as session:
        for notification in session.scalars(
            select(Notification).where(Notification.due_at.is_not(None))
        ):
            notification.due_at = now_utc() - timedelta(seconds=1)


def dispatcher_of(stack: WorkerStack, sender: Any) -> NotificationDispatcher:
    return NotificationDispatcher(stack.database, {Channel.WEBHOOK: sender, Channel.WECHAT: sender})


# Every way to end writes a notification


def test_a_finished_row_has_a_notification(stack: WorkerStack) -> None:
    add_webhook(stack)
    stack.queue_row()

    stack.renderer.render_next_batch()

    assert events(stack) == ["stylization.done"]


def test_a_row_that_the_model_refuses_has_a_notification(stack: WorkerStack) -> None:
    def refuse(_: object) -> None:
        raise ValueError("not this one")

    add_webhook(stack)
    stack.painter.before_forward = refuse
    stack.queue_row()

    stack.renderer.render_next_batch()

    assert events(stack) == ["stylization.failed"]


def test_a_row_that_killed_its_workers_has_a_notification(stack: WorkerStack) -> None:
    add_webhook(stack)
    row_id = stack.queue_row(attempts=stack.settings.max_attempts - 1)
    claim_and_die(stack, row_id)

    stack.reconciler.release_expired_rows()

    assert events(stack) == ["stylization.failed"]


def test_a_row_whose_style_failed_has_a_notification(stack: WorkerStack) -> None:
    add_webhook(stack)
    stack.queue_row(style_id=stack.new_style(status=StyleStatus.FAILED))

    stack.reconciler.fail_rows_of_failed_styles()

    assert events(stack) == ["stylization.failed"]


def test_a_row_that_timed_out_has_a_notification(stack: WorkerStack) -> None:
    add_webhook(stack)
    row_id = stack.queue_row(attempts=stack.settings.max_attempts - 1)
    claim_and_die(stack, row_id)

    stack.heartbeat._release_rows(stack.row(row_id).token or "")

    assert events(stack) == ["stylization.failed"]


def test_a_row_that_is_only_released_has_no_notification(stack: WorkerStack) -> None:
    add_webhook(stack)
    claim_and_die(stack, stack.queue_row())

    stack.reconciler.release_expired_rows()

    assert events(stack) == []


def test_a_transaction_that_is_rolled_back_leaves_no_notification(stack: WorkerStack) -> None:
    add_webhook(stack)
    row_id = stack.queue_row()

    with stack.database.transaction() as session:
        row = session.get_one(Stylization, row_id)
        row.fail(token=None, error=RenderFailed(), now=now_utc())
        enqueue_notifications(session, row)
        session.flush()
        session.rollback()

    assert events(stack) == []


# Sending and retrying


def test_a_notification_is_sent_once(stack: WorkerStack) -> None:
    webhook_id = add_webhook(stack)
    cancel(stack, stack.queue_row())
    sender = Recorder()
    dispatcher = dispatcher_of(stack, sender)

    assert [dispatcher.send_due(), dispatcher.send_due()] == [1, 0]

    (outgoing,) = sender.sent
    (notification,) = notifications(stack)
    assert outgoing.notification.event == "stylization.cancelled"
    assert notification.ended_at is not None
    assert webhook_row(stack, webhook_id).last_success_at is not None


def test_dispatchers_that_run_at_the_same_time_send_each_notification_once(
    stack: WorkerStack,
) -> None:
    add_webhook(stack)
    [cancel(stack, row_id) for row_id in stack.queue_rows(12)]
    sender = Recorder()
    threads = [threading.Thread(target=dispatcher_of(stack, sender).send_due) for _ in range(4)]

    [dispatcher.start() for dispatcher in threads]
    [dispatcher.join() for dispatcher in threads]

    assert len({outgoing.notification.id for outgoing in sender.sent}) == len(sender.sent) == 12


def test_a_notification_that_was_not_accepted_is_retried_later(stack: WorkerStack) -> None:
    webhook_id = add_webhook(stack)
    cancel(stack, stack.queue_row())
    dispatcher = dispatcher_of(stack, Recorder(DeliveryFailed("responded with status 500")))

    assert [dispatcher.send_due(), dispatcher.send_due()] == [1, 0]

    (notification,) = notifications(stack)
    assert notification.due_at is not None
    assert timedelta(seconds=2) < notification.due_at - now_utc() < timedelta(seconds=7)
    assert (notification.attempts, notification.last_error) == (1, "responded with status 500")
    assert webhook_row(stack, webhook_id).failing_since is not None
    assert webhook_row(stack, webhook_id).disabled_at is None


def test_a_success_resets_the_failures_of_a_webhook(stack: WorkerStack) -> None:
    webhook_id = add_webhook(stack)
    cancel(stack, stack.queue_row())
    dispatcher_of(stack, Recorder(DeliveryFailed("responded with status 500"))).send_due()
    make_due(stack)

    dispatcher_of(stack, Recorder()).send_due()

    assert notifications(stack)[0].attempts == 2
    seen = webhook_row(stack, webhook_id)
    assert (seen.failing_since, seen.last_error) == (None, None)


def test_retry_delays_grow_to_hours_and_add_up_to_about_a_day() -> None:
    delays = [retry_delay(attempts) for attempts in range(1, MAX_ATTEMPTS)]

    assert timedelta(seconds=4) <= delays[0] <= timedelta(seconds=6)
    assert max(delays) <= timedelta(hours=6) * 1.2
    assert timedelta(hours=20) < sum(delays, timedelta()) < timedelta(hours=31)


def test_retry_delays_have_jitter() -> None:
    assert len({retry_delay(3) for _ in range(10)}) > 1


def test_after_the_last_attempt_a_notification_is_abandoned(stack: WorkerStack) -> None:
    add_webhook(stack)
    cancel(stack, stack.queue_row())
    with stack.database.transaction() as session:
        session.scalars(select(Notification)).one().attempts = MAX_ATTEMPTS - 1

    dispatcher_of(stack, Recorder(DeliveryFailed("responded with status 500"))).send_due()

    (notification,) = notifications(stack)
    assert (notification.due_at, notification.last_error) == (None, "responded with status 500")
    assert notification.ended_at is not None


def test_a_final_failure_abandons_the_notification_at_once(stack: WorkerStack) -> None:
    add_webhook(stack)
    cancel(stack, stack.queue_row())

    dispatcher_of(stack, Recorder(DeliveryFailed("the user refuses", is_final=True))).send_due()

    assert notifications(stack)[0].ended_at is not None


def test_a_webhook_that_failed_for_a_day_is_disabled_and_its_notifications_are_abandoned(
    stack: WorkerStack,
) -> None:
    webhook_id = add_webhook(stack, failing_since=now_utc() - DISABLE_AFTER)
    [cancel(stack, row_id) for row_id in stack.queue_rows(2)]

    dispatcher_of(stack, Recorder(DeliveryFailed("responded with status 500"))).send_due()

    seen = webhook_row(stack, webhook_id)
    assert seen.disabled_at is not None
    assert seen.last_error == "responded with status 500"
    assert {notification.due_at for notification in notifications(stack)} == {None}


def test_a_webhook_that_responds_410_is_disabled_at_once(stack: WorkerStack) -> None:
    webhook_id = add_webhook(stack)
    cancel(stack, stack.queue_row())

    dispatcher_of(
        stack, Recorder(DeliveryFailed("responded with status 410 (Gone)", ends_webhook=True))
    ).send_due()

    assert webhook_row(stack, webhook_id).disabled_at is not None


def test_a_defect_in_a_sender_does_not_affect_the_other_notifications(
    stack: WorkerStack, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Recorder):
        async def send(self, outgoing: OutgoingNotification) -> None:
            await super().send(outgoing)
            if len(self.sent) == 1:
                raise ZeroDivisionError

    add_webhook(stack)
    [cancel(stack, row_id) for row_id in stack.queue_rows(2)]

    dispatcher_of(stack, Broken()).send_due()

    assert sorted(n.last_error or "" for n in notifications(stack)) == ["", "internal error"]


def test_a_notification_whose_worker_died_is_sent_again_after_the_lease(
    stack: WorkerStack,
) -> None:
    add_webhook(stack)
    cancel(stack, stack.queue_row())
    sender = Recorder()
    dispatcher = dispatcher_of(stack, sender)
    dispatcher._lease_due()  # and dies

    assert dispatcher.send_due() == 0
    (leased,) = notifications(stack)
    assert leased.due_at is not None
    assert leased.due_at - now_utc() < LEASE
    make_due(stack)
    assert dispatcher.send_due() == 1


def test_a_webhook_with_many_notifications_does_not_delay_another(stack: WorkerStack) -> None:
    add_webhook(stack)
    [cancel(stack, row_id) for row_id in stack.queue_rows(BATCH_SIZE + 5)]
    other_id = add_webhook(stack)
    cancel(stack, stack.queue_row())
    sender = Recorder()

    dispatcher_of(stack, sender).send_due()

    assert other_id in {outgoing.notification.webhook_id for outgoing in sender.sent}


def test_a_receiver_that_does_not_respond_is_abandoned_after_the_time_limit(
    stack: WorkerStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.periodic.notifications.SEND_SECONDS", 0.3)
    settings = stack.settings.model_copy(update={"private_webhooks": True})
    with run_receiver(Receiver(is_silent=True)) as receiver:
        add_webhook(stack, url=f"http://127.0.0.1:{receiver.port}/")
        cancel(stack, stack.queue_row())
        NotificationDispatcher(
            stack.database, open_senders(settings, stack.database, None)
        ).send_due()

    assert notifications(stack)[0].last_error == "timed out after 0.3 s"


def test_a_channel_that_is_not_configured_sends_nothing(stack: WorkerStack) -> None:
    row_id = stack.queue_row()
    with stack.database.transaction() as session:
        session.add(Notification(channel=Channel.WECHAT, stylization_id=row_id, template_id="tpl"))
    cancel(stack, row_id)

    NotificationDispatcher(
        stack.database, open_senders(stack.settings, stack.database, None)
    ).send_due()

    assert notifications(stack)[0].last_error == "this channel is not configured"


def test_old_notifications_are_deleted_and_open_ones_are_kept(stack: WorkerStack) -> None:
    add_webhook(stack)
    [cancel(stack, row_id) for row_id in stack.queue_rows(3)]
    with stack.database.transaction() as session:
        old, recent, _open = session.scalars(select(Notification).order_by(Notification.id))
        old.mark_sent(now_utc() - timedelta(days=8))
        recent.mark_sent(now_utc())

    dispatcher_of(stack, Recorder()).delete_old()

    assert old.id not in {notification.id for notification in notifications(stack)}
    assert len(notifications(stack)) == 2
