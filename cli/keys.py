"""Make, list and revoke keys to the API."""

import argparse
from collections.abc import Callable, Sequence
from datetime import timedelta

from app.accounts.service import create_key, list_keys, revoke_key
from cli.migrate import upgrade_database
from core.db.base import now_utc
from core.db.engine import Database, open_database
from core.db.users import DEFAULT_SCOPES, ApiKey, Scope
from core.errors import NotFound, SetupError
from core.settings import Settings

MOST_DAYS = 36_500
MOST_UPLOADS_PER_MINUTE = 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`create NAME`, `list`, `revoke KEY`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="create|list|revoke")
    create = verbs.add_parser("create", help="make a key for a new user; it is shown this once")
    create.add_argument("name", help="who or what will hold it")
    create.add_argument(
        "--scope",
        action="append",
        choices=[scope.value for scope in Scope],
        help="what it may be used for, once for each (default: read and stylize)",
    )
    create.add_argument(
        "--uploads-per-minute",
        type=_from_one_to(MOST_UPLOADS_PER_MINUTE),
        metavar="N",
        help="its own limit (default: DUALTRANS_UPLOADS_PER_MINUTE)",
    )
    create.add_argument(
        "--days",
        type=_from_one_to(MOST_DAYS),
        metavar="N",
        help="how long it holds (default: until it is revoked)",
    )
    verbs.add_parser("list", help="every key, newest first")
    revoke = verbs.add_parser("revoke", help="retire a key at once")
    revoke.add_argument("key", help="its id, or the part that `list` shows")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Do what the verb says."""
    upgrade_database(settings)
    database = open_database(settings)
    try:
        if options.verb == "create":
            print(_create(database, options))
        elif options.verb == "revoke":
            revoke_key(database, options.key)
        else:
            _print_all(list_keys(database), settings)
    except NotFound as error:
        raise SetupError(f"there is no key {options.key!r}; see `dualtrans keys list`") from error
    finally:
        database.close()
    return 0


def _create(database: Database, options: argparse.Namespace) -> str:
    lasting = None if options.days is None else timedelta(days=options.days)
    return create_key(
        database,
        options.name,
        scopes=frozenset(map(Scope, options.scope)) if options.scope else DEFAULT_SCOPES,
        uploads_per_minute=options.uploads_per_minute,
        expires_at=None if lasting is None else now_utc() + lasting,
    )


def _print_all(keys: Sequence[ApiKey], settings: Settings) -> None:
    now = now_utc()
    for key in keys:
        rate = key.uploads_per_minute or settings.uploads_per_minute
        until = f"until {key.expires_at:%Y-%m-%d}" if key.expires_at else "until revoked"
        print(
            f"{key.prefix}…  {key.state(now):8}  {key.created_at:%Y-%m-%d %H:%M}  {until:16}"
            f"  {rate:>4}/min  {key.scope_names:20}  {key.name}"
        )


def _from_one_to(most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text)
        if not 1 <= value <= most:
            raise argparse.ArgumentTypeError(f"{value} is not from 1 to {most}")
        return value

    return number
