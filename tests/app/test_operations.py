"""Health, readiness and the limits in force."""

import shutil
from types import SimpleNamespace

from core.db.workers import WorkerHeartbeat, WorkerState


def heartbeat(client, **given) -> None:
    with client.resources.database.transaction() as session:
        session.add(WorkerHeartbeat(state=WorkerState.READY, **given))


def test_a_process_that_answers_is_alive(client):
    assert client.without_key().get("/healthz").json() == {"status": "ok"}


def test_with_a_living_worker_the_service_is_ready(client):
    heartbeat(client)

    answer = client.without_key().get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert set(answer.json()["checks"].values()) == {"ok"}


def test_without_a_worker_the_service_is_degraded_and_still_takes_uploads(client):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["checks"]["worker"] == "away"


def test_without_redis_the_service_is_degraded(make_client, tmp_path):
    client = make_client(redis_url=f"unix://{tmp_path}/nobody.sock")
    heartbeat(client)

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["checks"]["queue"]) == (200, "away")


def test_without_the_database_the_service_is_not_ready(client, settings):
    client.resources.database.close()
    (settings.data_dir / "dualtrans.sqlite3").unlink()
    (settings.data_dir / "dualtrans.sqlite3").mkdir()

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_ready")
    assert answer.headers["Retry-After"] == "5"
    assert "database" in answer.json()["error"]["message"]


def test_without_room_on_the_disk_the_service_is_not_ready(client, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert "storage" in answer.json()["error"]["message"]


def test_the_limits_in_force_can_be_read_without_a_key(make_client):
    client = make_client(max_upload_bytes=5 * 2**20, result_max_side_px=1280)

    config = client.without_key().get("/v1/config").json()

    assert (config["max_upload_mb"], config["result_max_side_px"]) == (5, 1280)
    assert config["tau"] == {"min": 0, "max": 1.5, "default": 1, "step": 0.05}
    assert {"JPEG", "PNG", "WEBP"} <= set(config["formats"])
    assert config["max_aspect_ratio"] == 20


def test_what_the_mark_means_is_told_in_the_readers_language(make_client):
    client = make_client(label_text="人工智能生成").without_key()

    chinese = client.get("/v1/config", headers={"Accept-Language": "zh-CN"})
    english = client.get("/v1/config", headers={"Accept-Language": "en"})

    assert "“人工智能生成”标识" in chinese.json()["label_notice"]
    assert "the mark “人工智能生成”" in english.json()["label_notice"]
    assert chinese.headers["Vary"] == "Accept-Language"


def test_a_client_learns_which_subscribe_messages_it_may_ask_for(make_client):
    fields = {"thing1": "style"}
    client = make_client(wechat_templates={"tmpl-b": fields, "tmpl-a": fields})

    assert client.get("/v1/config").json()["notice_templates"] == ["tmpl-a", "tmpl-b"]
