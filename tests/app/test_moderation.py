"""What WeChat pushes, and what its verdicts open and lock: sharing, never the owner's own view."""

import json
import time
from argparse import Namespace
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import func, select

from cli.reviews import run
from core.db.base import now_utc
from core.db.moderation import CheckState, CheckTrace, ContentCheck, locked_trace
from core.db.pictures import Picture
from core.db.stylizations import Stylization
from core.errors import SetupError
from core.picture_urls import PictureURLSigner, Variant
from core.settings import signing_secrets
from imaging.encode import jpeg_of
from imaging.formats import PictureFormat
from imaging.labels import encode_labelled, read_label
from tests.app.test_creating_stylizations import upload
from tests.app.test_reading_stylizations import finish
from tests.fake_wechat_services import (
    PUSH_TOKEN,
    FakeServices,
    encrypted,
    message,
    signature,
)

URL = "/v1/stylizations"
PUSH = "/v1/wechat/push"
QUESTION = {
    "media_url": "https://art.example.org/v1/pictures/pic_1",
    "media_type": 2,
    "version": 2,
    "scene": 4,
    "openid": "o-li",
}


@pytest.fixture
def client(make_client, wechat_services: FakeServices):
    return make_client(**wechat_services.settings())


@pytest.fixture
def done(client) -> str:
    return make_done(client)


def make_done(client, state: CheckState | None = CheckState.PENDING, **given) -> str:
    job_id = upload(client, **given).json()["id"]
    finish(client, job_id)
    set_state(client, job_id, state)
    return job_id


def set_state(client, job_id: str, state: CheckState | None) -> None:
    with client.resources.database.transaction() as session:
        session.get_one(Stylization, job_id).check_state = state


def ask(client, fake: FakeServices, job_id: str) -> str:
    """What the worker does, in short. Returns the trace."""
    trace_id = fake.answer("/wxa/media_check_async", {"access_token": fake.token}, QUESTION)[
        "trace_id"
    ]
    with client.resources.database.transaction() as session:
        locked_trace(session, trace_id).stylization_id = job_id
    return trace_id


def push(client, request: dict):
    return client.without_key().post(PUSH, **request)


def seen(client, job_id: str) -> dict:
    return client.get(f"{URL}/{job_id}").json()


def count(client, table) -> int:
    with client.resources.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


# Verifying the address


def test_wechat_gets_its_echo_back(client):
    query = {"timestamp": str(int(time.time())), "nonce": "n", "echostr": "4375120948345356249"}
    query["signature"] = signature(PUSH_TOKEN, query["timestamp"], "n")

    answer = client.without_key().get(PUSH, params=query)

    assert (answer.status_code, answer.text) == (200, "4375120948345356249")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("token", ["", "another-token"])
def test_nobody_else_gets_an_echo(client, token):
    query = {"timestamp": str(int(time.time())), "nonce": "n", "echostr": "x"}
    query["signature"] = signature(token, query["timestamp"], "n") if token else ""

    answer = client.without_key().get(PUSH, params=query)

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")


def test_without_a_token_there_is_no_such_address(make_client):
    client = make_client()

    assert client.get(PUSH).status_code == 404
    assert push(client, message({"Event": "wxa_media_check"})).status_code == 404


# Verdicts


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("is_safe", [False, True], ids=["plain", "safe"])
@pytest.mark.parametrize("verdict", ["pass", "review", "risky"])
def test_a_verdict_arrives(make_client, wechat_services, form, is_safe, verdict):
    client = make_client(**wechat_services.settings(is_safe=is_safe))
    job_id = make_done(client)
    trace_id = ask(client, wechat_services, job_id)

    answer = push(client, wechat_services.push(trace_id, verdict, form=form, is_safe=is_safe))

    assert (answer.status_code, answer.text) == (200, "success")
    assert seen(client, job_id)["check"] == verdict


