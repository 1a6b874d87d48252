"""The WeChat client: requests, the error for each failure, and the shared access token."""

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


def test_a_login_code_is_exchanged_for_the_openid(wechat: WeChat, fake_wechat: FakeWeChat) -> None:
    assert wechat.exchange_login_code(fake_wechat.issue_login_code("code-1", "o-li")) == "o-li"


def test_a_login_code_is_valid_once(wechat: WeChat, fake_wechat: FakeWeChat) -> None:
    code = fake_wechat.issue_login_code("code-1")
    wechat.exchange_login_code(code)

    with pytest.raises(wechat_errors.InvalidLoginCode):
        wechat.exchange_login_code(code)


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
def test_each_failure_raises_its_error(
    wechat: WeChat, fake_wechat: FakeWeChat, failure: int | str, error: type[errors.AppError]
) -> None:
    fake_wechat.fail_with(failure)

    with pytest.raises(error):
        wechat.exchange_login_code(fake_wechat.issue_login_code("code-1"))


def test_a_refusal_has_the_errcode_and_a_reason_for_operators_only(
    wechat: WeChat, fake_wechat: FakeWeChat
) -> None:
    fake_wechat.fail_with(40164)

    with pytest.raises(wechat_errors.WeChatRefused, match="40164") as refusal:
        wechat.exchange_login_code("code-1")

    assert "203.0.113.7" in str(refusal.value.values["errmsg"])
    assert "203.0.113.7" not in refusal.value.message("en") + refusal.value.message("zh")


def test_a_rate_limited_login_has_a_retry_time(wechat: WeChat, fake_wechat: FakeWeChat) -> None:
    fake_wechat.fail_with(45011)

    with pytest.raises(errors.RateLimited) as refusal:
        wechat.exchange_login_code("code-1")

    assert refusal.value.retry_after_s == 60


def test_a_timeout_makes_wechat_unavailable(
    wechat_settings: Settings, fake_wechat: FakeWeChat
) -> None:
    fake_wechat.delay_seconds = 0.5
    impatient = wechat_settings.model_copy(update={"wechat_timeout_seconds": 0.1})

    with open_wechat(impatient) as wechat, pytest.raises(wechat_errors.WeChatUnavailable) as error:
        wechat.exchange_login_code(fake_wechat.issue_login_code("code-1"))

    assert error.value.retryable
    assert "0.1 seconds" in error.value.message("en")


def test_a_refused_connection_makes_wechat_unavailable(wechat_settings: Settings) -> None:
    unreachable = wechat_settings.model_copy(update={"wechat_url": "http://127.0.0.1:1"})

    with open_wechat(unreachable) as wechat, pytest.raises(wechat_errors.WeChatUnavailable):
        wechat.exchange_login_code("code-1")


@pytest.mark.parametrize("missing", ["wechat_appid", "wechat_secret"])
def test_without_appid_or_secret_no_request_is_sent(
    wechat_settings: Settings, fake_wechat: FakeWeChat, missing: str
) -> None:
    incomplete = wechat_settings.model_copy(update={missing: None})

    with open_wechat(incomplete) as wechat, pytest.raises(wechat_errors.LoginNotSetUp):
        wechat.exchange_login_code("code-1")

    assert fake_wechat.calls.total() == 0


def test_when_wechat_hangs_8_logins_wait_and_the_others_fail_at_once(
    wechat: WeChat, fake_wechat: FakeWeChat
) -> None:
    fake_wechat.delay_seconds = 0.5
    codes = [fake_wechat.issue_login_code(f"code-{n}", f"o-{n}") for n in range(20)]

    def log_in(code: str) -> str:
        try:
            return wechat.exchange_login_code(code)
        except wechat_errors.WeChatUnavailable:
            return "unavailable"

    with ThreadPoolExecutor(20) as pool:
        results = list(pool.map(log_in, codes))

    assert results.count("unavailable") == 12


def test_secret_session_key_and_token_are_not_logged(
    wechat: WeChat, fake_wechat: FakeWeChat, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="core"), caplog.at_level(logging.DEBUG):
        wechat.exchange_login_code(fake_wechat.issue_login_code("code-1"))
        wechat.post(CHECK, {"media_type": 2})
        fake_wechat.fail_with("cut", 40125)
        for _ in range(2):
            with pytest.raises((wechat_errors.WeChatUnavailable, wechat_errors.WeChatRefused)):
                wechat.exchange_login_code("code-2")

    assert "40125" in caplog.text
    assert [text for text in (SECRET, SESSION_KEY, fake_wechat.token) if text in caplog.text] == []


def test_a_closed_client_opens_its_connections_again(
    wechat: WeChat, fake_wechat: FakeWeChat
) -> None:
    wechat.close()

    assert wechat.exchange_login_code(fake_wechat.issue_login_code("code-1", "o-li")) == "o-li"


# The access token


def test_the_token_is_fetched_once_and_cached(wechat: WeChat, fake_wechat: FakeWeChat) -> None:
    tokens = {wechat.access_token() for _ in range(3)}

    assert tokens == {fake_wechat.token}
    assert fake_wechat.calls[STABLE_TOKEN] == 1


def test_processes_share_one_token(wechat_settings: Settings, fake_wechat: FakeWeChat) -> None:
    with open_wechat(wechat_settings) as one, open_wechat(wechat_settings) as other:
        assert one.access_token() == other.access_token()

    assert fake_wechat.calls[STABLE_TOKEN] == 1


