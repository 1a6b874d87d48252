"""A complete worker with a real database, storage and queue. Only the model is a fake."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.db.base import Base
from core.db.engine import Database, open_database
from core.db.styles import Style
from core.db.stylizations import Stylization
from core.queue import Queue, open_queue
from core.settings import Settings
from core.storage import Storage, open_storage
from tests.factories import make_style, make_stylization
from tests.worker.fake_model import FakePainter
from worker.heartbeat import Heartbeat
from worker.periodic.reconciliation import Reconciler
from worker.periodic.retention import Retention
from worker.pipeline import Renderer
from worker.refinement import Refiner


def wait_until(condition: Callable[[], bool], timeout_seconds: float = 10.0) -> None:
    """Wait until the condition is met; fail after the timeout."""
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition was not met in time"
        time.sleep(0.02)


@dataclass
class WorkerStack:
    """The parts of one worker, and shortcuts to add rows and to read them."""

    settings: Settings
    database: Database
    storage: Storage
    queue: Queue
    painter: FakePainter
    heartbeat: Heartbeat
    renderer: Renderer
    refiner: Refiner
    reconciler: Reconciler
    retention: Retention

    def queue_row(self, **values: Any) -> str:
        with self.database.transaction() as session:
            return make_stylization(session, self.storage, **values).id

    def queue_rows(self, count: int, **values: Any) -> list[str]:
        return [self.queue_row(**values) for _ in range(count)]

    def new_style(self, **values: Any) -> str:
        with self.database.transaction() as session:
            return make_style(session, self.storage, **values).id

    def row(self, row_id: str) -> Stylization:
        with self.database.reading() as session:
            return session.get_one(Stylization, row_id)

    def style(self, style_id: str) -> Style:
        with self.database.reading() as session:
            return session.get_one(Style, style_id)

    def change(self, row_id: str, step: Callable[[Stylization], object]) -> None:
        with self.database.transaction() as session:
            step(session.get_one(Stylization, row_id, with_for_update=True))

    def statuses(self, row_ids: list[str]) -> list[str]:
        return [self.row(row_id).status for row_id in row_ids]


@pytest.fixture
def worker_settings(tmp_path: Path, database_url: str, redis_url: str) -> Settings:
    return Settings(
        data_dir=tmp_path,
        database_url=database_url,
        redis_url=redis_url,
        heartbeat_seconds=0.1,
        refinement_steps=40,
    )


@pytest.fixture
def stack(worker_settings: Settings) -> Iterator[WorkerStack]:
    database = open_database(worker_settings)
    Base.metadata.create_all(database.engine)
    storage = open_storage(worker_settings)
    queue = open_queue(worker_settings)
    painter = FakePainter()
    heartbeat = Heartbeat(database, worker_settings)
    yield WorkerStack(
        settings=worker_settings,
        database=database,
        storage=storage,
        queue=queue,
        painter=painter,
        heartbeat=heartbeat,
        renderer=Renderer(
            database=database,
            storage=storage,
            painter=painter,
            heartbeat=heartbeat,
            settings=worker_settings,
        ),
        refiner=Refiner(
            database=database,
            storage=storage,
            painter=painter,
            heartbeat=heartbeat,
            settings=worker_settings,
        ),
        reconciler=Reconciler(
            database=database,
            queue=queue,
            settings=worker_settings,
            model_version=painter.model_version,
            can_refine=lambda: painter.can_refine,
        ),
        retention=Retention(database, storage, worker_settings),
    )
    queue.close()
    database.close()
