"""The API runs on machines that have no torch."""

import os
import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOT

BARRED = """
import sys

BARRED = {"torch", "numpy", "einops", "jaxtyping", "safetensors", "model", "worker"}

class Bar:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in BARRED:
            raise ModuleNotFoundError(f"{name} is barred in this process")

sys.meta_path.insert(0, Bar())
"""

CREATE = """
from app.main import create_app
from app.shared.settings import Settings

print(create_app().openapi()["info"]["title"])
"""

COMMAND_LINE = """
from app.command_line import main

main(["--help"])
"""


def run_with_torch_barred(program: str, data_dir: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BARRED + program],
        cwd=ROOT,
        env={**os.environ, "DUALTRANS_DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_api_is_created_in_a_process_without_torch(tmp_path: Path):
    process = run_with_torch_barred(CREATE, tmp_path)

    assert process.returncode == 0, process.stderr
    assert process.stdout.strip() != ""


def test_the_command_line_speaks_in_a_process_without_torch(tmp_path: Path):
    process = run_with_torch_barred(COMMAND_LINE, tmp_path)

    assert process.returncode == 0, process.stderr
    assert "serve" in process.stdout
