"""The form of texts in which the history is searched."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.db.search_text import search_text, searchable

EVERY_CHARACTER = [chr(n) for n in range(sys.maxunicode + 1) if not 0xD800 <= n <= 0xDFFF]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Море", "МОРЕ"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),  # the sigma at the end of a word has a form of its own
        ("Straße", "STRASSE"),
        ("Ｓｅａ　１", "sea 1"),
        ("café", "cafe\u0301"),
        ("Å", "\u212b"),  # the sign for the unit
        ("ﬁn", "FIN"),
        ("ᾳ", "\u03b1\u03b9"),  # folding its case decomposes the letter
        ("ǰ", "j\u030c"),
        ("海边", "海边"),
        ("①", "1"),
        ("a \t b", " a b "),
    ],
)
def test_spellings_of_the_same_text_are_equal(one: str, other: str):
    assert searchable(one) == searchable(other)


@pytest.mark.parametrize(
    ("one", "other"), [("cafe", "café"), ("ı", "i"), ("İ", "i"), ("海", "海边"), ("❤️", "❤")]
)
def test_different_texts_stay_different(one: str, other: str):
    assert searchable(one) != searchable(other)


def test_the_form_of_every_character_is_final():
    forms = map(searchable, EVERY_CHARACTER)

    assert [form for form in forms if searchable(form) != form] == []


@given(TEXTS)
def test_every_normalisation_and_case_of_a_text_has_the_same_form(text: str):
    form = searchable(text)

    assert searchable(form) == form
    assert {searchable(unicodedata.normalize(kind, text)) for kind in ("NFC", "NFD")} == {form}
    assert searchable(text.casefold()) == form


@given(st.text(max_size=8), TEXTS, TEXTS)
def test_no_form_contains_the_separator_of_two_texts(title: str, zh: str, en: str):
    assert search_text(title, {"zh": zh, "en": en}).split("\n") == [
        searchable(title),
        searchable(zh),
        searchable(en),
    ]


def test_a_stylization_without_a_title_is_found_by_the_names_of_its_style():
    assert search_text(None, {"zh": "尼西黑陶", "en": "Nixi"}) == "\n尼西黑陶\nnixi"
