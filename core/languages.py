"""The languages of messages, and text that exists in both of them."""

from typing import Literal, NamedTuple

Language = Literal["zh", "en"]
DEFAULT_LANGUAGE: Language = "en"


class LocalizedText(NamedTuple):
    """A text in both languages; braces mark where numbers are filled in."""

    zh: str
    en: str

    def in_language(self, language: Language) -> str:
        """The text in one language, with its braces."""
        return self.zh if language == "zh" else self.en
