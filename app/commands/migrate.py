"""Bring the database to today's tables. Safe to run again, and by several machines at once."""

import argparse

from sqlalchemy.exc import OperationalError

from app.shared.database import open_database
from app.shared.errors import SetupError
from app.shared.migrations.upgrade import upgrade
from app.shared.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""
    parser.set_defaults()


def run(_options: argparse.Namespace, settings: Settings) -> int:
    """Upgrade what `DATABASE_URL` names."""
    upgrade_or_say_why(settings)
    print("the database is up to date")
    return 0


def upgrade_or_say_why(settings: Settings) -> None:
    """Upgrade; a database that is not there is told in one line."""
    database = open_database(settings)
    try:
        upgrade(database)
    except OperationalError as error:
        raise SetupError(f"the database does not answer: {first_line(error)}") from error
    finally:
        database.close()


def first_line(error: OperationalError) -> str:
    """What the driver says, without SQLAlchemy's background."""
    return str(error.orig).strip().splitlines()[0]
