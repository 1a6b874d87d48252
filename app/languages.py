"""The language of a response, and texts that a response gives in both languages."""

from typing import Annotated

from fastapi import Depends, Header
from pydantic import BaseModel, ConfigDict, Field

from core.languages import DEFAULT_LANGUAGE, Language


class LocalizedTextRead(BaseModel):
    """A text in Chinese and in English."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str = Field(min_length=1, examples=["尼西黑陶"])
    en: str = Field(min_length=1, examples=["Nixi black pottery"])


def language_of(accept_language: str) -> Language:
    """Return the language that the header prefers; English when it names neither.

    Usage: `language_of("zh-CN,zh;q=0.9,en;q=0.8")` is "zh".
    """
    best: tuple[float, Language] = (0.0, DEFAULT_LANGUAGE)
    for choice in accept_language.split(","):
        tag, _, parameters = choice.strip().lower().partition(";")
        weight = _weight(parameters)
        if tag[:2] in ("zh", "en") and tag[2:3] in ("", "-", "_") and weight > best[0]:
            best = (weight, "zh" if tag.startswith("zh") else "en")
    return best[1]


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def _response_language(
    accept_language: Annotated[
        str, Header(description="`zh` or `en`: the language of messages.", examples=["zh-CN"])
    ] = "",
) -> Language:
    return language_of(accept_language)


ResponseLanguage = Annotated[Language, Depends(_response_language)]
