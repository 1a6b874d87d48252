"""Pushed results of content checks. They control sharing, never the view of the owner."""

import json
import time
from argparse import Namespace
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import func, select, update

from app.moderation.service import review_manually
from cli.reviews import run
from core.db.base import now_utc
from core.db.moderation import CheckState, CheckTrace, ContentCheck
from core.db.pictures import Picture
from core.db.stylizations import Stylization
from core.db.users import User, UserKind
from core.errors import SetupError
from core.moderation import lock_trace
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
    encrypt,
    message,
    signature,
)

URL = "/v1/stylizations"
PUSH = "/v1/wechat/push"
CHECK_REQUEST = {
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


def request_check(client, fake: FakeServices, job_id: str) -> str:
    """Request a check as the worker does. Returns the trace id."""
    trace_id = fake.respond("/wxa/media_check_async", {"access_token": fake.token}, CHECK_REQUEST)[
        "trace_id"
    ]
    with client.resources.database.transaction() as session:
        lock_trace(session, trace_id).stylization_id = job_id
    return trace_id


def push(client, request: dict):
    return client.without_key().post(PUSH, **request)


def view(client, job_id: str) -> dict:
    return client.get(f"{URL}/{job_id}").json()


def count(client, table) -> int:
    with client.resources.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


# Verifying the URL


def test_a_signed_request_returns_its_echo_string(client):
    query = {"timestamp": str(int(time.time())), "nonce": "n", "echostr": "4375120948345356249"}
    query["signature"] = signature(PUSH_TOKEN, query["timestamp"], "n")

    response = client.without_key().get(PUSH, params=query)

    assert (response.status_code, response.text) == (200, "4375120948345356249")
    assert response.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("token", ["", "another-token"])
def test_a_request_with_a_wrong_signature_returns_no_echo_string(client, token):
    query = {"timestamp": str(int(time.time())), "nonce": "n", "echostr": "x"}
    query["signature"] = signature(token, query["timestamp"], "n") if token else ""

    response = client.without_key().get(PUSH, params=query)

    assert (response.status_code, response.json()["error"]["code"]) == (403, "forbidden")


def test_the_endpoint_does_not_exist_without_a_push_token(make_client):
    client = make_client()

    assert client.get(PUSH).status_code == 404
    assert push(client, message({"Event": "wxa_media_check"})).status_code == 404


# Verdicts


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("is_safe", [False, True], ids=["plain", "safe"])
@pytest.mark.parametrize("verdict", ["pass", "review", "risky"])
def test_a_verdict_sets_the_check_state(make_client, wechat_services, form, is_safe, verdict):
    client = make_client(**wechat_services.settings(is_safe=is_safe))
    job_id = make_done(client)
    trace_id = request_check(client, wechat_services, job_id)

    response = push(client, wechat_services.push(trace_id, verdict, form=form, is_safe=is_safe))

    assert (response.status_code, response.text) == (200, "success")
    assert view(client, job_id)["check"] == verdict


def test_a_repeated_result_changes_nothing(client, wechat_services, done):
    trace_id = request_check(client, wechat_services, done)
    request = wechat_services.push(trace_id, "pass")
    push(client, request)

    again = push(client, request)
    other = push(client, wechat_services.push(trace_id, "risky"))

    assert (again.text, other.text) == ("success", "success")
    assert view(client, done)["check"] == "pass"
    assert count(client, CheckTrace) == 1


def test_a_result_without_a_request_is_accepted_and_logged(client, wechat_services, done, caplog):
    wechat_services.checks["4e2f-unknown"] = CHECK_REQUEST

    response = push(client, wechat_services.push("4e2f-unknown", "risky"))

    assert response.text == "success"
    assert "4e2f-unknown" in caplog.text
    assert view(client, done)["check"] == "pending"


def test_a_failed_check_is_requested_again_within_five_minutes(client, wechat_services, done):
    trace_id = request_check(client, wechat_services, done)
    next_year = now_utc().replace(year=now_utc().year + 1)
    with client.resources.database.transaction() as session:
        session.add(ContentCheck(stylization_id=done, asked=1, due_at=next_year))

    push(client, wechat_services.push(trace_id, None))

    with client.resources.database.reading() as session:
        due_at = session.get_one(ContentCheck, done).due_at
    assert due_at is not None
    assert (due_at - now_utc()).total_seconds() < 301
    assert view(client, done)["check"] == "pending"


def test_other_events_are_ignored(client):
    event = {"MsgType": "event", "Event": "user_enter_tempsession"}

    assert push(client, message(event)).text == "success"


def test_a_verdict_for_another_mini_program_is_ignored(client, wechat_services, done):
    trace_id = request_check(client, wechat_services, done)
    event = {
        "Event": "wxa_media_check",
        "appid": "wx-of-another",
        "trace_id": trace_id,
        "result": {"suggest": "pass", "label": 100},
    }

    assert push(client, message(event)).text == "success"
    assert view(client, done)["check"] == "pending"


# Forgeries


def test_a_verdict_signed_with_another_token_is_refused(client, wechat_services, done):
    trace_id = request_check(client, wechat_services, done)

    response = push(client, wechat_services.push(trace_id, token="another"))

    assert response.status_code == 403
    assert view(client, done)["check"] == "pending"


@pytest.mark.parametrize("minutes", [-20, 20])
def test_a_timestamp_in_the_past_or_future_is_refused(client, wechat_services, done, minutes):
    trace_id = request_check(client, wechat_services, done)

    response = push(client, wechat_services.push(trace_id, at=time.time() + 60 * minutes))

    assert response.status_code == 403


@pytest.mark.parametrize("timestamp", ["", "now", "٣", "1" * 400, "-1"])
def test_an_invalid_timestamp_is_refused(client, timestamp):
    query = {
        "timestamp": timestamp,
        "nonce": "n",
        "signature": signature(PUSH_TOKEN, timestamp, "n"),
    }

    assert push(client, {"params": query, "content": b"{}"}).status_code == 403


def test_a_plain_message_is_refused_in_safe_mode(make_client, wechat_services):
    client = make_client(**wechat_services.settings(is_safe=True))
    job_id = make_done(client)
    trace_id = request_check(client, wechat_services, job_id)

    response = push(client, wechat_services.push(trace_id, "pass"))

    assert response.status_code == 403
    assert view(client, job_id)["check"] == "pending"


def test_a_replaced_cipher_text_is_refused_in_safe_mode(make_client, wechat_services):
    client = make_client(**wechat_services.settings(is_safe=True))
    request = message({"Event": "wxa_media_check"}, is_safe=True)
    forged = {**request, "content": json.dumps({"Encrypt": encrypt(b"{}")}).encode()}

    # The first message has a valid signature, but its event is incomplete.
    assert push(client, request).status_code == 400
    assert push(client, forged).status_code == 403


@pytest.mark.parametrize("cipher_text", ["海", "\ud800", "\0", 1, None])
def test_a_cipher_text_that_is_not_base64_is_refused_in_safe_mode(
    make_client, wechat_services, cipher_text
):
    client = make_client(**wechat_services.settings(is_safe=True))
    request = message({"Event": "x"}, is_safe=True)

    forged = {**request, "content": json.dumps({"Encrypt": cipher_text}).encode()}

    assert push(client, forged).status_code == 403


def test_a_message_for_another_mini_program_is_refused_in_safe_mode(make_client, wechat_services):
    client = make_client(**wechat_services.settings(is_safe=True))

    response = push(client, message({"Event": "x"}, is_safe=True, appid="wx-of-another"))

    assert response.status_code == 403


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
def test_an_unreadable_message_is_a_bad_request(client, body):
    response = push(client, {**message({}), "content": body})

    assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_request")


@pytest.mark.parametrize(
    "cipher",
    ["", "!", "AAAA", "A" * 44, encrypt(b"not JSON"), 7],
    ids=["empty", "not base64", "too short", "zeros", "not JSON", "a number"],
)
def test_an_unreadable_cipher_text_is_refused(make_client, wechat_services, cipher):
    client = make_client(**wechat_services.settings(is_safe=True))
    timestamp = str(int(time.time()))
    query = {"timestamp": timestamp, "nonce": "n"}
    query["msg_signature"] = signature(PUSH_TOKEN, timestamp, "n", str(cipher))

    response = push(client, {"params": query, "content": json.dumps({"Encrypt": cipher}).encode()})

    assert response.status_code in (400, 403)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    body=st.one_of(st.binary(max_size=200), st.text(max_size=80).map(lambda t: f"<a>{t}".encode()))
)
def test_no_message_causes_a_server_error(client, body):
    response = push(client, {**message({}), "content": body})

    assert response.status_code in (200, 400)


