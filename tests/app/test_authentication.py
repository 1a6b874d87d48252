"""Authentication: API keys, tokens and the development login."""

from datetime import timedelta

import jwt
import pytest
from sqlalchemy import select

from app.accounts.keys import LOCAL_USER_ID
from app.accounts.service import (
    create_key,
    list_keys,
    mint_development_key,
    revoke_key,
    revoke_tokens,
)
from app.accounts.tokens import Claims, TokenSigner
from core.db.base import now_utc
from core.db.users import ApiKey, User
from core.errors import NotFound
from tests.app.test_creating_stylizations import upload

URL = "/v1/styles"
LOGIN = "/v1/auth/dev"


def status_with(client, authorization: str | None) -> int:
    """Return the status of a request with this Authorization header."""
    headers = {} if authorization is None else {"Authorization": authorization}
    return client.without_key().get(URL, headers=headers).status_code


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer dt_wrong", "Basic dXNlcjpwYXNz", "Bearer a.b.c", "x"],
)
def test_a_missing_or_invalid_key_is_refused(client, authorization):
    assert status_with(client, authorization) == 401


def test_an_unauthenticated_response_names_the_scheme(client):
    response = client.without_key().get(URL)

    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.json()["error"]["code"] == "unauthenticated"


def test_an_upload_without_a_key_is_refused_before_its_body_is_read(client):
    def body():
        raise AssertionError("the body was read")
        yield b""

    headers = {"Content-Type": "multipart/form-data; boundary=x"}

    response = client.without_key().post(
        "/v1/stylizations", content=AsyncBody(body), headers=headers
    )

    assert response.status_code == 401


class AsyncBody:
    def __init__(self, chunks) -> None:
        self._chunks = chunks

    async def __aiter__(self):
        for chunk in self._chunks():
            yield chunk


def test_a_key_is_valid_until_it_is_revoked(client):
    key = create_key(client.resources.database, "a script")
    before = status_with(client, f"Bearer {key}")

    revoke_key(client.resources.database, key[:11])

    assert (before, status_with(client, f"Bearer {key}")) == (200, 401)


def test_only_the_hash_of_a_key_is_stored(client):
    with client.resources.database.reading() as session:
        row = session.scalars(select(ApiKey)).one()

    assert client.key not in (row.secret_hash, row.prefix)
    assert client.key.startswith(row.prefix)


def test_the_last_use_of_a_key_is_recorded(client):
    client.get(URL)

    with client.resources.database.reading() as session:
        assert session.scalars(select(ApiKey)).one().last_used_at is not None


def test_keys_are_listed_newest_first(client):
    create_key(client.resources.database, "newer")

    assert [key.name for key in list_keys(client.resources.database)] == ["newer", "tester"]


def test_a_missing_key_cannot_be_revoked(client):
    with pytest.raises(NotFound):
        revoke_key(client.resources.database, "key_none")


def test_a_new_development_key_revokes_the_previous_one_and_keeps_the_user(client):
    first = mint_development_key(client.resources.database)
    second = mint_development_key(client.resources.database)

    assert (status_with(client, f"Bearer {first}"), status_with(client, f"Bearer {second}")) == (
        401,
        200,
    )
    with client.resources.database.reading() as session:
        assert session.get(User, LOCAL_USER_ID) is not None


def test_the_development_login_returns_a_valid_token(make_client):
    client = make_client(dev_login=True)

    response = client.without_key().post(LOGIN, json={"name": "li"})

    assert response.status_code == 200
    assert status_with(client, f"Bearer {response.json()['token']}") == 200


def test_the_development_login_returns_one_user_for_each_name(make_client):
    client = make_client(dev_login=True)

    responses = [client.post(LOGIN, json={"name": name}).json() for name in ("li", "li", "wang")]

    ids = [response["user"]["id"] for response in responses]
    assert ids[0] == ids[1] != ids[2]


def test_the_development_login_needs_no_name(make_client):
    assert make_client(dev_login=True).post(LOGIN).status_code == 200


@pytest.mark.parametrize("name", ["", "x" * 65])
def test_an_empty_or_too_long_name_is_refused(make_client, name):
    assert make_client(dev_login=True).post(LOGIN, json={"name": name}).status_code == 422


def test_the_development_login_does_not_exist_without_its_setting(client):
    assert client.post(LOGIN, json={}).status_code == 404


@pytest.mark.parametrize("address", ["192.168.1.5", "8.8.8.8", "fe80::1", "unknown"])
def test_the_development_login_does_not_exist_for_another_machine(make_client, address):
    client = make_client(dev_login=True)

    assert client.post(LOGIN, json={}, client=address).status_code == 404


def test_the_development_login_does_not_exist_behind_a_proxy(make_client):
    client = make_client(dev_login=True)

    response = client.post(LOGIN, json={}, headers={"X-Forwarded-For": "8.8.8.8"})

    assert response.status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "192.168.1.5", "localhost.evil.example"])
def test_the_development_login_does_not_exist_under_another_host_name(make_client, host):
    client = make_client(dev_login=True)

    response = client.post(LOGIN, json={}, headers={"Host": f"{host}:8000"})

    assert response.status_code == 404


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_the_development_login_exists_under_the_names_of_this_machine(make_client, host):
    client = make_client(dev_login=True)

    response = client.post(LOGIN, json={}, headers={"Host": host})

    assert response.status_code == 200


def test_an_upload_belongs_to_the_user_of_its_token(make_client):
    client = make_client(dev_login=True)
    client.key = client.post(LOGIN, json={"name": "li"}).json()["token"]

    job = upload(client).json()

    assert client.get(f"/v1/stylizations/{job['id']}").status_code == 200
    assert client.of_another_user().get(f"/v1/stylizations/{job['id']}").status_code == 404


def test_a_token_is_valid_until_its_secret_is_removed():
    token = TokenSigner(("old secret",)).sign("usr_1", now_utc()).text

    assert TokenSigner(("new secret", "old secret")).claims(token) == Claims("usr_1", 0)
    assert TokenSigner(("new secret",)).claims(token) is None


def test_an_expired_token_is_invalid():
    signer = TokenSigner(("secret",))

    assert signer.claims(signer.sign("usr_1", now_utc() - timedelta(hours=3)).text) is None


def test_an_unsigned_token_is_invalid():
    signer = TokenSigner(("secret",))
    kid = jwt.get_unverified_header(signer.sign("usr_1", now_utc()).text)["kid"]
    claims = {"sub": "usr_1", "aud": "dualtrans", "exp": now_utc() + timedelta(hours=1)}

    forged = jwt.encode(claims, "", algorithm="none", headers={"kid": kid})

    assert signer.claims(forged) is None


def test_a_token_of_a_missing_user_is_refused(client):
    token = client.app.state.resources.token_signer.sign("usr_missing", now_utc()).text

    assert status_with(client, f"Bearer {token}") == 401


def test_a_token_without_a_version_is_valid_until_tokens_are_revoked(make_client):
    client = make_client(dev_login=True)
    user_id = client.post(LOGIN).json()["user"]["id"]
    signer: TokenSigner = client.app.state.resources.token_signer
    kid = jwt.get_unverified_header(signer.sign(user_id, now_utc()).text)["kid"]
    claims = {"sub": user_id, "aud": "dualtrans", "exp": now_utc() + timedelta(hours=1)}
    old = jwt.encode(claims, signer._keys[kid], headers={"kid": kid})
    before = status_with(client, f"Bearer {old}")

    revoke_tokens(client.resources.database, user_id)

    assert (before, status_with(client, f"Bearer {old}")) == (200, 401)
