"""Names and titles: one visible line."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.client_text import checked_line, checked_name
from core.errors import InvalidValue

INVISIBLE = {
    "blanks": " \t\u00a0\u3000\u2003",
    "zero width": "\u200b\u200c\u200d\u2060\ufeff",
    "soft hyphen": "\u00ad",
    "direction marks": "\u200e\u200f\u061c",
    "direction controls": "\u202a\u202e\u2066\u2069",
    "combining marks": "\u0301\u20dd\u034f",
    "variation selectors": "\ufe0e\ufe0f\U000e0100\u180b",
    "hangul fillers": "\u3164\uffa0\u115f\u1160",
    "braille blank": "\u2800",
    "tags": "\U000e0067\U000e007f\U000e0001",
    "reserved": "\u2065\ufff0\U000e0fff",
    "line separators": "\u2028\u2029",
    "musical controls": "\U0001d173",
    "khmer vowels": "\u17b4\u17b5",
}
VISIBLE = [
    "海边",
    "a",
    "7",
    "!",
    "€",
    "👩‍👩‍👧‍👦",  # joined by ZWJ
    "❤️",  # with a variation selector
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",  # with tags
    "می‌خواهم",  # Persian, with ZWNJ
    "क्‍ष",  # Devanagari, with ZWJ
    "שלום",
    "ा",  # a vowel sign with its own width
    "a b",
    "\U00032000",  # a character of a later Unicode version
    "\ue000",  # for private use
]


@pytest.mark.parametrize("text", INVISIBLE.values(), ids=INVISIBLE)
def test_a_text_that_shows_nothing_is_empty(text: str) -> None:
    assert checked_line(text, field="title", longest=80) == ""
    assert all(checked_line(char, field="title", longest=80) == "" for char in text)


@pytest.mark.parametrize("text", INVISIBLE.values(), ids=INVISIBLE)
def test_a_name_that_shows_nothing_is_refused(text: str) -> None:
    with pytest.raises(
        InvalidValue, match="name is not valid: it must contain a visible character"
    ):
        checked_name(text, field="name", longest=80)


@pytest.mark.parametrize("text", VISIBLE)
def test_a_visible_text_is_kept(text: str) -> None:
    assert checked_line(text, field="title", longest=80) == unicodedata.normalize("NFC", text)
    assert checked_name(f"  {text}\u3000", field="title", longest=80) == unicodedata.normalize(
        "NFC", text
    )


@pytest.mark.parametrize(
    "char", ["\n", "\r", "\t", "\v", "\f", "\x00", "\x1b", "\x7f", "\x85", "\u2028", "\u2029"]
)
def test_line_breaks_and_control_characters_inside_are_refused(char: str) -> None:
    with pytest.raises(InvalidValue, match="title is not valid: line breaks and control"):
        checked_line(f"a{char}b", field="title", longest=80)


def test_half_of_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(InvalidValue):
        checked_line("a\ud83d", field="title", longest=80)


def test_controls_of_the_text_direction_are_removed() -> None:
    phone = "\u202a+86 10 1234\u202c"
    reordered = "\u202egpj.exe\u2069"

    assert checked_line(phone, field="title", longest=80) == "+86 10 1234"
    assert checked_line(reordered, field="title", longest=80) == "gpj.exe"


def test_a_line_that_is_too_long_is_refused_with_its_length_and_the_limit() -> None:
    with pytest.raises(InvalidValue, match="it has 81 characters; the limit is 80") as refused:
        checked_line("海" * 81, field="title", longest=80)

    assert refused.value.message("zh") == "字段 title 的值无效：有 81 个字符，最多 80 个。"


@given(st.text())
def test_a_checked_line_is_one_visible_line_and_stays_the_same(text: str) -> None:
    try:
        line = checked_line(text, field="title", longest=80)
    except InvalidValue:
        return
    assert len(line.splitlines()) <= 1
    assert line == line.strip()
    assert checked_line(line, field="title", longest=80) == line