# Sharing


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [
        (CheckState.PENDING, 423, "check_pending"),
        (CheckState.REVIEW, 423, "under_review"),
        (CheckState.RISKY, 403, "content_rejected"),
    ],
)
def test_a_result_that_has_not_passed_has_no_link_and_no_poster(client, done, state, status, code):
    set_state(client, done, state)

    responses = [client.post(f"{URL}/{done}/share"), client.get(f"{URL}/{done}/poster")]

    assert {(a.status_code, a.json()["error"]["code"]) for a in responses} == {(status, code)}
    assert view(client, done)["share_token"] is None


def test_the_owner_sees_a_pending_result_at_once(client, done):
    job = view(client, done)

    assert (job["status"], job["check"]) == ("done", "pending")
    assert client.without_key().get(job["result"]["url"]).status_code == 200


@pytest.mark.parametrize("state", [CheckState.PASS, None], ids=["passed", "older than the checks"])
def test_a_result_that_has_passed_can_be_shared(client, done, state):
    set_state(client, done, state)

    shared = client.post(f"{URL}/{done}/share")

    assert shared.status_code == 201
    assert view(client, done)["check"] == "pass"
    assert client.without_key().get(shared.json()["url"]).status_code == 200


def own_as_wechat_user(client) -> None:
    """Make all users WeChat users, whose results are checked."""
    with client.resources.database.transaction() as session:
        session.execute(update(User).values(kind=UserKind.WECHAT))


