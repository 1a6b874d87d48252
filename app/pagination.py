"""Long lists in pages, newest first; a cursor names the last row that was seen."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

from core.errors import InvalidValue

Limit = Annotated[int, Query(ge=1, le=100, description="How many at most.")]
CursorText = Annotated[
    str | None, Query(max_length=300, description="`next` of the page before; opaque.")
]


@dataclass(frozen=True)
class Cursor:
    """The place of a row in a list ordered by time and id."""

    created_at: datetime
    id: str

    def __str__(self) -> str:
        """The opaque text that clients hand back."""
        place = json.dumps([self.created_at.isoformat(), self.id])
        return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str | None) -> "Cursor | None":
        """Read the text back; None stands for the first page.

        Raises:
            InvalidValue: it is not one of ours.
        """
        if text is None:
            return None
        try:
            padded = text.encode() + b"=" * (-len(text) % 4)
            created_at, row_id = json.loads(base64.urlsafe_b64decode(padded))
            cursor = cls(datetime.fromisoformat(created_at), str(row_id))
        except (ValueError, TypeError, binascii.Error) as error:
            raise InvalidValue(name="cursor", reason="unknown", field="cursor") from error
        if cursor.created_at.tzinfo is None or "\0" in cursor.id:
            raise InvalidValue(name="cursor", reason="unknown", field="cursor")
        return cursor

    def precedes(
        self, created_at: InstrumentedAttribute[datetime], row_id: InstrumentedAttribute[str]
    ) -> ColumnElement[bool]:
        """The rows that come after this one in a list, newest first."""
        same_moment = and_(created_at == self.created_at, row_id < self.id)
        return or_(created_at < self.created_at, same_moment)


def page_of(rows: list[Any], limit: int) -> tuple[list[Any], str | None]:
    """Cut `limit + 1` found rows to a page, and name the next one if there is more."""
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], str(Cursor(last.created_at, last.id))
