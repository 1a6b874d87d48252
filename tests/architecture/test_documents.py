"""What the documents say is there, is there; and what there is to set, they say."""

import re
from pathlib import Path

import pytest

from core.settings import Settings
from tests.architecture.source import ROOMS, ROOT
from tests.contracts.settings_documents import variable_of

ENV_EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
WITH_README = (*ROOMS, "miniprogram")
DOCUMENTS = [
    Path("README.md"),
    *(Path(room) / "README.md" for room in WITH_README),
    *sorted(file.relative_to(ROOT) for file in (ROOT / "docs").glob("*.md")),
]

# a path in backticks that begins in this repository, such as `app/pictures/reader.py` or `.ci/run`
NAMED = re.compile(
    r"`((?:app|model|worker|tests|benchmarks|docs|deploy|miniprogram|\.ci)/[\w./-]*)`"
)
LINKED = re.compile(r"\]\((?!https?:|#)([^)#]+)")
TARGETS = re.compile(r"`make ([a-z-]+)`")


SETTINGS = [variable_of(name) for name in Settings.model_fields]


def test_the_documents_name_no_setting_that_is_not_there():
    known = {*SETTINGS, "DUALTRANS_PUBLISH"}  # the second is read by docker-compose.yml alone
    texts = [ENV_EXAMPLE, *((ROOT / name).read_text(encoding="utf-8") for name in DOCUMENTS)]

    assert set(re.findall(r"\bDUALTRANS_[A-Z_]+\b", "".join(texts))) - known == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_a_document_names_only_files_that_are_there(document: Path):
    text = (ROOT / document).read_text(encoding="utf-8")
    named = [ROOT / path for path in NAMED.findall(text)]
    linked = [(ROOT / document).parent / path for path in LINKED.findall(text)]

    assert [path for path in named + linked if not path.exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_a_document_names_only_targets_that_make_knows(document: Path):
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)

    named = TARGETS.findall((ROOT / document).read_text(encoding="utf-8"))

    assert set(named) - set(targets) == set()
