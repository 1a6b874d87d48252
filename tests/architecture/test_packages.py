"""The walls between the rooms stand, and each room says what it is for."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, ROOMS, ROOT, modules, tree

MOST_LINES_OF_A_FILE = 500
MOST_LINES_OF_A_FUNCTION = 60


def test_the_import_rules_hold():
    linter = "from importlinter.cli import lint_imports_command; lint_imports_command()"

    verdict = subprocess.run(
        [sys.executable, "-c", linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )

    assert verdict.returncode == 0, verdict.stdout


def test_a_package_file_holds_only_a_docstring():
    # An import there would slip past the import rules.
    package_files = [module for module in modules() if module.name == "__init__.py"]

    assert [file for file in package_files if not _is_only_a_docstring(tree(file))] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_folder_with_modules_is_a_package(package: str):
    folders = {module.parent for module in modules() if module.parts[0] == package}

    assert [folder for folder in folders if not (ROOT / folder / "__init__.py").exists()] == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_a_readme(room: str):
    assert (ROOT / room / "README.md").read_text(encoding="utf-8").startswith("# ")


def test_files_are_of_a_size_to_be_read():
    assert [file for file in modules() if _lines_of_file(file) > MOST_LINES_OF_A_FILE] == []


def test_functions_are_of_a_size_to_be_read():
    functions = [
        (str(module), node.name, _lines(node))
        for module in modules()
        if "migrations" not in module.parts  # a step names every column of its tables
        for node in ast.walk(tree(module))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]

    assert [function for function in functions if function[2] > MOST_LINES_OF_A_FUNCTION] == []


def test_the_generator_holds_no_convolution():
    network = [module for module in modules() if module.is_relative_to("model/network")]
    discriminators = Path("model/network/discriminators.py")  # training only; they may convolve

    assert network != []
    assert [m for m in network if m != discriminators and "conv" in _names(m).lower()] == []


def _names(module: Path) -> str:
    attributes = [node.attr for node in ast.walk(tree(module)) if isinstance(node, ast.Attribute)]
    names = [node.id for node in ast.walk(tree(module)) if isinstance(node, ast.Name)]
    imported = [node.name for node in ast.walk(tree(module)) if isinstance(node, ast.alias)]
    return " ".join(attributes + names + imported)


def _is_only_a_docstring(module: ast.Module) -> bool:
    return len(module.body) == 1 and ast.get_docstring(module) is not None


def _lines_of_file(module: Path) -> int:
    return len((ROOT / module).read_text(encoding="utf-8").splitlines())


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1
