"""The API in this process with a real database, queue and storage, and a client with a key."""

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI

from app.accounts.service import create_key
from app.main import create_app
from app.resources import Resources
from core.db.engine import SQLITE_FILE, open_database
from core.db.migrations.upgrade import upgrade
from core.settings import Settings


class Client:
    """Sends requests to the application without a socket, with one API key."""

    def __init__(self, app: FastAPI, portal: BlockingPortal, key: str | None) -> None:
        self.app = app
        self.key = key
        self._portal = portal

    @property
    def resources(self) -> Resources:
        return self.app.state.resources

    def request(
        self, method: str, url: str, *, client: str = "127.0.0.1", **options
    ) -> httpx.Response:
        return self._portal.call(partial(self._request, method, url, client, options))

    async def _request(self, method: str, url: str, client: str, options: dict) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(client, 1))
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        headers |= options.pop("headers", {})
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", timeout=60
        ) as http:
            return await http.request(method, url, headers=headers, **options)

    def get(self, url: str, **options) -> httpx.Response:
        return self.request("GET", url, **options)

    def post(self, url: str, **options) -> httpx.Response:
        return self.request("POST", url, **options)

    def delete(self, url: str, **options) -> httpx.Response:
        return self.request("DELETE", url, **options)

    def of_another_user(self) -> "Client":
        return Client(self.app, self._portal, create_key(self.resources.database, "another"))

    def without_key(self) -> "Client":
        return Client(self.app, self._portal, None)


@pytest.fixture
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as portal:
        yield portal


def prepare_database(settings: Settings, migrated_sqlite_file: Path) -> None:
    """Create the tables: an SQLite file is copied, because migrating it takes 0.1 s per test."""
    file = settings.data_dir / SQLITE_FILE
    if settings.database_url is not None:
        database = open_database(settings)
        upgrade(database)
        database.close()
    elif not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(migrated_sqlite_file, file)


@pytest.fixture
def make_client(portal: BlockingPortal, settings: Settings, migrated_sqlite_file: Path):
    """Return a function that creates an application and returns a client of it.

    Its keyword arguments change the settings.
    """
    opened: list[Client] = []

    def make(**changed) -> Client:
        changed_settings = settings.model_copy(update=changed)
        prepare_database(changed_settings, migrated_sqlite_file)
        app = create_app(changed_settings)
        database = app.state.resources.database
        client = Client(app, portal, create_key(database, "tester"))
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.resources.close()


@pytest.fixture
def client(make_client) -> Client:
    return make_client()


@pytest.fixture
def stored_files(settings: Settings):
    """Return a function that lists the files in the storage."""

    def list_files() -> list[str]:
        folder = settings.data_dir / "storage"
        return sorted(str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file())

    return list_files


@pytest.fixture
def runner(tmp_path: Path) -> Path:
    """A folder with the start page of a built mini program runner."""
    folder = tmp_path / "runner"
    folder.mkdir()
    (folder / "index.html").write_text("<title>the mini program</title>")
    return folder