def share_by_link(client, job_id: str):
    with client.resources.database.transaction() as session:
        session.get_one(Stylization, job_id).share_token = "shr_1"
    return client.without_key().get("/v1/share/shr_1")


UNCHECKED = pytest.mark.parametrize(
    "state", [CheckState.PASS, None], ids=["check was off", "worker without checks"]
)
SHARING = pytest.mark.parametrize(
    "send",
    [
        lambda client, job_id: client.post(f"{URL}/{job_id}/share"),
        lambda client, job_id: client.get(f"{URL}/{job_id}/poster"),
        share_by_link,
    ],
    ids=["share", "poster", "link"],
)


@UNCHECKED
@SHARING
def test_a_result_that_was_finished_without_a_check_is_checked_when_it_is_shared(
    client, wechat_services, state, send
):
    job_id = make_done(client, state)
    own_as_wechat_user(client)
    assert view(client, job_id)["check"] == "pass"

    refused = send(client, job_id)

    assert (refused.status_code, refused.json()["error"]["code"]) == (423, "check_pending")
    assert (view(client, job_id)["check"], count(client, ContentCheck)) == ("pending", 1)
    trace_id = request_check(client, wechat_services, job_id)
    push(client, wechat_services.push(trace_id, "pass"))
    assert send(client, job_id).status_code in (200, 201)
    assert count(client, ContentCheck) == 1


@SHARING
def test_results_of_api_keys_need_a_review_when_they_are_shared_under_this_policy(
    make_client, wechat_services, send
):
    client = make_client(**wechat_services.settings(), moderation_without_openid="review")
    job_id = make_done(client, CheckState.PASS)

    assert send(client, job_id).json()["error"]["code"] == "under_review"

    review_manually(client.resources.database, job_id, CheckState.PASS)
    assert send(client, job_id).status_code in (200, 201)


@UNCHECKED
def test_without_moderation_results_are_shared_unchecked(make_client, state):
    client = make_client()
    job_id = make_done(client, state)
    own_as_wechat_user(client)

    assert client.post(f"{URL}/{job_id}/share").status_code == 201


def test_an_unfinished_stylization_has_no_check_state(client):
    assert upload(client).json()["check"] is None


@pytest.mark.parametrize(
    ("state", "status"), [(CheckState.PENDING, 423), (CheckState.REVIEW, 423), ("risky", 404)]
)
def test_a_link_shows_only_a_result_that_has_passed(client, done, state, status):
    set_state(client, done, CheckState.PASS)
    link = client.post(f"{URL}/{done}/share").json()["url"]

    set_state(client, done, state)

    assert client.without_key().get(link).status_code == status


