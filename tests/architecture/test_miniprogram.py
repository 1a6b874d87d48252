"""The mini program agrees with the service: error codes, addresses and pages."""

import json
import re

import pytest

from app.error_schemas import all_errors
from core.wechat.pages import RESULT_PAGE, SHARE_PAGE
from tests.architecture.source import ROOT
from tests.contracts.openapi import SNAPSHOT

SOURCES = ROOT / "miniprogram" / "src"
TEXT_KEY = re.compile(r"^ *['\"]?(\w+)['\"]?: *['\"`]", flags=re.MULTILINE)
ADDRESS = re.compile(r"['\"`](/v1/[^'\"`?]*)")
PARAMETER = re.compile(r"\$?\{[^}]*\}")


def requested_addresses() -> set[str]:
    """Every address in the services of the mini program, with `{}` for each parameter."""
    texts = [file.read_text(encoding="utf-8") for file in (SOURCES / "services").glob("*.ts")]
    return {PARAMETER.sub("{}", found) for text in texts for found in ADDRESS.findall(text)}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_mini_program_has_a_text_for_every_error_of_the_service(language: str):
    texts = (SOURCES / "i18n" / language / "errors.ts").read_text(encoding="utf-8")

    assert {kind.code for kind in all_errors()} - set(TEXT_KEY.findall(texts)) == set()


def test_the_mini_program_requests_only_addresses_that_the_service_has():
    paths = json.loads(SNAPSHOT.read_text(encoding="utf-8"))["paths"]

    requested = requested_addresses()

    assert "/v1/stylizations/{}" in requested
    assert requested - {PARAMETER.sub("{}", path) for path in paths} == set()


@pytest.mark.parametrize("page", [RESULT_PAGE, SHARE_PAGE])
def test_a_page_that_the_service_opens_exists_in_the_mini_program(page: str):
    pages = json.loads((SOURCES / "app.json").read_text(encoding="utf-8"))["pages"]

    assert page in pages
