"""The page at `/` when the browser version of the mini program is not built."""

from pathlib import Path
from string import Template
from typing import Final

from core.settings import MINIPROGRAM_SOURCES

INSTRUCTIONS: Final = Path(__file__).with_name("instructions.html")
BUILD_STEPS: Final = Path(__file__).with_name("build_steps.html")


def instructions_page() -> str:
    """Return the HTML page for `/` without a runner; in a checkout it says how to build one."""
    can_be_built = (MINIPROGRAM_SOURCES / "package.json").is_file()
    steps = BUILD_STEPS.read_text(encoding="utf-8") if can_be_built else ""
    return Template(INSTRUCTIONS.read_text(encoding="utf-8")).substitute(steps=steps)
