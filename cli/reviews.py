"""List results that the content check has not approved, and approve or reject them."""

import argparse

from app.moderation.service import list_unapproved, review_manually
from cli.migrate import upgrade_database
from core.db.base import now_utc
from core.db.engine import Database, open_database
from core.db.moderation import CheckState
from core.errors import NotFound, SetupError
from core.picture_urls import PictureURLSigner
from core.settings import Settings, signing_secrets

DECISIONS = {"pass": CheckState.PASS, "reject": CheckState.RISKY}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define `list`, `pass ID` and `reject ID`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|pass|reject")
    actions.add_parser(
        "list", help="list results in review or pending, oldest first, with a link to the picture"
    )
    approve = actions.add_parser("pass", help="approve a result, so that its owner can share it")
    approve.add_argument("id", help="id of the stylization")
    reject = actions.add_parser("reject", help="reject a result: remove its link and its pictures")
    reject.add_argument("id", help="id of the stylization")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Run the chosen action. Returns the exit status."""
    upgrade_database(settings)
    database = open_database(settings)
    try:
        if options.action == "list":
            _print_unapproved(database, settings)
        else:
            review_manually(database, options.id, DECISIONS[options.action])
    except NotFound as error:
        raise SetupError(f"there is no finished stylization {options.id!r}") from error
    finally:
        database.close()
    return 0


def _print_unapproved(database: Database, settings: Settings) -> None:
    signer = PictureURLSigner(
        signing_secrets(settings), lifetime_seconds=settings.url_lifetime_seconds
    )
    for row, picture in list_unapproved(database):
        path = signer.path(
            picture.id, picture.file_format, now=now_utc(), expires_at=picture.expires_at
        )
        print(f"{row.id}  {row.check_state:7}  {row.created_at:%Y-%m-%d %H:%M}  {row.title or ''}")
        print(f"    {settings.base_url}{path}")
