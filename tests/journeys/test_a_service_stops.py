"""An API that is told to stop ends nobody's upload; test_a_worker_dies.py stops a worker."""

import signal
import socket
import threading
from pathlib import Path

import httpx
import pytest

from app.accounts.service import create_key
from tests.factories import NIXI, jpeg
from tests.journeys.conftest import Stack

SIGTERM_TAKEN_UP = -signal.SIGTERM  # uvicorn ends by the signal that it was sent, after draining


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/dualtrans.sqlite3"  # no matter here: once is enough


def body_in_two_pieces() -> tuple[bytes, bytes, str]:
    """A form as httpx would send it, cut within the photograph."""
    request = httpx.Request(
        "POST", "http://x/", files={"file": jpeg((640, 480))}, data={"style_id": NIXI}
    )
    body = request.read()
    return body[: len(body) // 2], body[len(body) // 2 :], request.headers["Content-Type"]


def test_an_api_that_is_told_to_stop_takes_an_upload_in_that_is_on_its_way(stack: Stack) -> None:
    key = create_key(stack.database, "tester")
    api = stack.start_api()
    first, second, content_type = body_in_two_pieces()
    half_is_sent, may_go_on = threading.Event(), threading.Event()
    answers: list[httpx.Response] = []

    def pieces():
        yield first
        half_is_sent.set()
        may_go_on.wait(20)
        yield second

    def send() -> None:
        headers = {"Content-Type": content_type, "Content-Length": str(len(first + second))}
        with api.client(key) as client:
            answers.append(client.post("/v1/stylizations", content=pieces(), headers=headers))

    sending = threading.Thread(target=send)
    sending.start()
    assert half_is_sent.wait(20)
    api.process.send_signal(signal.SIGTERM)
    stack.wait_for(lambda: refuses_connections(api.url))
    may_go_on.set()
    sending.join()

    assert [answer.status_code for answer in answers] == [202]
    assert api.process.wait(timeout=20) in (0, SIGTERM_TAKEN_UP)
    assert stack.count("queued") == 1


def refuses_connections(url: str) -> bool:
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) != 0
