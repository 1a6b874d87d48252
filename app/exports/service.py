"""Writes a user's own history line by line, a page of rows at a time."""

from collections.abc import Iterator

from pydantic import BaseModel

from app.accounts.service import find_user
from app.exports.schemas import StyleLine, StylizationLine, UserLine
from app.pagination import Cursor
from app.pictures.urls import PictureAddresses
from app.styles.schemas import StyleRead
from app.styles.service import list_own
from app.stylizations.history import Search, list_stylizations
from app.stylizations.schemas import StylizationRead
from core.db.engine import Database
from core.languages import Language

ROWS_A_PAGE = 100


def write_history(
    database: Database, owner_id: str, addresses: PictureAddresses, language: Language
) -> Iterator[str]:
    """The user, then their own styles, then their stylizations, newest first; one line each.

    Between two pages no connection is held, however slowly the reader takes the lines.

    Raises:
        NotFound: there is no such user; before the first line.
    """
    user = find_user(database, owner_id)
    first = UserLine(id=user.id, user_kind=user.kind, created_at=user.created_at)
    return _lines(database, first, addresses, language)


def _lines(
    database: Database, user: UserLine, addresses: PictureAddresses, language: Language
) -> Iterator[str]:
    yield _line(user)
    for style in _styles(database, user.id, addresses, language):
        yield _line(StyleLine(style=style))
    for stylization in _stylizations(database, user.id, addresses, language):
        yield _line(StylizationLine(stylization=stylization))


def _styles(
    database: Database, owner_id: str, addresses: PictureAddresses, language: Language
) -> Iterator[StyleRead]:
    cursor: Cursor | None = None
    while True:
        page, following = list_own(database, owner_id, cursor=cursor, limit=ROWS_A_PAGE)
        for own in page:
            yield StyleRead.of_own(own.style, own.picture, addresses, language)
        if following is None:
            return
        cursor = Cursor.read(following)


def _stylizations(
    database: Database, owner_id: str, addresses: PictureAddresses, language: Language
) -> Iterator[StylizationRead]:
    cursor: Cursor | None = None
    while True:
        page, following = list_stylizations(
            database, owner_id, Search(), cursor=cursor, limit=ROWS_A_PAGE
        )
        for found in page:
            yield StylizationRead.of(found, addresses, language, pace=None)
        if following is None:
            return
        cursor = Cursor.read(following)


def _line(content: BaseModel) -> str:
    return content.model_dump_json() + "\n"
