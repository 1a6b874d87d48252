"""The door to WeChat: what it asks, what each failure becomes, one access token for all."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis

from core import errors
from core.settings import Settings
from core.wechat import errors as wechat_errors
from core.wechat.client import WeChat, open_wechat
from tests.fake_wechat import APPID, CODE_PICTURE, SECRET, SESSION_KEY, FakeWeChat

STABLE_TOKEN = "/cgi-bin/stable_token"
CHECK = "/wxa/media_check_async"


@pytest.fixture
def wechat_settings(settings: Settings, fake_wechat: FakeWeChat) -> Settings:
    return settings.model_copy(update=fake_wechat.settings())


@pytest.fixture
def wechat(wechat_settings: Settings) -> Iterator[WeChat]:
    with open_wechat(wechat_settings) as client:
        yield client


def test_a_code_tells_who_has_logged_in(wechat: WeChat, fake_wechat: FakeWeChat) -> None:
    assert wechat.openid_of(fake_wechat.hand_out("code-1", "o-li")) == "o-li"


def test_a_code_holds_for_one_login(wechat: WeChat, fake_wechat: FakeWeChat) -> None:
    code = fake_wechat.hand_out("code-1")
    wechat.openid_of(code)

    with pytest.raises(wechat_errors.InvalidLoginCode):
        wechat.openid_of(code)


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (40029, wechat_errors.InvalidLoginCode),
        (40163, wechat_errors.InvalidLoginCode),
        (41008, wechat_errors.InvalidLoginCode),
        (45011, errors.RateLimited),
        (40226, wechat_errors.AccountBlocked),
        (-1, wechat_errors.WeChatUnavailable),
        ("html", wechat_errors.WeChatUnavailable),
        ("cut", wechat_errors.WeChatUnavailable),
        (40013, wechat_errors.WeChatRefused),
        (40125, wechat_errors.WeChatRefused),
        (40164, wechat_errors.WeChatRefused),
    ],
)
def test_each_failure_becomes_an_error_of_ours(
    wechat: WeChat, fake_wechat: FakeWeChat, failure: int | str, error: type[errors.AppError]
) -> None:
    fake_wechat.fail_with(failure)

    with pytest.raises(error):
        wechat.openid_of(fake_wechat.hand_out("code-1"))


def test_a_refusal_carries_the_number_for_the_operator(
    wechat: WeChat, fake_wechat: FakeWeChat
) -> None:
    fake_wechat.fail_with(40164)

    with pytest.raises(wechat_errors.WeChatRefused, match="40164") as refusal:
        wechat.openid_of("code-1")

    assert "203.0.113.7" in str(refusal.value.numbers["errmsg"])
    assert "203.0.113.7" not in refusal.value.message("en") + refusal.value.message("zh")


def test_who_calls_too_often_is_told_when_to_come_back(
    wechat: WeChat, fake_wechat: FakeWeChat
) -> None:
    fake_wechat.fail_with(45011)

    with pytest.raises(errors.RateLimited) as refusal:
        wechat.openid_of("code-1")

    assert refusal.value.retry_after_s == 60


def test_a_server_that_does_not_answer_in_time_is_away(
    wechat_settings: Settings, fake_wechat: FakeWeChat
) -> None:
    fake_wechat.delay_seconds = 0.5
    hasty = wechat_settings.model_copy(update={"wechat_timeout_seconds": 0.1})

    with open_wechat(hasty) as wechat, pytest.raises(wechat_errors.WeChatUnavailable) as away:
        wechat.openid_of(fake_wechat.hand_out("code-1"))

    assert away.value.retryable
    assert "0.1 seconds" in away.value.message("en")


def test_a_server_that_nobody_runs_is_away(wechat_settings: Settings) -> None:
    nobody = wechat_settings.model_copy(update={"wechat_url": "http://127.0.0.1:1"})

    with open_wechat(nobody) as wechat, pytest.raises(wechat_errors.WeChatUnavailable):
        wechat.openid_of("code-1")


@pytest.mark.parametrize("missing", ["wechat_appid", "wechat_secret"])
def test_without_appid_or_secret_nothing_is_asked(
    wechat_settings: Settings, fake_wechat: FakeWeChat, missing: str
) -> None:
    half = wechat_settings.model_copy(update={missing: None})

    with open_wechat(half) as wechat, pytest.raises(wechat_errors.LoginNotSetUp):
        wechat.openid_of("code-1")

    assert fake_wechat.calls.total() == 0


def test_when_wechat_hangs_some_logins_wait_for_it_and_the_others_are_told_at_once(
    wechat: WeChat, fake_wechat: FakeWeChat
) -> None:
    fake_wechat.delay_seconds = 0.5
    codes = [fake_wechat.hand_out(f"code-{n}", f"o-{n}") for n in range(20)]

    def log_in(code: str) -> str:
        try:
            return wechat.openid_of(code)
        except wechat_errors.WeChatUnavailable:
            return "away"

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(log_in, codes))

    assert answers.count("away") == 12


def test_neither_secret_nor_session_key_nor_token_is_logged(
    wechat: WeChat, fake_wechat: FakeWeChat, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="app"), caplog.at_level(logging.DEBUG):
        wechat.openid_of(fake_wechat.hand_out("code-1"))
        wechat.post(CHECK, {"media_type": 2})
        fake_wechat.fail_with("cut", 40125)
        for _ in range(2):
            with pytest.raises((wechat_errors.WeChatUnavailable, wechat_errors.WeChatRefused)):
                wechat.openid_of("code-2")

    assert "40125" in caplog.text
    assert [word for word in (SECRET, SESSION_KEY, fake_wechat.token) if word in caplog.text] == []


def test_a_client_that_was_closed_opens_anew(wechat: WeChat, fake_wechat: FakeWeChat) -> None:
    wechat.close()

    assert wechat.openid_of(fake_wechat.hand_out("code-1", "o-li")) == "o-li"


# The access token


def test_the_token_is_fetched_once_and_kept(wechat: WeChat, fake_wechat: FakeWeChat) -> None:
    tokens = {wechat.access_token() for _ in range(3)}

    assert tokens == {fake_wechat.token}
    assert fake_wechat.calls[STABLE_TOKEN] == 1


def test_processes_share_one_token(wechat_settings: Settings, fake_wechat: FakeWeChat) -> None:
    with open_wechat(wechat_settings) as one, open_wechat(wechat_settings) as other:
        assert one.access_token() == other.access_token()

    assert fake_wechat.calls[STABLE_TOKEN] == 1


def test_those_who_need_it_at_once_ask_once(
    wechat_settings: Settings, fake_wechat: FakeWeChat
) -> None:
    fake_wechat.delay_seconds = 0.3
    clients = [open_wechat(wechat_settings) for _ in range(4)]

    with ThreadPoolExecutor(12) as pool:
        tokens = set(pool.map(lambda n: clients[n % 4].access_token(), range(12)))

    [client.close() for client in clients]
    assert tokens == {fake_wechat.token}
    assert fake_wechat.calls[STABLE_TOKEN] == 1


def test_it_is_given_up_five_minutes_before_its_end(
    wechat: WeChat, wechat_settings: Settings
) -> None:
    wechat.access_token()

    with Redis.from_url(str(wechat_settings.redis_url)) as connection:
        left = connection.ttl(f"dualtrans-wechat-token:{APPID}")
    assert 6800 < left <= 6900


def test_a_flush_of_redis_costs_one_call(
    wechat: WeChat, wechat_settings: Settings, fake_wechat: FakeWeChat
) -> None:
    wechat.access_token()
    with Redis.from_url(str(wechat_settings.redis_url)) as connection:
        connection.flushall()

    assert wechat.access_token() == fake_wechat.token
    assert fake_wechat.calls[STABLE_TOKEN] == 2


def test_without_redis_a_process_keeps_its_own(
    wechat_settings: Settings, fake_wechat: FakeWeChat, tmp_path
) -> None:
    alone = wechat_settings.model_copy(update={"redis_url": f"unix://{tmp_path}/nobody.sock"})

    with open_wechat(alone) as wechat:
        tokens = {wechat.access_token() for _ in range(3)}

    assert tokens == {fake_wechat.token}
    assert fake_wechat.calls[STABLE_TOKEN] == 1


def test_a_call_carries_the_token_and_gives_the_answer(
    wechat: WeChat, fake_wechat: FakeWeChat
) -> None:
    answer = wechat.post(CHECK, {"media_type": 2})

    assert answer["trace_id"] == "trace-1"
    assert fake_wechat.bodies == [{"media_type": 2}]


def test_a_token_that_another_has_replaced_is_fetched_anew_and_the_call_repeated(
    wechat: WeChat, fake_wechat: FakeWeChat
) -> None:
    wechat.access_token()
    fake_wechat.token_number += 1

    assert wechat.post(CHECK, {"media_type": 2})["errcode"] == 0
    assert wechat.access_token() == "token-2"


def test_a_token_that_wechat_itself_still_gives_out_and_refuses_is_forced(
    wechat: WeChat, fake_wechat: FakeWeChat
) -> None:
    wechat.access_token()
    fake_wechat.fail_with(40001)

    wechat.post(CHECK, {"media_type": 2})

    assert fake_wechat.token == wechat.access_token() == "token-2"


def test_a_token_that_is_refused_twice_is_not_asked_for_again(
    wechat: WeChat, fake_wechat: FakeWeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeWeChat, "token", property(lambda fake: f"other-{fake.token_number}"))
    monkeypatch.setattr(wechat, "access_token", lambda **_: "token-1")

    with pytest.raises(wechat_errors.WeChatRefused, match="40001"):
        wechat.post(CHECK, {})

    assert fake_wechat.calls[CHECK] == 2


def test_an_access_token_that_wechat_refuses_to_give_says_its_number(
    wechat: WeChat, fake_wechat: FakeWeChat
) -> None:
    fake_wechat.fail_with(40125)

    with pytest.raises(wechat_errors.WeChatRefused, match="40125"):
        wechat.access_token()


def test_other_calls_that_come_too_often_are_to_be_tried_again_in_a_minute(
    wechat: WeChat, fake_wechat: FakeWeChat
) -> None:
    wechat.access_token()
    fake_wechat.fail_with(45011)

    with pytest.raises(wechat_errors.WeChatUnavailable) as away:
        wechat.post(CHECK, {})

    assert away.value.retry_after_s == 60


# Codes of the mini program


def test_a_code_of_the_mini_program_is_a_picture(wechat: WeChat, fake_wechat: FakeWeChat) -> None:
    picture = wechat.code_picture("shr_" + "x" * 22, "pages/share/share")

    assert picture == CODE_PICTURE
    assert fake_wechat.bodies[-1]["scene"] == "shr_" + "x" * 22


def test_a_code_that_wechat_refuses_says_its_number(wechat: WeChat) -> None:
    with pytest.raises(wechat_errors.WeChatRefused) as refusal:
        wechat.code_picture("x" * 33, "pages/share/share")

    assert refusal.value.numbers["errcode"] == 40129


def test_a_code_is_asked_for_with_a_new_token_when_the_old_one_was_replaced(
    wechat: WeChat, fake_wechat: FakeWeChat
) -> None:
    wechat.access_token()
    fake_wechat.token_number += 1

    assert wechat.code_picture("shr_1", "pages/share/share") == CODE_PICTURE
