"""List users, revoke their tokens, or erase a user and all their data."""

import argparse

from app.accounts.service import erase, list_users, revoke_tokens
from cli.migrate import upgrade_database
from core.db.engine import open_database
from core.errors import NotFound, SetupError
from core.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `list`, `end-tokens USER` and `erase USER`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|end-tokens|erase")
    actions.add_parser("list", help="list all users, newest first")
    end = actions.add_parser("end-tokens", help="revoke all tokens of a user; API keys stay valid")
    end.add_argument("user", help="id of the user, as `list` prints it")
    erasure = actions.add_parser(
        "erase", help="erase a user: jobs, history, pictures, keys and tokens"
    )
    erasure.add_argument("user", help="id of the user, as `list` prints it")
    erasure.add_argument(
        "--yes", action="store_true", required=True, help="confirm; this cannot be undone"
    )


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Run the chosen action. Returns the exit status."""
    upgrade_database(settings)
    database = open_database(settings)
    try:
        if options.action == "end-tokens":
            revoke_tokens(database, options.user)
        elif options.action == "erase":
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
