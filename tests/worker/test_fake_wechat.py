"""The fake server refuses requests that WeChat's documentation does not allow."""

from typing import Any

import httpx
import pytest

from tests.fake_wechat_services import CLOUD_ENV, FakeServices

CHECK_REQUEST: dict[str, Any] = {
    "media_url": "https://art.example.org/1.jpg",
    "media_type": 2,
    "version": 2,
    "scene": 4,
    "openid": "o-li",
}
CHECK = "/wxa/media_check_async"


def call(fake: FakeServices, path: str, body: dict[str, Any], **query: str) -> int:
    query = query or {"access_token": fake.token}
    response = httpx.post(f"{fake.url}{path}", params=query, json=body).json()
    assert set(response) >= {"errcode", "errmsg"}
    return int(response["errcode"])


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
def test_only_documented_check_requests_are_accepted(
    wechat_services: FakeServices, changed: dict[str, Any], errcode: int
) -> None:
    assert call(wechat_services, CHECK, {**CHECK_REQUEST, **changed}) == errcode


def test_a_missing_field_has_its_errcode(wechat_services: FakeServices) -> None:
    without = {name: value for name, value in CHECK_REQUEST.items() if name != "openid"}

    assert call(wechat_services, CHECK, without) == 40101


def test_a_call_needs_the_current_token(wechat_services: FakeServices) -> None:
    assert call(wechat_services, CHECK, CHECK_REQUEST, other="1") == 41001
    assert call(wechat_services, CHECK, CHECK_REQUEST, access_token="old") == 40001


def test_a_result_needs_a_requested_check(wechat_services: FakeServices) -> None:
    with pytest.raises(AssertionError, match="no check was requested"):
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
def test_a_query_is_a_single_statement(wechat_services: FakeServices, query: str) -> None:
    body = {"env": CLOUD_ENV, "query": query}

    assert call(wechat_services, "/tcb/databaseadd", body) == 40097


def test_an_upload_needs_all_permitted_fields(
    wechat_services: FakeServices,
) -> None:
    body = {"env": CLOUD_ENV, "path": "works/1.webp"}
    assert call(wechat_services, "/tcb/uploadfile", body) == 0
    permission = wechat_services.uploads["works/1.webp"]
    fields = {"key": "works/1.webp", "Signature": permission["authorization"]}

    response = httpx.post(permission["url"], data=fields, files={"file": ("1.webp", b"x")})

    assert response.status_code == 403
    assert wechat_services.files == {}
