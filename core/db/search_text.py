"""The text that a search of the history compares, in a form that ignores case and spelling."""

import unicodedata
from collections.abc import Mapping


def searchable(text: str) -> str:
    """Return the form of a text in which different spellings of the same text are equal.

    It ignores case (`SS` and `ß`, `Σ` and `ς`), the width of letters, compatibility forms, whether
    an accent is part of its letter or a character of its own, and the kind and number of blanks.
    Accents count. This is the caseless compatibility match of the Unicode Standard (D146), composed
    at the end. Applying it again changes nothing, and no database has a part in it.

    Usage: `searchable("  Ｃafe\u0301 ")` is "café".
    """
    # Folding the case can decompose a letter, and a decomposed letter can have a case to fold.
    folded = unicodedata.normalize("NFD", text).casefold()
    folded = unicodedata.normalize("NFKD", folded).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def search_text(title: str | None, style_name: Mapping[str, str]) -> str:
    """Return what a search finds of a stylization: its title and the names of its styles.

    Each is one line, in the form of `searchable`, which contains no line break: no query matches
    across two of them.
    """
    return "\n".join(map(searchable, [title or "", *style_name.values()]))
