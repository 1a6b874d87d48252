"""Texts that clients send: names and titles of one line, and quotations in error messages."""

import re
import unicodedata
from typing import Final

from core.errors import InvalidValue
from core.languages import LocalizedText

MAX_QUOTED: Final = 40  # characters of a client's text that a message repeats
VISIBLE_ASCII: Final = "^[!-~]+$"  # a pattern for keys and codes

REMOVED: Final = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff]")
"""Controls of the text direction, which copied phone numbers contain, and the byte order mark."""

LINE_BREAKS_AND_CONTROLS: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})

VISIBLE_CATEGORIES: Final = re.compile(r"[LNPS].|Mc|Co|Cn")
"""General categories of characters that are visible on their own.

Cn is included, because it contains the characters of Unicode versions newer than Python's.
"""

BLANK: Final = re.compile(
    "[\u115f\u1160\u3164\uffa0"  # Hangul fillers
    "\u2800"  # braille pattern without dots
    "\u2065\ufff0-\ufff8\U000e0000-\U000e0fff"  # reserved for characters that are ignored
    "\ufdd0-\ufdef\ufffe\uffff]"  # noncharacters
)
"""Characters that show nothing although their category is visible."""


def checked_line(text: str | None, *, field: str, longest: int) -> str:
    """A name or title as it is stored: in NFC, without blanks around it.

    A text that shows nothing becomes empty, as `None` does. Invisible characters beside visible
    ones stay, because emoji and several scripts need them.

    Raises:
        InvalidValue: it has more than `longest` characters, line breaks or control characters.
    """
    line = unicodedata.normalize("NFC", REMOVED.sub("", text or "")).strip()
    if not any(map(_is_visible, line)):
        return ""
    if any(unicodedata.category(char) in LINE_BREAKS_AND_CONTROLS for char in line):
        reason = LocalizedText(
            zh="不能含有换行符或控制字符", en="line breaks and control characters are not allowed"
        )
        raise InvalidValue(field, reason)
    if len(line) > longest:
        reason = LocalizedText(
            zh=f"有 {len(line)} 个字符，最多 {longest} 个",
            en=f"it has {len(line)} characters; the limit is {longest}",
        )
        raise InvalidValue(field, reason)
    return line


def checked_name(text: str, *, field: str, longest: int) -> str:
    """A name as it is stored; unlike a title it is never empty.

    Raises:
        InvalidValue: as `checked_line`, or it shows nothing.
    """
    line = checked_line(text, field=field, longest=longest)
    if not line:
        reason = LocalizedText(zh="至少要有一个可见字符", en="it must contain a visible character")
        raise InvalidValue(field, reason)
    return line


def quoted(value: object) -> str:
    """A client's text, made safe and short enough to quote."""
    return "".join(c if c.isprintable() else "?" for c in str(value)[:MAX_QUOTED])


def _is_visible(char: str) -> bool:
    category = unicodedata.category(char)
    return bool(VISIBLE_CATEGORIES.fullmatch(category)) and not BLANK.fullmatch(char)
