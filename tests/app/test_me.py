"""What one may do with oneself: see, end one's tokens, take one's history away, be forgotten."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.keys import LOCAL_USER_ID, renew_development_key
from app.accounts.service import create_key
from core.db.base import now_utc
from core.db.erasure import ERASURE_GRACE_PERIOD
from core.db.pictures import Picture
from core.db.styles import Style
from core.db.stylizations import Stylization
from core.db.users import ALL_SCOPES, ApiKey, Scope, User, WeChatIdentity
from tests.app.sample_pictures import jpeg
from tests.app.test_creating_stylizations import upload
from tests.app.test_reading_stylizations import finish
from tests.factories import make_stylization
from worker.periodic.retention import Retention

EVERYTHING = (Stylization, Style, Picture, ApiKey, WeChatIdentity)


def token_of(client, name: str = "li") -> str:
    return client.post("/v1/auth/dev", json={"name": name}).json()["token"]


@pytest.fixture
def user(make_client, database_url):
    """A logged-in user of a service, on both databases."""
    client = make_client(dev_login=True, database_url=database_url)
    client.key = token_of(client)
    return client


def add_style(client) -> str:
    answer = client.post("/v1/styles", files={"file": jpeg(100, 100)}, data={"name": "mine"})
    return answer.raise_for_status().json()["id"]


def sweep(client) -> int:
    resources = client.resources
    return Retention(resources.database, resources.storage, resources.settings).sweep()


def age_erasures(client) -> None:
    with client.resources.database.transaction() as session:
        session.query(User).filter(User.erased_at.is_not(None)).update(
            {"erased_at": now_utc() - ERASURE_GRACE_PERIOD - timedelta(minutes=1)}
        )


def rows_of(client, user_id: str) -> int:
    with client.resources.database.reading() as session:
        return sum(
            session.scalar(select(func.count()).select_from(t).where(t.owner_id == user_id))
            for t in (Stylization, Style, Picture)
        )


def prepare_styles(client) -> None:
    with client.resources.database.transaction() as session:
        session.query(Style).update({"status": "ready", "code": b"code", "model_version": "1"})


# Who one is


def test_a_user_sees_who_they_are_and_what_they_may_do(user):
    me = user.get("/v1/me").json()

    assert (me["kind"], me["scopes"]) == ("dev", ["account", "read", "stylize"])
    assert me["uploads_per_minute"] == 120


def test_a_key_sees_its_own_scopes_and_limit(client):
    client.key = create_key(
        client.resources.database, "x", scopes=frozenset({Scope.READ}), uploads_per_minute=7
    )

    me = client.get("/v1/me").json()

    assert (me["kind"], me["scopes"], me["uploads_per_minute"]) == ("api", ["read"], 7)


# Ending one's tokens


def test_all_tokens_of_a_user_end_at_once_and_a_new_login_holds(user):
    other_phone = token_of(user)

    ended = user.post("/v1/auth/revoke")

    assert ended.status_code == 204
    assert user.get("/v1/me").status_code == 401
    user.key = other_phone
    assert user.get("/v1/me").status_code == 401
    user.key = token_of(user)
    assert user.get("/v1/me").status_code == 200


def test_tokens_of_other_users_go_on(user):
    wang = token_of(user, "wang")

    user.post("/v1/auth/revoke")

    user.key = wang
    assert user.get("/v1/me").status_code == 200


def test_a_flush_of_redis_gives_no_ended_token_back(user):
    user.post("/v1/auth/revoke")

    user.resources.queue._connection.flushall()

    assert user.get("/v1/me").status_code == 401


# Being forgotten


def test_the_forgotten_come_in_no_more_neither_by_token_nor_by_key(make_client):
    client = make_client()
    client.key = create_key(client.resources.database, "x", scopes=ALL_SCOPES)

    answer = client.delete("/v1/me")

    assert answer.status_code == 202
    assert answer.json()["erased_at"]
    assert client.get("/v1/me").status_code == 401


def test_jobs_under_way_are_cancelled_and_no_address_shows_a_picture_any_more(user):
    content = upload(user).json()["content"]["url"]

    user.delete("/v1/me")

    with user.resources.database.reading() as session:
        row = session.scalars(select(Stylization)).one()
    assert row.status == "cancelled"
    assert user.get(content).status_code == 404


def test_files_are_gone_with_the_next_sweep(user, stored_files):
    finish(user, upload(user).json()["id"])
    upload(user)
    add_style(user)
    prepare_styles(user)
    user.delete("/v1/me")

    sweep(user)

    assert stored_files() == []


def test_rows_are_gone_when_nothing_is_under_way_any_more(user):
    me = user.get("/v1/me").json()["id"]
    finish(user, upload(user).json()["id"])
    add_style(user)
    prepare_styles(user)
    user.delete("/v1/me")
    sweep(user)
    early = rows_of(user, me)

    age_erasures(user)
    sweep(user)

    assert (early > 0, rows_of(user, me)) == (True, 0)
    with user.resources.database.reading() as session:
        assert session.get(User, me) is None


def test_a_sweep_that_dies_half_way_is_taken_up_again(user, stored_files, monkeypatch):
    [upload(user, data=jpeg(320, height)) for height in (200, 220, 240)]
    user.delete("/v1/me")
    remove = user.resources.storage.remove
    left = iter([True, False])

    def die_at_the_second(key: str) -> None:
        if not next(left):
            raise KeyboardInterrupt
        remove(key)

    monkeypatch.setattr(user.resources.storage, "remove", die_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        sweep(user)
    monkeypatch.undo()

    sweep(user)

    assert stored_files() == []


def test_an_upload_that_was_under_way_is_found_and_removed(user, stored_files):
    me = user.get("/v1/me").json()["id"]
    user.delete("/v1/me")
    with user.resources.database.transaction() as session:
        late = make_stylization(session, user.resources.storage)
        late.owner_id = session.get_one(Picture, late.picture_id).owner_id = me

    age_erasures(user)
    sweep(user)
    sweep(user)

    assert (stored_files(), rows_of(user, me)) == ([], 0)


def test_a_style_that_a_worker_holds_keeps_its_rows_until_it_ends(user):
    me = user.get("/v1/me").json()["id"]
    add_style(user)
    user.delete("/v1/me")
    age_erasures(user)
    sweep(user)
    held = rows_of(user, me)

    prepare_styles(user)
    sweep(user)
    sweep(user)

    assert (held, rows_of(user, me)) == (2, 0)


def test_the_rows_of_others_stay(user):
    wang = user.of_another_user()
    theirs = upload(wang).json()
    upload(user)

    user.delete("/v1/me")
    age_erasures(user)
    sweep(user)
    sweep(user)

    assert wang.get(f"/v1/stylizations/{theirs['id']}").json()["status"] == "queued"
    assert wang.get(theirs["content"]["url"]).status_code == 200


def test_who_comes_back_after_being_forgotten_is_a_new_user_at_once(user):
    before = user.get("/v1/me").json()["id"]
    upload(user)
    user.delete("/v1/me")

    user.key = token_of(user)

    assert user.get("/v1/me").json()["id"] != before
    assert user.get("/v1/stylizations").json()["items"] == []


def test_who_comes_back_by_wechat_is_a_new_user(make_client, fake_wechat):
    client = make_client(**fake_wechat.settings())
    login = client.post(
        "/v1/auth/wechat", json={"code": fake_wechat.issue_login_code("code-1")}
    ).json()
    client.key = login["token"]
    client.delete("/v1/me")

    again = client.post(
        "/v1/auth/wechat", json={"code": fake_wechat.issue_login_code("code-2")}
    ).json()

    assert again["user"]["id"] != login["user"]["id"]


def test_after_the_local_user_is_forgotten_the_next_start_makes_another(client):
    with client.resources.database.transaction() as session:
        client.key = renew_development_key(session)
    client.delete("/v1/me").raise_for_status()

    with client.resources.database.transaction() as session:
        client.key = renew_development_key(session)

    me = client.get("/v1/me").json()
    assert (me["kind"], me["id"] != LOCAL_USER_ID) == ("local", True)


# Taking one's history away


def lines_of(answer) -> list[dict]:
    return [json.loads(line) for line in answer.text.splitlines()]


def test_an_export_holds_user_styles_and_history_and_no_bytes_of_pictures(user):
    style = add_style(user)
    jobs = [upload(user).json()["id"] for _ in range(2)]

    answer = user.get("/v1/me/export")

    kinds = [line["kind"] for line in lines_of(answer)]
    assert answer.headers["Content-Type"].startswith("application/x-ndjson")
    assert kinds == ["user", "style", "stylization", "stylization"]
    assert lines_of(answer)[1]["style"]["id"] == style
    assert [line["stylization"]["id"] for line in lines_of(answer)[2:]] == jobs[::-1]


def test_the_addresses_of_an_export_open_without_a_key(user):
    finish(user, upload(user).json()["id"])

    job = lines_of(user.get("/v1/me/export"))[1]["stylization"]

    addresses = [job["content"]["url"], job["result"]["url"]]
    assert [user.without_key().get(url).status_code for url in addresses] == [200, 200]


def test_an_export_goes_on_over_many_pages(user, monkeypatch):
    monkeypatch.setattr("app.exports.service.ROWS_PER_PAGE", 2)
    jobs = [upload(user).json()["id"] for _ in range(5)]
    [add_style(user) for _ in range(3)]

    lines = lines_of(user.get("/v1/me/export"))

    assert [line["kind"] for line in lines].count("style") == 3
    assert [line["stylization"]["id"] for line in lines if line["kind"] == "stylization"] == jobs[
        ::-1
    ]


def test_nothing_of_others_is_exported(user):
    upload(user.of_another_user())

    assert [line["kind"] for line in lines_of(user.get("/v1/me/export"))] == ["user"]
