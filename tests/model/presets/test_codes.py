"""The codes of the styles that ship are computed from their sources in one go."""

from pathlib import Path

import pytest
import torch
from PIL import Image

from model import inference
from model.inference import Stylizer
from model.presets import __main__ as command
from model.style_code import read_presets
from tests.model.samples import picture, write_pictures


@pytest.fixture
def artworks(tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two styles from three artworks and a drawn one; the weights that ship are TINY."""
    monkeypatch.setattr(inference, "WEIGHTS", weights)
    monkeypatch.setattr(command, "PRESETS", tmp_path / "presets.safetensors")
    monkeypatch.setattr(command, "PREVIEW_SIZE_PX", (96, 72))
    monkeypatch.setattr(command, "SHEET", tmp_path / "docs" / "sheet.webp")
    monkeypatch.setattr(command, "NIXI_SHEET", tmp_path / "docs" / "nixi.webp")
    monkeypatch.setattr(command, "FAILURES_SHEET", tmp_path / "docs" / "failures.webp")
    monkeypatch.setattr(command, "FAILURES", ("ink",))
    monkeypatch.setattr(command, "NIXI_STYLES", ("wave", "drawn"))
    monkeypatch.setattr(command, "NIXI", "ink")
    monkeypatch.setattr(command, "DRAWN", {"drawn": lambda: picture((96, 96), 8)})
    monkeypatch.setattr(command, "SHEET_CELL_PX", (48, 36))
    monkeypatch.setattr(command, "SHEET_STYLES", ("ink", "wave"))
    monkeypatch.setattr(command, "SOURCES", {"ink": ("ink/*",), "wave": ("wave/1.*", "wave/2.*")})
    return write_pictures(tmp_path / "artworks", ["ink/1.jpg", "wave/1.jpg", "wave/2.png"])


def test_every_style_gets_its_code_and_its_preview(tmp_path: Path, artworks: Path):
    command.main(["--artworks", str(artworks), "--previews", str(tmp_path)])

    stylizer = Stylizer.load(precision="fp32")
    presets = read_presets(tmp_path / "presets.safetensors", stylizer.model_version)
    waves = [Image.open(artworks / "wave" / name).convert("RGB") for name in ("1.jpg", "2.png")]
    assert list(presets) == ["drawn", "ink", "wave"]
    torch.testing.assert_close(
        presets["wave"].levels, stylizer.style_code(waves).levels, rtol=1e-3, atol=1e-3
    )
    with Image.open(tmp_path / "ink.webp") as preview:
        assert preview.size == (96, 72)
    with Image.open(tmp_path / "docs" / "sheet.webp") as sheet:
        assert sheet.size == (3 * 48 + 2 * 4, 2 * 36 + 4)
    with Image.open(tmp_path / "docs" / "nixi.webp") as sheet:
        assert sheet.size == (3 * 48 + 2 * 4, 2 * 36 + 4)  # out of it; into it
    with Image.open(tmp_path / "docs" / "failures.webp") as sheet:
        assert sheet.size == (96, 2 * 72 + 4)


def test_a_style_without_artworks_is_told(tmp_path: Path, artworks: Path):
    (artworks / "ink" / "1.jpg").unlink()

    with pytest.raises(SystemExit, match=r"no picture in .*artworks answers to ink/\*"):
        command.main(["--artworks", str(artworks), "--previews", str(tmp_path)])