def test_sharing_a_pending_result_sets_retry_after(client, done):
    response = client.post(f"{URL}/{done}/share", headers={"Accept-Language": "zh"})

    assert response.headers["Retry-After"] == "5"
    assert "内容安全检查" in response.json()["error"]["message"]


def test_a_risky_result_is_removed_for_its_link_and_its_owner(client, wechat_services, done):
    set_state(client, done, CheckState.PASS)
    link = client.post(f"{URL}/{done}/share").json()["url"]
    url = view(client, done)["result"]["url"]

    push(client, wechat_services.push(request_check(client, wechat_services, done), "risky"))

    job = view(client, done)
    assert (job["status"], job["check"], job["result"]) == ("done", "risky", None)
    assert (job["share_token"], job["content"] is None) == (None, False)
    assert client.without_key().get(link).status_code == 404
    assert client.without_key().get(url).status_code == 404


def test_undoing_a_deletion_does_not_restore_a_risky_picture(client, wechat_services, done):
    push(client, wechat_services.push(request_check(client, wechat_services, done), "risky"))
    client.delete(f"{URL}/{done}")

    restored = client.post(f"{URL}/{done}/restore").json()

    assert (restored["check"], restored["result"]) == ("risky", None)
    assert restored["content"] is not None


# The picture that WeChat downloads


@pytest.mark.parametrize("variant", [Variant.FULL, Variant.JPEG])
def test_the_url_of_the_worker_returns_the_picture(client, done, variant):
    with client.resources.database.reading() as session:
        row = session.get_one(Stylization, done)
        picture = session.get_one(Picture, row.result_picture_id)
    signer = PictureURLSigner(signing_secrets(client.resources.settings), lifetime_seconds=7200)

    path = signer.path(picture.id, picture.file_format, now=now_utc(), variant=variant)
    response = client.without_key().get(path)

    assert response.status_code == 200
    assert response.headers["content-type"] == "image/jpeg"
    assert urlsplit(path).path == f"/v1/pictures/{picture.id}.jpg"


def test_a_webp_is_converted_to_a_jpeg_with_the_same_label(client):
    label = client.resources.settings.label
    picture = Image.new("RGB", (200, 120), (90, 120, 150))
    webp = encode_labelled(picture, PictureFormat.WEBP, label=label, produce_id="stl_1", quality=90)

    jpeg = jpeg_of(webp)

    with Image.open(BytesIO(jpeg)) as opened:
        assert (opened.format, opened.size) == ("JPEG", (200, 120))
    assert read_label(jpeg) is not None
    assert read_label(jpeg) == read_label(webp)


# Manual review


def test_an_operator_approves_or_rejects_results(client, done, capsys):
    other = make_done(client, CheckState.REVIEW, tau="0.3")
    settings = client.resources.settings

    run(Namespace(action="pass", id=done), settings)
    run(Namespace(action="reject", id=other), settings)

    assert [view(client, one)["check"] for one in (done, other)] == ["pass", "risky"]
    assert view(client, other)["result"] is None


@pytest.mark.parametrize(
    ("decision", "later"), [("reject", "pass"), ("pass", "risky"), ("pass", "review")]
)
def test_a_later_verdict_does_not_replace_a_manual_review(
    client, wechat_services, done, decision, later
):
    trace_id = request_check(client, wechat_services, done)
    run(Namespace(action=decision, id=done), client.resources.settings)
    decided = view(client, done)["check"]

    push(client, wechat_services.push(trace_id, later))

    assert view(client, done)["check"] == decided


def test_unapproved_results_are_listed_with_their_pictures(client, done, capsys):
    passed = make_done(client, CheckState.PASS, tau="0.3")

    run(Namespace(action="list"), client.resources.settings)

    listed = capsys.readouterr().out
    address = listed.split()[-1].removeprefix("https://art.example.org")
    assert done in listed
    assert passed not in listed
    assert client.without_key().get(address).status_code == 200


def test_reviewing_a_missing_stylization_is_a_setup_error(client):
    with pytest.raises(SetupError, match="stl_nothing"):
        run(Namespace(action="pass", id="stl_nothing"), client.resources.settings)
