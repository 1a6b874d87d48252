"""`dualtrans evaluate`: rows, a summary and sheets, or one line of what is wrong."""

import csv
import json
from pathlib import Path

import pytest

from model.evaluation.__main__ import Row, main, summarise
from model.sheet import contact_sheet
from tests.model.samples import picture


def row(tau: float, style_distance: float, photograph: str = "cat") -> Row:
    return Row(photograph, "wave", tau, style_distance, 0.1 * tau, 1.0, 30.0)


def test_every_pair_is_measured_at_every_strength(
    tmp_path: Path, weights: Path, vgg_file: Path, content_folder: Path, style_folder: Path
):
    code = main(
        [
            *("--photographs", str(content_folder), "--styles", str(style_folder / "Cubism")),
            *("--vgg", str(vgg_file), "--weights", str(weights), "--tau", "0", "1"),
            *("--side", "64", "--limit", "2", "--out", str(tmp_path / "out")),
        ]
    )

    with (tmp_path / "out" / "rows.csv").open() as file:
        rows = list(csv.DictReader(file))
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert (code, len(rows), summary["pairs"]) == (0, 8, 4)
    assert {path.name for path in (tmp_path / "out").glob("*.jpg")} == {
        "sheet-0.jpg",
        "sheet-1.jpg",
    }


def test_a_folder_without_pictures_is_told_in_one_line(
    tmp_path: Path, vgg_file: Path, capsys: pytest.CaptureFixture[str]
):
    folder = str(tmp_path)

    code = main(["--photographs", folder, "--styles", folder, "--vgg", str(vgg_file)])

    assert (code, capsys.readouterr().err) == (2, f"dualtrans evaluate: no pictures in {folder}\n")


def test_the_summary_means_over_the_pairs_of_a_strength():
    summary = summarise([row(0.0, 0.4), row(1.0, 0.1), row(1.0, 0.3, "dog")], [0.0, 1.0])

    assert summary["by_tau"] == {
        "0.0": {"style_distance": 0.4, "content_distance": 0.0, "grid_index": 1.0, "psnr": 30.0},
        "1.0": {"style_distance": 0.2, "content_distance": 0.1, "grid_index": 1.0, "psnr": 30.0},
    }


def test_the_summary_counts_the_pairs_whose_distance_falls_strictly():
    falling = [row(0.5, 0.2), row(0.0, 0.3), row(1.0, 0.1)]
    level = [row(0.0, 0.3, "dog"), row(0.5, 0.3, "dog"), row(1.0, 0.1, "dog")]

    assert summarise(falling + level, [0.0, 0.5, 1.0])["strictly_falling_share"] == 0.5


def test_a_sheet_has_a_cell_for_every_picture_and_white_for_none():
    sheet = contact_sheet([[None, picture()], [picture(), picture()]], (40, 30))

    assert sheet.size == (2 * 40 + 4, 2 * 30 + 4)
    assert sheet.getpixel((0, 0)) == (255, 255, 255)
