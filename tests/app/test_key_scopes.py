"""API keys: their scopes, their upload limits and their expiry."""

from datetime import timedelta

import pytest

from app.accounts.service import create_key
from core.db.base import now_utc
from core.db.users import ALL_SCOPES, Scope
from tests.app.sample_pictures import jpeg
from tests.app.test_creating_stylizations import upload

ID = "stl_none"
READ_ROUTES = [
    ("GET", "/v1/styles"),
    ("GET", "/v1/styles/nixi-black-pottery"),
    ("GET", "/v1/stylizations"),
    ("GET", f"/v1/stylizations/{ID}"),
    ("GET", "/v1/me"),
    ("GET", "/v1/me/export"),
]
STYLIZE_ROUTES = [
    ("POST", "/v1/styles"),
    ("DELETE", f"/v1/styles/{ID}"),
    ("POST", "/v1/stylizations"),
    ("POST", f"/v1/stylizations/{ID}/cancel"),
    ("DELETE", f"/v1/stylizations/{ID}"),
]
ACCOUNT_ROUTES = [("POST", "/v1/auth/revoke"), ("DELETE", "/v1/me")]


def with_scopes(client, *scopes: Scope):
    client.key = create_key(client.resources.database, "an app", scopes=frozenset(scopes))
    return client


def count_accepted_uploads(client, key: str) -> int:
    client.key = key
    return [upload(client).status_code for _ in range(5)].count(202)


@pytest.mark.parametrize(
    ("scope", "method", "url"),
    [
        *((Scope.READ, *route) for route in READ_ROUTES),
        *((Scope.STYLIZE, *route) for route in STYLIZE_ROUTES),
        *((Scope.ACCOUNT, *route) for route in ACCOUNT_ROUTES),
    ],
)
def test_a_route_needs_its_scope_and_accepts_no_other(client, scope, method, url):
    others = with_scopes(client, *ALL_SCOPES - {scope}).request(method, url)
    alone = with_scopes(client, scope).request(method, url)

    assert (others.status_code, others.json()["error"]["code"]) == (403, "missing_scope")
    assert f'"{scope}"' in others.json()["error"]["message"]
    assert alone.status_code != 403


def test_a_key_without_the_scope_is_rejected_before_its_upload_is_counted(make_client):
    client = with_scopes(make_client(uploads_per_minute=1), Scope.READ)

    statuses = [upload(client).status_code for _ in range(3)]

    assert statuses == [403] * 3


def test_a_key_without_scopes_reads_and_stylizes(client):
    assert client.get("/v1/styles").status_code == 200
    assert upload(client).status_code == 202
    assert client.delete("/v1/me").status_code == 403


def test_a_key_has_its_own_upload_limit(make_client):
    client = make_client(uploads_per_minute=3)
    narrow = create_key(client.resources.database, "narrow", uploads_per_minute=1)
    wide = create_key(client.resources.database, "wide", uploads_per_minute=5)

    accepted = [count_accepted_uploads(client, key) for key in (narrow, client.key, wide)]

    assert accepted == [1, 3, 5]


def test_the_error_contains_the_limit_of_the_key(make_client):
    client = make_client()
    client.key = create_key(client.resources.database, "narrow", uploads_per_minute=2)
    [upload(client) for _ in range(2)]

    response = upload(client)

    assert "2 a minute" in response.json()["error"]["message"]
    assert 1 <= int(response.headers["Retry-After"]) <= 60


def test_an_expired_key_is_rejected(client):
    now = now_utc()
    client.key = create_key(client.resources.database, "x", expires_at=now + timedelta(hours=1))
    before = client.get("/v1/styles").status_code
    client.key = create_key(client.resources.database, "x", expires_at=now - timedelta(seconds=1))

    assert (before, client.get("/v1/styles").status_code) == (200, 401)


def test_resources_of_another_user_are_not_found(client):
    job = upload(client).json()["id"]
    response = client.post("/v1/styles", files={"file": jpeg(100, 100)}, data={"name": "mine"})
    style = response.json()["id"]
    other = client.of_another_user()

    responses = [
        other.get(f"/v1/stylizations/{job}"),
        other.post(f"/v1/stylizations/{job}/cancel"),
        other.delete(f"/v1/stylizations/{job}"),
        other.get(f"/v1/styles/{style}"),
        other.delete(f"/v1/styles/{style}"),
    ]

    assert [response.status_code for response in responses] == [404] * 5
