"""Transactions and reading sessions, on both databases."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import URL, literal, select, text
from sqlalchemy.exc import DBAPIError

from core.db import engine
from core.db.base import Base, now_utc
from core.db.engine import Database, DatabaseEncodingError, database_url, open_database
from core.db.users import User, UserKind
from core.settings import Settings
from tests.conftest import fresh_database


@pytest.fixture
def database(database_url: str, tmp_path: Path) -> Iterator[Database]:
    database = open_database(Settings(data_dir=tmp_path, database_url=database_url))
    Base.metadata.create_all(database.engine)
    with database.transaction() as session:
        session.add(User(id="usr_1", kind=UserKind.API, name="0"))
    yield database
    database.close()


def name_of_user(database: Database) -> str:
    with database.reading() as session:
        return session.get_one(User, "usr_1").name


def add_one(database: Database) -> None:
    with database.transaction() as session:
        user = session.get_one(User, "usr_1", with_for_update=True)
        user.name = str(int(user.name) + 1)


def test_concurrent_writers_that_read_first_lose_no_update(database: Database) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: add_one(database), range(80)))

    assert name_of_user(database) == "80"


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    is_writing, may_end = threading.Event(), threading.Event()

    def write() -> None:
        with database.transaction() as session:
            session.get_one(User, "usr_1").name = "changed"
            session.flush()
            is_writing.set()
            may_end.wait(10)

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        assert is_writing.wait(10)
        read_meanwhile = name_of_user(database)
        may_end.set()
        writing.result()

    assert (read_meanwhile, name_of_user(database)) == ("0", "changed")


def test_a_transaction_that_raises_is_rolled_back(database: Database) -> None:
    def fail() -> None:
        with database.transaction() as session:
            session.get_one(User, "usr_1").name = "half done"
            session.flush()
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fail()

    assert name_of_user(database) == "0"


def test_changes_in_a_reading_session_are_not_saved(database: Database) -> None:
    with database.reading() as session:
        session.get_one(User, "usr_1").name = "by mistake"

    assert name_of_user(database) == "0"


def test_times_are_read_as_they_were_written_with_their_zone(database: Database) -> None:
    moment = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
    with database.transaction() as session:
        session.get_one(User, "usr_1").created_at = moment

    with database.reading() as session:
        earlier = session.scalars(select(User.id).where(User.created_at < now_utc())).all()
        assert session.get_one(User, "usr_1").created_at == moment
    assert list(earlier) == ["usr_1"]


def test_an_available_database_is_writable(database: Database) -> None:
    database.check_writable()


def test_the_encoding_of_the_client_is_utf8_whatever_the_environment_says(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_database(Settings(database_url=postgres_url))

    with monkeypatch.context() as environment, database.reading() as session:
        environment.setenv("PGCLIENTENCODING", "SQL_ASCII")
        echo = session.scalar(select(literal("海")))
    database.close()

    assert echo == "海"


def test_a_frozen_process_does_not_keep_its_locks(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "IDLE_TIMEOUT_MS", 100)
    database = open_database(Settings(database_url=postgres_url))

    with pytest.raises(DBAPIError):
        pause_in_a_transaction(database, seconds=1.0)

    database.check_writable()  # on a new connection
    database.close()


def pause_in_a_transaction(database: Database, *, seconds: float) -> None:
    with database.transaction() as session:
        session.execute(text("SELECT 1"))
        time.sleep(seconds)
        session.execute(text("SELECT 1"))


def test_the_command_that_a_wrong_encoding_suggests_creates_a_usable_database(
    postgres_server: URL,
) -> None:
    command = DatabaseEncodingError.fix.partition("CREATE DATABASE dualtrans ")[2]

    with fresh_database(postgres_server, command) as url:
        database = open_database(Settings(database_url=url))
        database.check_writable()
        database.close()


@pytest.mark.parametrize(
    "given", ["postgres://me@host/name", "postgresql://me@host/name"], ids=["short", "long"]
)
def test_a_postgresql_url_selects_psycopg(given: str) -> None:
    url = database_url(Settings(database_url=given))

    assert url.drivername == "postgresql+psycopg"
    assert (url.host, url.database) == ("host", "name")


def test_without_a_url_the_database_is_a_file_in_the_data_folder(tmp_path: Path) -> None:
    url = database_url(Settings(data_dir=tmp_path))

    assert url.database == str(tmp_path / "dualtrans.sqlite3")
