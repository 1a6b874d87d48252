"""Subscribe messages, against a server that answers as WeChat's does."""

import asyncio
import json
from datetime import UTC, datetime

import pytest

from core.db.notifications import Notification
from core.db.stylizations import Stylization
from core.errors import ServerError
from core.settings import TemplateField
from tests.receiver import Receiver, run_receiver
from worker.notifications.senders import DeliveryFailed, OutgoingNotification
from worker.notifications.wechat_messages import WeChatSender

TEMPLATES: dict[str, dict[str, TemplateField]] = {
    "tpl-1": {"thing1": "style", "phrase2": "status", "date3": "finished_at"}
}
TAKEN = b'{"errcode": 0, "errmsg": "ok"}'


class Account:
    """Hands out token-1, and token-2 in its place."""

    def access_token(self, *, instead_of: str | None = None) -> str:
        return "token-2" if instead_of == "token-1" else "token-1"

    def openid_of_user(self, user_id: str) -> str | None:
        return {"usr_1": "openid-1"}.get(user_id)


class AccountAway(Account):
    def access_token(self, **_: str | None) -> str:
        raise ServerError


def a_letter(template_id: str = "tpl-1", **given) -> OutgoingNotification:
    row = Stylization(
        **{
            "id": "stl_1",
            "owner_id": "usr_1",
            "status": "done",
            "style_name": {"zh": "尼西黑陶" * 10, "en": "Nixi black pottery"},
            "created_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
            "finished_at": datetime(2026, 1, 2, 20, 4, 5, tzinfo=UTC),
        }
        | given
    )
    return OutgoingNotification(Notification(id="ntc_1", template_id=template_id), row, None, None)


def send(
    receiver: Receiver, outgoing: OutgoingNotification, account: Account | None = None
) -> None:
    sender = WeChatSender(
        account or Account(),
        base_url=f"http://127.0.0.1:{receiver.port}",
        templates=TEMPLATES,
        page="pages/job/job",
    )
    asyncio.run(sender.send(outgoing))


def failure_of(
    receiver: Receiver, outgoing: OutgoingNotification, account: Account | None = None
) -> DeliveryFailed:
    with run_receiver(receiver), pytest.raises(DeliveryFailed) as failure:
        send(receiver, outgoing, account)
    return failure.value


def test_a_message_says_what_the_template_asks_for_in_chinas_time():
    with run_receiver(Receiver(response_body=TAKEN)) as wechat:
        send(wechat, a_letter())

    (request,) = wechat.received
    assert request.path == "/cgi-bin/message/subscribe/send?access_token=token-1"
    assert json.loads(request.body) == {
        "touser": "openid-1",
        "template_id": "tpl-1",
        "page": "pages/job/job?id=stl_1",
        "lang": "zh_CN",
        "data": {
            "thing1": {"value": "尼西黑陶" * 5},  # as long as WeChat allows
            "phrase2": {"value": "已完成"},
            "date3": {"value": "2026-01-03 04:04:05"},
        },
    }


def test_a_token_that_was_replaced_is_fetched_anew_once():
    failure = failure_of(wechat := Receiver(response_body=b'{"errcode": 40001}'), a_letter())

    tokens = [request.path.partition("=")[2] for request in wechat.received]
    assert tokens == ["token-1", "token-2"]
    assert not failure.is_final


@pytest.mark.parametrize("errcode", [40003, 40037, 43101, 41030, 47003])
def test_a_refusal_that_will_not_change_is_final(errcode):
    failure = failure_of(Receiver(response_body=b'{"errcode": %d}' % errcode), a_letter())

    assert (failure.reason, failure.is_final) == (f"WeChat answers {errcode}", True)


@pytest.mark.parametrize("answer", [b'{"errcode": -1}', b"<html>", b"[]", b'{"errcode": "x"}'])
def test_when_wechat_is_out_of_order_the_message_waits(answer):
    assert not failure_of(Receiver(response_body=answer), a_letter()).is_final


def test_when_wechat_is_away_the_message_waits_and_no_token_is_told():
    with run_receiver(Receiver()) as wechat:
        pass
    with pytest.raises(DeliveryFailed) as failure:
        send(wechat, a_letter())

    assert failure.value.reason == "WeChat is away (ConnectError)"
    assert not failure.value.is_final


def test_without_a_token_the_message_waits():
    failure = failure_of(Receiver(), a_letter(), AccountAway())

    assert (failure.reason, failure.is_final) == ("no access token (server_error)", False)


@pytest.mark.parametrize("outgoing", [a_letter("tpl-9"), a_letter(owner_id="usr_9")])
def test_a_message_to_nobody_or_of_no_template_is_given_up(outgoing):
    wechat = Receiver()

    assert failure_of(wechat, outgoing).is_final
    assert wechat.received == []
