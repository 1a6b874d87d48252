"""Notices: written with the ending, sent once it is there, tried again, given up, forgotten."""

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
    DISABLED_AFTER,
    LETTERS_AT_ONCE,
    MOST_ATTEMPTS,
    TAKEN_FOR,
    NotificationDispatcher,
    pause_after,
)


class Recorder:
    """A sender that notes what it gets and fails as it is told."""

    def __init__(self, failure: DeliveryFailed | Exception | None = None) -> None:
        self.failure = failure
        self.sent: list[OutgoingNotification] = []

    async def send(self, outgoing: OutgoingNotification) -> None:
        self.sent.append(outgoing)
        if self.failure is not None:
            raise self.failure


def add_hook(stack: WorkerStack, url: str = "https://example.com/", **given: Any) -> str:
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


def notices(stack: WorkerStack) -> list[Notification]:
    with stack.database.reading() as session:
        return list(
            session.scalars(select(Notification).order_by(Notification.created_at, Notification.id))
        )


def told(stack: WorkerStack) -> list[str | None]:
    return [notice.event for notice in notices(stack)]


def hook(stack: WorkerStack, hook_id: str) -> Webhook:
    with stack.database.reading() as session:
        return session.get_one(Webhook, hook_id)


def cancel(stack: WorkerStack, row_id: str) -> None:
    with stack.database.transaction() as session:
        row = session.get_one(Stylization, row_id)
        row.cancel(now=now_utc())
        enqueue_notifications(session, row)


def make_due(stack: WorkerStack) -> None:
    with stack.database.transaction() as session:
        for notice in session.scalars(select(Notification).where(Notification.due_at.is_not(None))):
            notice.due_at = now_utc() - timedelta(seconds=1)


def courier_of(stack: WorkerStack, sender: Any) -> NotificationDispatcher:
    return NotificationDispatcher(stack.database, {Channel.WEBHOOK: sender, Channel.WECHAT: sender})


# Every ending is announced


def test_a_finished_row_is_announced(stack: WorkerStack) -> None:
    add_hook(stack)
    stack.queue_row()

    stack.renderer.render_next_batch()

    assert told(stack) == ["stylization.done"]


def test_a_row_that_the_model_refuses_is_announced(stack: WorkerStack) -> None:
    def refuse(_: object) -> None:
        raise ValueError("not this one")

    add_hook(stack)
    stack.stylizer.before_forward = refuse
    stack.queue_row()

    stack.renderer.render_next_batch()

    assert told(stack) == ["stylization.failed"]


def test_a_row_that_killed_its_workers_is_announced(stack: WorkerStack) -> None:
    add_hook(stack)
    row_id = stack.queue_row(attempts=stack.settings.max_attempts - 1)
    claim_and_die(stack, row_id)

    stack.reconciler.free_expired_rows()

    assert told(stack) == ["stylization.failed"]


def test_a_row_whose_style_failed_is_announced(stack: WorkerStack) -> None:
    add_hook(stack)
    stack.queue_row(style_id=stack.new_style(status=StyleStatus.FAILED))

    stack.reconciler.fail_rows_of_failed_styles()

    assert told(stack) == ["stylization.failed"]


def test_a_row_that_took_too_long_is_announced(stack: WorkerStack) -> None:
    add_hook(stack)
    row_id = stack.queue_row(attempts=stack.settings.max_attempts - 1)
    claim_and_die(stack, row_id)

    stack.heartbeat._release_rows(stack.row(row_id).token or "")

    assert told(stack) == ["stylization.failed"]


def test_a_row_that_is_only_given_back_is_not_announced(stack: WorkerStack) -> None:
    add_hook(stack)
    claim_and_die(stack, stack.queue_row())

    stack.reconciler.free_expired_rows()

    assert told(stack) == []