def test_a_verdict_that_comes_again_changes_nothing(client, wechat_services, done):
    trace_id = ask(client, wechat_services, done)
    request = wechat_services.push(trace_id, "pass")
    push(client, request)

    again = push(client, request)
    other = push(client, wechat_services.push(trace_id, "risky"))

    assert (again.text, other.text) == ("success", "success")
    assert seen(client, done)["check"] == "pass"
    assert count(client, CheckTrace) == 1


def test_a_trace_that_nobody_asked_is_taken_and_logged(client, wechat_services, done, caplog):
    wechat_services.asked["4e2f-unknown"] = QUESTION

    answer = push(client, wechat_services.push("4e2f-unknown", "risky"))

    assert answer.text == "success"
    assert "4e2f-unknown" in caplog.text
    assert seen(client, done)["check"] == "pending"


def test_a_picture_that_wechat_could_not_fetch_is_asked_of_again_soon(
    client, wechat_services, done
):
    trace_id = ask(client, wechat_services, done)
    far = now_utc().replace(year=now_utc().year + 1)
    with client.resources.database.transaction() as session:
        session.add(ContentCheck(stylization_id=done, asked=1, due_at=far))

    push(client, wechat_services.push(trace_id, None))

    with client.resources.database.reading() as session:
        due_at = session.get_one(ContentCheck, done).due_at
    assert due_at is not None
    assert (due_at - now_utc()).total_seconds() < 301
    assert seen(client, done)["check"] == "pending"


def test_other_events_are_let_pass(client):
    told = {"MsgType": "event", "Event": "user_enter_tempsession"}

    assert push(client, message(told)).text == "success"


def test_a_verdict_for_another_mini_program_is_let_pass(client, wechat_services, done):
    trace_id = ask(client, wechat_services, done)
    told = {
        "Event": "wxa_media_check",
        "appid": "wx-of-another",
        "trace_id": trace_id,
        "result": {"suggest": "pass", "label": 100},
    }

    assert push(client, message(told)).text == "success"
    assert seen(client, done)["check"] == "pending"


# Forgeries


def test_a_verdict_with_another_token_is_refused(client, wechat_services, done):
    trace_id = ask(client, wechat_services, done)

    answer = push(client, wechat_services.push(trace_id, token="another"))

    assert answer.status_code == 403
    assert seen(client, done)["check"] == "pending"


@pytest.mark.parametrize("minutes", [-20, 20])
def test_an_address_that_is_old_or_of_the_future_is_refused(client, wechat_services, done, minutes):
    trace_id = ask(client, wechat_services, done)

    answer = push(client, wechat_services.push(trace_id, at=time.time() + 60 * minutes))

    assert answer.status_code == 403


@pytest.mark.parametrize("timestamp", ["", "now", "٣", "1" * 400, "-1"])
def test_a_time_that_is_none_is_refused(client, timestamp):
    query = {
        "timestamp": timestamp,
        "nonce": "n",
        "signature": signature(PUSH_TOKEN, timestamp, "n"),
    }

    assert push(client, {"params": query, "content": b"{}"}).status_code == 403


def test_in_safe_mode_a_plain_message_is_refused(make_client, wechat_services):
    client = make_client(**wechat_services.settings(is_safe=True))
    job_id = make_done(client)
    trace_id = ask(client, wechat_services, job_id)

    answer = push(client, wechat_services.push(trace_id, "pass"))

    assert answer.status_code == 403
    assert seen(client, job_id)["check"] == "pending"


def test_in_safe_mode_another_cipher_under_the_same_signature_is_refused(
    make_client, wechat_services
):
    client = make_client(**wechat_services.settings(is_safe=True))
    request = message({"Event": "wxa_media_check"}, is_safe=True)
    forged = {**request, "content": json.dumps({"Encrypt": encrypted(b"{}")}).encode()}

    assert push(client, request).status_code == 400  # it is WeChat's, and says nothing
    assert push(client, forged).status_code == 403


