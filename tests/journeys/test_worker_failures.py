"""Workers are killed and Redis loses its data; every row still ends exactly once."""

import os
import shutil
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import text

from cli.embedded_queue import EmbeddedQueue
from core.db.stylizations import Status
from core.settings import Settings
from tests.journeys.conftest import Stack
from tests.journeys.fake_model_worker import DEADLY_SIZE, HANGING_SIZE, REFUSED_SIZE
from worker.heartbeat import EXIT_HUNG


def test_twenty_equal_rows_use_at_most_five_forward_passes(stack: Stack) -> None:
    rows = stack.post(20)

    stack.start_worker()
    stack.wait_until_ended(rows)

    assert len(stack.forwards()) <= 5
    assert stack.count(Status.DONE) == 20


def test_rows_that_arrive_while_a_worker_listens_are_rendered_at_once(stack: Stack) -> None:
    stack.start_worker()
    stack.wait_until_ended(stack.post(1))

    began = time.monotonic()
    stack.post(1)
    stack.wait_for(lambda: stack.count(Status.DONE) == 2)

    assert time.monotonic() - began < 1.0


def test_when_a_worker_is_killed_no_row_is_lost_or_ends_twice(stack: Stack) -> None:
    stack.forward_seconds = 0.3
    rows = stack.post(20)
    worker = stack.start_worker()
    stack.wait_for(lambda: stack.count(Status.DONE) >= 8)
    stack.wait_for(lambda: stack.count(Status.RUNNING) > 0)

    worker.kill()
    stack.wait_until_ended(rows)

    assert stack.count(Status.DONE) == 20
    assert stack.endings() == sorted(rows)


def test_flushing_redis_with_twenty_waiting_rows_loses_none(stack: Stack, redis_url: str) -> None:
    rows = stack.post(20)
    with Redis.from_url(redis_url) as connection:
        connection.flushall()

    stack.start_worker()
    stack.wait_until_ended(rows)

    assert stack.count(Status.DONE) == 20
    assert stack.endings() == sorted(rows)


def test_flushing_redis_while_a_worker_runs_loses_no_row(stack: Stack, redis_url: str) -> None:
    stack.forward_seconds = 0.2
    stack.start_worker()
    rows = stack.post(20)
    stack.wait_for(lambda: stack.count(Status.DONE) > 0)
    with Redis.from_url(redis_url) as connection:
        connection.flushall()

    stack.wait_until_ended(rows)

    assert stack.endings() == sorted(rows)


def test_a_photo_that_kills_its_worker_is_tried_three_times_and_affects_no_other(
    stack: Stack,
) -> None:
    deadly = stack.post(1, size=DEADLY_SIZE)
    others = stack.post(6)

    stack.wait_until_ended(deadly + others)

    row = stack.rows(deadly)[0]
    assert (row.status, row.error_code, row.attempts) == ("failed", "worker_died", 3)
    assert stack.count(Status.DONE) == 6
    assert stack.endings() == sorted(deadly + others)


def test_a_photo_that_the_model_refuses_fails_once_and_the_worker_keeps_running(
    stack: Stack,
) -> None:
    refused = stack.post(1, size=REFUSED_SIZE)
    others = stack.post(2)
    worker = stack.start_worker()

    stack.wait_until_ended(refused + others)

    row = stack.rows(refused)[0]
    assert (row.error_code, row.attempts) == ("render_failed", 1)
    assert worker.poll() is None


def test_a_photo_that_hangs_the_worker_ends_the_process_and_fails(stack: Stack) -> None:
    hanging = stack.post(1, size=HANGING_SIZE, attempts=2)
    worker = stack.start_worker()

    assert worker.wait(timeout=30) == EXIT_HUNG

    row = stack.rows(hanging)[0]
    assert (row.status, row.error_code, row.attempts) == ("failed", "timed_out", 3)


