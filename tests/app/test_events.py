"""Event streams over a real server and real connections."""

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Iterator
from typing import cast

import httpx
import pytest
import uvicorn
from sqlalchemy import QueuePool, event

from app.stylizations import events
from core.db.stylizations import Stage, Stylization
from tests.app.conftest import Client
from tests.app.test_creating_stylizations import upload
from tests.app.test_reading_stylizations import fail_started, finish, finish_started, start

MANY = 150


class Served:
    """A running server, and a client in this process that prepares rows."""

    def __init__(self, client: Client, url: str) -> None:
        self.client = client
        self.url = url
        self.headers = {"Authorization": f"Bearer {client.key}"}

    def new_job(self) -> str:
        return upload(self.client).json()["id"]

    def events_url(self, job_id: str) -> str:
        return f"{self.url}/v1/stylizations/{job_id}/events"

    @contextlib.contextmanager
    def stream(self, job_id: str, **headers: str) -> Iterator[httpx.Response]:
        with httpx.stream(
            "GET", self.events_url(job_id), headers=self.headers | headers, timeout=20
        ) as response:
            yield response

    def states(self, job_id: str, **headers: str) -> list[dict]:
        """Return all states until the stream ends."""
        with self.stream(job_id, **headers) as response:
            return [json.loads(line[6:]) for line in response.iter_lines() if line[:6] == "data: "]


