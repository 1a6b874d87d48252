"""The previews and sheets, painted by a TINY generator with two presets."""

from pathlib import Path

import pytest
from PIL import Image
from safetensors.torch import save_file

from art import __main__ as command
from art import previews
from imaging.labels import read_label
from model import inference
from model.checkpoint import save_generator
from model.inference import Stylizer
from tests.model.samples import picture, tiny_generator, write_pictures


@pytest.fixture
def presets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """Weights and two style codes in place of those that ship, and small pictures."""
    weights, codes = tmp_path / "weights.safetensors", tmp_path / "presets.safetensors"
    save_generator(tiny_generator(), weights, {"steps": 3})
    monkeypatch.setattr(inference, "WEIGHTS", weights)
    monkeypatch.setattr(inference, "PRESETS", codes)
    stylizer = Stylizer.load(device="cpu", precision="fp32")
    tensors = {}
    for seed, style_id in enumerate(("ink", "wave")):
        code = stylizer.style_code(picture((96, 96), seed))
        tensors[f"{style_id}.levels"] = code.levels.half().contiguous()
        tensors[f"{style_id}.tokens"] = code.tokens.half().contiguous()
    save_file(tensors, codes, {"model_version": stylizer.model_version})
    monkeypatch.setattr(previews, "PREVIEW_SIZE_PX", (96, 72))
    monkeypatch.setattr(previews, "CELL_SIZE_PX", (48, 36))
    monkeypatch.setattr(previews, "FAILURE_STYLES", ("ink",))
    monkeypatch.setattr(previews, "NIXI_STYLES", ("wave", "ink"))
    monkeypatch.setattr(previews, "NIXI", "ink")
    monkeypatch.setattr(previews, "SHEET_STYLES", ("ink", "wave"))
    return ("ink", "wave")


@pytest.fixture
def written(tmp_path: Path, presets: tuple[str, ...]) -> Path:
    """A folder with what `python -m art previews` writes."""
    photos = write_pictures(tmp_path / "photos", ["1.jpg"])
    folder = tmp_path / "written"
    folder.mkdir()
    options = ["--previews", str(folder), "--docs", str(folder / "docs")]
    command.main(["previews", *options, "--photos", str(photos / "1.jpg")])
    return folder


@pytest.mark.slow
def test_every_preset_gets_a_labelled_preview_and_every_sheet_its_cells(
    written: Path, presets: tuple[str, ...]
):
    assert sorted(path.stem for path in written.glob("*.webp")) == list(presets)
    for style_id in presets:
        path = written / f"{style_id}.webp"
        with Image.open(path) as preview:
            assert preview.size == (96, 72)
        assert read_label(path.read_bytes()) is not None
    with Image.open(written / "docs" / "sheet.webp") as sheet:
        assert sheet.size == (3 * 48 + 2 * 4, 3 * 36 + 2 * 4)  # two scenes and one photo
    with Image.open(written / "docs" / "nixi.webp") as sheet:
        assert sheet.size == (4 * 48 + 3 * 4, 2 * 36 + 4)  # two other photos, each with its result
    with Image.open(written / "docs" / "failures.webp") as sheet:
        assert sheet.size == (96, 2 * 72 + 4)