def test_two_workers_share_the_rows_and_render_each_once(stack: Stack) -> None:
    stack.forward_seconds = 0.05
    rows = stack.post(30, attempts=1)
    stack.start_worker()
    stack.start_worker()

    stack.wait_until_ended(rows)

    assert stack.endings() == sorted(rows)
    assert len(stack.forwards()) == 30


def test_a_worker_asked_to_stop_finishes_its_batch_first(stack: Stack) -> None:
    stack.forward_seconds = 1.0
    rows = stack.post(3)
    worker = stack.start_worker()
    stack.wait_for(lambda: stack.count(Status.RUNNING) == 3)

    worker.send_signal(signal.SIGTERM)

    assert worker.wait(timeout=10) == 0
    assert [row.status for row in stack.rows(rows)] == ["done"] * 3


def test_a_worker_that_resumes_after_its_lease_expired_changes_nothing(stack: Stack) -> None:
    stack.forward_seconds = 1.0
    rows = stack.post(3)
    frozen = stack.start_worker()
    stack.wait_for(lambda: stack.count(Status.RUNNING) == 3)
    freeze(stack, frozen)

    stack.start_worker()
    stack.wait_for(lambda: stack.count(Status.DONE) == 3)
    frozen.send_signal(signal.SIGCONT)
    time.sleep(2.0)

    assert stack.endings() == sorted(rows)


def freeze(stack: Stack, worker: "subprocess.Popen[bytes]") -> None:
    """Stop a process at a moment at which it is in no transaction, whose locks it would keep."""
    url = stack.database.engine.url
    is_sqlite = url.get_backend_name() == "sqlite"
    stop(worker)
    while not (is_writable(str(url.database)) if is_sqlite else is_idle(stack)):
        worker.send_signal(signal.SIGCONT)
        time.sleep(0.1)
        stop(worker)


def stop(worker: "subprocess.Popen[bytes]") -> None:
    """Stop a process and wait until it runs no more, which takes time on a busy machine."""
    worker.send_signal(signal.SIGSTOP)
    os.waitpid(worker.pid, os.WUNTRACED)


def is_idle(stack: Stack) -> bool:
    """Return whether no session of the PostgreSQL database is in a transaction, except this one."""
    with stack.database.reading() as session:
        others = "datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
        count = session.scalar(text(f"SELECT count(*) FROM pg_stat_activity WHERE {others}"))
    return count == 0


def is_writable(sqlite_file: str) -> bool:
    with closing(sqlite3.connect(sqlite_file, timeout=0.5, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        except sqlite3.OperationalError:
            return False
    return True


@pytest.fixture
def own_queue(tmp_path: Path) -> EmbeddedQueue:
    return EmbeddedQueue(tmp_path / "own")


def test_replacing_a_killed_redis_by_an_empty_one_loses_no_row(
    tmp_path: Path, own_queue: EmbeddedQueue
) -> None:
    own_queue.start()
    settings = Settings(data_dir=tmp_path / "own", lease_seconds=1.5, heartbeat_seconds=0.3)
    stack = Stack(settings)
    stack.forward_seconds = 0.2
    try:
        stack.start_worker()
        rows = stack.post(10)
        stack.wait_for(lambda: stack.count(Status.DONE) > 0)
        kill(own_queue)
        rows += stack.post(10)  # the API accepts them without Redis

        EmbeddedQueue(tmp_path / "own").start()
        stack.wait_until_ended(rows)

        assert stack.endings() == sorted(rows)
        assert stack.count(Status.DONE) == 20
        assert all(worker.poll() is None for worker in stack.workers)
    finally:
        stack.close()
        EmbeddedQueue(tmp_path / "own").stop()


def kill(server: EmbeddedQueue) -> None:
    process_id = server.process_id()
    assert process_id is not None
    os.kill(process_id, signal.SIGKILL)
    while server.is_running():
        time.sleep(0.02)
    for folder in server._folder.glob("appendonlydir"):
        shutil.rmtree(folder)
