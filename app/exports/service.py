"""Exports a user's history line by line, one page of rows at a time."""

from collections.abc import Iterator

from pydantic import BaseModel

from app.accounts.service import find_user
from app.exports.schemas import StyleLine, StylizationLine, UserLine
from app.pagination import Cursor
from app.pictures.urls import PictureURLs
from app.styles.schemas import StyleRead
from app.styles.service import list_own
from app.stylizations.history import HistoryFilter, list_stylizations
from app.stylizations.schemas import StylizationRead
from core.db.engine import Database
from core.languages import Language

ROWS_PER_PAGE = 100


def export_lines(
    database: Database, owner_id: str, urls: PictureURLs, language: Language
) -> Iterator[str]:
    """Return the lines of the export: the user, their styles, their stylizations, newest first.

    Each page uses its own database connection, so that a slow client does not occupy one.

    Raises:
        NotFound: there is no such user. Raised before the first line.
    """
    user = find_user(database, owner_id)
    first = UserLine(id=user.id, user_kind=user.kind, created_at=user.created_at)
    return _lines(database, first, urls, language)


def _lines(
    database: Database, user: UserLine, urls: PictureURLs, language: Language
) -> Iterator[str]:
    yield _line(user)
    for style in _styles(database, user.id, urls, language):
        yield _line(StyleLine(style=style))
    for stylization in _stylizations(database, user.id, urls, language):
        yield _line(StylizationLine(stylization=stylization))


def _styles(
    database: Database, owner_id: str, urls: PictureURLs, language: Language
) -> Iterator[StyleRead]:
    cursor: Cursor | None = None
    while True:
        page, next_cursor = list_own(database, owner_id, cursor=cursor, limit=ROWS_PER_PAGE)
        for own in page:
            yield StyleRead.of_own(own.style, own.picture, own.refinement, urls, language)
        if next_cursor is None:
            return
        cursor = Cursor.read(next_cursor)


def _stylizations(
    database: Database, owner_id: str, urls: PictureURLs, language: Language
) -> Iterator[StylizationRead]:
    cursor: Cursor | None = None
    while True:
        page, next_cursor = list_stylizations(
            database, owner_id, HistoryFilter(), cursor=cursor, limit=ROWS_PER_PAGE
        )
        for view in page:
            yield StylizationRead.of(view, urls, language, throughput=None)
        if next_cursor is None:
            return
        cursor = Cursor.read(next_cursor)


def _line(content: BaseModel) -> str:
    return content.model_dump_json() + "\n"
