"""Forget the results that are older than some days, whatever their own time was.

Their addresses end at once; the workers remove the bytes within minutes. The rows stay in their
owners' history.
"""

import argparse
from datetime import timedelta

from sqlalchemy.exc import DBAPIError

from app.operations.maintenance import purge
from cli.migrate import driver_message
from core.db.base import now_utc
from core.db.engine import open_database
from core.errors import SetupError
from core.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--days N`, and `--dry-run`."""
    parser.add_argument("--days", type=_days, required=True, help="results older than these")
    parser.add_argument("--dry-run", action="store_true", help="say how many; change nothing")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """End the time of what is old."""
    database = open_database(settings)
    try:
        count = purge(database, before=now_utc() - options.days, dry_run=options.dry_run)
    except DBAPIError as error:
        raise SetupError(f"the database cannot be read: {driver_message(error)}") from error
    finally:
        database.close()
    print(f"results that {'would be' if options.dry_run else 'are'} forgotten: {count}")
    return 0


def _days(text: str) -> timedelta:
    days = float(text)
    if not 0 <= days <= 36600:
        raise ValueError(text)
    return timedelta(days=days)
