"""The languages of messages, and a text in all of them."""

from typing import Literal, NamedTuple

Language = Literal["zh", "en"]
DEFAULT_LANGUAGE: Language = "en"


class LocalizedText(NamedTuple):
    """A text in both languages. Names in braces are placeholders for values."""

    zh: str
    en: str

    def in_language(self, language: Language) -> str:
        """Return the text in one language, with its placeholders."""
        return self.zh if language == "zh" else self.en
