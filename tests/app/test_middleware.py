"""The one envelope, whoever refuses; ids, limits of size and of patience."""

import io
import json
import time

import anyio
import pytest

from app.languages import language_of
from core.logs import log_formatter
from tests.app.sample_pictures import jpeg
from tests.app.test_accounts import AsyncBody
from tests.app.test_creating_stylizations import upload

MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}


def assert_envelope(answer, status: int, code: str) -> None:
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code)
    assert set(error) >= {"code", "message", "retryable", "request_id"}
    assert error["request_id"] == answer.headers["X-Request-ID"] != ""
    assert answer.headers["Content-Type"] == "application/json"


def test_an_unknown_address_answers_with_the_envelope(client):
    assert_envelope(client.get("/v2/nothing"), 404, "not_found")


def test_a_wrong_method_answers_with_the_envelope_and_those_that_work(client):
    answer = client.request("PATCH", "/v1/config")

    assert_envelope(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET"


def test_a_bad_parameter_answers_with_the_envelope_and_its_name(client):
    answer = client.get("/v1/stylizations?limit=many")

    assert_envelope(answer, 422, "bad_request")
    assert answer.json()["error"]["field"] == "limit"


def test_a_body_that_is_no_json_answers_with_the_envelope(make_client):
    client = make_client(dev_login=True)
    headers = {"Content-Type": "application/json"}

    assert_envelope(client.post("/v1/auth/dev", content=b"{", headers=headers), 400, "bad_request")


def test_a_defect_answers_with_the_envelope_and_without_a_trace(client, monkeypatch):
    def break_down(*_args, **_options):
        raise RuntimeError("the secret inside")

    monkeypatch.setattr("app.stylizations.history.list_stylizations", break_down)

    answer = client.get("/v1/stylizations")

    assert_envelope(answer, 500, "server_error")
    assert answer.json()["error"]["retryable"] is True
    assert "secret" not in answer.text


def test_a_defect_leaves_its_trace_in_the_log_with_the_id_of_its_request(
    client, monkeypatch, caplog
):
    def break_down(*_args, **_options):
        raise RuntimeError("the reason")

    monkeypatch.setattr("app.stylizations.history.list_stylizations", break_down)
    caplog.handler.setFormatter(log_formatter(is_json=True))

    client.get("/v1/stylizations", headers={"X-Request-ID": "tap-17"})

    (line,) = [json.loads(text) for text in caplog.text.splitlines() if "a defect" in text]
    assert line["request_id"] == "tap-17"
    assert "RuntimeError: the reason" in line["exception"]


def test_a_body_that_says_it_is_too_large_is_refused_unread(make_client):
    client = make_client(max_upload_bytes=1000)
    headers = {**MULTIPART, "Content-Length": "999999999"}

    answer = client.post("/v1/stylizations", content=AsyncBody(lambda: [b"x"]), headers=headers)

    assert_envelope(answer, 413, "file_too_large")


def test_a_body_that_turns_out_too_large_is_refused_on_the_way(make_client, stored_files):
    client = make_client(max_upload_bytes=1000)
    begin = b'--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    endless = AsyncBody(lambda: [begin, *[b"\xff" * 100_000] * 50])

    answer = client.post("/v1/stylizations", content=endless, headers=MULTIPART)

    assert_envelope(answer, 413, "file_too_large")
    assert stored_files() == []


def test_a_large_body_is_refused_with_the_envelope_also_without_a_key(make_client):
    client = make_client(max_upload_bytes=1000).without_key()

    answer = client.post("/v1/stylizations", files={"file": b"\xff" * 3_000_000})

    assert_envelope(answer, 413, "file_too_large")


def test_an_upload_that_stalls_is_given_up(make_client):
    class Stalling:
        async def __aiter__(self):
            yield b"--x\r\n"
            await anyio.sleep(30)

    client = make_client(upload_timeout_seconds=0.5)
    began = time.monotonic()

    answer = client.post("/v1/stylizations", content=Stalling(), headers=MULTIPART)

    assert_envelope(answer, 408, "upload_timeout")
    assert time.monotonic() - began < 5


def test_a_long_answer_is_not_given_up_with_the_upload(make_client):
    client = make_client(upload_timeout_seconds=0.3)
    job = upload(client).json()

    assert client.get(f"/v1/stylizations/{job['id']}?wait=1").status_code == 200


def test_a_request_id_of_the_client_comes_back(client):
    answer = client.get("/healthz", headers={"X-Request-ID": "abc-123"})

    assert answer.headers["X-Request-ID"] == "abc-123"


@pytest.mark.parametrize("given", ["", "two words", "x" * 65, "<script>"])
def test_a_request_id_that_cannot_be_repeated_is_replaced(client, given):
    answer = client.get("/healthz", headers={"X-Request-ID": given})

    assert answer.headers["X-Request-ID"].startswith("req_")


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
def test_the_language_is_the_one_that_the_header_puts_first(header, language):
    assert language_of(header) == language


def test_a_refusal_speaks_the_readers_language_and_names_the_numbers(make_client):
    client = make_client(max_upload_bytes=2**20)
    files = {"file": io.BytesIO(jpeg() + b"\0" * 2**20)}

    answer = client.post("/v1/styles", files=files, headers={"Accept-Language": "zh-CN"})

    assert answer.json()["error"]["message"] == "文件过大，上限为 1 MB。"


def test_no_other_site_may_read_the_answers(client):
    answer = client.get("/v1/config", headers={"Origin": "https://elsewhere.example"})

    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_client_that_hangs_up_in_its_upload_is_no_defect(client, portal, caplog):
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

    async def hang_up() -> dict:
        return {"type": "http.disconnect"}

    async def send(message: dict) -> None:
        sent.append(message)

    portal.call(client.app, scope, hang_up, send)

    assert sent[0]["status"] == 400
    assert caplog.records == []
