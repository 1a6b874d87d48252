"""Login from a mini program: a code is exchanged for a token, or the login fails."""

import threading

import pytest
from sqlalchemy import func, select

from core.db.users import User, UserKind, WeChatIdentity
from tests.app.test_creating_stylizations import upload
from tests.fake_wechat import APPID, SECRET, SESSION_KEY, FakeWeChat

URL = "/v1/auth/wechat"


@pytest.fixture
def client(make_client, fake_wechat: FakeWeChat):
    return make_client(**fake_wechat.settings()).without_key()


def log_in(client, code: str, **options):
    return client.post(URL, json={"code": code}, **options)


def test_a_code_is_exchanged_for_a_valid_token(client, fake_wechat):
    response = log_in(client, fake_wechat.issue_login_code("code-1"))

    client.key = response.json()["token"]
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert client.get("/v1/me").json()["id"] == response.json()["user"]["id"]
    assert upload(client).status_code == 202


def test_the_response_contains_no_data_of_wechat(client, fake_wechat):
    response = log_in(client, fake_wechat.issue_login_code("code-1", "o-secret-openid"))
    client.key = response.json()["token"]

    text = response.text + str(response.headers) + client.get("/v1/me").text

    assert [secret for secret in ("o-secret-openid", SESSION_KEY, SECRET) if secret in text] == []


def test_each_openid_is_one_user(client, fake_wechat):
    people = ("o-li", "o-li", "o-wang")
    responses = [
        log_in(client, fake_wechat.issue_login_code(f"code-{n}", openid)).json()
        for n, openid in enumerate(people)
    ]

    ids = [response["user"]["id"] for response in responses]
    assert ids[0] == ids[1] != ids[2]


def test_an_openid_of_another_mini_program_is_another_user(client, fake_wechat):
    first = log_in(client, fake_wechat.issue_login_code("code-1", "o-li")).json()["user"]["id"]
    with client.resources.database.transaction() as session:
        session.query(WeChatIdentity).update({"appid": "wx_other"})

    second = log_in(client, fake_wechat.issue_login_code("code-2", "o-li")).json()["user"]["id"]

    assert first != second


def test_concurrent_first_logins_create_one_user(make_client, fake_wechat, database_url):
    client = make_client(**fake_wechat.settings(), database_url=database_url).without_key()
    codes = [fake_wechat.issue_login_code(f"code-{n}", "o-li") for n in range(6)]
    responses: list[str] = []
    threads = [
        threading.Thread(
            target=lambda c=code: responses.append(log_in(client, c).json()["user"]["id"])
        )
        for code in codes
    ]

    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert len(responses) == 6
    assert len(set(responses)) == 1
    with client.resources.database.reading() as session:
        people = select(func.count()).select_from(User).where(User.kind == UserKind.WECHAT)
        assert session.scalar(people) == 1


@pytest.mark.parametrize(
    ("failure", "status", "code", "retryable"),
    [
        (40029, 401, "invalid_login_code", False),
        (40163, 401, "invalid_login_code", False),
        (45011, 429, "rate_limited", True),
        (40226, 403, "account_blocked", False),
        (-1, 503, "wechat_away", True),
        ("cut", 503, "wechat_away", True),
        ("html", 503, "wechat_away", True),
        (40125, 503, "wechat_refuses", False),
        (40164, 503, "wechat_refuses", False),
    ],
)
def test_each_failure_of_wechat_has_its_error_response(
    client, fake_wechat, failure, status, code, retryable
):
    fake_wechat.fail_with(failure)

    response = log_in(client, fake_wechat.issue_login_code("code-1"))

    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (status, code)
    assert error["retryable"] is retryable


def test_a_rate_limit_of_wechat_sets_retry_after(client, fake_wechat):
    fake_wechat.fail_with(45011)

    assert log_in(client, "code-1").headers["Retry-After"] == "60"


def test_a_login_fails_when_wechat_times_out(make_client, fake_wechat):
    fake_wechat.delay_seconds = 0.6
    client = make_client(**fake_wechat.settings() | {"wechat_timeout_seconds": 0.2})

    response = log_in(client, fake_wechat.issue_login_code("code-1"))

    assert (response.status_code, response.json()["error"]["code"]) == (503, "wechat_away")
    assert response.headers["Retry-After"] == "5"


def test_the_login_is_not_set_up_without_its_settings(make_client):
    response = log_in(make_client(), "code-1", headers={"Accept-Language": "zh"})

    assert (response.status_code, response.json()["error"]["code"]) == (404, "login_not_set_up")
    assert "微信登录" in response.json()["error"]["message"]


@pytest.mark.parametrize("code", ["", "x" * 201, "a b", "a\0", "码", None, 7])
def test_an_invalid_code_is_not_sent_to_wechat(client, fake_wechat, code):
    response = log_in(client, code)

    assert (response.status_code, response.json()["error"]["field"]) == (422, "code")
    assert fake_wechat.calls.total() == 0


def test_a_refused_login_stores_nothing(client, fake_wechat):
    fake_wechat.fail_with(40226)

    log_in(client, "code-1")

    with client.resources.database.reading() as session:
        assert session.scalars(select(WeChatIdentity)).all() == []
        assert session.scalars(select(User).where(User.kind == UserKind.WECHAT)).all() == []


def test_the_openid_is_stored_with_its_mini_program(client, fake_wechat):
    user = log_in(client, fake_wechat.issue_login_code("code-1", "o-li")).json()["user"]["id"]

    with client.resources.database.reading() as session:
        identity = session.get_one(WeChatIdentity, (APPID, "o-li"))
    assert identity.user_id == user


def test_a_development_code_names_a_user_without_a_call_to_wechat(make_client, fake_wechat):
    client = make_client(**fake_wechat.settings(), dev_login=True)

    by_code = log_in(client, "dev-li").json()["user"]["id"]
    by_name = client.post("/v1/auth/dev", json={"name": "li"}).json()["user"]["id"]

    assert by_code == by_name
    assert fake_wechat.calls.total() == 0


@pytest.mark.parametrize(("dev_login", "address"), [(False, "127.0.0.1"), (True, "192.168.1.5")])
def test_a_development_code_is_an_ordinary_code_in_production(
    make_client, fake_wechat, dev_login, address
):
    client = make_client(**fake_wechat.settings(), dev_login=dev_login)

    response = client.post(URL, json={"code": "dev-li"}, client=address)

    assert response.json()["error"]["code"] == "invalid_login_code"
