"""A stack with real worker and API processes, which tests kill, stop and disturb."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import httpx
import pytest
from sqlalchemy import func, select, text

from core.db.engine import Database, open_database
from core.db.migrations.upgrade import upgrade
from core.db.stylizations import Status, Stylization
from core.queue import Queue, open_queue
from core.settings import Settings
from core.storage import Storage, open_storage
from tests.factories import make_stylization

ENDED = (Status.DONE, Status.FAILED, Status.CANCELLED)
TIMEOUT_SECONDS = 60.0

# A trigger records each time that a row ends, so that "exactly once" can be counted.
RECORD_ENDINGS = {
    "sqlite": [
        "CREATE TABLE endings (row_id TEXT)",
        """CREATE TRIGGER record_ending AFTER UPDATE OF status ON stylizations
        WHEN NEW.status IN ('done', 'failed', 'cancelled')
        BEGIN INSERT INTO endings VALUES (NEW.id); END""",
    ],
    "postgresql": [
        "CREATE TABLE endings (row_id TEXT)",
        """CREATE FUNCTION record_ending() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO endings VALUES (NEW.id); RETURN NEW; END $$""",
        """CREATE TRIGGER record_ending AFTER UPDATE OF status ON stylizations FOR EACH ROW
        WHEN (NEW.status IN ('done', 'failed', 'cancelled'))
        EXECUTE FUNCTION record_ending()""",
    ],
}


@dataclass(frozen=True)
class Api:
    """One API process and its URL."""

    process: "subprocess.Popen[bytes]"
    url: str

    def is_responding(self) -> bool:
        assert self.process.poll() is None, "the API has ended"
        try:
            return httpx.get(f"{self.url}/healthz", timeout=2).is_success
        except httpx.HTTPError:
            return False

    def client(self, key: str) -> httpx.Client:
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)


class Stack:
    """Database, storage, queue, and the worker and API processes that a test starts."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database: Database = open_database(settings)
        upgrade(self.database)
        with self.database.engine.begin() as connection:
            for statement in RECORD_ENDINGS[connection.dialect.name]:
                connection.execute(text(statement))
        self.storage: Storage = open_storage(settings)
        self.queue: Queue = open_queue(settings)
        self.workers: list[subprocess.Popen[bytes]] = []
        self.apis: list[Api] = []
        self.forward_seconds = 0.0
        self.step_seconds = 0.0  # of the refinement of an own style

    def start_worker(self, machine: Path | None = None) -> "subprocess.Popen[bytes]":
        process = self._start("tests.journeys.fake_model_worker", machine=machine)
        self.workers.append(process)
        return process

    def start_api(self, machine: Path | None = None, **changed: str) -> "Api":
        """Start an API process on a free port and wait until it responds."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = ["uvicorn", "--factory", "app.main:create_app", "--port", str(port)]
        api = Api(self._start(*command, machine=machine, **changed), f"http://127.0.0.1:{port}")
        self.apis.append(api)
        self.wait_for(api.is_responding)
        return api

    def _start(
        self, *command: str, machine: Path | None, **changed: str
    ) -> "subprocess.Popen[bytes]":
        """`machine` is a data folder of its own, with a log; None uses that of the stack."""
        environment = {**os.environ, **_as_environment(self.settings)}
        environment |= {
            "FAKE_FORWARD_SECONDS": str(self.forward_seconds),
            "FAKE_STEP_SECONDS": str(self.step_seconds),
            **changed,
        }
        if machine is None:
            return _python(command, environment, stderr=None)
        machine.mkdir()
        environment["DUALTRANS_DATA_DIR"] = str(machine)
        with (machine / "log").open("w") as log:
            return _python(command, environment, stderr=log)

    def restart_worker(self) -> None:
        """Start a worker if none is running, as a supervisor does."""
        if all(worker.poll() is not None for worker in self.workers):
            self.start_worker()

    def post(self, count: int, **values: Any) -> list[str]:
        """Queue rows as the API does: bytes, row, then the notification."""
        row_ids = []
        for _ in range(count):
            with self.database.transaction() as session:
                row_ids.append(make_stylization(session, self.storage, **values).id)
            self.queue.notify_workers()
        return row_ids

    def count(self, *statuses: str) -> int:
        with self.database.reading() as session:
            counted = select(func.count()).where(Stylization.status.in_(statuses))
            return session.scalar(counted) or 0

    def rows(self, row_ids: list[str]) -> list[Stylization]:
        with self.database.reading() as session:
            return [session.get_one(Stylization, row_id) for row_id in row_ids]

    def wait_for(self, condition: Callable[[], bool], *, supervised: bool = False) -> None:
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while not condition():
            assert time.monotonic() < deadline, "the condition was not met in time"
            if supervised:
                self.restart_worker()
            time.sleep(0.05)

    def wait_until_ended(self, row_ids: list[str]) -> None:
        """Wait until all of these rows have ended; a worker that dies is replaced."""
        self.wait_for(lambda: self.count(*ENDED) == len(row_ids), supervised=True)

    def endings(self) -> list[str]:
        """Return the ids of rows, once for each time that a row ended."""
        with self.database.reading() as session:
            return sorted(session.scalars(text("SELECT row_id FROM endings")))

    def forwards(self) -> list[int]:
        record = self.settings.data_dir / "forwards.txt"
        return [int(line) for line in record.read_text().split()] if record.exists() else []

    def close(self) -> None:
        for process in [*self.workers, *(api.process for api in self.apis)]:
            process.kill()
            process.wait()
        self.queue.close()
        self.database.close()


def _python(
    module: Sequence[str], environment: dict[str, str], *, stderr: IO[str] | None
) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", *module],
        env=environment,
        cwd=Path(__file__).parents[2],
        stderr=stderr,
    )


def _as_environment(settings: Settings) -> dict[str, str]:
    return {
        "DUALTRANS_DATA_DIR": str(settings.data_dir),
        "DUALTRANS_LEASE_SECONDS": str(settings.lease_seconds),
        "DUALTRANS_HEARTBEAT_SECONDS": str(settings.heartbeat_seconds),
        "DUALTRANS_JOB_TIMEOUT_SECONDS": str(settings.job_timeout_seconds),
        "DUALTRANS_REFINEMENT_STEPS": str(settings.refinement_steps),
        "DUALTRANS_LOG_LEVEL": settings.log_level,
        "DUALTRANS_SECRET_KEYS": settings.secret_keys or "",
        "DUALTRANS_PRIVATE_WEBHOOKS": str(settings.private_webhooks),
        "DATABASE_URL": settings.database_url or "",
        "REDIS_URL": settings.redis_url or "",
        "STORAGE_URL": settings.storage_url or "",
    }


@pytest.fixture
def stack(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[Stack]:
    settings = Settings(
        data_dir=tmp_path,
        database_url=database_url,
        redis_url=redis_url,
        lease_seconds=1.5,
        heartbeat_seconds=0.3,
        job_timeout_seconds=5,
        log_level="warning",
        private_webhooks=True,
    )
    stack = Stack(settings)
    yield stack
    stack.close()
