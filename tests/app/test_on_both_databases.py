"""The life of a job in the API, on SQLite and on PostgreSQL."""

import threading

from tests.app.sample_pictures import jpeg
from tests.app.test_creating_stylizations import count, upload
from tests.app.test_reading_stylizations import finish

URL = "/v1/stylizations"


def test_a_job_is_created_replayed_cancelled_and_deleted(make_client, database_url):
    client = make_client(database_url=database_url)

    job = upload(client, client_key="tap-1").json()
    replay = upload(client, client_key="tap-1")
    cancelled = client.post(f"{URL}/{job['id']}/cancel")
    deleted = client.delete(f"{URL}/{job['id']}")

    assert (replay.status_code, replay.json()["id"]) == (200, job["id"])
    assert cancelled.json()["status"] == "cancelled"
    assert deleted.status_code == 204
    assert client.get(URL).json()["items"] == []


def test_a_replay_after_a_deletion_says_that_it_was_deleted(make_client, database_url):
    client = make_client(database_url=database_url)
    job = upload(client, client_key="tap-1").json()
    client.delete(f"{URL}/{job['id']}")

    replay = upload(client, client_key="tap-1", headers={"Accept-Language": "zh"})
    other = upload(client, client_key="tap-1", tau="0.1", headers={"Accept-Language": "zh"})
    client.post(f"{URL}/{job['id']}/restore")
    restored = upload(client, client_key="tap-1")

    assert (replay.status_code, other.status_code) == (409, 409)
    assert "已被删除" in replay.json()["error"]["message"]
    assert "另一个请求" in other.json()["error"]["message"]
    assert (restored.status_code, restored.json()["id"]) == (200, job["id"])


def test_the_history_is_paginated_with_queue_positions(make_client, database_url):
    client = make_client(database_url=database_url)
    ids = [upload(client).json()["id"] for _ in range(4)]
    finish(client, ids[0])

    first = client.get(URL, params={"limit": 2}).json()
    second = client.get(URL, params={"limit": 2, "cursor": first["next"]}).json()

    items = first["items"] + second["items"]
    assert [item["id"] for item in items] == ids[::-1]
    assert [item["position"] for item in items] == [3, 2, 1, None]


def test_a_style_picture_can_be_uploaded_with_the_photo(make_client, database_url):
    client = make_client(database_url=database_url)

    response = client.post(URL, files={"file": jpeg(), "style": jpeg(100, 100)})

    assert response.status_code == 202
    assert len(client.get("/v1/styles", params={"kind": "own"}).json()["items"]) == 1


def test_concurrent_uploads_stay_within_the_quota(make_client, database_url):
    client = make_client(database_url=database_url, max_queued_per_owner=3)
    responses: list[int] = []
    senders = [
        threading.Thread(target=lambda: responses.append(upload(client).status_code))
        for _ in range(8)
    ]

    [sender.start() for sender in senders]
    [sender.join() for sender in senders]

    assert sorted(responses) == [202] * 3 + [429] * 5
    assert count(client) == 3


def test_concurrent_retries_create_one_job(make_client, database_url, stored_files):
    client = make_client(database_url=database_url)
    responses: list[str] = []
    senders = [
        threading.Thread(
            target=lambda: responses.append(upload(client, client_key="tap-1").json()["id"])
        )
        for _ in range(6)
    ]

    [sender.start() for sender in senders]
    [sender.join() for sender in senders]

    assert len(set(responses)) == 1
    assert (count(client), len(stored_files())) == (1, 1)


def test_ids_with_a_null_character_are_not_found(make_client, database_url):
    client = make_client(database_url=database_url, dev_login=True)

    responses = [
        client.get(f"{URL}/a%00b"),
        client.get(f"{URL}?style=a%00b"),
        client.get("/v1/styles/a%00b"),
        client.post("/v1/auth/dev", json={"name": "a\0b"}),
    ]

    assert [response.status_code for response in responses] == [404, 422, 404, 422]
