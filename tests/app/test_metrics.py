"""The metrics of the API, the state of the queue, and who may read them."""

import re

import pytest

from core.db.base import now_utc
from core.db.stylizations import Status
from core.db.workers import WorkerHeartbeat, WorkerState
from tests.app.sample_pictures import jpeg
from tests.app.test_creating_stylizations import upload
from tests.factories import make_stylization

TOKEN = "a-token-of-some-length"


def read_metrics(client, **options) -> dict[str, float]:
    """Return all samples by name and labels."""
    response = client.without_key().get("/metrics", **options)
    assert response.status_code == 200, response.text
    lines = [line for line in response.text.splitlines() if not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def requests(route: str, status: int, method: str = "GET") -> str:
    return f'dualtrans_http_requests_total{{method="{method}",route="{route}",status="{status}"}}'


def test_requests_are_counted_by_route_template_and_not_by_id(client):
    for name in ("stl_one", "stl_two"):
        client.get(f"/v1/stylizations/{name}")

    counted = read_metrics(client)

    assert counted[requests("/v1/stylizations/{stylization_id}", 404)] == 2
    assert "stl_one" not in str(counted)


def test_unknown_paths_and_methods_create_no_labels(client):
    client.get("/wp-admin/index.php")
    client.request("BREW", "/v1/config")

    counted = read_metrics(client)

    assert counted[requests("none", 404)] == 1
    assert "wp-admin" not in str(counted)
    assert "BREW" not in str(counted)


def test_a_defect_is_counted_as_its_error_response(client, monkeypatch):
    def break_down(*_args, **_options):
        raise RuntimeError

    monkeypatch.setattr("app.stylizations.history.list_stylizations", break_down)
    client.get("/v1/stylizations")

    counted = read_metrics(client)

    assert counted[requests("/v1/stylizations", 500)] == 1
    assert counted['dualtrans_refusals_total{code="server_error"}'] == 1


def test_error_responses_are_counted_by_code(make_client):
    client = make_client(max_upload_bytes=200_000)
    upload(client, tau="9")
    client.without_key().get("/v1/stylizations")
    client.post("/v1/stylizations", headers={"Content-Length": "999999999"})

    counted = read_metrics(client)

    for code in ("invalid_tau", "unauthenticated", "file_too_large"):
        assert counted[f'dualtrans_refusals_total{{code="{code}"}}'] == 1


def test_uploads_are_measured_in_bytes_and_seconds(client):
    photo = jpeg(200, 100)
    client.post("/v1/stylizations", files={"file": photo}, data={"style_id": "great-wave"})

    counted = read_metrics(client)

    assert counted["dualtrans_upload_bytes_total"] == len(photo)
    assert counted["dualtrans_upload_decode_seconds_count"] == 1
    assert counted["dualtrans_upload_decode_seconds_sum"] > 0


def test_the_state_of_the_queue_is_read_at_each_scrape(make_client, database_url):
    client = make_client(database_url=database_url)
    resources = client.resources
    with resources.database.transaction() as session:
        make_stylization(session, resources.storage, created_at=now_utc().replace(year=2020))
        make_stylization(session, resources.storage)
        make_stylization(session, resources.storage, status=Status.RUNNING)
        make_stylization(session, resources.storage, status=Status.DONE)
        session.add(WorkerHeartbeat(state=WorkerState.BUSY))
        session.add(WorkerHeartbeat(state=WorkerState.BUSY, seen_at=now_utc().replace(year=2020)))

    counted = read_metrics(client)

    assert counted['dualtrans_queue_rows{status="queued"}'] == 2
    assert counted['dualtrans_queue_rows{status="running"}'] == 1
    assert counted["dualtrans_queue_oldest_seconds"] > 365 * 24 * 3600
    assert counted['dualtrans_workers{state="busy"}'] == 1
    assert counted['dualtrans_workers{state="ready"}'] == 0
    assert counted["dualtrans_database_up"] == 1


def test_a_requeued_job_is_as_old_as_its_last_wait(client):
    resources = client.resources
    with resources.database.transaction() as session:
        row = make_stylization(
            session,
            resources.storage,
            created_at=now_utc().replace(year=2020),
            status=Status.FAILED,
        )
        row.requeue()

    assert read_metrics(client)["dualtrans_queue_oldest_seconds"] < 3600


def test_the_oldest_job_of_an_empty_queue_is_0_seconds_old(client):
    assert read_metrics(client)["dualtrans_queue_oldest_seconds"] == 0


def test_without_the_database_the_queue_is_unknown_and_not_empty(client, settings):
    read_metrics(client)
    client.resources.database.close()
    (settings.data_dir / "dualtrans.sqlite3").unlink()
    (settings.data_dir / "dualtrans.sqlite3").mkdir()

    counted = read_metrics(client)

    assert counted["dualtrans_database_up"] == 0
    assert counted["dualtrans_queue_oldest_seconds"] != counted["dualtrans_queue_oldest_seconds"]
    assert not [name for name in counted if re.match(r"dualtrans_(queue_rows|workers)\{", name)]


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "10.1.2.3", "172.18.0.5", "::ffff:10.1.2.3"]
)
def test_a_client_with_a_private_address_may_read_the_metrics(client, address: str):
    assert client.without_key().get("/metrics", client=address).status_code == 200


@pytest.mark.parametrize("address", ["8.8.8.8", "2a00:1450::1", "::ffff:8.8.8.8", "not an address"])
def test_a_client_with_a_public_address_may_not_read_the_metrics(client, address: str):
    response = client.without_key().get("/metrics", client=address)

    assert (response.status_code, response.json()["error"]["code"]) == (403, "forbidden")


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_a_client_behind_a_proxy_may_not_read_the_metrics(client, header: str):
    response = client.without_key().get("/metrics", headers={header: "127.0.0.1"})

    assert response.status_code == 403


def test_a_metrics_token_is_required_if_it_is_set(make_client):
    client = make_client(metrics_token=TOKEN).without_key()

    without = client.get("/metrics")
    wrong = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}x"})
    right = client.get("/metrics", client="8.8.8.8", headers={"Authorization": f"Bearer {TOKEN}"})

    assert [response.status_code for response in (without, wrong, right)] == [401, 401, 200]
    assert right.headers["Content-Type"].startswith("text/plain; version=0.0.4")
