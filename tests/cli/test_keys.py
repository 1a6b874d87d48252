"""Keys for other apps: what each may be used for, how much, and for how long."""

from datetime import timedelta

import pytest

from app.accounts.service import create_key
from core.db.base import now_utc
from core.db.users import ALL_SCOPES, Scope
from tests.app.sample_pictures import jpeg
from tests.app.test_creating_stylizations import upload

ID = "stl_none"
READING = [
    ("GET", "/v1/styles"),
    ("GET", "/v1/styles/nixi-black-pottery"),
    ("GET", "/v1/stylizations"),
    ("GET", f"/v1/stylizations/{ID}"),
    ("GET", "/v1/me"),
    ("GET", "/v1/me/export"),
]
MAKING = [
    ("POST", "/v1/styles"),
    ("DELETE", f"/v1/styles/{ID}"),
    ("POST", "/v1/stylizations"),
    ("POST", f"/v1/stylizations/{ID}/cancel"),
    ("DELETE", f"/v1/stylizations/{ID}"),
]
ENDING = [("POST", "/v1/auth/revoke"), ("DELETE", "/v1/me")]


def with_scopes(client, *scopes: Scope):
    client.key = create_key(client.resources.database, "an app", scopes=frozenset(scopes))
    return client


def uploads_taken(client, key: str) -> int:
    client.key = key
    return [upload(client).status_code for _ in range(5)].count(202)


@pytest.mark.parametrize(
    ("scope", "method", "url"),
    [
        *((Scope.READ, *address) for address in READING),
        *((Scope.STYLIZE, *address) for address in MAKING),
        *((Scope.ACCOUNT, *address) for address in ENDING),
    ],
)
def test_an_address_opens_with_its_scope_and_with_no_other(client, scope, method, url):
    others = with_scopes(client, *ALL_SCOPES - {scope}).request(method, url)
    alone = with_scopes(client, scope).request(method, url)

    assert (others.status_code, others.json()["error"]["code"]) == (403, "missing_scope")
    assert f'"{scope}"' in others.json()["error"]["message"]
    assert alone.status_code != 403


def test_a_key_without_the_scope_is_refused_before_its_upload_is_counted(make_client):
    client = with_scopes(make_client(uploads_per_minute=1), Scope.READ)

    statuses = [upload(client).status_code for _ in range(3)]

    assert statuses == [403] * 3


def test_a_key_for_which_none_is_named_reads_and_stylizes(client):
    assert client.get("/v1/styles").status_code == 200
    assert upload(client).status_code == 202
    assert client.delete("/v1/me").status_code == 403


def test_a_key_has_a_limit_of_its_own(make_client):
    client = make_client(uploads_per_minute=3)
    narrow = create_key(client.resources.database, "narrow", uploads_per_minute=1)
    wide = create_key(client.resources.database, "wide", uploads_per_minute=5)

    taken = [uploads_taken(client, key) for key in (narrow, client.key, wide)]

    assert taken == [1, 3, 5]


def test_a_refusal_tells_the_limit_of_this_key(make_client):
    client = make_client()
    client.key = create_key(client.resources.database, "narrow", uploads_per_minute=2)
    [upload(client) for _ in range(2)]

    answer = upload(client)

    assert "2 a minute" in answer.json()["error"]["message"]
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_a_key_past_its_time_comes_in_no_more(client):
    now = now_utc()
    client.key = create_key(client.resources.database, "x", expires_at=now + timedelta(hours=1))
    before = client.get("/v1/styles").status_code
    client.key = create_key(client.resources.database, "x", expires_at=now - timedelta(seconds=1))

    assert (before, client.get("/v1/styles").status_code) == (200, 401)


def test_what_is_anothers_looks_as_if_it_were_not_there(client):
    job = upload(client).json()["id"]
    answer = client.post("/v1/styles", files={"file": jpeg(100, 100)}, data={"name": "mine"})
    style = answer.json()["id"]
    other = client.of_another_user()

    answers = [
        other.get(f"/v1/stylizations/{job}"),
        other.post(f"/v1/stylizations/{job}/cancel"),
        other.delete(f"/v1/stylizations/{job}"),
        other.get(f"/v1/styles/{style}"),
        other.delete(f"/v1/styles/{style}"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5
