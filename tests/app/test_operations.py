"""Liveness, readiness and the public configuration."""

import shutil
from types import SimpleNamespace

from app.main import create_app
from core.db.workers import WorkerHeartbeat, WorkerState
from tests.app.conftest import Client


def add_heartbeat(client, **given) -> None:
    with client.resources.database.transaction() as session:
        session.add(WorkerHeartbeat(state=WorkerState.READY, **given))


def test_a_responding_process_is_alive(client):
    assert client.without_key().get("/healthz").json() == {"status": "ok"}


def test_the_service_is_ready_with_a_running_worker(client):
    add_heartbeat(client)

    response = client.without_key().get("/readyz")

    assert (response.status_code, response.json()["status"]) == (200, "ready")
    assert set(response.json()["checks"].values()) == {"ok"}


def test_without_a_worker_the_service_is_degraded(client):
    response = client.get("/readyz")

    assert (response.status_code, response.json()["status"]) == (200, "degraded")
    assert response.json()["checks"]["worker"] == "away"


def test_without_redis_the_service_is_degraded(make_client, tmp_path):
    client = make_client(redis_url=f"unix://{tmp_path}/nobody.sock")
    add_heartbeat(client)

    response = client.get("/readyz")

    assert (response.status_code, response.json()["checks"]["queue"]) == (200, "away")


def test_without_the_database_the_service_is_not_ready(client, settings):
    client.resources.database.close()
    (settings.data_dir / "dualtrans.sqlite3").unlink()
    (settings.data_dir / "dualtrans.sqlite3").mkdir()

    response = client.get("/readyz")

    assert (response.status_code, response.json()["error"]["code"]) == (503, "not_ready")
    assert response.headers["Retry-After"] == "5"
    assert "database" in response.json()["error"]["message"]


def test_a_database_without_utf8_is_not_ready(settings, ascii_postgres_url, portal):
    app = create_app(settings.model_copy(update={"database_url": ascii_postgres_url}))
    client = Client(app, portal, None)

    ready, metrics = client.get("/readyz"), client.get("/metrics")
    app.state.resources.close()

    assert (ready.status_code, ready.json()["error"]["code"]) == (503, "not_ready")
    assert "database" in ready.json()["error"]["message"]
    assert metrics.status_code == 200


def test_without_disk_space_the_service_is_not_ready(client, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))

    response = client.get("/readyz")

    assert response.status_code == 503
    assert "storage" in response.json()["error"]["message"]


def test_the_limits_can_be_read_without_a_key(make_client):
    client = make_client(max_upload_bytes=5 * 2**20, result_max_side_px=1280)

    config = client.without_key().get("/v1/config").json()

    assert (config["max_upload_mb"], config["result_max_side_px"]) == (5, 1280)
    assert config["tau"] == {"min": 0, "max": 1.5, "default": 1, "step": 0.05}
    assert {"JPEG", "PNG", "WEBP"} <= set(config["formats"])
    assert config["max_aspect_ratio"] == 20


def test_the_label_notice_has_the_language_of_the_client(make_client):
    client = make_client(label_text="人工智能生成").without_key()

    chinese = client.get("/v1/config", headers={"Accept-Language": "zh-CN"})
    english = client.get("/v1/config", headers={"Accept-Language": "en"})

    assert "“人工智能生成”标识" in chinese.json()["label_notice"]
    assert "the mark “人工智能生成”" in english.json()["label_notice"]
    assert chinese.headers["Vary"] == "Accept-Language"


def test_the_configuration_lists_the_templates_of_subscribe_messages(make_client):
    fields = {"thing1": "style"}
    client = make_client(wechat_templates={"tmpl-b": fields, "tmpl-a": fields})

    assert client.get("/v1/config").json()["notice_templates"] == ["tmpl-a", "tmpl-b"]
