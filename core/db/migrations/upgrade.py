"""Applies the revisions, for `dualtrans serve`, `dualtrans migrate` and the tests.

`python -m core.db.migrations.upgrade "what it does"` writes a new revision by comparing the tables
with an empty database at the latest revision.
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
UPGRADE_LOCK = 7_204_118  # an arbitrary number; PostgreSQL upgrades run one at a time


def upgrade(database: Database, revision: str = "head") -> None:
    """Upgrade the database to a revision, by default the latest.

    Several processes may call this at the same time: one upgrades, the others wait.

    Raises:
        SetupError: the database is newer than this version of DualTrans.
    """
    with _alembic(database) as config:
        try:
            command.upgrade(config, revision)
        except CommandError as error:
            raise SetupError(
                f"the database does not fit this version of DualTrans ({error})"
            ) from error


def downgrade(database: Database, revision: str = "base") -> None:
    """Downgrade the database to a revision, by default to an empty database."""
    with _alembic(database) as config:
        command.downgrade(config, revision)


def is_current(database: Database) -> bool:
    """Return whether the database is at the latest revision; changes nothing."""
    with database.reading() as session:
        current = MigrationContext.configure(session.connection()).get_current_revision()
    return current == ScriptDirectory.from_config(_config()).get_current_head()


def check(database: Database) -> None:
    """Raise Alembic's CommandError if the tables differ from what the revisions create."""
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
        _acquire_upgrade_lock(connection)
        config = _config()
        config.attributes["connection"] = connection
        yield config


def _acquire_upgrade_lock(connection: Connection) -> None:
    # On SQLite, BEGIN IMMEDIATE has acquired the write lock already.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": UPGRADE_LOCK})


def _write_revision(message: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(Settings(data_dir=Path(folder), database_url=None))
        upgrade(database)
        number = f"{len(list((SCRIPTS / 'versions').glob('[0-9]*.py'))) + 1:04d}"
        with _alembic(database) as config:
            command.revision(config, message=message, autogenerate=True, rev_id=number)
        database.close()


if __name__ == "__main__":
    _write_revision(sys.argv[1])