def test_an_ending_that_is_rolled_back_is_not_announced(stack: WorkerStack) -> None:
    add_hook(stack)
    row_id = stack.queue_row()

    with stack.database.transaction() as session:
        row = session.get_one(Stylization, row_id)
        row.fail(token=None, error=RenderFailed(), now=now_utc())
        enqueue_notifications(session, row)
        session.flush()
        session.rollback()

    assert told(stack) == []


# Sending


def test_a_notice_is_sent_once(stack: WorkerStack) -> None:
    hook_id = add_hook(stack)
    cancel(stack, stack.queue_row())
    sender = Recorder()
    courier = courier_of(stack, sender)

    assert [courier.deliver(), courier.deliver()] == [1, 0]

    (outgoing,) = sender.sent
    (notice,) = notices(stack)
    assert outgoing.notification.event == "stylization.cancelled"
    assert notice.ended_at is not None
    assert hook(stack, hook_id).last_success_at is not None


def test_couriers_that_look_at_once_send_a_notice_once(stack: WorkerStack) -> None:
    add_hook(stack)
    [cancel(stack, row_id) for row_id in stack.queue_rows(12)]
    sender = Recorder()
    couriers = [threading.Thread(target=courier_of(stack, sender).deliver) for _ in range(4)]

    [courier.start() for courier in couriers]
    [courier.join() for courier in couriers]

    assert len({outgoing.notification.id for outgoing in sender.sent}) == len(sender.sent) == 12


def test_what_is_not_taken_is_tried_again_later(stack: WorkerStack) -> None:
    hook_id = add_hook(stack)
    cancel(stack, stack.queue_row())
    courier = courier_of(stack, Recorder(DeliveryFailed("it answers 500")))

    assert [courier.deliver(), courier.deliver()] == [1, 0]

    (notice,) = notices(stack)
    assert notice.due_at is not None
    assert timedelta(seconds=2) < notice.due_at - now_utc() < timedelta(seconds=7)
    assert (notice.attempts, notice.last_error) == (1, "it answers 500")
    assert hook(stack, hook_id).failing_since is not None
    assert hook(stack, hook_id).disabled_at is None


def test_a_success_ends_the_failing(stack: WorkerStack) -> None:
    hook_id = add_hook(stack)
    cancel(stack, stack.queue_row())
    courier_of(stack, Recorder(DeliveryFailed("it answers 500"))).deliver()
    make_due(stack)

    courier_of(stack, Recorder()).deliver()

    assert notices(stack)[0].attempts == 2
    seen = hook(stack, hook_id)
    assert (seen.failing_since, seen.last_error) == (None, None)


def test_pauses_grow_to_hours_and_last_for_about_a_day() -> None:
    pauses = [pause_after(attempts) for attempts in range(1, MOST_ATTEMPTS)]

    assert timedelta(seconds=4) <= pauses[0] <= timedelta(seconds=6)
    assert max(pauses) <= timedelta(hours=6) * 1.2
    assert timedelta(hours=20) < sum(pauses, timedelta()) < timedelta(hours=31)


def test_pauses_after_one_failure_differ() -> None:
    assert len({pause_after(3) for _ in range(10)}) > 1


def test_after_the_last_try_it_is_given_up(stack: WorkerStack) -> None:
    add_hook(stack)
    cancel(stack, stack.queue_row())
    with stack.database.transaction() as session:
        session.scalars(select(Notification)).one().attempts = MOST_ATTEMPTS - 1

    courier_of(stack, Recorder(DeliveryFailed("it answers 500"))).deliver()

    (notice,) = notices(stack)
    assert (notice.due_at, notice.last_error) == (None, "it answers 500")
    assert notice.ended_at is not None


def test_what_will_never_be_taken_is_given_up_at_once(stack: WorkerStack) -> None:
    add_hook(stack)
    cancel(stack, stack.queue_row())

    courier_of(stack, Recorder(DeliveryFailed("the user refuses", is_final=True))).deliver()

    assert notices(stack)[0].ended_at is not None


