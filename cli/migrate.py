"""Upgrade the database schema to this version. Several machines may run it at the same time."""

import argparse
import time

from sqlalchemy.exc import DBAPIError, OperationalError

from core.db.engine import Database, open_database
from core.db.migrations.upgrade import is_current, upgrade
from core.errors import SetupError
from core.settings import Settings

POLL_SECONDS = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the option `--wait SECONDS`."""
    parser.add_argument(
        "--wait",
        type=float,
        metavar="SECONDS",
        help="change nothing; wait until another process has upgraded the schema",
    )


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Upgrade the database, or wait until it is upgraded."""
    if options.wait is None:
        upgrade_database(settings)
    else:
        _wait_until_upgraded(settings, options.wait)
    print("the database is up to date")
    return 0


def _wait_until_upgraded(settings: Settings, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    database = open_database(settings)
    try:
        while not _is_upgraded(database):
            if time.monotonic() >= deadline:
                raise SetupError(
                    f"after {seconds:g} s the database schema is not up to date; "
                    "run `dualtrans migrate`"
                )
            time.sleep(min(POLL_SECONDS, seconds))
    finally:
        database.close()


def _is_upgraded(database: Database) -> bool:
    try:
        return is_current(database)
    except OperationalError:  # the database server may still be starting
        return False


def upgrade_database(settings: Settings) -> None:
    """Upgrade the schema of the database that the settings name.

    Raises:
        SetupError: the database is not reachable, or does not fit.
    """
    database = open_database(settings)
    try:
        upgrade(database)
    except OperationalError as error:
        raise SetupError(f"the database is not reachable: {driver_message(error)}") from error
    finally:
        database.close()


def driver_message(error: DBAPIError) -> str:
    """Return the first line of the driver's message, without the text that SQLAlchemy adds."""
    return str(error.orig).strip().splitlines()[0]
