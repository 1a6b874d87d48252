"""Builds queries for WeChat's cloud database.

A query is JavaScript code, so text from users could inject code. Only this module builds queries,
and only from the names of our own fields and from JSON literals. The JSON is ASCII, because
JavaScript ends a line at some characters that JSON allows in a string.
"""

import json
import re
from collections.abc import Mapping
from typing import Final

Value = str | int | float | bool | None

FIELDS: Final = frozenset(
    {
        *("_id", "_openid", "owner_id", "title"),
        *("style_id", "style_zh", "style_en", "tau", "brush"),
        *("width", "height", "thumb_file_id", "model_version", "created_at", "finished_at"),
    }
)
COLLECTION: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def add(collection: str, document: Mapping[str, Value]) -> str:
    """Return the query that adds a document.

    Raises:
        ValueError: a field is not one of FIELDS, or a value cannot be written as JSON.
    """
    return "".join((_collection(collection), ".add(", _json({"data": [_checked(document)]}), ")"))


def count(collection: str, document_id: str) -> str:
    """Return the query that counts the documents with this id: 0 or 1."""
    return "".join((_collection(collection), ".where(", _json({"_id": document_id}), ").count()"))


def remove(collection: str, document_id: str) -> str:
    """Return the query that removes the document with this id, if it exists."""
    return "".join((_collection(collection), ".where(", _json({"_id": document_id}), ").remove()"))


def _collection(name: str) -> str:
    if not COLLECTION.fullmatch(name):
        raise ValueError(f"{name!r} is not a valid collection name")
    return "".join(("db.collection(", _json(name), ")"))


def _checked(document: Mapping[str, Value]) -> dict[str, Value]:
    unknown = sorted(set(document) - FIELDS)
    if unknown:
        raise ValueError(f"unknown document fields: {', '.join(unknown)}")
    for name, value in document.items():
        if value is not None and type(value) not in (str, int, float, bool):
            raise ValueError(f"{name} is a {type(value).__name__}")
    return dict(document)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, allow_nan=False)
