"""Bring the database to today's tables. Safe to run again, and by several machines at once."""

import argparse
import time

from sqlalchemy.exc import DBAPIError, OperationalError

from core.db.engine import Database, open_database
from core.db.migrations.upgrade import is_current, upgrade
from core.errors import SetupError
from core.settings import Settings

LOOK_SECONDS = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing, or `--wait SECONDS`."""
    parser.add_argument(
        "--wait",
        type=float,
        metavar="SECONDS",
        help="change nothing, but wait until another process has done it",
    )


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Upgrade what `DATABASE_URL` names, or wait for it."""
    if options.wait is None:
        upgrade_database(settings)
    else:
        _wait_until_upgraded(settings, options.wait)
    print("the database is up to date")
    return 0


def _wait_until_upgraded(settings: Settings, seconds: float) -> None:
    give_up = time.monotonic() + seconds
    database = open_database(settings)
    try:
        while not _is_upgraded(database):
            if time.monotonic() >= give_up:
                raise SetupError(
                    f"after {seconds:g} s the database is not at this version's step; "
                    "run `dualtrans migrate`"
                )
            time.sleep(min(LOOK_SECONDS, seconds))
    finally:
        database.close()


def _is_upgraded(database: Database) -> bool:
    """A database that does not answer yet is waited for as well."""
    try:
        return is_current(database)
    except OperationalError:
        return False


def upgrade_database(settings: Settings) -> None:
    """Upgrade; a database that is not there is told in one line."""
    database = open_database(settings)
    try:
        upgrade(database)
    except OperationalError as error:
        raise SetupError(f"the database does not answer: {driver_message(error)}") from error
    finally:
        database.close()


def driver_message(error: DBAPIError) -> str:
    """What the driver says, without SQLAlchemy's background."""
    return str(error.orig).strip().splitlines()[0]
