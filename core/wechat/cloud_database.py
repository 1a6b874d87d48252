"""Writes the queries of WeChat's cloud database, where a query is code: no text may get into one.

This module alone writes them: from the names of our own fields and from JSON, which JavaScript
reads as a literal. What a user has typed stands within a JSON string, in ASCII, whatever it is.
"""

import json
import re
from collections.abc import Mapping
from typing import Final

Value = str | int | float | bool | None

FIELDS: Final = frozenset(
    {
        *("_id", "_openid", "owner_id", "title"),
        *("style_id", "style_zh", "style_en", "tau"),
        *("width", "height", "thumb_file_id", "model_version", "created_at", "finished_at"),
    }
)
COLLECTION: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def add(collection: str, document: Mapping[str, Value]) -> str:
    """Write a document.

    Raises:
        ValueError: a field is not one of FIELDS, or a value has no place in JSON.
    """
    return "".join((_of(collection), ".add(", _json({"data": [_checked(document)]}), ")"))


def count(collection: str, document_id: str) -> str:
    """How many documents of this id there are: one or none."""
    return "".join((_of(collection), ".where(", _json({"_id": document_id}), ").count()"))


def remove(collection: str, document_id: str) -> str:
    """Take the document of this id out; none is as good."""
    return "".join((_of(collection), ".where(", _json({"_id": document_id}), ").remove()"))


def _of(collection: str) -> str:
    if not COLLECTION.fullmatch(collection):
        raise ValueError(f"no collection is called {collection!r}")
    return "".join(("db.collection(", _json(collection), ")"))


def _checked(document: Mapping[str, Value]) -> dict[str, Value]:
    unknown = sorted(set(document) - FIELDS)
    if unknown:
        raise ValueError(f"fields that no document has: {', '.join(unknown)}")
    for name, value in document.items():
        if value is not None and type(value) not in (str, int, float, bool):
            raise ValueError(f"{name} is a {type(value).__name__}")
    return dict(document)


def _json(value: object) -> str:
    """In ASCII: JavaScript ends a line at characters that JSON lets pass."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False)
