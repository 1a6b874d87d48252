"""Runs the steps: for `dualtrans serve`, for `dualtrans migrate` and for tests.

A new step is written by `python -m core.db.migrations.upgrade "what it does"`, which compares
the tables with an empty database brought to the last step.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text

from core.db.engine import Database, open_database
from core.errors import SetupError
from core.settings import Settings

SCRIPTS = Path(__file__).parent
UPGRADE_LOCK = 7_204_118  # an arbitrary number: one process at a time upgrades a PostgreSQL


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the database to a step, the newest unless said otherwise.

    Safe when several processes start at once: the first one does it, the others wait.

    Raises:
        SetupError: the database is newer than this program.
    """
    with _alembic(database) as config:
        try:
            command.upgrade(config, revision)
        except CommandError as error:
            raise SetupError(
                f"the database does not fit this version of DualTrans ({error})"
            ) from error


def downgrade(database: Database, revision: str = "base") -> None:
    """Take the database back to a step, to nothing unless said otherwise."""
    with _alembic(database) as config:
        command.downgrade(config, revision)


def is_current(database: Database) -> bool:
    """Whether the database stands at the newest step; changes nothing."""
    with database.reading() as session:
        reached = MigrationContext.configure(session.connection()).get_current_revision()
    return reached == ScriptDirectory.from_config(_config()).get_current_head()


def check(database: Database) -> None:
    """Raise alembic's CommandError when the tables differ from what the steps built."""
    with _alembic(database) as config:
        command.check(config)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _alembic(database: Database) -> Iterator[Config]:
    with database.engine.begin() as connection:
        _wait_for_turn(connection)
        config = _config()
        config.attributes["connection"] = connection
        yield config


def _wait_for_turn(connection: Connection) -> None:
    # SQLite's BEGIN IMMEDIATE has taken the write lock already.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": UPGRADE_LOCK})


def _write_step(message: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(Settings(data_dir=Path(folder), database_url=None))
        upgrade(database)
        number = f"{len(list((SCRIPTS / 'versions').glob('[0-9]*.py'))) + 1:04d}"
        with _alembic(database) as config:
            command.revision(config, message=message, autogenerate=True, rev_id=number)
        database.close()


if __name__ == "__main__":
    _write_step(sys.argv[1])
