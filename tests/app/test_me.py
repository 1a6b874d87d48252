"""The own account: reading it, revoking tokens, erasing it, and exporting the history."""

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


def log_in(client, name: str = "li") -> str:
    return client.post("/v1/auth/dev", json={"name": name}).json()["token"]


@pytest.fixture
def user(make_client, database_url):
    """A logged-in user of a service, on both databases."""
    client = make_client(dev_login=True, database_url=database_url)
    client.key = log_in(client)
    return client


def add_style(client) -> str:
    response = client.post("/v1/styles", files={"file": jpeg(100, 100)}, data={"name": "mine"})
    return response.raise_for_status().json()["id"]


def sweep(client) -> int:
    resources = client.resources
    return Retention(resources.database, resources.storage, resources.settings).sweep()


def age_erasures(client) -> None:
    with client.resources.database.transaction() as session:
        session.query(User).filter(User.erased_at.is_not(None)).update(
            {"erased_at": now_utc() - ERASURE_GRACE_PERIOD - timedelta(minutes=1)}
        )


def count_rows(client, user_id: str) -> int:
    with client.resources.database.reading() as session:
        return sum(
            session.scalar(select(func.count()).select_from(t).where(t.owner_id == user_id))
            for t in (Stylization, Style, Picture)
        )


def prepare_styles(client) -> None:
    with client.resources.database.transaction() as session:
        session.query(Style).update({"status": "ready", "code": b"code", "model_version": "1"})


# Reading the account


def test_a_user_sees_their_kind_scopes_and_limit(user):
    me = user.get("/v1/me").json()

    assert (me["kind"], me["scopes"]) == ("dev", ["account", "read", "stylize"])
    assert me["uploads_per_minute"] == 120


def test_a_key_sees_its_own_scopes_and_limit(client):
    client.key = create_key(
        client.resources.database, "x", scopes=frozenset({Scope.READ}), uploads_per_minute=7
    )

    me = client.get("/v1/me").json()

    assert (me["kind"], me["scopes"], me["uploads_per_minute"]) == ("api", ["read"], 7)


# Revoking tokens


def test_all_tokens_of_a_user_are_revoked_at_once_and_a_new_login_is_valid(user):
    other_phone = log_in(user)

    response = user.post("/v1/auth/revoke")

    assert response.status_code == 204
    assert user.get("/v1/me").status_code == 401
    user.key = other_phone
    assert user.get("/v1/me").status_code == 401
    user.key = log_in(user)
    assert user.get("/v1/me").status_code == 200


def test_the_tokens_of_other_users_stay_valid(user):
    wang = log_in(user, "wang")

    user.post("/v1/auth/revoke")

    user.key = wang
    assert user.get("/v1/me").status_code == 200


def test_a_revoked_token_stays_invalid_after_a_flush_of_redis(user):
    user.post("/v1/auth/revoke")

    user.resources.queue._connection.flushall()

    assert user.get("/v1/me").status_code == 401


# Erasing the account


def test_the_key_of_an_erased_user_is_refused(make_client):
    client = make_client()
    client.key = create_key(client.resources.database, "x", scopes=ALL_SCOPES)

    response = client.delete("/v1/me")

    assert response.status_code == 202
    assert response.json()["erased_at"]
    assert client.get("/v1/me").status_code == 401


def test_erasing_a_user_cancels_open_jobs_and_hides_the_pictures(user):
    content = upload(user).json()["content"]["url"]

    user.delete("/v1/me")

    with user.resources.database.reading() as session:
        row = session.scalars(select(Stylization)).one()
    assert row.status == "cancelled"
    assert user.get(content).status_code == 404


def test_the_files_of_an_erased_user_are_removed_by_the_next_sweep(user, stored_files):
    finish(user, upload(user).json()["id"])
    upload(user)
    add_style(user)
    prepare_styles(user)
    user.delete("/v1/me")

    sweep(user)

    assert stored_files() == []


def test_the_rows_of_an_erased_user_are_deleted_after_the_grace_period(user):
    me = user.get("/v1/me").json()["id"]
    finish(user, upload(user).json()["id"])
    add_style(user)
    prepare_styles(user)
    user.delete("/v1/me")
    sweep(user)
    before = count_rows(user, me)

    age_erasures(user)
    sweep(user)

    assert (before > 0, count_rows(user, me)) == (True, 0)
    with user.resources.database.reading() as session:
        assert session.get(User, me) is None


