"""A stopping API completes the uploads in progress. test_worker_failures.py stops workers."""

import signal
import socket
import threading
from pathlib import Path

import httpx
import pytest

from app.accounts.service import create_key
from tests.factories import NIXI, jpeg
from tests.journeys.conftest import Stack

TERMINATED = -signal.SIGTERM  # uvicorn finishes its requests, then ends with the signal


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/dualtrans.sqlite3"  # one database is enough here


def body_in_two_pieces() -> tuple[bytes, bytes, str]:
    """Return a form as httpx would send it, split within the photo, and its content type."""
    request = httpx.Request(
        "POST", "http://x/", files={"file": jpeg((640, 480))}, data={"style_id": NIXI}
    )
    body = request.read()
    return body[: len(body) // 2], body[len(body) // 2 :], request.headers["Content-Type"]


def test_an_api_that_is_stopped_completes_an_upload_in_progress(stack: Stack) -> None:
    key = create_key(stack.database, "tester")
    api = stack.start_api()
    first, second, content_type = body_in_two_pieces()
    is_half_sent, may_continue = threading.Event(), threading.Event()
    responses: list[httpx.Response] = []

    def pieces():
        yield first
        is_half_sent.set()
        may_continue.wait(20)
        yield second

    def send() -> None:
        headers = {"Content-Type": content_type, "Content-Length": str(len(first + second))}
        with api.client(key) as client:
            responses.append(client.post("/v1/stylizations", content=pieces(), headers=headers))

    sending = threading.Thread(target=send)
    sending.start()
    assert is_half_sent.wait(20)
    api.process.send_signal(signal.SIGTERM)
    stack.wait_for(lambda: refuses_connections(api.url))
    may_continue.set()
    sending.join()

    assert [response.status_code for response in responses] == [202]
    assert api.process.wait(timeout=20) in (0, TERMINATED)
    assert stack.count("queued") == 1


def refuses_connections(url: str) -> bool:
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) != 0
