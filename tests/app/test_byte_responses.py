"""Conditions and ranges, by the rules of RFC 9110."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.byte_responses import Conditions, bytes_response, is_known
from core.errors import RangeNotSatisfiable

DATA = bytes(range(100))
TAG = '"abc"'


def respond(etag: str = TAG, **headers: str):
    return bytes_response(
        Conditions(**headers), lambda: DATA, etag=etag, media_type="image/png", headers={}
    )


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-0", DATA[:1]),
        ("bytes=0-99", DATA),
        ("bytes=90-", DATA[90:]),
        ("bytes=90-5000", DATA[90:]),
        ("bytes=-10", DATA[-10:]),
        ("bytes=-5000", DATA),
        ("BYTES=1-2", DATA[1:3]),
        ("bytes= 1-2 ", DATA[1:3]),
    ],
)
def test_a_part_is_sent_with_its_position(header, part):
    response = respond(range=header)

    first = DATA.index(part)
    assert (response.status_code, response.body) == (206, part)
    assert response.headers["Content-Range"] == f"bytes {first}-{first + len(part) - 1}/100"


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=999999999-", "bytes=-0"])
def test_a_part_without_bytes_is_refused_with_the_size(header):
    with pytest.raises(RangeNotSatisfiable, match="100 bytes"):
        respond(range=header)


@pytest.mark.parametrize(
    "header",
    [
        *("", "bytes", "bytes=", "bytes=-", "bytes=5-2", "bytes=a-b", "bytes=1", "0-5"),
        *("lines=0-5", "bytes=0-1,5-6", "bytes=1--2", "bytes=٣-٤", "bytes=" + "9" * 5000 + "-"),
    ],
)
def test_a_range_that_is_malformed_or_of_another_kind_is_ignored(header):
    response = respond(range=header)

    assert (response.status_code, response.body) == (200, DATA)


@pytest.mark.parametrize(
    ("if_range", "etag", "status"),
    [
        ('"abc"', '"abc"', 206),
        ('"old"', '"abc"', 200),
        ('W/"abc"', '"abc"', 200),
        ('W/"abc"', 'W/"abc"', 200),
        ("Sat, 28 Nov 2026 12:00:00 GMT", '"abc"', 200),
    ],
)
def test_a_range_depends_on_the_strong_comparison_with_if_range(if_range, etag, status):
    assert respond(etag, range="bytes=0-1", if_range=if_range).status_code == status


@pytest.mark.parametrize(
    ("if_none_match", "is_same"),
    [
        ('"abc"', True),
        ('W/"abc"', True),
        ('"x", W/"abc" , "y"', True),
        ('"a,b","abc"', True),
        ("*", True),
        ('"ab"', False),
        ('"xabc"', False),
        ("abc", False),
        ("", False),
        ("**", False),
    ],
)
@pytest.mark.parametrize("etag", ['"abc"', 'W/"abc"'])
def test_if_none_match_compares_weakly_with_each_tag(if_none_match, is_same, etag):
    response = respond(etag, if_none_match=if_none_match, range="bytes=0-1")

    assert response.status_code == (304 if is_same else 206)
    assert response.headers["ETag"] == etag


def test_bytes_that_the_client_has_are_not_read():
    def read() -> bytes:
        raise AssertionError("read")

    response = bytes_response(
        Conditions(if_none_match=TAG), read, etag=TAG, media_type="image/png", headers={}
    )

    assert (response.status_code, response.body) == (304, b"")


@given(first=st.integers(0, 120), last=st.integers(0, 120) | st.none())
def test_any_range_gives_its_bytes_all_bytes_or_an_error(first, last):
    header = f"bytes={first}-{'' if last is None else last}"

    try:
        body = respond(range=header).body
    except RangeNotSatisfiable:
        assert first >= len(DATA)
    else:
        is_valid = last is None or first <= last
        assert body == (DATA[first : None if last is None else last + 1] if is_valid else DATA)


@given(st.text())
def test_any_text_in_a_header_is_understood_or_ignored(text):
    conditions = Conditions(if_none_match=text, range=text, if_range=text)

    assert conditions.part_of(100, TAG) is None  # If-Range is not the tag
    assert not is_known(text, TAG) or "*" in text or TAG in text
