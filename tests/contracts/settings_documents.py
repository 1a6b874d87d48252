"""Generates `docs/settings.md` and `.env.example` from the settings: `make settings`."""

from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap

from pydantic.fields import FieldInfo

from core.settings import GROUPS, Settings

ROOT = Path(__file__).parents[2]
SETTINGS_PAGE = ROOT / "docs" / "settings.md"
EXAMPLE_FILE = ROOT / ".env.example"
WIDTH = 100

PAGE_START = """# Settings

All settings are environment variables. A single machine needs none of them. `dualtrans doctor`
reports values that do not work together, and variables that no setting reads.

This page is generated from `core/settings.py`; run `make settings` after a change there.
"""

EXAMPLE_START = """\
# Every setting with its default, or an example where there is no default. Remove the # to set one.
# docker-compose.yml reads a file `.env` made from this one. For the command line:
#   set -a; . ./.env; set +a
# This file is generated from core/settings.py; run `make settings` after a change there.

# --- docker-compose.yml: it does not start without the two secrets -------------------------------

# Password of PostgreSQL; letters and digits only, because it becomes part of a URL.
POSTGRES_PASSWORD=
# See below, under "Secrets and login".
DUALTRANS_SECRET_KEYS=
# Where docker-compose.yml publishes the API; nothing else reads it.
# DUALTRANS_PUBLISH=127.0.0.1:8000
# Credentials and region of an S3 bucket, read by the S3 client.
# AWS_ACCESS_KEY_ID=
# AWS_SECRET_ACCESS_KEY=
# AWS_REGION=
"""


def variable_of(name: str) -> str:
    """The environment variable of a setting."""
    alias = Settings.model_fields[name].validation_alias
    return alias if isinstance(alias, str) else f"DUALTRANS_{name.upper()}"


def settings_page() -> str:
    """The text of `docs/settings.md`."""
    return PAGE_START + "".join(
        f"\n## {title}\n\n| variable | default | description |\n|---|---|---|\n"
        + "".join(_row(name, field) for name, field in fields)
        for title, fields in _groups()
    )


def example_file() -> str:
    """The text of `.env.example`."""
    return EXAMPLE_START + "".join(
        f"\n# --- {title} ".ljust(WIDTH, "-") + "\n\n" + "".join(_example(*each) for each in fields)
        for title, fields in _groups()
    )


def _groups() -> Iterator[tuple[str, list[tuple[str, FieldInfo]]]]:
    starts = list(GROUPS)
    names = list(Settings.model_fields)
    ends = [names.index(start) for start in starts[1:]] + [len(names)]
    for start, end in zip(starts, ends, strict=True):
        members = names[names.index(start) : end]
        yield GROUPS[start], [(name, Settings.model_fields[name]) for name in members]


def _row(name: str, field: FieldInfo) -> str:
    default = _text_of_default(field)
    description = (field.description or "").replace("|", "\\|")
    return (
        f"| `{variable_of(name)}` | {f'`{default}`' if default else 'not set'} | {description} |\n"
    )


def _example(name: str, field: FieldInfo) -> str:
    lines = wrap((field.description or "").replace("`", ""), WIDTH - 2)
    examples = field.examples or [""]
    value = _text_of_default(field) or str(examples[0])
    quoted = f"'{value}'" if " " in value else value
    return "".join(f"# {line}\n" for line in lines) + f"# {variable_of(name)}={quoted}\n"


def _text_of_default(field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True, validated_data={})
    if default in (None, {}, ()):
        return ""
    return str(int(default)) if isinstance(default, bool) else str(default)


if __name__ == "__main__":
    SETTINGS_PAGE.write_text(settings_page(), encoding="utf-8")
    EXAMPLE_FILE.write_text(example_file(), encoding="utf-8")