def test_in_safe_mode_a_message_for_another_mini_program_is_refused(make_client, wechat_services):
    client = make_client(**wechat_services.settings(is_safe=True))

    answer = push(client, message({"Event": "x"}, is_safe=True, appid="wx-of-another"))

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"7",
        b"[" * 50_000,
        b"\xff\xfe",
        b"<xml>",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><xml>&a;</xml>",
        b"x" * 100_000,
        json.dumps({"Event": "wxa_media_check"}).encode(),
        json.dumps({"Event": "wxa_media_check", "trace_id": "a\0b"}).encode(),
        json.dumps({"Event": "wxa_media_check", "trace_id": "a" * 101}).encode(),
        json.dumps(
            {"Event": "wxa_media_check", "trace_id": "a", "result": {"suggest": "perhaps"}}
        ).encode(),
        json.dumps(
            {
                "Event": "wxa_media_check",
                "trace_id": "a",
                "result": {"suggest": "pass", "label": 2**40},
            }
        ).encode(),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(client, body):
    answer = push(client, {**message({}), "content": body})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


@pytest.mark.parametrize("cipher", ["", "!", "AAAA", "A" * 44, encrypted(b"not JSON"), 7])
def test_a_cipher_that_cannot_be_read_is_refused(make_client, wechat_services, cipher):
    client = make_client(**wechat_services.settings(is_safe=True))
    timestamp = str(int(time.time()))
    query = {"timestamp": timestamp, "nonce": "n"}
    query["msg_signature"] = signature(PUSH_TOKEN, timestamp, "n", str(cipher))

    answer = push(client, {"params": query, "content": json.dumps({"Encrypt": cipher}).encode()})

    assert answer.status_code in (400, 403)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    body=st.one_of(st.binary(max_size=200), st.text(max_size=80).map(lambda t: f"<a>{t}".encode()))
)
def test_no_message_is_a_defect(client, body):
    answer = push(client, {**message({}), "content": body})

    assert answer.status_code in (200, 400)


# Sharing


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [
        (CheckState.PENDING, 423, "check_pending"),
        (CheckState.REVIEW, 423, "under_review"),
        (CheckState.RISKY, 403, "content_rejected"),
    ],
)
def test_what_has_not_passed_is_not_shared_and_has_no_poster(client, done, state, status, code):
    set_state(client, done, state)

    answers = [client.post(f"{URL}/{done}/share"), client.get(f"{URL}/{done}/poster")]

    assert {(a.status_code, a.json()["error"]["code"]) for a in answers} == {(status, code)}
    assert seen(client, done)["share_token"] is None


def test_the_owner_sees_a_pending_work_at_once(client, done):
    job = seen(client, done)

    assert (job["status"], job["check"]) == ("done", "pending")
    assert client.without_key().get(job["result"]["url"]).status_code == 200


@pytest.mark.parametrize("state", [CheckState.PASS, None], ids=["passed", "from before"])
def test_what_has_passed_is_shared(client, done, state):
    set_state(client, done, state)

    shared = client.post(f"{URL}/{done}/share")

    assert shared.status_code == 201
    assert seen(client, done)["check"] == "pass"
    assert client.without_key().get(shared.json()["url"]).status_code == 200


def test_a_work_that_is_not_done_has_no_check(client):
    assert upload(client).json()["check"] is None


@pytest.mark.parametrize(
    ("state", "status"), [(CheckState.PENDING, 423), (CheckState.REVIEW, 423), ("risky", 404)]
)
def test_a_link_shows_only_what_has_passed(client, done, state, status):
    set_state(client, done, CheckState.PASS)
    link = client.post(f"{URL}/{done}/share").json()["url"]

    set_state(client, done, state)

    assert client.without_key().get(link).status_code == status


def test_a_pending_link_says_when_to_come_back(client, done):
    answer = client.post(f"{URL}/{done}/share", headers={"Accept-Language": "zh"})

    assert answer.headers["Retry-After"] == "5"
    assert "内容安全检查" in answer.json()["error"]["message"]


