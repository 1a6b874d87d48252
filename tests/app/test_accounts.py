"""Who may ask: keys, tokens, the development login."""

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


def ask(client, authorization: str | None) -> int:
    headers = {} if authorization is None else {"Authorization": authorization}
    return client.without_key().get(URL, headers=headers).status_code


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer dt_wrong", "Basic dXNlcjpwYXNz", "Bearer a.b.c", "x"],
)
def test_without_a_key_that_holds_nothing_is_given(client, authorization):
    assert ask(client, authorization) == 401


def test_a_refusal_says_how_to_come_in(client):
    answer = client.without_key().get(URL)

    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["error"]["code"] == "unauthenticated"


def test_an_upload_without_a_key_is_refused_before_its_body_is_read(client):
    def body():
        raise AssertionError("the body was read")
        yield b""

    headers = {"Content-Type": "multipart/form-data; boundary=x"}

    answer = client.without_key().post("/v1/stylizations", content=AsyncBody(body), headers=headers)

    assert answer.status_code == 401


class AsyncBody:
    def __init__(self, chunks) -> None:
        self._chunks = chunks

    async def __aiter__(self):
        for chunk in self._chunks():
            yield chunk


def test_a_key_comes_in_until_it_is_revoked(client):
    key = create_key(client.resources.database, "a script")
    before = ask(client, f"Bearer {key}")

    revoke_key(client.resources.database, key[:11])

    assert (before, ask(client, f"Bearer {key}")) == (200, 401)


def test_a_key_is_kept_as_a_hash_only(client):
    with client.resources.database.reading() as session:
        row = session.scalars(select(ApiKey)).one()

    assert client.key not in (row.secret_hash, row.prefix)
    assert client.key.startswith(row.prefix)


def test_the_use_of_a_key_is_noted(client):
    client.get(URL)

    with client.resources.database.reading() as session:
        assert session.scalars(select(ApiKey)).one().last_used_at is not None


def test_keys_are_listed_newest_first(client):
    create_key(client.resources.database, "newer")

    assert [key.name for key in list_keys(client.resources.database)] == ["newer", "tester"]


def test_a_key_that_is_not_there_cannot_be_revoked(client):
    with pytest.raises(NotFound):
        revoke_key(client.resources.database, "key_none")


def test_a_new_development_key_retires_the_last_and_keeps_the_user(client):
    first = mint_development_key(client.resources.database)
    second = mint_development_key(client.resources.database)

    assert (ask(client, f"Bearer {first}"), ask(client, f"Bearer {second}")) == (401, 200)
    with client.resources.database.reading() as session:
        assert session.get(User, LOCAL_USER_ID) is not None


def test_the_development_login_gives_a_token_that_comes_in(make_client):
    client = make_client(dev_login=True)

    answer = client.without_key().post(LOGIN, json={"name": "li"})

    assert answer.status_code == 200
    assert ask(client, f"Bearer {answer.json()['token']}") == 200


def test_the_same_name_is_the_same_user(make_client):
    client = make_client(dev_login=True)

    answers = [client.post(LOGIN, json={"name": name}).json() for name in ("li", "li", "wang")]

    ids = [answer["user"]["id"] for answer in answers]
    assert ids[0] == ids[1] != ids[2]


def test_a_login_needs_no_name(make_client):
    assert make_client(dev_login=True).post(LOGIN).status_code == 200


@pytest.mark.parametrize("name", ["", "x" * 65])
def test_a_name_out_of_bounds_is_refused(make_client, name):
    assert make_client(dev_login=True).post(LOGIN, json={"name": name}).status_code == 422


def test_without_the_setting_there_is_no_development_login(client):
    assert client.post(LOGIN, json={}).status_code == 404


@pytest.mark.parametrize("address", ["192.168.1.5", "8.8.8.8", "fe80::1", "unknown"])
def test_from_another_machine_there_is_no_development_login(make_client, address):
    client = make_client(dev_login=True)

    assert client.post(LOGIN, json={}, client=address).status_code == 404


def test_through_a_proxy_there_is_no_development_login(make_client):
    client = make_client(dev_login=True)

    answer = client.post(LOGIN, json={}, headers={"X-Forwarded-For": "8.8.8.8"})

    assert answer.status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "192.168.1.5", "localhost.evil.example"])
def test_by_a_foreign_name_for_this_machine_there_is_no_development_login(make_client, host):
    client = make_client(dev_login=True)

    answer = client.post(LOGIN, json={}, headers={"Host": f"{host}:8000"})

    assert answer.status_code == 404


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_by_its_own_names_this_machine_is_let_in(make_client, host):
    client = make_client(dev_login=True)

    answer = client.post(LOGIN, json={}, headers={"Host": host})

    assert answer.status_code == 200


def test_what_a_token_sends_belongs_to_its_user(make_client):
    client = make_client(dev_login=True)
    client.key = client.post(LOGIN, json={"name": "li"}).json()["token"]

    job = upload(client).json()

    assert client.get(f"/v1/stylizations/{job['id']}").status_code == 200
    assert client.of_another_user().get(f"/v1/stylizations/{job['id']}").status_code == 404


def test_a_token_of_an_old_secret_holds_until_the_secret_is_retired():
    token = TokenSigner(("old secret",)).sign("usr_1", now_utc()).text

    assert TokenSigner(("new secret", "old secret")).claims(token) == Claims("usr_1", 0)
    assert TokenSigner(("new secret",)).claims(token) is None


def test_an_expired_token_does_not_hold():
    signer = TokenSigner(("secret",))

    assert signer.claims(signer.sign("usr_1", now_utc() - timedelta(hours=3)).text) is None


def test_a_token_without_a_signature_does_not_hold():
    signer = TokenSigner(("secret",))
    kid = jwt.get_unverified_header(signer.sign("usr_1", now_utc()).text)["kid"]
    claims = {"sub": "usr_1", "aud": "dualtrans", "exp": now_utc() + timedelta(hours=1)}

    forged = jwt.encode(claims, "", algorithm="none", headers={"kid": kid})

    assert signer.claims(forged) is None


def test_a_token_of_a_user_who_is_gone_does_not_hold(client):
    token = client.app.state.resources.token_signer.sign("usr_gone", now_utc()).text

    assert ask(client, f"Bearer {token}") == 401


def test_a_token_of_the_time_before_versions_holds_until_tokens_are_ended(make_client):
    client = make_client(dev_login=True)
    user_id = client.post(LOGIN).json()["user"]["id"]
    signer: TokenSigner = client.app.state.resources.token_signer
    kid = jwt.get_unverified_header(signer.sign(user_id, now_utc()).text)["kid"]
    claims = {"sub": user_id, "aud": "dualtrans", "exp": now_utc() + timedelta(hours=1)}
    old = jwt.encode(claims, signer._keys[kid], headers={"kid": kid})
    before = ask(client, f"Bearer {old}")

    revoke_tokens(client.resources.database, user_id)

    assert (before, ask(client, f"Bearer {old}")) == (200, 401)
