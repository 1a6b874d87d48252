"""Subscribe messages, sent to a server that responds as WeChat does."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from core.db.base import Base
from core.db.engine import Database, open_database
from core.db.notifications import Notification
from core.db.stylizations import Stylization
from core.db.users import User, UserKind, WeChatIdentity
from core.settings import Settings, TemplateField
from core.wechat.client import open_wechat
from tests.fake_wechat_services import APPID, FakeServices
from worker.notifications.senders import DeliveryFailed, OutgoingNotification
from worker.notifications.wechat_messages import WeChatSender

MESSAGE = "/cgi-bin/message/subscribe/send"
TEMPLATES: dict[str, dict[str, TemplateField]] = {
    "tpl-1": {"thing1": "style", "phrase2": "status", "date3": "finished_at"}
}

Send = Callable[..., None]


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """A database with the user usr_1, whom WeChat knows as "o-li"."""
    database = open_database(settings)
    Base.metadata.create_all(database.engine)
    with database.transaction() as session:
        session.add(User(id="usr_1", kind=UserKind.WECHAT, name=""))
        session.flush()
        session.add(WeChatIdentity(appid=APPID, openid="o-li", user_id="usr_1"))
    yield database
    database.close()


@pytest.fixture
def send(settings: Settings, database: Database, wechat_services: FakeServices) -> Send:
    """Send a notification with changed settings."""

    def send_one(outgoing: OutgoingNotification, **changed: Any) -> None:
        with open_wechat(
            settings.model_copy(update={**wechat_services.settings(), **changed})
        ) as wechat:
            sender = WeChatSender(wechat, database, templates=TEMPLATES, page="pages/job/job")
            asyncio.run(sender.send(outgoing))

    return send_one


def make_outgoing(template_id: str = "tpl-1", **given: Any) -> OutgoingNotification:
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


def failure_of(send: Send, outgoing: OutgoingNotification, **changed: Any) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as failure:
        send(outgoing, **changed)
    return failure.value


def test_a_message_contains_the_fields_of_the_template_in_china_time(
    send: Send, wechat_services: FakeServices
) -> None:
    send(make_outgoing())

    assert wechat_services.access_tokens == ["token-1"]
    assert wechat_services.messages == [
        {
            "touser": "o-li",
            "template_id": "tpl-1",
            "page": "pages/job/job?id=stl_1",
            "lang": "zh_CN",
            "data": {
                "thing1": {"value": "尼西黑陶" * 5},  # the longest text that WeChat allows
                "phrase2": {"value": "已完成"},
                "date3": {"value": "2026-01-03 04:04:05"},
            },
        }
    ]


def test_a_refused_token_is_renewed_once(send: Send, wechat_services: FakeServices) -> None:
    wechat_services.fail_with(40001, 40001)

    failure = failure_of(send, make_outgoing())

    assert wechat_services.access_tokens == ["token-1", "token-2"]
    assert not failure.is_final


@pytest.mark.parametrize("errcode", [40003, 40037, 43101, 41030, 47003])
def test_a_permanent_refusal_is_final(
    send: Send, wechat_services: FakeServices, errcode: int
) -> None:
    wechat_services.fail_with(errcode)

    failure = failure_of(send, make_outgoing())

    assert failure.reason.startswith(f"WeChat refused a call: {errcode} ")
    assert failure.is_final


@pytest.mark.parametrize("response", [-1, b"<html>", b"[]", b'{"errcode": "x"}', "html"])
def test_a_message_is_retried_after_an_invalid_response(
    send: Send, wechat_services: FakeServices, response: int | bytes | str
) -> None:
    wechat_services.fail_with(response)

    assert not failure_of(send, make_outgoing()).is_final


def test_a_message_is_retried_when_wechat_is_unreachable_and_no_token_is_exposed(
    send: Send,
) -> None:
    send(make_outgoing())  # stores an access token

    failure = failure_of(send, make_outgoing(), wechat_url="http://127.0.0.1:1")

    assert failure.reason == "WeChat is not reachable (ConnectError)"
    assert not failure.is_final


def test_a_message_is_retried_when_no_access_token_is_issued(
    send: Send, wechat_services: FakeServices
) -> None:
    failure = failure_of(send, make_outgoing(), wechat_secret=SecretStr("wrong"))

    assert failure.reason.startswith("WeChat refused a call: 40125 ")
    assert not failure.is_final
    assert MESSAGE not in wechat_services.calls


@pytest.mark.parametrize("outgoing", [make_outgoing("tpl-9"), make_outgoing(owner_id="usr_9")])
def test_a_message_to_an_unknown_user_or_of_an_unknown_template_is_final(
    send: Send, wechat_services: FakeServices, outgoing: OutgoingNotification
) -> None:
    assert failure_of(send, outgoing).is_final
    assert wechat_services.calls == []


def test_a_send_that_is_cancelled_does_not_wait_for_wechat(
    settings: Settings, database: Database, wechat_services: FakeServices
) -> None:
    async def send_for_a_moment(sender: WeChatSender) -> None:
        async with asyncio.timeout(0.1):
            await sender.send(make_outgoing())

    with open_wechat(settings.model_copy(update=wechat_services.settings())) as wechat:
        wechat.access_token()
        sender = WeChatSender(wechat, database, templates=TEMPLATES, page="pages/job/job")
        with wechat_services.lock, pytest.raises(TimeoutError):  # the server cannot respond
            asyncio.run(send_for_a_moment(sender))
