"""What the mini program says of the service is true of it, and the other way round."""

import json
import re

import pytest

from app.error_schemas import all_errors
from core.wechat.pages import RESULT_PAGE, SHARE_PAGE
from tests.architecture.source import ROOT
from tests.contracts.openapi import SNAPSHOT

SOURCES = ROOT / "miniprogram" / "src"
KEY = re.compile(r"^ *['\"]?(\w+)['\"]?: *['\"`]", flags=re.MULTILINE)
ADDRESS = re.compile(r"['\"`](/v1/[^'\"`?]*)")
HOLE = re.compile(r"\$?\{[^}]*\}")


def addresses_asked_for() -> set[str]:
    """Every address that the services of the mini program write, its holes left empty."""
    texts = [file.read_text(encoding="utf-8") for file in (SOURCES / "services").glob("*.ts")]
    return {HOLE.sub("{}", found) for text in texts for found in ADDRESS.findall(text)}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_error_of_the_service_has_words_in_the_mini_program(language: str):
    words = (SOURCES / "i18n" / language / "errors.ts").read_text(encoding="utf-8")

    assert {kind.code for kind in all_errors()} - set(KEY.findall(words)) == set()


def test_the_mini_program_asks_only_for_addresses_that_the_service_has():
    paths = json.loads(SNAPSHOT.read_text(encoding="utf-8"))["paths"]

    asked = addresses_asked_for()

    assert "/v1/stylizations/{}" in asked
    assert asked - {HOLE.sub("{}", path) for path in paths} == set()


@pytest.mark.parametrize("page", [RESULT_PAGE, SHARE_PAGE])
def test_a_page_that_the_service_opens_is_one_of_the_mini_program(page: str):
    pages = json.loads((SOURCES / "app.json").read_text(encoding="utf-8"))["pages"]

    assert page in pages
