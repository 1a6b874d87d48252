"""Create, list and revoke API keys."""

import argparse
from collections.abc import Callable, Sequence
from datetime import timedelta

from app.accounts.service import create_key, list_keys, revoke_key
from cli.migrate import upgrade_database
from core.db.base import now_utc
from core.db.engine import Database, open_database
from core.db.users import DEFAULT_SCOPES, ApiKey, Scope
from core.errors import InvalidValue, NotFound, SetupError
from core.settings import Settings

MAX_DAYS = 36_500
MAX_UPLOADS_PER_MINUTE = 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `create NAME`, `list` and `revoke KEY`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="create|list|revoke")
    create = actions.add_parser(
        "create", help="create a key for a new user; the key is printed only once"
    )
    create.add_argument("name", help="who or what uses the key")
    create.add_argument(
        "--scope",
        action="append",
        choices=[scope.value for scope in Scope],
        help="what the key allows; repeat the option for several (default: read and stylize)",
    )
    create.add_argument(
        "--uploads-per-minute",
        type=_integer_up_to(MAX_UPLOADS_PER_MINUTE),
        metavar="N",
        help="upload limit of this key (default: DUALTRANS_UPLOADS_PER_MINUTE)",
    )
    create.add_argument(
        "--days",
        type=_integer_up_to(MAX_DAYS),
        metavar="N",
        help="days until the key expires (default: it never does)",
    )
    actions.add_parser("list", help="list all keys, newest first")
    revoke = actions.add_parser("revoke", help="revoke a key at once")
    revoke.add_argument("key", help="id of the key, or its beginning as `list` prints it")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Run the chosen action. Returns the exit status."""
    upgrade_database(settings)
    database = open_database(settings)
    try:
        if options.action == "create":
            print(_create(database, options))
        elif options.action == "revoke":
            revoke_key(database, options.key)
        else:
            _print_keys(list_keys(database), settings)
    except InvalidValue as error:
        raise SetupError(error.message()) from error
    except NotFound as error:
        raise SetupError(f"there is no key {options.key!r}; see `dualtrans keys list`") from error
    finally:
        database.close()
    return 0


def _create(database: Database, options: argparse.Namespace) -> str:
    lifetime = None if options.days is None else timedelta(days=options.days)
    return create_key(
        database,
        options.name,
        scopes=frozenset(map(Scope, options.scope)) if options.scope else DEFAULT_SCOPES,
        uploads_per_minute=options.uploads_per_minute,
        expires_at=None if lifetime is None else now_utc() + lifetime,
    )


def _print_keys(keys: Sequence[ApiKey], settings: Settings) -> None:
    now = now_utc()
    for key in keys:
        rate = key.uploads_per_minute or settings.uploads_per_minute
        until = f"until {key.expires_at:%Y-%m-%d}" if key.expires_at else "until revoked"
        print(
            f"{key.prefix}…  {key.state(now):8}  {key.created_at:%Y-%m-%d %H:%M}  {until:16}"
            f"  {rate:>4}/min  {key.scope_names:20}  {key.name}"
        )


def _integer_up_to(maximum: int) -> Callable[[str], int]:
    def integer(text: str) -> int:
        value = int(text)
        if not 1 <= value <= maximum:
            raise argparse.ArgumentTypeError(f"{value} is not from 1 to {maximum}")
        return value

    return integer
