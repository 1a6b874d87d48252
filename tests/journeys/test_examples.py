"""The programs in examples/, run against a real service."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PIL import Image

from imaging.labels import read_label
from tests.factories import jpeg
from tests.journeys.test_serve import ROOT, Served, stacks

EXAMPLES = ROOT / "examples"
WEIGHTS = ROOT / "model" / "weights" / "dualtrans.safetensors"  # the presets need these weights


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with stacks(tmp_path_factory.mktemp("examples"), WEIGHTS) as start:
        running = start(DUALTRANS_DEV_LOGIN="1")
        running.wait_until_ready()
        yield running


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(jpeg((160, 120)))
    return path


def run(served: Served, command: Sequence[str], folder: Path) -> str:
    environment = {**os.environ, "URL": served.url, "KEY": served.key}
    process = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=90
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


@pytest.mark.parametrize(
    "command",
    [
        ["sh", str(EXAMPLES / "quick_start.sh")],
        [sys.executable, str(EXAMPLES / "quick_start.py")],
    ],
    ids=["curl", "python"],
)
def test_a_quick_start_saves_a_labelled_result(
    served: Served, photo: Path, tmp_path: Path, command: list[str]
) -> None:
    output = run(served, [*command, str(photo), "nixi-black-pottery", "0.8"], tmp_path)

    result = tmp_path / output.strip()
    with Image.open(result) as picture:
        assert picture.size == (160, 120)
    assert read_label(result.read_bytes()) is not None


def test_every_endpoint_can_be_called(served: Served, photo: Path, tmp_path: Path) -> None:
    output = run(
        served, [sys.executable, str(EXAMPLES / "every_endpoint.py"), str(photo)], tmp_path
    )

    assert output.splitlines()[-1].endswith("not called: none")
