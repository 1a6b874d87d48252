"""The messages of all errors that a client can see, and the reasons inside them."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.error_schemas import all_errors
from core.errors import AppError, BadRequest, FileTooLarge, InvalidValue
from core.languages import LocalizedText
from tests.app.messages import assert_in_both_languages

ROOT = Path(__file__).parents[2]
REASON = LocalizedText(zh="太长", en="it is too long")
VALUES: dict[str, Any] = {
    name: "7"
    for kind in all_errors()
    for message in kind.text
    for name in re.findall(r"{(\w+)}", message)
}


def example_of(kind: type[AppError]) -> AppError:
    if kind is BadRequest:
        return BadRequest(REASON)
    if kind is InvalidValue:
        return InvalidValue("title", REASON)
    return kind(**VALUES)


@pytest.mark.parametrize("kind", all_errors())
def test_every_error_has_a_complete_message_in_both_languages(kind: type[AppError]) -> None:
    assert_in_both_languages(example_of(kind).messages())


@pytest.mark.parametrize("kind", all_errors())
def test_both_languages_use_the_same_placeholders(kind: type[AppError]) -> None:
    in_chinese, in_english = (set(re.findall(r"{(\w+)}", message)) for message in kind.text)

    assert in_chinese == in_english


@pytest.mark.parametrize("kind", all_errors())
def test_the_docstring_lists_every_error(kind: type[AppError]) -> None:
    tree = sys.modules[kind.__module__].__doc__ or ""
    line = re.search(rf"^ *\* {kind.__name__} +(.+)$", tree, re.MULTILINE)

    assert line, f"{kind.__name__} is not in the docstring"


def test_a_message_contains_the_values() -> None:
    assert FileTooLarge(max_mb=20).messages() == {
        "zh": "文件过大，上限为 20 MB。",
        "en": "The file is too large; the limit is 20 MB.",
    }


def test_a_reason_is_in_the_language_of_the_message() -> None:
    assert InvalidValue("looks.0.title", REASON).messages() == {
        "zh": "字段 looks.0.title 的值无效：太长。",
        "en": "The value of looks.0.title is not valid: it is too long.",
    }


# The reasons of BadRequest and InvalidValue: each is a `LocalizedText(zh=..., en=...)` in the code.


def localized_texts() -> Iterator[tuple[str, dict[str, str]]]:
    """Every text of `app` and `core` in both languages, with the number 7 for each value."""
    for file in sorted([*ROOT.glob("app/**/*.py"), *ROOT.glob("core/**/*.py")]):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "LocalizedText":
                values = {str(keyword.arg): keyword.value for keyword in node.keywords}
                if values.keys() == {"zh", "en"} and all(
                    isinstance(value, ast.Constant | ast.JoinedStr) for value in values.values()
                ):
                    place = f"{file.relative_to(ROOT)}:{node.lineno}"
                    yield place, {name: text_of(value) for name, value in values.items()}


def text_of(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) for part in node.values)
    return re.sub(r"{\w+}", "7", str(node.value)) if isinstance(node, ast.Constant) else "7"


@pytest.mark.parametrize(("place", "texts"), list(localized_texts()))
def test_a_text_and_a_reason_are_in_one_language(place: str, texts: dict[str, str]) -> None:
    is_message = texts["en"].endswith(".")
    stop = LocalizedText(zh="", en="") if is_message else LocalizedText(zh="。", en=".")
    assert_in_both_languages({"zh": texts["zh"] + stop.zh, "en": texts["en"] + stop.en})
