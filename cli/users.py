"""List users, end their tokens, or erase one with everything of theirs."""

import argparse

from app.accounts.service import end_tokens, erase, list_users
from cli.migrate import upgrade_database
from core.db.engine import open_database
from core.errors import NotFound, SetupError
from core.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`list`, `end-tokens USER`, `erase USER`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="list|end-tokens|erase")
    verbs.add_parser("list", help="every user, newest first")
    end = verbs.add_parser("end-tokens", help="log a user out everywhere; keys stay")
    end.add_argument("user", help="an id that `list` shows")
    gone = verbs.add_parser("erase", help="forget a user: jobs, history, pictures, keys, tokens")
    gone.add_argument("user", help="an id that `list` shows")
    gone.add_argument("--yes", action="store_true", required=True, help="it cannot be undone")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Do what the verb says."""
    upgrade_database(settings)
    database = open_database(settings)
    try:
        if options.verb == "end-tokens":
            end_tokens(database, options.user)
        elif options.verb == "erase":
            erase(database, options.user)
        else:
            for user in list_users(database):
                print(f"{user.id:30}  {user.kind:7}  {user.created_at:%Y-%m-%d %H:%M}  {user.name}")
    except NotFound as error:
        raise SetupError(
            f"there is no user {options.user!r}; see `dualtrans users list`"
        ) from error
    finally:
        database.close()
    return 0
