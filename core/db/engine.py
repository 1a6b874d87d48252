"""The database connection for SQLite and PostgreSQL: `transaction()` writes, `reading()` reads."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

import core.db.tables  # noqa: F401  # foreign keys are resolved by table name
from core.errors import SetupError
from core.settings import Settings

SQLITE_FILE = "dualtrans.sqlite3"
SQLITE_LOCK_TIMEOUT_SECONDS = 15.0  # how long a writer waits for another writer
STATEMENT_TIMEOUT_MS = 30_000  # PostgreSQL: more than twice what any statement needs
IDLE_TIMEOUT_MS = 30_000  # PostgreSQL: a frozen process must not keep its locks
REQUIRED_ENCODING = "UTF8"  # of PostgreSQL; SQLite always has it


class DatabaseEncodingError(SetupError):
    """The encoding of the PostgreSQL database cannot represent every text, such as Chinese."""

    fix = (
        f"create one with: CREATE DATABASE dualtrans ENCODING '{REQUIRED_ENCODING}' LOCALE 'C' "
        "TEMPLATE template0"
    )

    def __init__(self, encoding: str) -> None:
        """`encoding` is PostgreSQL's name of the encoding that the database has."""
        self.problem = f"the database has the encoding {encoding}, but needs {REQUIRED_ENCODING}"
        super().__init__(f"{self.problem}; {self.fix}")


DATABASE_ERRORS = (SQLAlchemyError, DatabaseEncodingError)
"""What every query raises when the database is unreachable or does not fit."""


class Database:
    """Provides sessions. Objects stay readable after their transaction; nothing is loaded lazily.

    Usage:
        with database.transaction() as session:
            session.add(row)
    """

    def __init__(self, engine: Engine) -> None:
        """Use an engine of `open_database`."""
        self.engine = engine
        self._reading_engine = engine.execution_options(reads_only=True)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Commit at the end of the block, or roll back if it raises.

        Do not commit inside the block, and do not decode pictures or use the network in it.
        SQLite holds its single write lock from the start (BEGIN IMMEDIATE), so reading before
        writing is safe. On PostgreSQL, lock what you read with `with_for_update()`, which SQLite
        ignores.
        """
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Read without blocking a writer or waiting for one. Changes are not saved."""
        with Session(self._reading_engine, expire_on_commit=False, autoflush=False) as session:
            yield session

    def check_writable(self) -> None:
        """Acquire and release the write lock.

        Raises:
            SQLAlchemyError: that is not possible.
            DatabaseEncodingError: the database does not fit.
        """
        with self.transaction() as session:
            session.execute(text("SELECT 1"))

    def check_encoding(self) -> None:
        """Connect once. An unreachable database is not checked.

        Raises:
            DatabaseEncodingError: the database does not fit.
        """
        with suppress(SQLAlchemyError), self.reading() as session:
            session.connection()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def open_database(settings: Settings) -> Database:
    """Open the database of the settings: `DATABASE_URL`, or a SQLite file in `data_dir`.

    Nothing is connected yet. The first use of a PostgreSQL database that is not in UTF8 raises
    `DatabaseEncodingError`.
    """
    url = database_url(settings)
    engine = _sqlite_engine(url) if url.get_backend_name() == "sqlite" else _server_engine(url)
    return Database(engine)


def database_url(settings: Settings) -> URL:
    """Return the URL for SQLAlchemy. `postgres://` and `postgresql://` select psycopg."""
    if settings.database_url is None:
        return URL.create("sqlite", database=str(settings.data_dir.absolute() / SQLITE_FILE))
    url = make_url(settings.database_url.replace("postgres://", "postgresql://", 1))
    return url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url


def _sqlite_engine(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        make_parent_directory(url.database)
    engine = create_engine(
        url,
        hide_parameters=True,  # in logs: parameters include webhook secrets and tokens
        connect_args={"timeout": SQLITE_LOCK_TIMEOUT_SECONDS},
        pool_size=10,
        max_overflow=40,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def make_parent_directory(file: str) -> None:
    """Create the folder of a database file."""
    Path(file).absolute().parent.mkdir(parents=True, exist_ok=True)


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401  # a raw DBAPI connection
    # The driver's own BEGIN is deferred and loses updates: a test kept 43 of 160.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin_sqlite(connection: Connection) -> None:
    reads_only = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


def _server_engine(url: URL) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=25,
        connect_args={
            "connect_timeout": 5,
            "client_encoding": "utf8",  # whatever PGCLIENTENCODING says
            "options": (
                f"-c statement_timeout={STATEMENT_TIMEOUT_MS} "
                f"-c idle_in_transaction_session_timeout={IDLE_TIMEOUT_MS} -c timezone=utc"
            ),
        },
    )
    event.listen(engine, "connect", _check_encoding, insert=True)  # before SQLAlchemy's own query
    return engine


def _check_encoding(connection: Any, _record: object) -> None:  # noqa: ANN401  # a raw DBAPI connection
    encoding = connection.info.parameter_status("server_encoding")
    if encoding not in (REQUIRED_ENCODING, None):  # None: a proxy does not report it
        connection.close()
        raise DatabaseEncodingError(encoding)
