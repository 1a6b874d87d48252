"""`python -m model.presets` computes the style codes of all presets from their source pictures."""

import re
from pathlib import Path

import pytest
import torch
from PIL import Image

from model import inference
from model.inference import Stylizer
from model.presets import __main__ as command
from model.presets import sources
from model.style_code import read_presets
from tests.model.samples import write_pictures


@pytest.fixture
def artworks(tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two presets from three artworks and a drawn one; TINY replaces the released weights."""
    monkeypatch.setattr(inference, "WEIGHTS", weights)
    monkeypatch.setattr(command, "PRESETS", tmp_path / "presets.safetensors")
    monkeypatch.setattr(sources, "DRAWN", ("drawn",))
    monkeypatch.setattr(sources, "SOURCES", {"ink": ("ink/*",), "wave": ("wave/1.*", "wave/2.*")})
    return write_pictures(tmp_path / "artworks", ["ink/1.jpg", "wave/1.jpg", "wave/2.png"])


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    """The folder that `python -m art sources` would have written."""
    return write_pictures(tmp_path / "drawn", ["drawn.png"], first_seed=8)


def test_every_preset_gets_its_style_code(tmp_path: Path, artworks: Path, drawn: Path):
    command.main(["--artworks", str(artworks), "--drawn", str(drawn)])

    stylizer = Stylizer.load(precision="fp32")
    presets = read_presets(tmp_path / "presets.safetensors", stylizer.model_version)
    waves = [Image.open(artworks / "wave" / name).convert("RGB") for name in ("1.jpg", "2.png")]
    assert list(presets) == ["drawn", "ink", "wave"]
    torch.testing.assert_close(
        presets["wave"].at(256).levels,
        stylizer.style_code(waves).at(256).levels,
        rtol=1e-3,
        atol=1e-3,
    )


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("artworks/ink/1.jpg", r"no picture in \S*artworks matches ink/\*"),
        ("drawn/drawn.png", r"no picture in \S*drawn matches drawn\.png"),
    ],
)
def test_a_preset_without_source_pictures_is_reported(
    tmp_path: Path,
    artworks: Path,
    drawn: Path,
    missing: str,
    message: str,
    capsys: pytest.CaptureFixture[str],
):
    (tmp_path / missing).unlink()

    with pytest.raises(SystemExit):
        command.main(["--artworks", str(artworks), "--drawn", str(drawn)])

    assert re.search(message, capsys.readouterr().err)
