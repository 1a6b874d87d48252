"""Pages of long lists, newest first; a cursor is the position of the last row of a page."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Protocol, TypeVar

from fastapi import Query
from pydantic import AwareDatetime, Field, TypeAdapter
from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

from core.db.base import ID_PATTERN
from core.errors import InvalidValue
from core.languages import LocalizedText

Limit = Annotated[int, Query(ge=1, le=100, description="The largest number of items.")]
CursorText = Annotated[
    str | None, Query(max_length=300, description="The `next` of the previous page; opaque.")
]
RowId = Annotated[str, Field(pattern=ID_PATTERN)]
POSITION: Final = TypeAdapter(tuple[AwareDatetime, RowId])  # the content of a cursor

UNKNOWN_CURSOR: Final = LocalizedText(
    zh="不是上一页返回的 next", en="it is not the next of a previous page"
)


class _Row(Protocol):
    """A row of a list that is ordered by time and id."""

    created_at: datetime
    id: str


Row = TypeVar("Row", bound=_Row)


@dataclass(frozen=True)
class Cursor:
    """The position of a row in a list that is ordered by time and id."""

    created_at: datetime
    id: str

    def __str__(self) -> str:
        """The opaque text that clients send back."""
        position = json.dumps([self.created_at.isoformat(), self.id])
        return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str | None) -> "Cursor | None":
        """Parse the text of a cursor; None is the first page.

        Raises:
            InvalidValue: the text is not a cursor.
        """
        if text is None:
            return None
        try:
            padded = text.encode() + b"=" * (-len(text) % 4)
            return cls(*POSITION.validate_json(base64.urlsafe_b64decode(padded)))
        except ValueError as error:  # also the errors of base64 and of pydantic
            raise InvalidValue("cursor", UNKNOWN_CURSOR) from error

    def precedes(
        self, created_at: InstrumentedAttribute[datetime], row_id: InstrumentedAttribute[str]
    ) -> ColumnElement[bool]:
        """The condition for rows that follow this one in a list, newest first."""
        is_same_time = and_(created_at == self.created_at, row_id < self.id)
        return or_(created_at < self.created_at, is_same_time)


def page_of(rows: list[Row], limit: int) -> tuple[list[Row], str | None]:
    """Cut `limit + 1` rows to a page; return the page and the next cursor, or None at the end."""
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], str(Cursor(last.created_at, last.id))
