"""What every message to a client must be: in one language, and in whole sentences."""

import re
from collections.abc import Mapping

CHINESE = re.compile(r"[\u3400-\u9fff]")
ENGLISH_WORDS = re.compile(r"\b[a-z']{2,}(?: [a-z']{2,})+\b")
"""Two words in lower case; names of fields, units, codes and formats stand alone."""


def assert_in_both_languages(messages: Mapping[str, str]) -> None:
    assert_is_message(messages["zh"], "zh")
    assert_is_message(messages["en"], "en")


def assert_is_message(message: str, language: str) -> None:
    """Each sentence is in the language, and the message ends in exactly one full stop."""
    assert not re.search(r"{[a-z_]+}", message), message
    assert not re.search(r"[.。,，;；:：] ?[.。]", message.replace("...", "")), message
    if language == "zh":
        assert CHINESE.search(message), message
        assert not ENGLISH_WORDS.search(message), message
        assert re.search(r"[^。.]。$", message), message
    else:
        assert not CHINESE.search(message), message
        assert re.search(r"[^。.]\.$", message), message
