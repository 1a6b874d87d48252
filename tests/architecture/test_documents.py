"""The documents name only settings, files and commands that exist, and avoid the old vocabulary."""

import re
from pathlib import Path

import pytest

from core.settings import Settings
from tests.architecture.source import FOLDERS_WITH_README, PACKAGES, ROOT
from tests.contracts.settings_documents import variable_of

ENV_EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
MAX_README_LINES = 250
DOCUMENTS = [
    Path("README.md"),
    *(Path(folder) / "README.md" for folder in FOLDERS_WITH_README),
    *sorted(file.relative_to(ROOT) for file in (ROOT / "docs").glob("*.md")),
]
NESTED_READMES = [
    Path("deploy/kubernetes/README.md"),
    Path("miniprogram/runner/README.md"),
    Path("miniprogram/tests/README.md"),
    Path("model/weights/README.md"),
]
PROSE = [*DOCUMENTS, *NESTED_READMES, Path("CHANGELOG.md")]

FOLDERS = (*FOLDERS_WITH_README, "deploy", "docs", r"\.ci")
# A path in backticks that begins in this repository, such as `app/main.py` or `.ci/run`.
NAMED_PATH = re.compile(rf"`((?:{'|'.join(FOLDERS)})/[\w./-]*)`")
LINKED_PATH = re.compile(r"\]\((?!https?:|#)([^)#]+)")
MAKE_TARGET = re.compile(r"`make ([a-z-]+)`")

# Metaphors of earlier versions; the standard terms replace them, such as queue notification.
OLD_VOCABULARY = re.compile(
    r"\b(bells?|rung|doorbells?|couriers?|errands?|storeys?|by the pace of late)\b", re.IGNORECASE
)

SETTINGS = [variable_of(name) for name in Settings.model_fields]


def test_the_documents_name_only_settings_that_exist():
    known = {*SETTINGS, "DUALTRANS_PUBLISH"}  # only docker-compose.yml reads the second one
    texts = [ENV_EXAMPLE, *((ROOT / name).read_text(encoding="utf-8") for name in DOCUMENTS)]

    assert set(re.findall(r"\bDUALTRANS_[A-Z_]+\b", "".join(texts))) - known == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_a_document_names_only_files_that_exist(document: Path):
    text = (ROOT / document).read_text(encoding="utf-8")
    named = [ROOT / path for path in NAMED_PATH.findall(text)]
    linked = [(ROOT / document).parent / path for path in LINKED_PATH.findall(text)]

    assert [path for path in named + linked if not path.exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_a_document_names_only_make_targets_that_exist(document: Path):
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)

    named = MAKE_TARGET.findall((ROOT / document).read_text(encoding="utf-8"))

    assert set(named) - set(targets) == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_the_pattern_of_named_paths_finds_every_package(package: str):
    assert NAMED_PATH.findall(f"see `{package}/README.md`") == [f"{package}/README.md"]


def test_the_readme_has_at_most_250_lines():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()

    assert len(lines) <= MAX_README_LINES


@pytest.mark.parametrize("document", PROSE, ids=str)
def test_a_document_avoids_the_old_vocabulary(document: Path):
    text = (ROOT / document).read_text(encoding="utf-8")

    assert OLD_VOCABULARY.findall(text) == []
