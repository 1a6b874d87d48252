"""The order of the states that a waiting client receives, while queries and clients interleave."""

import asyncio
import json
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import anyio
import pytest

from app.stylizations import subscriptions
from app.stylizations.events import _events
from app.stylizations.service import find_stylization
from app.stylizations.subscriptions import StatusPoller, Subscription
from app.stylizations.views import StylizationView
from core.db.stylizations import Stylization
from tests.app.test_creating_stylizations import upload
from tests.app.test_reading_stylizations import finish, finish_started, start

TIMEOUT_SECONDS = 20


class Job:
    """A stylization, read and changed as other processes do."""

    def __init__(self, client) -> None:
        self.client = client
        self.database = client.resources.database
        self.id = upload(client).json()["id"]

    def view(self) -> StylizationView:
        with self.database.reading() as session:
            owner_id = session.get_one(Stylization, self.id).owner_id
        return find_stylization(self.database, owner_id, self.id)

    def start(self) -> None:
        start(self.client, self.id)

    def finish(self) -> None:
        (finish_started if self.view().row.started_at else finish)(self.client, self.id)


@pytest.fixture
def job(client) -> Job:
    return Job(client)


class SlowQuery:
    """Stops the first poll between its query and the publication of what it has found."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.has_read, self.may_return = threading.Event(), threading.Event()
        load_changes = subscriptions._load_changes

        def load_slowly(*arguments):
            changes = load_changes(*arguments)
            self.has_read.set()
            assert self.may_return.wait(TIMEOUT_SECONDS)
            return changes

        monkeypatch.setattr(subscriptions, "_load_changes", load_slowly)

    async def wait_until_it_has_read(self) -> None:
        await asyncio.to_thread(self.has_read.wait, TIMEOUT_SECONDS)


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set after each publication."""
    is_published = threading.Event()
    publish = Subscription.publish

    def publish_and_tell(self: Subscription, view: StylizationView | None) -> None:
        publish(self, view)
        is_published.set()

    monkeypatch.setattr(Subscription, "publish", publish_and_tell)
    return is_published


async def statuses_of_stream(
    poller: StatusPoller, view: StylizationView, on_state: Callable[[str], None]
) -> list[str]:
    """Follow a stream; `on_state` runs in a thread before a state is sent."""

    def serialize(view: StylizationView) -> Any:
        on_state(view.row.status)
        return SimpleNamespace(model_dump_json=lambda: json.dumps(view.row.status))

    with anyio.fail_after(TIMEOUT_SECONDS):
        events = [event.decode() async for event in _events(poller, view, serialize)]
    return [event.partition("data: ")[2].strip('"\n') for event in events if "data: " in event]


def test_a_query_that_began_earlier_gives_a_new_subscriber_no_older_state(job, monkeypatch):
    async def follow() -> list[list[str]]:
        poller, query = StatusPoller(job.database), SlowQuery(monkeypatch)
        queued = job.view()
        job.start()
        statuses = []
        with poller.subscribe(queued) as earlier:
            await query.wait_until_it_has_read()
            job.finish()
            with poller.subscribe(job.view()) as later:
                query.may_return.set()
                for _ in range(2):
                    assert await earlier.wait_for_change(timeout_seconds=TIMEOUT_SECONDS)
                    statuses.append([earlier.view.row.status, later.view.row.status])
        return statuses

    assert asyncio.run(follow()) == [["running", "done"], ["done", "done"]]


def test_a_stream_sends_nothing_after_the_last_state(job, monkeypatch, published):
    async def follow() -> list[str]:
        poller, query = StatusPoller(job.database), SlowQuery(monkeypatch)
        queued = job.view()
        job.start()

        def return_the_older_state(_: str) -> None:
            query.may_return.set()
            assert published.wait(TIMEOUT_SECONDS)

        with poller.subscribe(queued):
            await query.wait_until_it_has_read()
            job.finish()
            return await statuses_of_stream(poller, job.view(), return_the_older_state)

    assert asyncio.run(follow()) == ["done"]


def test_a_stream_sends_the_state_that_arrives_while_it_sends_another(job, published):
    async def follow() -> list[str]:
        def finish_meanwhile(status: str) -> None:
            if status == "queued":
                job.finish()
                assert published.wait(TIMEOUT_SECONDS)

        return await statuses_of_stream(StatusPoller(job.database), job.view(), finish_meanwhile)

    assert asyncio.run(follow()) == ["queued", "done"]


def test_a_wait_that_ends_early_returns_no_older_state(client, job, monkeypatch, published):
    async def wait() -> str:
        poller, query = StatusPoller(job.database), SlowQuery(monkeypatch)
        second = Job(client)
        second_in_queue = second.view()
        job.start()

        async def is_disconnected() -> bool:
            query.may_return.set()
            return await asyncio.to_thread(published.wait, TIMEOUT_SECONDS)

        with poller.subscribe(second_in_queue):
            await query.wait_until_it_has_read()  # it is now the first in the queue
            second.start()
            last = await poller.wait_until_ended(
                second.view(), is_disconnected, timeout_seconds=TIMEOUT_SECONDS
            )
        return last.row.status

    assert asyncio.run(wait()) == "running"
