"""Queue notifications reach the handler of the process that listens."""

import os
import signal
from threading import Event

import pytest
from redis import Redis
from rq.serializers import JSONSerializer

from core.queue import QUEUE_NAME, open_queue
from core.settings import Settings
from worker.listener import Listener, listen
from worker.tasks import run_next_batch


@pytest.fixture
def redis(redis_url: str):
    with Redis.from_url(redis_url) as connection:
        yield connection


def new_listener(redis: Redis, handle) -> Listener:
    listener = Listener([QUEUE_NAME], connection=redis, serializer=JSONSerializer)
    listener.handle = handle
    return listener


def test_each_notification_calls_the_handler_once(redis: Redis, redis_url: str) -> None:
    queue = open_queue(Settings(redis_url=redis_url))
    calls: list[str] = []
    queue.add_notifications(3, at_most=3)

    new_listener(redis, lambda: calls.append("called")).work(burst=True, logging_level="ERROR")

    assert calls == ["called"] * 3
    assert queue.count_pending() == 0


def test_a_handler_that_raises_does_not_end_the_listener(redis: Redis, redis_url: str) -> None:
    queue = open_queue(Settings(redis_url=redis_url))
    calls: list[str] = []

    def handle() -> None:
        calls.append("called")
        if len(calls) == 1:
            raise ZeroDivisionError

    queue.add_notifications(2, at_most=2)

    new_listener(redis, handle).work(burst=True, logging_level="CRITICAL")

    assert calls == ["called"] * 2


def test_a_stop_signal_ends_the_listener_after_the_current_notification(redis_url: str) -> None:
    queue = open_queue(Settings(redis_url=redis_url))
    calls: list[str] = []
    stop_requested = Event()

    def handle() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop_requested.is_set()
        calls.append("finished")

    queue.add_notifications(2, at_most=2)

    listen(redis_url, handle, stop_requested)

    assert calls == ["finished"]
    assert queue.count_pending() == 1


def test_outside_a_worker_the_task_has_no_handler() -> None:
    with pytest.raises(LookupError):
        run_next_batch()
