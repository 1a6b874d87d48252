"""What becomes of a job as its owner sees it: follow, wait, list, cancel, delete."""

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
    """What a worker does in the end."""
    start(client, job_id)
    with client.resources.database.transaction() as session:
        row = session.get_one(Stylization, job_id)
        result, thumb = (made_picture(client, row.owner_id, side) for side in (320, 160))
        session.add_all([result, thumb])
        session.flush()
        row.finish(token="tkn", result=result, thumb=thumb, model_version="m1", now=now_utc())


def made_picture(client, owner_id: str, side: int) -> Picture:
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
    with client.resources.database.transaction() as session:
        row = session.get_one(Stylization, job_id)
        row.fail(token="tkn", error=RenderFailed(), now=now_utc())


def forget_pictures(client) -> None:
    with client.resources.database.transaction() as session:
        session.query(Picture).update({"expires_at": now_utc() - timedelta(seconds=1)})


def test_a_running_job_is_asked_for_often(client):
    job = upload(client).json()
    start(client, job["id"])

    answer = client.get(f"{URL}/{job['id']}")

    seen = answer.json()
    assert (seen["status"], seen["position"], seen["poll_after_ms"]) == ("running", 0, 700)
    assert seen["started_at"] is not None
    assert answer.headers["Retry-After"] == "1"


def test_a_finished_job_shows_its_result(client):
    job = upload(client).json()
    finish(client, job["id"])

    answer = client.get(f"{URL}/{job['id']}")

    seen = answer.json()
    result = seen["result"]
    assert (seen["status"], seen["position"], seen["poll_after_ms"]) == ("done", None, None)
    assert (result["width"], result["height"]) == (320, 320)
    assert seen["progress"] == 1
    assert seen["expires_at"] > seen["finished_at"]
    assert "Retry-After" not in answer.headers
    assert client.without_key().get(result["url"]).content == jpeg(320, 320)
    assert client.without_key().get(result["thumb_url"]).content == jpeg(160, 160)


@pytest.mark.parametrize(
    ("language", "words"), [("zh-CN", "这张图片处理失败"), ("en", "This picture could not")]
)
def test_a_failed_job_says_why_in_the_readers_language(client, language, words):
    job = upload(client).json()
    fail(client, job["id"])

    error = client.get(f"{URL}/{job['id']}", headers={"Accept-Language": language}).json()["error"]

    assert (error["code"], error["retryable"]) == ("render_failed", True)
    assert error["message"].startswith(words)


def test_pictures_that_were_forgotten_are_null_and_the_row_stays(client):
    job = upload(client).json()
    finish(client, job["id"])
    forget_pictures(client)

    seen = client.get(f"{URL}/{job['id']}").json()

    assert (seen["status"], seen["content"], seen["result"]) == ("done", None, None)


def test_waiting_gives_up_after_its_seconds(client):
    job = upload(client).json()
    began = time.monotonic()

    answer = client.get(f"{URL}/{job['id']}?wait=0.5")

    assert answer.json()["status"] == "queued"
    assert 0.5 <= time.monotonic() - began < 3


def test_waiting_ends_when_the_job_ends(client):
    job = upload(client).json()
    worker = threading.Timer(0.4, finish, (client, job["id"]))
    worker.start()

    answer = client.get(f"{URL}/{job['id']}?wait=20")

    worker.join()
    assert answer.json()["status"] == "done"
    assert answer.elapsed.total_seconds() < 5


def test_waiting_for_a_job_that_is_erased_ends_with_404(client):
    job = upload(client).json()
    eraser = threading.Timer(0.4, erase, (client, job["id"]))
    eraser.start()

    answer = client.get(f"{URL}/{job['id']}?wait=20")

    eraser.join()
    assert answer.status_code == 404
    assert answer.elapsed.total_seconds() < 5


def erase(client, job_id: str) -> None:
    with client.resources.database.transaction() as session:
        session.delete(session.get_one(Stylization, job_id))


def test_waiting_outlasts_a_look_that_breaks_off(client, monkeypatch):
    looks = iter([OperationalError("look", {}, Exception("the database is away"))])
    look = subscriptions._load_changes

    def break_off_once(*seen):
        if (error := next(looks, None)) is not None:
            raise error
        return look(*seen)

    monkeypatch.setattr(subscriptions, "_load_changes", break_off_once)
    monkeypatch.setattr(subscriptions, "FAILURE_PAUSE_SECONDS", 0.1)
    job = upload(client).json()
    worker = threading.Timer(0.8, finish, (client, job["id"]))
    worker.start()

    answer = client.get(f"{URL}/{job['id']}?wait=20")

    worker.join()
    assert answer.json()["status"] == "done"
    assert next(looks, None) is None