def test_concurrent_callers_fetch_the_token_once(
    wechat_settings: Settings, fake_wechat: FakeWeChat
) -> None:
    fake_wechat.delay_seconds = 0.3
    clients = [open_wechat(wechat_settings) for _ in range(4)]

    with ThreadPoolExecutor(12) as pool:
        tokens = set(pool.map(lambda n: clients[n % 4].access_token(), range(12)))

    [client.close() for client in clients]
    assert tokens == {fake_wechat.token}
    assert fake_wechat.calls[STABLE_TOKEN] == 1


def test_the_cached_token_expires_five_minutes_early(
    wechat: WeChat, wechat_settings: Settings
) -> None:
    wechat.access_token()

    with Redis.from_url(str(wechat_settings.redis_url)) as connection:
        left = connection.ttl(f"dualtrans-wechat-token:{APPID}")
    assert 6800 < left <= 6900


def test_the_token_is_fetched_again_after_a_flush_of_redis(
    wechat: WeChat, wechat_settings: Settings, fake_wechat: FakeWeChat
) -> None:
    wechat.access_token()
    with Redis.from_url(str(wechat_settings.redis_url)) as connection:
        connection.flushall()

    assert wechat.access_token() == fake_wechat.token
    assert fake_wechat.calls[STABLE_TOKEN] == 2


def test_without_redis_a_process_caches_its_own_token(
    wechat_settings: Settings, fake_wechat: FakeWeChat, tmp_path
) -> None:
    alone = wechat_settings.model_copy(update={"redis_url": f"unix://{tmp_path}/missing.sock"})

    with open_wechat(alone) as wechat:
        tokens = {wechat.access_token() for _ in range(3)}

    assert tokens == {fake_wechat.token}
    assert fake_wechat.calls[STABLE_TOKEN] == 1


def test_a_call_sends_the_token_and_returns_the_response(
    wechat: WeChat, fake_wechat: FakeWeChat
) -> None:
    response = wechat.post(CHECK, {"media_type": 2})

    assert response["trace_id"] == "trace-1"
    assert fake_wechat.bodies == [{"media_type": 2}]


def test_a_call_is_repeated_with_a_new_token_when_the_token_was_replaced(
    wechat: WeChat, fake_wechat: FakeWeChat
) -> None:
    wechat.access_token()
    fake_wechat.token_number += 1

    assert wechat.post(CHECK, {"media_type": 2})["errcode"] == 0
    assert wechat.access_token() == "token-2"


def test_a_new_token_is_forced_when_wechat_issues_the_refused_one_again(
    wechat: WeChat, fake_wechat: FakeWeChat
) -> None:
    wechat.access_token()
    fake_wechat.fail_with(40001)

    wechat.post(CHECK, {"media_type": 2})

    assert fake_wechat.token == wechat.access_token() == "token-2"


def test_a_token_that_is_refused_twice_is_not_renewed_again(
    wechat: WeChat, fake_wechat: FakeWeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeWeChat, "token", property(lambda fake: f"other-{fake.token_number}"))
    monkeypatch.setattr(wechat, "access_token", lambda **_: "token-1")

    with pytest.raises(wechat_errors.WeChatAccessRefused, match="40001"):
        wechat.post(CHECK, {})

    assert fake_wechat.calls[CHECK] == 2


def test_a_refused_token_request_has_the_errcode(wechat: WeChat, fake_wechat: FakeWeChat) -> None:
    fake_wechat.fail_with(40125)

    with pytest.raises(wechat_errors.WeChatAccessRefused, match="40125"):
        wechat.access_token()


def test_other_rate_limited_calls_can_be_retried_after_a_minute(
    wechat: WeChat, fake_wechat: FakeWeChat
) -> None:
    wechat.access_token()
    fake_wechat.fail_with(45011)

    with pytest.raises(wechat_errors.WeChatUnavailable) as error:
        wechat.post(CHECK, {})

    assert error.value.retry_after_s == 60


def test_a_used_up_daily_quota_refuses_the_access(wechat: WeChat, fake_wechat: FakeWeChat) -> None:
    wechat.access_token()
    fake_wechat.fail_with(45009)

    with pytest.raises(wechat_errors.WeChatAccessRefused, match="45009"):
        wechat.post(CHECK, {})


def test_a_refused_token_is_never_returned_again(wechat: WeChat, fake_wechat: FakeWeChat) -> None:
    first, again = wechat.access_token(), wechat.access_token()
    fake_wechat.token_number = 7

    renewed = wechat.access_token(refused_token=first)
    forced = wechat.access_token(refused_token=renewed)

    assert (first, again, renewed, forced) == ("token-1", "token-1", "token-7", "token-8")


# Mini program codes


def test_a_mini_program_code_is_a_picture(wechat: WeChat, fake_wechat: FakeWeChat) -> None:
    picture = wechat.fetch_mini_program_code("shr_" + "x" * 22, "pages/share/share")

    assert picture == CODE_PICTURE
    assert fake_wechat.bodies[-1]["scene"] == "shr_" + "x" * 22


def test_a_refused_mini_program_code_has_the_errcode(wechat: WeChat) -> None:
    with pytest.raises(wechat_errors.WeChatRefused) as refusal:
        wechat.fetch_mini_program_code("x" * 33, "pages/share/share")

    assert refusal.value.values["errcode"] == 40129


def test_a_mini_program_code_is_requested_again_with_a_new_token(
    wechat: WeChat, fake_wechat: FakeWeChat
) -> None:
    wechat.access_token()
    fake_wechat.token_number += 1

    assert wechat.fetch_mini_program_code("shr_1", "pages/share/share") == CODE_PICTURE
