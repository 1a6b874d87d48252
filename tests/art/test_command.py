"""`python -m art` writes each group of pictures."""

from pathlib import Path

import pytest
from PIL import Image

from art import __main__ as command
from art.icons import SIDE_PX
from art.nixi import pictures
from art.sources.drawn import DRAWN_SOURCES
from model.presets.sources import DRAWN
from tests.architecture.source import ROOT


@pytest.mark.slow  # the black pottery at its full size
def test_the_presets_command_reads_the_drawn_sources(tmp_path: Path):
    command.main(["sources", str(tmp_path)])

    assert set(DRAWN_SOURCES) == set(DRAWN)
    assert {path.name for path in tmp_path.iterdir()} == {f"{style_id}.png" for style_id in DRAWN}


@pytest.mark.slow
def test_both_scenes_are_drawn_at_the_requested_size(tmp_path: Path):
    command.main(["scenes", str(tmp_path / "scenes"), "--size", "64", "48"])

    for name in ("still-life.png", "landscape.png"):
        with Image.open(tmp_path / "scenes" / name) as scene:
            assert scene.size == (64, 48)


def test_the_command_draws_the_icons_of_the_mini_program(tmp_path: Path):
    command.main(["icons", "--out", str(tmp_path)])

    for committed in (ROOT / "miniprogram" / "src" / "icons").glob("*.png"):
        with Image.open(committed) as expected, Image.open(tmp_path / committed.name) as drawn:
            assert drawn.size == (SIDE_PX, SIDE_PX)
            assert drawn.tobytes() == expected.tobytes()


def test_nixi_pictures_are_written_to_the_page_and_to_the_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(command, "NIXI_PICTURES", tmp_path / "page")
    monkeypatch.setattr(command, "NIXI_CARD", tmp_path / "pot.webp")
    small = Image.new("RGB", (8, 6))
    monkeypatch.setattr(pictures, "DRAWINGS", {"card": (small.copy, 78), "dry": (small.copy, 76)})
    monkeypatch.setattr(command, "DRAWINGS", pictures.DRAWINGS)

    command.main(["nixi"])

    assert (tmp_path / "page" / "dry.webp").exists()
    assert (tmp_path / "pot.webp").exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["inlay", "fire", "smoke"])
def test_a_step_of_the_craft_is_a_square_picture(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pictures, "STEP_SIDE_PX", 24)
    draw, _ = pictures.DRAWINGS[name]

    assert draw().size == (24, 24)


def test_an_unknown_picture_name_is_refused(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        command.main(["nixi", "vase"])

    assert "unknown pictures: vase" in capsys.readouterr().err
