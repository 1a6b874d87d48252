"""The messages of all errors that a client can see."""

import re
import sys
from typing import Any

import pytest

from app.error_schemas import all_errors
from core.errors import AppError, FileTooLarge

VALUES: dict[str, Any] = {
    name: "7"
    for kind in all_errors()
    for message in kind.text
    for name in re.findall(r"{(\w+)}", message)
}


@pytest.mark.parametrize("kind", all_errors())
def test_every_error_has_a_complete_message_in_both_languages(kind: type[AppError]) -> None:
    error = kind(**VALUES)

    assert re.search(r"[\u4e00-\u9fff]", error.message("zh"))
    assert "{" not in error.message("en") + error.message("zh")


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
