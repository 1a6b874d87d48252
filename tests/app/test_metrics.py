"""The numbers of the API: what is counted, how the queue is told, and who may read it."""

import re

import pytest

from core.db.base import now_utc
from core.db.stylizations import Status
from core.db.workers import WorkerHeartbeat, WorkerState
from tests.app.sample_pictures import jpeg
from tests.app.test_creating_stylizations import upload
from tests.factories import make_stylization

TOKEN = "a-token-of-some-length"


def numbers(client, **options) -> dict[str, float]:
    """Every sample by its name with its labels, as the text says it."""
    answer = client.without_key().get("/metrics", **options)
    assert answer.status_code == 200, answer.text
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def requests(route: str, status: int, method: str = "GET") -> str:
    return f'dualtrans_http_requests_total{{method="{method}",route="{route}",status="{status}"}}'


def test_requests_are_counted_by_the_template_of_their_route_and_never_by_an_id(client):
    for name in ("stl_one", "stl_two"):
        client.get(f"/v1/stylizations/{name}")

    counted = numbers(client)

    assert counted[requests("/v1/stylizations/{stylization_id}", 404)] == 2
    assert "stl_one" not in str(counted)


def test_an_address_that_is_none_and_a_method_that_is_none_make_no_label_of_their_own(client):
    client.get("/wp-admin/index.php")
    client.request("BREW", "/v1/config")

    counted = numbers(client)

    assert counted[requests("none", 404)] == 1
    assert "wp-admin" not in str(counted)
    assert "BREW" not in str(counted)


def test_a_defect_is_counted_as_what_the_client_was_told(client, monkeypatch):
    def break_down(*_args, **_options):
        raise RuntimeError

    monkeypatch.setattr("app.stylizations.history.list_stylizations", break_down)
    client.get("/v1/stylizations")

    counted = numbers(client)

    assert counted[requests("/v1/stylizations", 500)] == 1
    assert counted['dualtrans_refusals_total{code="server_error"}'] == 1


def test_refusals_are_counted_by_their_code(make_client):
    client = make_client(max_upload_bytes=200_000)
    upload(client, tau="9")
    client.without_key().get("/v1/stylizations")
    client.post("/v1/stylizations", headers={"Content-Length": "999999999"})

    counted = numbers(client)

    for code in ("invalid_tau", "unauthenticated", "file_too_large"):
        assert counted[f'dualtrans_refusals_total{{code="{code}"}}'] == 1


def test_what_is_uploaded_is_counted_in_bytes_and_in_seconds(client):
    photo = jpeg(200, 100)
    client.post("/v1/stylizations", files={"file": photo}, data={"style_id": "great-wave"})

    counted = numbers(client)

    assert counted["dualtrans_upload_bytes_total"] == len(photo)
    assert counted["dualtrans_upload_decode_seconds_count"] == 1
    assert counted["dualtrans_upload_decode_seconds_sum"] > 0


def test_the_queue_is_told_as_it_stands_at_the_moment_of_asking(make_client, database_url):
    client = make_client(database_url=database_url)
    resources = client.resources
    with resources.database.transaction() as session:
        make_stylization(session, resources.storage, created_at=now_utc().replace(year=2020))
        make_stylization(session, resources.storage)
        make_stylization(session, resources.storage, status=Status.RUNNING)
        make_stylization(session, resources.storage, status=Status.DONE)
        session.add(WorkerHeartbeat(state=WorkerState.BUSY))
        session.add(WorkerHeartbeat(state=WorkerState.BUSY, seen_at=now_utc().replace(year=2020)))

    counted = numbers(client)

    assert counted['dualtrans_queue_rows{status="queued"}'] == 2
    assert counted['dualtrans_queue_rows{status="running"}'] == 1
    assert counted["dualtrans_queue_oldest_seconds"] > 365 * 24 * 3600
    assert counted['dualtrans_workers{state="busy"}'] == 1
    assert counted['dualtrans_workers{state="ready"}'] == 0
    assert counted["dualtrans_database_up"] == 1


def test_an_empty_queue_has_no_age(client):
    assert numbers(client)["dualtrans_queue_oldest_seconds"] == 0


def test_without_the_database_the_queue_is_unknown_and_not_empty(client, settings):
    numbers(client)
    client.resources.database.close()
    (settings.data_dir / "dualtrans.sqlite3").unlink()
    (settings.data_dir / "dualtrans.sqlite3").mkdir()

    counted = numbers(client)

    assert counted["dualtrans_database_up"] == 0
    assert counted["dualtrans_queue_oldest_seconds"] != counted["dualtrans_queue_oldest_seconds"]
    assert not [name for name in counted if re.match(r"dualtrans_(queue_rows|workers)\{", name)]


@pytest.mark.parametrize("near", ["127.0.0.1", "::1", "10.1.2.3", "172.18.0.5", "::ffff:10.1.2.3"])
def test_a_client_with_a_private_address_may_read_the_numbers(client, near: str):
    assert client.without_key().get("/metrics", client=near).status_code == 200


@pytest.mark.parametrize("far", ["8.8.8.8", "2a00:1450::1", "::ffff:8.8.8.8", "not an address"])
def test_a_client_from_far_may_not(client, far: str):
    answer = client.without_key().get("/metrics", client=far)

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_nor_may_one_that_comes_through_a_proxy_nearby(client, header: str):
    answer = client.without_key().get("/metrics", headers={header: "127.0.0.1"})

    assert answer.status_code == 403


def test_with_a_token_it_alone_decides(make_client):
    client = make_client(metrics_token=TOKEN).without_key()

    without = client.get("/metrics")
    wrong = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}x"})
    right = client.get("/metrics", client="8.8.8.8", headers={"Authorization": f"Bearer {TOKEN}"})

    assert [answer.status_code for answer in (without, wrong, right)] == [401, 401, 200]
    assert right.headers["Content-Type"].startswith("text/plain; version=0.0.4")
