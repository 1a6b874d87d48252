"""Reading, awaiting, listing, cancelling and deleting stylizations."""

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from app.stylizations import subscriptions
from core.db.base import new_id, now_utc
from core.db.pictures import Picture
from core.db.stylizations import Stylization
from core.failures import RenderFailed
from core.storage import picture_key
from tests.app.sample_pictures import jpeg
from tests.app.test_creating_stylizations import upload
from tests.factories import NIXI

URL = "/v1/stylizations"


def start(client, job_id: str) -> None:
    now = now_utc()
    with client.resources.database.transaction() as session:
        row = session.get_one(Stylization, job_id)
        row.claim(token="tkn", now=now, lease_until=now + timedelta(seconds=15))


def finish(client, job_id: str) -> None:
    """Start a job and finish it, as a worker does."""
    start(client, job_id)
    finish_started(client, job_id)


def finish_started(client, job_id: str) -> None:
    with client.resources.database.transaction() as session:
        row = session.get_one(Stylization, job_id)
        result, thumb = (store_result(client, row.owner_id, side) for side in (320, 160))
        session.add_all([result, thumb])
        session.flush()
        row.finish(token="tkn", result=result, thumb=thumb, model_version="m1", now=now_utc())


def store_result(client, owner_id: str, side: int) -> Picture:
    picture_id, data = new_id("pic"), jpeg(side, side)
    key = picture_key(picture_id, "jpg")
    client.resources.storage.put(key, data)
    return Picture(
        id=picture_id,
        owner_id=owner_id,
        sha256=picture_id[-8:] * 8,
        bytes=len(data),
        width=side,
        height=side,
        format="JPEG",
        storage_key=key,
        expires_at=now_utc() + timedelta(days=30),
    )


def fail(client, job_id: str) -> None:
    start(client, job_id)
    fail_started(client, job_id)


def fail_started(client, job_id: str) -> None:
    with client.resources.database.transaction() as session:
        row = session.get_one(Stylization, job_id)
        row.fail(token="tkn", error=RenderFailed(), now=now_utc())


def expire_pictures(client) -> None:
    with client.resources.database.transaction() as session:
        session.query(Picture).update({"expires_at": now_utc() - timedelta(seconds=1)})


def test_a_running_job_has_a_short_poll_interval(client):
    job = upload(client).json()
    start(client, job["id"])

    response = client.get(f"{URL}/{job['id']}")

    seen = response.json()
    assert (seen["status"], seen["position"], seen["poll_after_ms"]) == ("running", 0, 700)
    assert seen["started_at"] is not None
    assert response.headers["Retry-After"] == "1"


def test_a_finished_job_shows_its_result(client):
    job = upload(client).json()
    finish(client, job["id"])

    response = client.get(f"{URL}/{job['id']}")

    seen = response.json()
    result = seen["result"]
    assert (seen["status"], seen["position"], seen["poll_after_ms"]) == ("done", None, None)
    assert (result["width"], result["height"]) == (320, 320)
    assert seen["progress"] == 1
    assert seen["expires_at"] > seen["finished_at"]
    assert "Retry-After" not in response.headers
    assert client.without_key().get(result["url"]).content == jpeg(320, 320)
    assert client.without_key().get(result["thumb_url"]).content == jpeg(160, 160)


@pytest.mark.parametrize(
    ("language", "message"), [("zh-CN", "这张图片处理失败"), ("en", "This picture could not")]
)
def test_a_failed_job_has_a_message_in_the_language_of_the_client(client, language, message):
    job = upload(client).json()
    fail(client, job["id"])

    error = client.get(f"{URL}/{job['id']}", headers={"Accept-Language": language}).json()["error"]

    assert (error["code"], error["retryable"]) == ("render_failed", True)
    assert error["message"].startswith(message)


def test_removed_pictures_are_null_and_the_row_stays(client):
    job = upload(client).json()
    finish(client, job["id"])
    expire_pictures(client)

    seen = client.get(f"{URL}/{job['id']}").json()

    assert (seen["status"], seen["content"], seen["result"]) == ("done", None, None)


def test_a_wait_ends_after_its_timeout(client):
    job = upload(client).json()
    began = time.monotonic()

    response = client.get(f"{URL}/{job['id']}?wait=0.5")

    assert response.json()["status"] == "queued"
    assert 0.5 <= time.monotonic() - began < 3


def test_a_wait_ends_when_the_job_ends(client):
    job = upload(client).json()
    worker = threading.Timer(0.4, finish, (client, job["id"]))
    worker.start()

    response = client.get(f"{URL}/{job['id']}?wait=20")

    worker.join()
    assert response.json()["status"] == "done"
    assert response.elapsed.total_seconds() < 5


def test_a_wait_for_a_job_that_is_erased_ends_with_404(client):
    job = upload(client).json()
    eraser = threading.Timer(0.4, erase, (client, job["id"]))
    eraser.start()

    response = client.get(f"{URL}/{job['id']}?wait=20")

    eraser.join()
    assert response.status_code == 404
    assert response.elapsed.total_seconds() < 5


def erase(client, job_id: str) -> None:
    with client.resources.database.transaction() as session:
        session.delete(session.get_one(Stylization, job_id))


def test_a_wait_continues_after_a_failed_poll(client, monkeypatch):
    errors = iter([OperationalError("poll", {}, Exception("the database is unreachable"))])
    load_changes = subscriptions._load_changes

    def fail_once(*known):
        if (error := next(errors, None)) is not None:
            raise error
        return load_changes(*known)

    monkeypatch.setattr(subscriptions, "_load_changes", fail_once)
    monkeypatch.setattr(subscriptions, "FAILURE_PAUSE_SECONDS", 0.1)
    job = upload(client).json()
    worker = threading.Timer(0.8, finish, (client, job["id"]))
    worker.start()

    response = client.get(f"{URL}/{job['id']}?wait=20")

    worker.join()
    assert response.json()["status"] == "done"
    assert next(errors, None) is None


