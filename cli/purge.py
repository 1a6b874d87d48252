"""Remove results that are older than a number of days, before their retention ends.

Their URLs stop working at once, and the workers delete the files within minutes. The jobs stay in
the history of their owners.
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

MAX_DAYS = 36_600


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options `--days N` and `--dry-run`."""
    parser.add_argument(
        "--days", type=_parse_days, required=True, metavar="N", help="age of the results in days"
    )
    parser.add_argument("--dry-run", action="store_true", help="print the number; change nothing")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Purge the results, or count them."""
    database = open_database(settings)
    try:
        count = purge(database, before=now_utc() - options.days, dry_run=options.dry_run)
    except DBAPIError as error:
        raise SetupError(f"the database cannot be read: {driver_message(error)}") from error
    finally:
        database.close()
    print(f"results that {'would be' if options.dry_run else 'are'} removed: {count}")
    return 0


def _parse_days(text: str) -> timedelta:
    try:
        days = float(text)
    except ValueError:
        days = -1
    if not 0 <= days <= MAX_DAYS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to {MAX_DAYS}")
    return timedelta(days=days)
