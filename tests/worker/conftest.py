"""A worker's surroundings, all real: database, folder, queue. Only the model stands in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from core.db.base import Base
from core.db.engine import Database, open_database
from core.db.styles import Style
from core.db.stylizations import Stylization
from core.queue import Queue, open_queue
from core.settings import Settings
from core.storage import Storage, open_storage
from tests.factories import make_style, make_stylization
from tests.fake_wechat_services import FakeServices
from tests.worker.fake_model import FakeStyleCode, FakeStylizer
from worker.heartbeat import Heartbeat
from worker.periodic.reconciliation import Reconciler
from worker.pipeline import Renderer


@dataclass
class WorkerStack:
    """Everything of one worker, and short ways to put work into it and to look at it."""

    settings: Settings
    database: Database
    storage: Storage
    queue: Queue
    stylizer: FakeStylizer
    heartbeat: Heartbeat
    renderer: Renderer
    reconciler: Reconciler

    def queue_row(self, **given: Any) -> str:
        with self.database.transaction() as session:
            return make_stylization(session, self.storage, **given).id

    def queue_rows(self, count: int, **given: Any) -> list[str]:
        return [self.queue_row(**given) for _ in range(count)]

    def new_style(self, **given: Any) -> str:
        with self.database.transaction() as session:
            return make_style(session, self.storage, **given).id

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
        data_dir=tmp_path, database_url=database_url, redis_url=redis_url, heartbeat_seconds=0.1
    )


@pytest.fixture
def stack(worker_settings: Settings) -> Iterator[WorkerStack]:
    database = open_database(worker_settings)
    Base.metadata.create_all(database.engine)
    storage = open_storage(worker_settings)
    queue = open_queue(worker_settings)
    stylizer = FakeStylizer()
    heartbeat = Heartbeat(database, worker_settings)
    yield WorkerStack(
        worker_settings,
        database,
        storage,
        queue,
        stylizer,
        heartbeat,
        Renderer(
            database=database,
            storage=storage,
            stylizer=cast("Any", stylizer),
            read_code=cast("Any", FakeStyleCode.from_bytes),
            read_levels=cast("Any", dict),
            heartbeat=heartbeat,
            settings=worker_settings,
        ),
        Reconciler(
            database=database,
            storage=storage,
            queue=queue,
            settings=worker_settings,
            model_version=stylizer.model_version,
        ),
    )
    queue.close()
    database.close()


# WeChat


class Account:
    """A mini program in which each of our users is known, unless a test says otherwise."""

    def __init__(self, fake: FakeServices) -> None:
        self.fake = fake
        self.openid: str | None = "o-li"

    def access_token(self, *, instead_of: str | None = None) -> str:
        return self.fake.token if instead_of is None else "token-1"

    def openid_of_user(self, user_id: str) -> str | None:  # noqa: ARG002  # the worker's protocol
        return self.openid


@pytest.fixture
def account(wechat_services: FakeServices) -> Account:
    return Account(wechat_services)