def test_polling_stops_when_no_request_waits(client):
    job = upload(client).json()

    client.get(f"{URL}/{job['id']}?wait=0.3")

    time.sleep(2 * subscriptions.POLL_SECONDS)
    assert client.app.state.resources.status_poller._polling.done()


def test_picture_urls_are_fresh_after_a_long_wait(make_client):
    client = make_client(url_lifetime_seconds=3)
    job = upload(client).json()

    seen = client.get(f"{URL}/{job['id']}?wait=3.2").json()

    assert client.get(seen["content"]["url"]).status_code == 200


def test_many_waiting_requests_do_not_block_other_requests(client):
    job = upload(client).json()
    waiting = [
        threading.Thread(target=client.get, args=(f"{URL}/{job['id']}?wait=6",)) for _ in range(60)
    ]
    [one.start() for one in waiting]
    time.sleep(0.5)

    began = time.monotonic()
    response = client.get("/v1/styles")

    assert response.status_code == 200
    assert time.monotonic() - began < 4  # seconds; a blocked request would take 6
    [one.join() for one in waiting]


@pytest.mark.parametrize("wait", ["-1", "26", "nan", "abc", "inf"])
def test_a_wait_outside_its_range_is_refused(client, wait):
    job = upload(client).json()

    assert client.get(f"{URL}/{job['id']}?wait={wait}").status_code == 422


def test_another_owners_job_is_not_found_by_any_method(client):
    job = upload(client).json()
    other = client.of_another_user()

    responses = [
        other.get(f"{URL}/{job['id']}"),
        other.post(f"{URL}/{job['id']}/cancel"),
        other.delete(f"{URL}/{job['id']}"),
    ]

    assert {response.status_code for response in responses} == {404}
    assert other.get(URL).json()["items"] == []
    assert client.get(f"{URL}/{job['id']}").json()["status"] == "queued"


def test_the_history_is_paginated_newest_first(client):
    ids = [upload(client).json()["id"] for _ in range(5)]

    first = client.get(URL, params={"limit": 2}).json()
    second = client.get(URL, params={"limit": 2, "cursor": first["next"]}).json()
    third = client.get(URL, params={"limit": 2, "cursor": second["next"]}).json()

    pages = [[item["id"] for item in page["items"]] for page in (first, second, third)]
    assert pages == [[ids[4], ids[3]], [ids[2], ids[1]], [ids[0]]]
    assert third["next"] is None


def test_the_history_gives_each_queued_job_its_position(client):
    upload(client.of_another_user())
    [upload(client) for _ in range(2)]

    items = client.get(URL).json()["items"]

    assert [item["position"] for item in items] == [3, 2]


def test_the_history_can_be_filtered_by_status_and_style(client):
    done, _queued = upload(client).json(), upload(client).json()
    finish(client, done["id"])
    own = client.post(URL, files={"file": jpeg(), "style": jpeg()}).json()

    by_status = client.get(URL, params={"status": "done"}).json()["items"]
    by_style = client.get(URL, params={"style": own["style"]["id"]}).json()["items"]

    assert [item["id"] for item in by_status] == [done["id"]]
    assert [item["id"] for item in by_style] == [own["id"]]
    assert len(client.get(URL, params={"style": NIXI}).json()["items"]) == 2


@pytest.mark.parametrize(
    "query", ["status=eaten", "cursor=abc", "cursor=WzFd", "limit=0", "limit=101", "limit=x"]
)
def test_an_invalid_history_query_is_refused(client, query):
    response = client.get(f"{URL}?{query}")

    assert (response.status_code, response.json()["error"]["code"]) == (422, "bad_request")


def test_a_queued_job_can_be_cancelled(client):
    job = upload(client).json()

    response = client.post(f"{URL}/{job['id']}/cancel")

    assert (response.status_code, response.json()["status"]) == (200, "cancelled")
    assert response.json()["position"] is None


def test_a_running_job_can_be_cancelled(client):
    job = upload(client).json()
    start(client, job["id"])

    assert client.post(f"{URL}/{job['id']}/cancel").json()["status"] == "cancelled"


def test_a_finished_job_cannot_be_cancelled(client):
    job = upload(client).json()
    finish(client, job["id"])

    response = client.post(f"{URL}/{job['id']}/cancel")

    assert (response.status_code, response.json()["error"]["code"]) == (409, "already_finished")


def test_deleting_a_job_deletes_its_pictures(client):
    job = upload(client).json()
    finish(client, job["id"])
    before = client.get(f"{URL}/{job['id']}").json()

    response = client.delete(f"{URL}/{job['id']}")

    assert (response.status_code, response.content) == (204, b"")
    assert client.get(f"{URL}/{job['id']}").status_code == 404
    assert client.get(URL).json()["items"] == []
    assert client.get(before["result"]["url"]).status_code == 404
    assert client.get(before["content"]["thumb_url"]).status_code == 404


def test_deleting_a_queued_job_cancels_it(client):
    job = upload(client).json()

    client.delete(f"{URL}/{job['id']}")

    with client.resources.database.reading() as session:
        assert session.get_one(Stylization, job["id"]).status == "cancelled"


def test_the_client_key_of_a_deleted_job_cannot_be_used_again(client):
    job = upload(client, client_key="tap-1").json()
    client.delete(f"{URL}/{job['id']}")

    assert upload(client, client_key="tap-1").status_code == 409
