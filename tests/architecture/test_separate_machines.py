"""The API runs without torch and the model; a worker runs without a web framework and the API."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

MODEL_PACKAGES = {"torch", "numpy", "einops", "jaxtyping", "safetensors", "model", "worker"}
WEB_PACKAGES = {"fastapi", "starlette", "uvicorn", "multipart", "python_multipart", "limits", "jwt"}
API_PACKAGES = WEB_PACKAGES | {"app"}  # what the worker image does not contain

pytestmark = pytest.mark.slow

BLOCK_IMPORTS = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked}:
            raise ModuleNotFoundError(f"{{name}} is blocked in this process", name=name)

sys.meta_path.insert(0, Blocker())
"""

CREATE_THE_API = """
from app.main import create_app

print(create_app().openapi()["info"]["title"])
"""

LOAD_THE_WORKER = """
import model.inference
import worker.__main__
"""

RUN_THE_COMMAND_LINE = """
from cli.main import main

sys.exit(main({arguments}))
"""


def run_without(
    blocked: set[str], program: str, data_dir: Path
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BLOCK_IMPORTS.format(blocked=blocked) + program],
        cwd=ROOT,
        env={**os.environ, "DUALTRANS_DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        timeout=60,
    )


def run_command_without(
    blocked: set[str], arguments: list[str], data_dir: Path
) -> subprocess.CompletedProcess[str]:
    return run_without(blocked, RUN_THE_COMMAND_LINE.format(arguments=arguments), data_dir)


def test_the_api_is_created_without_torch(tmp_path: Path):
    process = run_without(MODEL_PACKAGES, CREATE_THE_API, tmp_path)

    assert process.returncode == 0, process.stderr
    assert process.stdout.strip() == "DualTrans"


@pytest.mark.parametrize("blocked", [MODEL_PACKAGES, API_PACKAGES], ids=["api", "worker"])
def test_the_command_line_prints_its_help_in_both_images(tmp_path: Path, blocked: set[str]):
    process = run_command_without(blocked, ["--help"], tmp_path)

    assert process.returncode == 0, process.stderr
    assert "serve" in process.stdout


def test_a_worker_is_loaded_without_a_web_framework(tmp_path: Path):
    process = run_without(WEB_PACKAGES, LOAD_THE_WORKER, tmp_path)

    assert process.returncode == 0, process.stderr


def test_the_doctor_starts_on_a_worker_machine(tmp_path: Path):
    process = run_command_without(API_PACKAGES, ["doctor", "--help"], tmp_path)

    assert process.returncode == 0, process.stderr
    assert "--json" in process.stdout


def test_the_database_is_migrated_on_a_worker_machine(tmp_path: Path):
    process = run_command_without(API_PACKAGES, ["migrate"], tmp_path)

    assert process.returncode == 0, process.stderr


@pytest.mark.parametrize(
    ("blocked", "arguments", "extra"),
    [(API_PACKAGES, ["keys", "list"], "app"), (MODEL_PACKAGES, ["stylize", "--list"], "all")],
    ids=["worker", "api"],
)
def test_a_command_of_the_other_image_says_which_extra_is_missing(
    tmp_path: Path, blocked: set[str], arguments: list[str], extra: str
):
    process = run_command_without(blocked, arguments, tmp_path)

    assert process.returncode == 1
    assert len(process.stderr.splitlines()) == 1, process.stderr
    assert f"pip install 'dualtrans[{extra}]'" in process.stderr
