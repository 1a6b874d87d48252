"""The error envelope, request ids, languages, and the limits for size and duration of uploads."""

import io
import json
import time

import anyio
import pytest

from app.languages import language_of
from core.logs import log_formatter
from tests.app.sample_pictures import jpeg
from tests.app.test_authentication import AsyncBody
from tests.app.test_creating_stylizations import upload

MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}


def assert_envelope(response, status: int, code: str) -> None:
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (status, code)
    assert set(error) >= {"code", "message", "retryable", "request_id"}
    assert error["request_id"] == response.headers["X-Request-ID"] != ""
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"


def test_an_unknown_path_returns_the_envelope(client):
    assert_envelope(client.get("/v2/nothing"), 404, "not_found")


def test_a_wrong_method_returns_the_envelope_and_the_allowed_methods(client):
    response = client.request("PATCH", "/v1/config")

    assert_envelope(response, 405, "method_not_allowed")
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_an_invalid_parameter_returns_the_envelope_with_its_name(client):
    response = client.get("/v1/stylizations?limit=many")

    assert_envelope(response, 422, "bad_request")
    assert response.json()["error"]["field"] == "limit"


def test_a_body_that_is_not_json_returns_the_envelope(make_client):
    client = make_client(dev_login=True)
    headers = {"Content-Type": "application/json"}

    assert_envelope(client.post("/v1/auth/dev", content=b"{", headers=headers), 400, "bad_request")


def test_a_defect_returns_the_envelope_without_a_traceback(client, monkeypatch):
    def break_down(*_args, **_options):
        raise RuntimeError("the secret inside")

    monkeypatch.setattr("app.stylizations.history.list_stylizations", break_down)

    response = client.get("/v1/stylizations")

    assert_envelope(response, 500, "server_error")
    assert response.json()["error"]["retryable"] is True
    assert "secret" not in response.text


def test_a_defect_is_logged_with_its_traceback_and_request_id(client, monkeypatch, caplog):
    def break_down(*_args, **_options):
        raise RuntimeError("the reason")

    monkeypatch.setattr("app.stylizations.history.list_stylizations", break_down)
    caplog.handler.setFormatter(log_formatter(is_json=True))

    client.get("/v1/stylizations", headers={"X-Request-ID": "tap-17"})

    (line,) = [json.loads(text) for text in caplog.text.splitlines() if "unexpected error" in text]
    assert line["request_id"] == "tap-17"
    assert "RuntimeError: the reason" in line["exception"]


def test_a_body_with_a_too_large_content_length_is_refused_before_it_is_read(make_client):
    client = make_client(max_upload_bytes=1000)
    headers = {**MULTIPART, "Content-Length": "999999999"}

    response = client.post("/v1/stylizations", content=AsyncBody(lambda: [b"x"]), headers=headers)

    assert_envelope(response, 413, "file_too_large")


def test_a_body_that_exceeds_the_limit_is_refused_while_it_is_read(make_client, stored_files):
    client = make_client(max_upload_bytes=1000)
    begin = b'--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    endless = AsyncBody(lambda: [begin, *[b"\xff" * 100_000] * 50])

    response = client.post("/v1/stylizations", content=endless, headers=MULTIPART)

    assert_envelope(response, 413, "file_too_large")
    assert stored_files() == []


def test_a_large_body_without_a_key_is_refused_with_the_envelope(make_client):
    client = make_client(max_upload_bytes=1000).without_key()

    response = client.post("/v1/stylizations", files={"file": b"\xff" * 3_000_000})

    assert_envelope(response, 413, "file_too_large")


def test_a_stalled_upload_times_out(make_client):
    class Stalling:
        async def __aiter__(self):
            yield b"--x\r\n"
            await anyio.sleep(30)

    client = make_client(upload_timeout_seconds=0.5)
    began = time.monotonic()

    response = client.post("/v1/stylizations", content=Stalling(), headers=MULTIPART)

    assert_envelope(response, 408, "upload_timeout")
    assert time.monotonic() - began < 5


def test_the_upload_timeout_does_not_limit_the_response(make_client):
    client = make_client(upload_timeout_seconds=0.3)
    job = upload(client).json()

    assert client.get(f"/v1/stylizations/{job['id']}?wait=1").status_code == 200


def test_the_request_id_of_the_client_is_returned(client):
    response = client.get("/healthz", headers={"X-Request-ID": "abc-123"})

    assert response.headers["X-Request-ID"] == "abc-123"


@pytest.mark.parametrize("given", ["", "two words", "x" * 65, "<script>"])
def test_an_invalid_request_id_is_replaced(client, given):
    response = client.get("/healthz", headers={"X-Request-ID": given})

    assert response.headers["X-Request-ID"].startswith("req_")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.5", "en"),
        ("en;q=0.2, zh-Hans;q=0.7", "zh"),
        ("fr,de;q=0.5", "en"),
        ("zh;q=x", "en"),
        ("zha", "en"),
    ],
)
def test_the_language_with_the_highest_quality_is_selected(header, language):
    assert language_of(header) == language


def test_an_error_message_has_the_language_of_the_client_and_the_limit(make_client):
    client = make_client(max_upload_bytes=2**20)
    files = {"file": io.BytesIO(jpeg() + b"\0" * 2**20)}

    response = client.post("/v1/styles", files=files, headers={"Accept-Language": "zh-CN"})

    assert response.json()["error"]["message"] == "文件过大，上限为 1 MB。"


def test_other_sites_cannot_read_the_responses(client):
    response = client.get("/v1/config", headers={"Origin": "https://elsewhere.example"})

    assert "Access-Control-Allow-Origin" not in response.headers


def test_a_client_that_disconnects_during_an_upload_is_not_a_defect(client, portal, caplog):
    sent: list[dict] = []
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/stylizations",
        "query_string": b"",
        "headers": [
            (b"authorization", f"Bearer {client.key}".encode()),
            (b"content-type", b"multipart/form-data; boundary=x"),
        ],
    }

    async def disconnect() -> dict:
        return {"type": "http.disconnect"}

    async def send(message: dict) -> None:
        sent.append(message)

    portal.call(client.app, scope, disconnect, send)

    assert sent[0]["status"] == 400
    assert caplog.records == []
