"""An API machine has no torch and no model; a worker machine has no web framework."""

import os
import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOT

WITHOUT_MODEL = {"torch", "numpy", "einops", "jaxtyping", "safetensors", "model", "worker"}
WITHOUT_WEB = {"fastapi", "starlette", "uvicorn", "multipart", "python_multipart", "limits", "jwt"}

BAR = """
import sys

class Bar:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {barred}:
            raise ModuleNotFoundError(f"{{name}} is barred in this process")

sys.meta_path.insert(0, Bar())
"""

CREATE_THE_API = """
from app.main import create_app

print(create_app().openapi()["info"]["title"])
"""

ASK_THE_COMMAND_LINE = """
from cli.main import main

main(["--help"])
"""

LOAD_THE_WORKER = """
import model.inference
import worker.__main__
"""


ASK_THE_DOCTOR = """
from cli.main import main

main(["doctor", "--help"])
"""


def run_without(barred: set[str], program: str, data_dir: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BAR.format(barred=barred) + program],
        cwd=ROOT,
        env={**os.environ, "DUALTRANS_DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_api_is_created_without_torch(tmp_path: Path):
    process = run_without(WITHOUT_MODEL, CREATE_THE_API, tmp_path)

    assert process.returncode == 0, process.stderr
    assert process.stdout.strip() == "DualTrans"


def test_the_command_line_speaks_without_torch(tmp_path: Path):
    process = run_without(WITHOUT_MODEL, ASK_THE_COMMAND_LINE, tmp_path)

    assert process.returncode == 0, process.stderr
    assert "serve" in process.stdout


def test_a_worker_is_loaded_without_a_web_framework(tmp_path: Path):
    process = run_without(WITHOUT_WEB, LOAD_THE_WORKER, tmp_path)

    assert process.returncode == 0, process.stderr


def test_the_doctor_comes_to_a_worker_without_a_web_framework(tmp_path: Path):
    process = run_without(WITHOUT_WEB, ASK_THE_DOCTOR, tmp_path)

    assert process.returncode == 0, process.stderr
    assert "--json" in process.stdout
