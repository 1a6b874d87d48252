"""The repository as the architecture tests see it."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("app", "model", "worker")
ROOMS = (*PACKAGES, "tests")


def modules() -> list[Path]:
    """Every module that ships, relative to the root."""
    found = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return sorted(path.relative_to(ROOT) for path in found)


def tree(module: Path) -> ast.Module:
    """The parsed source of a module."""
    return ast.parse((ROOT / module).read_text(encoding="utf-8"))
