"""Queue notifications and the embedded queue server."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.embedded_queue import EmbeddedQueue
from core.queue import MAX_NOTIFICATIONS, Queue, open_queue, queue_folder
from core.settings import Settings

pytestmark = pytest.mark.slow


@pytest.fixture
def queue(redis_url: str) -> Iterator[Queue]:
    queue = open_queue(Settings(redis_url=redis_url))
    yield queue
    queue.close()


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[EmbeddedQueue]:
    server = EmbeddedQueue(tmp_path)
    yield server
    server.stop()


def test_each_call_adds_one_notification(queue: Queue) -> None:
    assert queue.notify_workers()
    assert queue.notify_workers()

    assert queue.count_pending() == 2


def test_pending_notifications_are_limited(queue: Queue) -> None:
    queue.add_notifications(MAX_NOTIFICATIONS, at_most=MAX_NOTIFICATIONS)

    assert queue.notify_workers()

    assert queue.count_pending() == MAX_NOTIFICATIONS


def test_only_missing_notifications_are_added(queue: Queue) -> None:
    queue.notify_workers()

    assert queue.add_notifications(3, at_most=3) == 2
    assert queue.add_notifications(3, at_most=3) == 0


def test_an_unreachable_redis_is_reported_and_raises_nothing(tmp_path: Path) -> None:
    queue = open_queue(Settings(data_dir=tmp_path))

    began = time.monotonic()

    assert not queue.notify_workers()
    assert not queue.ping()
    assert queue.add_notifications(1, at_most=1) is None
    assert time.monotonic() - began < 2.0


def test_the_embedded_server_starts_responds_and_stops(
    embedded: EmbeddedQueue, tmp_path: Path
) -> None:
    queue = open_queue(Settings(data_dir=tmp_path))
    embedded.start()
    responded = queue.ping()
    queue.close()

    embedded.stop()

    assert responded
    assert not embedded.is_running()


def test_a_server_that_outlived_its_parent_is_reused_with_its_notifications(
    embedded: EmbeddedQueue, tmp_path: Path
) -> None:
    embedded.start()
    queue = open_queue(Settings(data_dir=tmp_path))
    queue.notify_workers()

    reusing = EmbeddedQueue(tmp_path)
    reusing.start()

    assert reusing.process_id() == embedded.process_id()
    assert queue.count_pending() == 1
    queue.close()


def test_a_reused_server_is_stopped_too(embedded: EmbeddedQueue, tmp_path: Path) -> None:
    embedded.start()

    EmbeddedQueue(tmp_path).stop()

    assert not embedded.is_running()


def test_notifications_survive_a_restart(embedded: EmbeddedQueue, tmp_path: Path) -> None:
    embedded.start()
    queue = open_queue(Settings(data_dir=tmp_path))
    queue.notify_workers()
    embedded.stop()

    EmbeddedQueue(tmp_path).start()

    assert queue.count_pending() == 1
    queue.close()


@pytest.mark.parametrize("name", ["with space", "long" * 40], ids=["space", "long"])
def test_a_socket_is_in_another_folder_if_the_path_of_the_data_folder_is_unsuitable(
    tmp_path: Path, name: str
) -> None:
    server = EmbeddedQueue(tmp_path / name)
    try:
        server.start()
        assert server.is_running()
        assert tmp_path not in queue_folder(tmp_path / name).parents
    finally:
        server.stop()
