"""The import rules, the package files, the READMEs, and the absence of convolutions."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import FOLDERS_WITH_README, PACKAGES, ROOT, modules, tree


def test_no_import_rule_is_broken():
    linter = "from importlinter.cli import lint_imports_command; lint_imports_command()"

    process = subprocess.run(
        [sys.executable, "-c", linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )

    assert process.returncode == 0, process.stdout


def test_an_init_file_contains_only_a_docstring():
    # The import rules name modules, so they would miss an import in a package file.
    init_files = [module for module in modules() if module.name == "__init__.py"]

    assert [file for file in init_files if not _is_only_a_docstring(tree(file))] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_folder_with_modules_is_a_package(package: str):
    folders = {module.parent for module in modules() if module.parts[0] == package}

    assert folders != set()
    assert [folder for folder in folders if not (ROOT / folder / "__init__.py").exists()] == []


@pytest.mark.parametrize("folder", FOLDERS_WITH_README)
def test_every_package_and_folder_has_a_readme(folder: str):
    assert (ROOT / folder / "README.md").read_text(encoding="utf-8").startswith("# ")


def test_the_generator_contains_no_convolution():
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