def test_a_risky_work_is_gone_from_its_link_and_from_its_owner(client, wechat_services, done):
    set_state(client, done, CheckState.PASS)
    link = client.post(f"{URL}/{done}/share").json()["url"]
    url = seen(client, done)["result"]["url"]

    push(client, wechat_services.push(ask(client, wechat_services, done), "risky"))

    job = seen(client, done)
    assert (job["status"], job["check"], job["result"]) == ("done", "risky", None)
    assert (job["share_token"], job["content"] is None) == (None, False)
    assert client.without_key().get(link).status_code == 404
    assert client.without_key().get(url).status_code == 404


def test_undoing_a_deletion_brings_no_risky_picture_back(client, wechat_services, done):
    push(client, wechat_services.push(ask(client, wechat_services, done), "risky"))
    client.delete(f"{URL}/{done}")

    restored = client.post(f"{URL}/{done}/restore").json()

    assert (restored["check"], restored["result"]) == ("risky", None)
    assert restored["content"] is not None


# What WeChat fetches


@pytest.mark.parametrize("variant", [Variant.FULL, Variant.JPEG])
def test_wechat_fetches_the_picture_by_the_workers_address(client, done, variant):
    with client.resources.database.reading() as session:
        row = session.get_one(Stylization, done)
        picture = session.get_one(Picture, row.result_picture_id)
    workers = PictureURLSigner(signing_secrets(client.resources.settings), lifetime_seconds=7200)

    path = workers.path(picture.id, now=now_utc(), variant=variant)
    answer = client.without_key().get(path)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    assert urlsplit(path).path == f"/v1/pictures/{picture.id}"


def test_a_webp_is_given_to_wechat_as_a_jpeg_that_still_says_who_made_it(client):
    label = client.resources.settings.label
    picture = Image.new("RGB", (200, 120), (90, 120, 150))
    webp = encode_labelled(picture, PictureFormat.WEBP, label=label, produce_id="stl_1", quality=90)

    jpeg = jpeg_of(webp)

    with Image.open(BytesIO(jpeg)) as opened:
        assert (opened.format, opened.size) == ("JPEG", (200, 120))
    assert read_label(jpeg) is not None
    assert read_label(jpeg) == read_label(webp)


# A person decides


def test_a_person_lets_works_pass_or_rejects_them(client, done, capsys):
    other = make_done(client, CheckState.REVIEW, tau="0.3")
    settings = client.resources.settings

    run(Namespace(verb="pass", id=done), settings)
    run(Namespace(verb="reject", id=other), settings)

    assert [seen(client, one)["check"] for one in (done, other)] == ["pass", "risky"]
    assert seen(client, other)["result"] is None


@pytest.mark.parametrize(
    ("decision", "later"), [("reject", "pass"), ("pass", "risky"), ("pass", "review")]
)
def test_a_later_verdict_does_not_overrule_a_person(client, wechat_services, done, decision, later):
    trace_id = ask(client, wechat_services, done)
    run(Namespace(verb=decision, id=done), client.resources.settings)
    decided = seen(client, done)["check"]

    push(client, wechat_services.push(trace_id, later))

    assert seen(client, done)["check"] == decided


def test_what_waits_for_a_person_is_listed_with_its_picture(client, done, capsys):
    passed = make_done(client, CheckState.PASS, tau="0.3")

    run(Namespace(verb="list"), client.resources.settings)

    listed = capsys.readouterr().out
    address = listed.split()[-1].removeprefix("https://art.example.org")
    assert done in listed
    assert passed not in listed
    assert client.without_key().get(address).status_code == 200


def test_a_work_that_is_not_there_is_told_in_one_line(client):
    with pytest.raises(SetupError, match="stl_nothing"):
        run(Namespace(verb="pass", id="stl_nothing"), client.resources.settings)
