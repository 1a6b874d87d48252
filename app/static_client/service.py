"""Finds the browser version of the mini program, and writes the page that replaces it."""

from pathlib import Path
from string import Template
from typing import Final

from core.settings import Settings

SOURCES: Final = Path(__file__).parents[2] / "miniprogram"  # exists in a source checkout only
BUILT: Final = SOURCES / "runner" / "dist"
START_PAGE: Final = "index.html"
INSTRUCTIONS: Final = Path(__file__).with_name("instructions.html")
BUILD_STEPS: Final = Path(__file__).with_name("build_steps.html")


def runner_folder(settings: Settings) -> Path | None:
    """The folder of the built runner: the one in the settings, or the one of a source checkout.

    None when nothing is built there.
    """
    folder = settings.miniprogram_dir or BUILT
    return folder if (folder / START_PAGE).is_file() else None


def instructions_page() -> str:
    """An HTML page for `/` when there is no runner; in a checkout it says how to build one."""
    can_be_built = (SOURCES / "package.json").is_file()
    steps = BUILD_STEPS.read_text(encoding="utf-8") if can_be_built else ""
    return Template(INSTRUCTIONS.read_text(encoding="utf-8")).substitute(steps=steps)
