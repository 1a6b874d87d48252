"""Queries of the cloud database are code. Text from users must stay a string literal in them."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.wechat import cloud_queries

START, END = 'db.collection("works").add(', ")"
HOSTILE = [
    '"}]}).remove(); db.collection("users").where({}).remove(); //',
    "'; db.collection('works').get() //",
    '\\"}]})',
    "\\",
    "${db.collection('users').get()}",
    "`",
    "\u2028db.collection('users').remove()\u2029",
    "\r\n}]})\n.remove()",
    "</script><script>",
    "_.inc(1)",
    "new Date()",
    '{"$ne": null}',
    "\x00",
    "\ud800",  # a lone surrogate
    "海边 🌊",
]


def document_in(query: str) -> dict[str, Any]:
    """Parse the query as JavaScript: one statement with one literal, and nothing after it."""
    assert query.startswith(START)
    assert query.endswith(END)
    assert query.isascii()
    argument = json.loads(query[len(START) : -len(END)])
    assert list(argument) == ["data"]
    (document,) = argument["data"]
    return document


@pytest.mark.parametrize("title", HOSTILE)
def test_a_title_with_code_stays_a_string(title: str) -> None:
    query = cloud_queries.add("works", {"_id": "stl_1", "title": title})

    assert document_in(query) == {"_id": "stl_1", "title": title}


@given(st.text(), st.text())
def test_any_two_strings_stay_two_strings(title: str, name: str) -> None:
    query = cloud_queries.add("works", {"title": title, "style_zh": name})

    assert document_in(query) == {"title": title, "style_zh": name}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_an_id_with_code_matches_only_itself(hostile: str) -> None:
    start, end = 'db.collection("works").where(', ").remove()"

    query = cloud_queries.remove("works", hostile)

    assert query.startswith(start)
    assert query.endswith(end)
    assert json.loads(query[len(start) : -len(end)]) == {"_id": hostile}


@pytest.mark.parametrize("field", ["$where", "__proto__", 'title": 1}); x({"', "openid", ""])
def test_an_unknown_field_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match="unknown document fields"):
        cloud_queries.add("works", {field: 1})


@pytest.mark.parametrize("value", [{"$gt": ""}, ["x"], b"x", object()])
def test_other_types_than_json_scalars_are_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="title is a"):
        cloud_queries.add("works", {"title": value})


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_number_that_json_cannot_express_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        cloud_queries.add("works", {"tau": value})


@pytest.mark.parametrize("collection", ['w").remove(); db.collection("x', "", "a b", "a\n"])
def test_an_invalid_collection_name_is_refused(collection: str) -> None:
    with pytest.raises(ValueError, match="not a valid collection name"):
        cloud_queries.count(collection, "stl_1")
