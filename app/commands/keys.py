"""Make, list and revoke keys to the API."""

import argparse

from app.accounts.service import create_key, list_keys, revoke_key
from app.commands.migrate import upgrade_or_say_why
from app.shared.database import open_database
from app.shared.errors import NotFound, SetupError
from app.shared.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`create NAME`, `list`, `revoke KEY`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="create|list|revoke")
    create = verbs.add_parser("create", help="make a key for a new user; it is shown this once")
    create.add_argument("name", help="who or what will hold it")
    verbs.add_parser("list", help="every key, newest first")
    revoke = verbs.add_parser("revoke", help="retire a key at once")
    revoke.add_argument("key", help="its id, or the part that `list` shows")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Do what the verb says."""
    upgrade_or_say_why(settings)
    database = open_database(settings)
    try:
        if options.verb == "create":
            print(create_key(database, options.name))
        elif options.verb == "revoke":
            revoke_key(database, options.key)
        else:
            for key in list_keys(database):
                state = "revoked" if key.revoked_at else "active"
                print(f"{key.prefix}…  {state:8}  {key.created_at:%Y-%m-%d %H:%M}  {key.name}")
    except NotFound as error:
        raise SetupError(f"there is no key {options.key!r}; see `dualtrans keys list`") from error
    finally:
        database.close()
    return 0
