"""A query of the cloud database is code; whatever a user types stays a text in it."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.wechat import cloud_database

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
    "\ud800",  # half a character
    "海边 🌊",
]


def document_in(query: str) -> dict[str, Any]:
    """What a reader of JavaScript finds: one statement with one literal, and nothing after it."""
    assert query.startswith(START)
    assert query.endswith(END)
    assert query.isascii()
    argument = json.loads(query[len(START) : -len(END)])
    assert list(argument) == ["data"]
    (document,) = argument["data"]
    return document


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_stays_a_title(title: str) -> None:
    query = cloud_database.add("works", {"_id": "stl_1", "title": title})

    assert document_in(query) == {"_id": "stl_1", "title": title}


@given(st.text(), st.text())
def test_any_two_texts_stay_two_texts(title: str, name: str) -> None:
    query = cloud_database.add("works", {"title": title, "style_zh": name})

    assert document_in(query) == {"title": title, "style_zh": name}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_id_finds_only_itself(hostile: str) -> None:
    start, end = 'db.collection("works").where(', ").remove()"

    query = cloud_database.remove("works", hostile)

    assert query.startswith(start)
    assert query.endswith(end)
    assert json.loads(query[len(start) : -len(end)]) == {"_id": hostile}


@pytest.mark.parametrize("field", ["$where", "__proto__", 'title": 1}); x({"', "openid", ""])
def test_a_field_that_is_not_ours_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match="no document has"):
        cloud_database.add("works", {field: 1})


@pytest.mark.parametrize("value", [{"$gt": ""}, ["x"], b"x", object()])
def test_only_plain_values_are_written(value: Any) -> None:
    with pytest.raises(ValueError, match="title is a"):
        cloud_database.add("works", {"title": value})


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_number_that_json_does_not_know_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        cloud_database.add("works", {"tau": value})


@pytest.mark.parametrize("collection", ['w").remove(); db.collection("x', "", "a b", "a\n"])
def test_a_collection_has_a_plain_name(collection: str) -> None:
    with pytest.raises(ValueError, match="no collection"):
        cloud_database.count(collection, "stl_1")
