"""`python -m art pictures` writes the page and its sheets."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from app.styles.presets import included_presets
from art import large_pictures
from art.large_pictures import SCENES, save_large_pictures
from model import inference
from model.checkpoint import save_generator
from model.inference import Stylizer
from model.style_code import write_presets
from tests.model.samples import picture, pixels, tiny_generator


@pytest.fixture
def stylizer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stylizer:
    """A TINY Stylizer with a code for each style of the sheets."""
    weights = tmp_path / "weights.safetensors"
    save_generator(tiny_generator(), weights, {"steps": 3})
    stylizer = Stylizer.load(weights, device="cpu", precision="fp32")
    monkeypatch.setattr(inference, "PRESETS", tmp_path / "presets.safetensors")
    styles = large_pictures.STYLES
    codes = {style_id: stylizer.style_code(picture(seed=n)) for n, style_id in enumerate(styles)}
    write_presets(codes, inference.PRESETS, stylizer.model_version)
    return stylizer


def test_the_page_shows_every_sheet_with_the_strengths(
    tmp_path: Path, stylizer: Stylizer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(large_pictures, "SIZE_PX", (128, 96))
    monkeypatch.setattr(large_pictures, "CROP_PX", (48, 36))
    scenes = [
        replace(scene, draw=lambda width, height: picture((width, height))) for scene in SCENES
    ]
    monkeypatch.setattr(large_pictures, "SCENES", scenes)

    paths = save_large_pictures(stylizer, tmp_path / "docs")

    page = (tmp_path / "docs" / "pictures.md").read_text()
    linked = {tmp_path / "docs" / link for link in re.findall(r"\((pictures/\S+)\)", page)}
    assert linked == {path for path in paths if path.suffix == ".jpg"}
    assert len(linked) == 3 * len(SCENES)
    strengths = {preset.entry.id: preset.entry.default_tau for preset in included_presets()}
    assert f"| 2 | `nixi-black-pottery` | {strengths['nixi-black-pottery']:g} |" in page
    with Image.open(tmp_path / "docs" / "pictures" / "landscape-brushes.jpg") as sheet:
        assert sheet.size == (3 * 48 + 2 * 4, 2 * 36 + 4)


def test_a_part_is_shown_in_its_own_pixels(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(large_pictures, "CROP_PX", (20, 10))
    scene = replace(SCENES[0], corner=(0.5, 0.25))
    whole = picture((80, 40))

    part = scene.crop(whole)

    assert (pixels(part) == pixels(whole)[10:20, 40:60]).all()