@pytest.fixture
def serve(make_client):
    servers: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start_server(**changed) -> Served:
        client = make_client(**changed)
        config = uvicorn.Config(client.app, port=0, log_level="error", ws="none", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        servers.append((server, thread))
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        return Served(client, f"http://127.0.0.1:{port}")

    yield start_server
    for server, thread in servers:
        server.should_exit = True
        thread.join()


def status_and_position(states: list[dict]) -> list[tuple[str, int | None]]:
    return [(state["status"], state["position"]) for state in states]


def test_a_stream_sends_every_state_and_ends_after_the_last(serve):
    served = serve()
    first, second = served.new_job(), served.new_job()
    steps = [(start, first), (finish_started, first), (start, second), (fail_started, second)]
    worker = threading.Thread(target=work, args=(served.client, steps))

    worker.start()
    states = served.states(second)

    worker.join()
    assert status_and_position(states) == [
        ("queued", 2),
        ("queued", 1),
        ("running", 0),
        ("failed", None),
    ]
    assert states[-1]["error"]["code"] == "render_failed"


def test_a_stream_sends_every_stage_of_a_running_job(serve):
    served = serve()
    job_id = served.new_job()
    steps = [(start, job_id), (paint, job_id), (finish_started, job_id)]
    worker = threading.Thread(target=work, args=(served.client, steps))

    worker.start()
    states = served.states(job_id)

    worker.join()
    assert [state["stage"] for state in states] == ["queued", "loading", "painting", None]


def paint(client, job_id: str) -> None:
    with client.resources.database.transaction() as session:
        session.get_one(Stylization, job_id).running_stage = Stage.PAINTING


def work(client, steps) -> None:
    for step, job_id in steps:
        time.sleep(0.7)
        step(client, job_id)


def test_the_data_of_an_event_equals_the_response_to_get(serve):
    served = serve()
    job_id = served.new_job()
    finish(served.client, job_id)

    (state,) = served.states(job_id)

    body = served.client.get(f"/v1/stylizations/{job_id}").json()
    assert state["result"]["sha256"] == body["result"]["sha256"]
    assert state.keys() == body.keys()


def test_proxies_must_not_cache_or_buffer_a_stream(serve):
    served = serve()
    job_id = served.new_job()
    finish(served.client, job_id)

    with served.stream(job_id) as response:
        headers = response.headers

    assert headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert (headers["Cache-Control"], headers["X-Accel-Buffering"]) == ("no-store", "no")


def test_a_reconnecting_client_gets_the_current_state(serve):
    served = serve()
    job_id = served.new_job()
    finish(served.client, job_id)

    states = served.states(job_id, **{"Last-Event-ID": "41"})

    assert status_and_position(states) == [("done", None)]


def test_a_stream_without_events_sends_keepalive_comments(serve, monkeypatch):
    monkeypatch.setattr(events, "PING_SECONDS", 0.1)
    served = serve()

    with served.stream(served.new_job()) as response:
        lines = response.iter_lines()
        pings = [line for line, _ in zip(lines, range(12), strict=False) if line == ": ping"]

    assert len(pings) >= 2


def test_a_stream_ends_after_its_maximum_duration(serve, monkeypatch):
    monkeypatch.setattr(events, "MAX_STREAM_SECONDS", 0.3)
    monkeypatch.setattr(events, "PING_SECONDS", 0.1)
    served = serve()

    assert status_and_position(served.states(served.new_job())) == [("queued", 1)]


def test_another_owners_job_has_no_stream(serve):
    served = serve()
    job_id = served.new_job()
    other = served.client.of_another_user()

    responses = [
        httpx.get(served.events_url(job_id), headers={"Authorization": f"Bearer {other.key}"}),
        httpx.get(served.events_url("stl_none"), headers=served.headers),
        httpx.get(served.events_url(job_id)),
    ]

    assert [response.status_code for response in responses] == [404, 404, 401]


def test_the_streams_of_an_owner_are_limited_until_one_is_closed(serve):
    served = serve(max_streams_per_owner=1)
    job_id = served.new_job()

    with served.stream(job_id):
        refused = httpx.get(served.events_url(job_id), headers=served.headers)
    wait_for_closed_streams(served)
    finish(served.client, job_id)

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
    assert refused.json()["error"]["code"] == "too_many_streams"
    assert status_and_position(served.states(job_id)) == [("done", None)]


def wait_for_closed_streams(served: Served) -> None:
    deadline = time.monotonic() + 10
    while served.client.app.state.resources.stream_limiter._open and time.monotonic() < deadline:
        time.sleep(0.05)


def test_many_streams_share_one_poll_and_do_not_block_other_requests(serve):
    served = serve(max_streams_per_owner=MANY, max_queued_per_owner=MANY)
    jobs = [served.new_job() for _ in range(3)]
    statements: list[float] = []
    engine = served.client.resources.database.engine
    event.listen(engine, "before_cursor_execute", lambda *_: statements.append(time.monotonic()))

    statuses, statements_per_second, checked_out, response_seconds = asyncio.run(
        follow_many(served, jobs, statements)
    )

    assert statuses == ["done"] * MANY
    assert (
        statements_per_second < MANY
    )  # separate polls would be at least four per stream and second
    assert checked_out <= 5
    assert response_seconds < 2


async def follow_many(served: Served, jobs: list[str], statements: list[float]):
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(headers=served.headers, limits=limits, timeout=60) as http:
        has_started = [asyncio.Event() for _ in range(MANY)]
        streams = [
            asyncio.create_task(last_status(http, served.events_url(jobs[n % len(jobs)]), started))
            for n, started in enumerate(has_started)
        ]
        for started in has_started:
            await started.wait()
        before = len(statements)
        await asyncio.sleep(1)
        statements_per_second = len(statements) - before
        began = time.monotonic()
        (await http.get(f"{served.url}/v1/styles")).raise_for_status()
        response_seconds = time.monotonic() - began
        pool = cast("QueuePool", served.client.resources.database.engine.pool)
        checked_out = pool.checkedout()
        for job_id in jobs:
            await asyncio.to_thread(finish, served.client, job_id)
        return await asyncio.gather(*streams), statements_per_second, checked_out, response_seconds


async def last_status(http: httpx.AsyncClient, url: str, has_started: asyncio.Event) -> str:
    last = ""
    async with http.stream("GET", url) as response:
        async for line in response.aiter_lines():
            if line.startswith("data: "):
                has_started.set()
                last = json.loads(line[6:])["status"]
    return last