def test_nobody_looks_when_nobody_waits(client):
    job = upload(client).json()

    client.get(f"{URL}/{job['id']}?wait=0.3")

    time.sleep(2 * subscriptions.POLL_SECONDS)
    assert client.app.state.resources.status_poller._polling.done()


def test_picture_addresses_are_fresh_after_a_long_wait(make_client):
    client = make_client(url_lifetime_seconds=1)
    job = upload(client).json()

    seen = client.get(f"{URL}/{job['id']}?wait=1.5").json()

    assert client.get(seen["content"]["url"]).status_code == 200


def test_many_who_wait_hold_up_nobody(client):
    job = upload(client).json()
    waiting = [
        threading.Thread(target=client.get, args=(f"{URL}/{job['id']}?wait=3",)) for _ in range(60)
    ]
    [one.start() for one in waiting]
    time.sleep(0.5)

    began = time.monotonic()
    answer = client.get("/v1/styles")

    assert answer.status_code == 200
    assert time.monotonic() - began < 1.5
    [one.join() for one in waiting]


@pytest.mark.parametrize("wait", ["-1", "26", "nan", "abc", "inf"])
def test_a_wait_outside_its_range_is_refused(client, wait):
    job = upload(client).json()

    assert client.get(f"{URL}/{job['id']}?wait={wait}").status_code == 422


def test_somebody_elses_job_is_not_found_by_any_verb(client):
    job = upload(client).json()
    other = client.of_another_user()

    answers = [
        other.get(f"{URL}/{job['id']}"),
        other.post(f"{URL}/{job['id']}/cancel"),
        other.delete(f"{URL}/{job['id']}"),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert other.get(URL).json()["items"] == []
    assert client.get(f"{URL}/{job['id']}").json()["status"] == "queued"


def test_the_history_is_newest_first_in_pages(client):
    ids = [upload(client).json()["id"] for _ in range(5)]

    first = client.get(URL, params={"limit": 2}).json()
    second = client.get(URL, params={"limit": 2, "cursor": first["next"]}).json()
    third = client.get(URL, params={"limit": 2, "cursor": second["next"]}).json()

    pages = [[item["id"] for item in page["items"]] for page in (first, second, third)]
    assert pages == [[ids[4], ids[3]], [ids[2], ids[1]], [ids[0]]]
    assert third["next"] is None


def test_the_history_gives_each_waiting_job_its_place(client):
    upload(client.of_another_user())
    [upload(client) for _ in range(2)]

    items = client.get(URL).json()["items"]

    assert [item["position"] for item in items] == [3, 2]


def test_the_history_can_be_narrowed_to_a_status_or_a_style(client):
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
def test_a_history_that_cannot_be_meant_is_refused(client, query):
    answer = client.get(f"{URL}?{query}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_request")


def test_a_waiting_job_can_be_cancelled(client):
    job = upload(client).json()

    answer = client.post(f"{URL}/{job['id']}/cancel")

    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert answer.json()["position"] is None


def test_a_running_job_can_be_cancelled(client):
    job = upload(client).json()
    start(client, job["id"])

    assert client.post(f"{URL}/{job['id']}/cancel").json()["status"] == "cancelled"


def test_a_finished_job_cannot_be_cancelled(client):
    job = upload(client).json()
    finish(client, job["id"])

    answer = client.post(f"{URL}/{job['id']}/cancel")

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "already_finished")


def test_a_deleted_job_is_gone_with_its_pictures(client):
    job = upload(client).json()
    finish(client, job["id"])
    addresses = client.get(f"{URL}/{job['id']}").json()

    answer = client.delete(f"{URL}/{job['id']}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert client.get(f"{URL}/{job['id']}").status_code == 404
    assert client.get(URL).json()["items"] == []
    assert client.get(addresses["result"]["url"]).status_code == 404
    assert client.get(addresses["content"]["thumb_url"]).status_code == 404


def test_deleting_a_waiting_job_cancels_it(client):
    job = upload(client).json()

    client.delete(f"{URL}/{job['id']}")

    with client.resources.database.reading() as session:
        assert session.get_one(Stylization, job["id"]).status == "cancelled"


def test_the_key_of_a_deleted_job_is_not_used_again(client):
    job = upload(client, client_key="tap-1").json()
    client.delete(f"{URL}/{job['id']}")

    assert upload(client, client_key="tap-1").status_code == 409
