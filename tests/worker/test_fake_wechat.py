"""The server in WeChat's place refuses what WeChat's documentation does not know."""

from typing import Any

import httpx
import pytest

from tests.fake_wechat_services import CLOUD_ENV, FakeServices

QUESTION: dict[str, Any] = {
    "media_url": "https://art.example.org/1.jpg",
    "media_type": 2,
    "version": 2,
    "scene": 4,
    "openid": "o-li",
}
CHECK = "/wxa/media_check_async"


def ask(fake: FakeServices, path: str, body: dict[str, Any], **query: str) -> int:
    query = query or {"access_token": fake.token}
    answer = httpx.post(f"{fake.url}{path}", params=query, json=body).json()
    assert set(answer) >= {"errcode", "errmsg"}
    return int(answer["errcode"])


@pytest.mark.parametrize(
    ("changed", "errcode"),
    [
        ({}, 0),
        ({"title": "mine"}, 40097),
        ({"media_type": "2"}, 40097),
        ({"version": 1}, 40097),
        ({"scene": 5}, 40097),
        ({"media_url": "ftp://x/1.jpg"}, 40097),
        ({"media_url": "https://x/" + "1" * 2048}, 40097),
        ({"openid": "o" * 129}, 40003),
        ({"openid": "o-stranger"}, 61010),
    ],
)
def test_a_question_is_taken_as_documented_alone(
    wechat_services: FakeServices, changed: dict[str, Any], errcode: int
) -> None:
    assert ask(wechat_services, CHECK, {**QUESTION, **changed}) == errcode


def test_a_field_that_is_missing_is_named_so(wechat_services: FakeServices) -> None:
    without = {name: value for name, value in QUESTION.items() if name != "openid"}

    assert ask(wechat_services, CHECK, without) == 40101


def test_a_call_needs_the_token_in_force(wechat_services: FakeServices) -> None:
    assert ask(wechat_services, CHECK, QUESTION, other="1") == 41001
    assert ask(wechat_services, CHECK, QUESTION, access_token="old") == 40001


def test_nothing_is_pushed_that_was_not_asked(wechat_services: FakeServices) -> None:
    with pytest.raises(AssertionError, match="never asked"):
        wechat_services.push("4e2f-1")


@pytest.mark.parametrize(
    "query",
    [
        'db.collection("a").add({"data": []}); db.collection("b").where({}).remove()',
        'db.collection("a").where({"_id": "1"}).remove()',
        'db.collection("a").add({"data": [], "more": 1})',
        "db.dropDatabase()",
    ],
)
def test_a_document_is_added_by_one_statement_alone(
    wechat_services: FakeServices, query: str
) -> None:
    body = {"env": CLOUD_ENV, "query": query}

    assert ask(wechat_services, "/tcb/databaseadd", body) == 40097


def test_a_file_is_taken_only_with_all_that_was_promised_for_it(
    wechat_services: FakeServices,
) -> None:
    body = {"env": CLOUD_ENV, "path": "works/1.webp"}
    assert ask(wechat_services, "/tcb/uploadfile", body) == 0
    promise = wechat_services.uploads["works/1.webp"]
    fields = {"key": "works/1.webp", "Signature": promise["authorization"]}

    answer = httpx.post(promise["url"], data=fields, files={"file": ("1.webp", b"x")})

    assert answer.status_code == 403
    assert wechat_services.files == {}
