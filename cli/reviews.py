"""List works that the content check has left to a person, and decide about them."""

import argparse

from app.moderation.service import decide_by_hand, list_undecided
from cli.migrate import upgrade_database
from core.db.base import now_utc
from core.db.engine import Database, open_database
from core.db.moderation import CheckState
from core.errors import NotFound, SetupError
from core.picture_urls import PictureURLSigner
from core.settings import Settings, signing_secrets

DECISIONS = {"pass": CheckState.PASS, "reject": CheckState.RISKY}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`list`, `pass ID`, `reject ID`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="list|pass|reject")
    verbs.add_parser("list", help="works in review or pending, oldest first, with their pictures")
    let_pass = verbs.add_parser("pass", help="let its owner share it")
    let_pass.add_argument("id", help="of the stylization")
    reject = verbs.add_parser("reject", help="take it from its links, and its pictures away")
    reject.add_argument("id", help="of the stylization")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Do what the verb says."""
    upgrade_database(settings)
    database = open_database(settings)
    try:
        if options.verb == "list":
            _list(database, settings)
        else:
            decide_by_hand(database, options.id, DECISIONS[options.verb])
    except NotFound as error:
        raise SetupError(f"there is no finished work {options.id!r}") from error
    finally:
        database.close()
    return 0


def _list(database: Database, settings: Settings) -> None:
    signer = PictureURLSigner(
        signing_secrets(settings), lifetime_seconds=settings.url_lifetime_seconds
    )
    for row, picture in list_undecided(database):
        path = signer.path(picture.id, now=now_utc(), expires_at=picture.expires_at)
        print(f"{row.id}  {row.check_state:7}  {row.created_at:%Y-%m-%d %H:%M}  {row.title or ''}")
        print(f"    {settings.base_url}{path}")