def test_an_interrupted_sweep_is_continued_by_the_next_one(user, stored_files, monkeypatch):
    [upload(user, data=jpeg(320, height)) for height in (200, 220, 240)]
    user.delete("/v1/me")
    remove = user.resources.storage.remove
    may_succeed = iter([True, False])

    def fail_at_the_second_call(key: str) -> None:
        if not next(may_succeed):
            raise KeyboardInterrupt
        remove(key)

    monkeypatch.setattr(user.resources.storage, "remove", fail_at_the_second_call)
    with pytest.raises(KeyboardInterrupt):
        sweep(user)
    monkeypatch.undo()

    sweep(user)

    assert stored_files() == []


def test_an_upload_that_ends_after_the_erasure_is_removed_too(user, stored_files):
    me = user.get("/v1/me").json()["id"]
    user.delete("/v1/me")
    with user.resources.database.transaction() as session:
        late = make_stylization(session, user.resources.storage)
        late.owner_id = session.get_one(Picture, late.picture_id).owner_id = me

    age_erasures(user)
    sweep(user)
    sweep(user)

    assert (stored_files(), count_rows(user, me)) == ([], 0)


def test_a_style_in_preparation_keeps_its_rows_until_it_is_ready(user):
    me = user.get("/v1/me").json()["id"]
    add_style(user)
    user.delete("/v1/me")
    age_erasures(user)
    sweep(user)
    before = count_rows(user, me)

    prepare_styles(user)
    sweep(user)
    sweep(user)

    assert (before, count_rows(user, me)) == (2, 0)


def test_the_rows_of_other_users_stay(user):
    wang = user.of_another_user()
    job_of_wang = upload(wang).json()
    upload(user)

    user.delete("/v1/me")
    age_erasures(user)
    sweep(user)
    sweep(user)

    assert wang.get(f"/v1/stylizations/{job_of_wang['id']}").json()["status"] == "queued"
    assert wang.get(job_of_wang["content"]["url"]).status_code == 200


def test_a_login_after_an_erasure_creates_a_new_user_at_once(user):
    before = user.get("/v1/me").json()["id"]
    upload(user)
    user.delete("/v1/me")

    user.key = log_in(user)

    assert user.get("/v1/me").json()["id"] != before
    assert user.get("/v1/stylizations").json()["items"] == []


def test_a_wechat_login_after_an_erasure_creates_a_new_user(make_client, fake_wechat):
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


def test_the_next_start_replaces_an_erased_local_user(client):
    with client.resources.database.transaction() as session:
        client.key = renew_development_key(session)
    client.delete("/v1/me").raise_for_status()

    with client.resources.database.transaction() as session:
        client.key = renew_development_key(session)

    me = client.get("/v1/me").json()
    assert (me["kind"], me["id"] != LOCAL_USER_ID) == ("local", True)


# Exporting the history


def lines_of(response) -> list[dict]:
    return [json.loads(line) for line in response.text.splitlines()]


def test_an_export_contains_only_user_styles_and_history(user):
    style = add_style(user)
    jobs = [upload(user).json()["id"] for _ in range(2)]

    response = user.get("/v1/me/export")

    kinds = [line["kind"] for line in lines_of(response)]
    assert response.headers["Content-Type"].startswith("application/x-ndjson")
    assert kinds == ["user", "style", "stylization", "stylization"]
    assert lines_of(response)[1]["style"]["id"] == style
    assert [line["stylization"]["id"] for line in lines_of(response)[2:]] == jobs[::-1]


def test_the_picture_urls_of_an_export_need_no_key(user):
    finish(user, upload(user).json()["id"])

    job = lines_of(user.get("/v1/me/export"))[1]["stylization"]

    urls = [job["content"]["url"], job["result"]["url"]]
    assert [user.without_key().get(url).status_code for url in urls] == [200, 200]


def test_an_export_contains_the_rows_of_all_pages(user, monkeypatch):
    monkeypatch.setattr("app.exports.service.ROWS_PER_PAGE", 2)
    jobs = [upload(user).json()["id"] for _ in range(5)]
    [add_style(user) for _ in range(3)]

    lines = lines_of(user.get("/v1/me/export"))

    assert [line["kind"] for line in lines].count("style") == 3
    assert [line["stylization"]["id"] for line in lines if line["kind"] == "stylization"] == jobs[
        ::-1
    ]


def test_an_export_contains_nothing_of_other_users(user):
    upload(user.of_another_user())

    assert [line["kind"] for line in lines_of(user.get("/v1/me/export"))] == ["user"]
