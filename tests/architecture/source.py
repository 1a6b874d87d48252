"""The source files of the repository, for the architecture tests."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("app", "cli", "core", "imaging", "model", "styling", "worker")  # installed
FOLDERS_WITH_README = (*PACKAGES, "art", "benchmarks", "examples", "miniprogram", "tests")


def modules() -> list[Path]:
    """Every installed module, relative to the root."""
    found = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return sorted(path.relative_to(ROOT) for path in found)


def tree(module: Path) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse((ROOT / module).read_text(encoding="utf-8"))
