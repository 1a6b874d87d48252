"""Logging in from a mini program: a code for a token, and every way in which that fails."""

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


def test_a_code_is_exchanged_for_a_token_that_comes_in(client, fake_wechat):
    answer = log_in(client, fake_wechat.hand_out("code-1"))

    client.key = answer.json()["token"]
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/v1/me").json()["id"] == answer.json()["user"]["id"]
    assert upload(client).status_code == 202


def test_nothing_of_wechats_leaves_the_server(client, fake_wechat):
    answer = log_in(client, fake_wechat.hand_out("code-1", "o-secret-openid"))
    client.key = answer.json()["token"]

    said = answer.text + str(answer.headers) + client.get("/v1/me").text

    assert [word for word in ("o-secret-openid", SESSION_KEY, SECRET) if word in said] == []


def test_the_same_person_is_the_same_user_and_another_is_not(client, fake_wechat):
    people = ("o-li", "o-li", "o-wang")
    answers = [
        log_in(client, fake_wechat.hand_out(f"code-{n}", openid)).json()
        for n, openid in enumerate(people)
    ]

    ids = [answer["user"]["id"] for answer in answers]
    assert ids[0] == ids[1] != ids[2]


def test_the_same_openid_of_another_mini_program_is_another_user(client, fake_wechat):
    first = log_in(client, fake_wechat.hand_out("code-1", "o-li")).json()["user"]["id"]
    with client.resources.database.transaction() as session:
        session.query(WeChatIdentity).update({"appid": "wx_other"})

    second = log_in(client, fake_wechat.hand_out("code-2", "o-li")).json()["user"]["id"]

    assert first != second


def test_first_logins_that_arrive_together_make_one_user(make_client, fake_wechat, database_url):
    client = make_client(**fake_wechat.settings(), database_url=database_url).without_key()
    codes = [fake_wechat.hand_out(f"code-{n}", "o-li") for n in range(6)]
    answers: list[str] = []
    phones = [
        threading.Thread(
            target=lambda c=code: answers.append(log_in(client, c).json()["user"]["id"])
        )
        for code in codes
    ]

    [phone.start() for phone in phones]
    [phone.join() for phone in phones]

    assert len(answers) == 6
    assert len(set(answers)) == 1
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
def test_what_wechat_refuses_is_told_in_the_one_envelope(
    client, fake_wechat, failure, status, code, retryable
):
    fake_wechat.fail_with(failure)

    answer = log_in(client, fake_wechat.hand_out("code-1"))

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code)
    assert error["retryable"] is retryable


def test_a_limit_of_wechats_says_when_to_come_back(client, fake_wechat):
    fake_wechat.fail_with(45011)

    assert log_in(client, "code-1").headers["Retry-After"] == "60"


def test_a_wechat_that_hangs_is_given_up(make_client, fake_wechat):
    fake_wechat.delay_seconds = 0.6
    client = make_client(**fake_wechat.settings() | {"wechat_timeout_seconds": 0.2})

    answer = log_in(client, fake_wechat.hand_out("code-1"))

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "wechat_away")
    assert answer.headers["Retry-After"] == "5"


def test_without_its_settings_the_login_says_that_it_is_not_set_up(make_client):
    answer = log_in(make_client(), "code-1", headers={"Accept-Language": "zh"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "login_not_set_up")
    assert "微信登录" in answer.json()["error"]["message"]


@pytest.mark.parametrize("code", ["", "x" * 201, "a b", "a\0", "码", None, 7])
def test_what_cannot_be_a_code_is_not_shown_to_wechat(client, fake_wechat, code):
    answer = log_in(client, code)

    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "code")
    assert fake_wechat.calls.total() == 0


def test_a_refusal_keeps_nothing(client, fake_wechat):
    fake_wechat.fail_with(40226)

    log_in(client, "code-1")

    with client.resources.database.reading() as session:
        assert session.scalars(select(WeChatIdentity)).all() == []
        assert session.scalars(select(User).where(User.kind == UserKind.WECHAT)).all() == []


def test_the_openid_is_kept_for_its_mini_program(client, fake_wechat):
    user = log_in(client, fake_wechat.hand_out("code-1", "o-li")).json()["user"]["id"]

    with client.resources.database.reading() as session:
        kept = session.get_one(WeChatIdentity, (APPID, "o-li"))
    assert kept.user_id == user


def test_in_development_a_code_names_a_user_and_wechat_is_not_asked(make_client, fake_wechat):
    client = make_client(**fake_wechat.settings(), dev_login=True)

    by_code = log_in(client, "dev-li").json()["user"]["id"]
    by_name = client.post("/v1/auth/dev", json={"name": "li"}).json()["user"]["id"]

    assert by_code == by_name
    assert fake_wechat.calls.total() == 0


@pytest.mark.parametrize(("dev_login", "address"), [(False, "127.0.0.1"), (True, "192.168.1.5")])
def test_elsewhere_a_development_code_is_a_code_like_any_other(
    make_client, fake_wechat, dev_login, address
):
    client = make_client(**fake_wechat.settings(), dev_login=dev_login)

    answer = client.post(URL, json={"code": "dev-li"}, client=address)

    assert answer.json()["error"]["code"] == "invalid_login_code"