def test_a_webhook_that_failed_for_a_day_is_disabled_with_all_that_waits(
    stack: WorkerStack,
) -> None:
    hook_id = add_hook(stack, failing_since=now_utc() - DISABLED_AFTER)
    [cancel(stack, row_id) for row_id in stack.queue_rows(2)]

    courier_of(stack, Recorder(DeliveryFailed("it answers 500"))).deliver()

    seen = hook(stack, hook_id)
    assert seen.disabled_at is not None
    assert seen.last_error == "it answers 500"
    assert {notice.due_at for notice in notices(stack)} == {None}


def test_a_webhook_that_wants_no_more_is_disabled_at_once(stack: WorkerStack) -> None:
    hook_id = add_hook(stack)
    cancel(stack, stack.queue_row())

    courier_of(stack, Recorder(DeliveryFailed("it answers 410", ends_webhook=True))).deliver()

    assert hook(stack, hook_id).disabled_at is not None


def test_a_defect_of_ours_keeps_no_other_notice_from_being_sent(
    stack: WorkerStack, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Recorder):
        async def send(self, outgoing: OutgoingNotification) -> None:
            await super().send(outgoing)
            if len(self.sent) == 1:
                raise ZeroDivisionError

    add_hook(stack)
    [cancel(stack, row_id) for row_id in stack.queue_rows(2)]

    courier_of(stack, Broken()).deliver()

    assert sorted(n.last_error or "" for n in notices(stack)) == ["", "an error on our side"]


def test_what_was_under_way_when_a_worker_died_is_sent_again_after_a_while(
    stack: WorkerStack,
) -> None:
    add_hook(stack)
    cancel(stack, stack.queue_row())
    sender = Recorder()
    courier = courier_of(stack, sender)
    courier._take()  # and dies

    assert courier.deliver() == 0
    (taken,) = notices(stack)
    assert taken.due_at is not None
    assert taken.due_at - now_utc() < TAKEN_FOR
    make_due(stack)
    assert courier.deliver() == 1


def test_one_webhook_with_much_to_be_told_does_not_delay_another(stack: WorkerStack) -> None:
    add_hook(stack)
    [cancel(stack, row_id) for row_id in stack.queue_rows(LETTERS_AT_ONCE + 5)]
    other_id = add_hook(stack)
    cancel(stack, stack.queue_row())
    sender = Recorder()

    courier_of(stack, sender).deliver()

    assert other_id in {outgoing.notification.webhook_id for outgoing in sender.sent}


def test_a_receiver_that_says_nothing_is_let_go(
    stack: WorkerStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.periodic.notifications.SEND_SECONDS", 0.3)
    settings = stack.settings.model_copy(update={"private_webhooks": True})
    with run_receiver(Receiver(is_silent=True)) as receiver:
        add_hook(stack, url=f"http://127.0.0.1:{receiver.port}/")
        cancel(stack, stack.queue_row())
        NotificationDispatcher(stack.database, open_senders(settings, None)).deliver()

    assert notices(stack)[0].last_error == "it took longer than 0.3 s"


def test_a_channel_that_is_not_set_up_sends_nothing(stack: WorkerStack) -> None:
    row_id = stack.queue_row()
    with stack.database.transaction() as session:
        session.add(Notification(channel=Channel.WECHAT, stylization_id=row_id, template_id="tpl"))
    cancel(stack, row_id)

    NotificationDispatcher(stack.database, open_senders(stack.settings, None)).deliver()

    assert notices(stack)[0].last_error == "this channel is not set up"


def test_old_notices_are_forgotten_and_those_under_way_are_kept(stack: WorkerStack) -> None:
    add_hook(stack)
    [cancel(stack, row_id) for row_id in stack.queue_rows(3)]
    with stack.database.transaction() as session:
        old, recent, _open = session.scalars(select(Notification).order_by(Notification.id))
        old.mark_sent(now_utc() - timedelta(days=8))
        recent.mark_sent(now_utc())

    courier_of(stack, Recorder()).forget()

    assert old.id not in {notice.id for notice in notices(stack)}
    assert len(notices(stack)) == 2
