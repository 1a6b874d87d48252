"""`dualtrans evaluate`: writes rows, tables, a plot and sheets, or reports an error in one line."""

import csv
import json
from pathlib import Path

import pytest

from model import held_out
from model.contact_sheet import contact_sheet
from model.evaluation.__main__ import main
from tests.model.samples import picture, write_pictures


@pytest.fixture
def command(
    tmp_path: Path, weights: Path, vgg_file: Path, content_folder: Path, style_folder: Path
) -> list[str]:
    return [
        *("--photographs", str(content_folder), "--styles", str(style_folder / "Cubism")),
        *("--vgg", str(vgg_file), "--weights", f"tiny={weights}", "--tau", "0", "1"),
        *("--side", "64", "--limit", "2", "--styles-paired", "2", "--gallery", "2"),
        *("--explored", "0"),
        *("--out", str(tmp_path / "out")),
    ]


def test_every_pair_is_measured_at_every_strength(tmp_path: Path, command: list[str]):
    code = main(command)

    with (tmp_path / "out" / "rows.csv").open() as file:
        rows = list(csv.DictReader(file))
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    ours = summary["figures"]["4 pairs, short side 64 px"]["DualTrans tiny"]
    assert (code, len(rows), ours["pairs"]) == (0, 8, 4)
    assert ours["by_strength"].keys() == {"0.0", "1.0"}
    assert summary["protocol"]["photographs"] == list(dict.fromkeys(r["photograph"] for r in rows))
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "rows.csv",
        "summary.json",
        "table.md",
        "pareto.png",
        "sheet-dualtrans-tiny.jpg",
        "side-by-side.jpg",
    }


def test_gatys_is_measured_with_all_other_methods_on_the_same_pairs(
    tmp_path: Path, command: list[str]
):
    main([*command, "--gatys-pairs", "1", "--gatys-side", "64", "--gatys-steps", "2"])

    text = (tmp_path / "out" / "table.md").read_text()
    _, _, section = text.partition("compared with optimisation")
    assert "| DualTrans tiny | 1 |" in section
    assert "| Gatys | 1 |" in section
    assert "| Gatys, style loss only | 1 |" in section


def test_the_table_lists_unmeasured_methods_with_the_reason(tmp_path: Path, command: list[str]):
    main(command)

    table = (tmp_path / "out" / "table.md").read_text()
    assert "| AdaIN | not measured: no weights given |" in table
    assert "| SANet | not measured: no trained weights available, and it needs relu5_1 |" in table
    assert "| style distance vs. AdaIN | " in table


def test_the_same_seed_gives_the_same_rows(tmp_path: Path, command: list[str]):
    main(command)
    first = (tmp_path / "out" / "rows.csv").read_text()

    main(command)

    assert (tmp_path / "out" / "rows.csv").read_text() == first


def test_the_held_out_set_of_the_research_data_is_selected_by_prefixes(
    tmp_path: Path, command: list[str]
):
    shared = tmp_path / "shared"
    write_pictures(shared / "content", [f"{held_out.PHOTO_PREFIXES[0]}_0.jpg", "bsds_1.jpg"])
    write_pictures(shared / "style", [f"{held_out.ARTWORK_PREFIXES[0]}_0.jpg", "wikiart_1.jpg"])

    main([*command, "--shared", str(shared)])

    with (tmp_path / "out" / "rows.csv").open() as file:
        pairs = {(row["photograph"], row["style"]) for row in csv.DictReader(file)}
    assert pairs == {("styleidcnt_0", "styleidsty_0")}


def test_several_sizes_are_compared_on_the_same_pairs(tmp_path: Path, command: list[str]):
    main([*command, "--side", "64", "80", "--pairs", "2"])

    with (tmp_path / "out" / "rows.csv").open() as file:
        rows = list(csv.DictReader(file))
    small, large = (
        [(r["photograph"], r["style"], r["strength"]) for r in rows if r["pairs"] == title]
        for title in ("2 pairs, short side 64 px", "2 pairs, short side 80 px")
    )
    assert small == large
    assert len(small) == 2 * 2
    figures = json.loads((tmp_path / "out" / "summary.json").read_text())["figures"]
    calm = [by_method["DualTrans tiny"]["by_strength"]["1.0"] for by_method in figures.values()]
    assert all(one["calm"]["low"] <= one["calm"]["mean"] <= one["calm"]["high"] for one in calm)
    assert calm[0]["placement"] != calm[1]["placement"]


def test_fitted_codes_are_a_method_of_their_own(tmp_path: Path, command: list[str]):
    shared = tmp_path / "shared"
    training = [f"bsds_{index}.jpg" for index in range(6)]
    write_pictures(shared / "content", [f"{held_out.PHOTO_PREFIXES[0]}_0.jpg", *training])
    write_pictures(shared / "style", [f"{held_out.ARTWORK_PREFIXES[0]}_0.jpg"], first_seed=10)

    main([*command, "--shared", str(shared), "--fit-steps", "2", "--fit-with", "vgg19"])

    table = (tmp_path / "out" / "table.md").read_text()
    assert "| DualTrans tiny refined, vgg19 | 1 |" in table
    assert "style codes fitted in 2 steps with vgg19" in table
    assert "style codes from the style controller" in table


def test_codes_are_fitted_on_the_photos_of_the_model_without_research_data(
    tmp_path: Path, command: list[str]
):
    main([*command, "--fit-steps", "1", "--fit-with", "compact", "vgg19", "--pairs", "1"])

    table = (tmp_path / "out" / "table.md").read_text()
    assert "| DualTrans tiny refined, compact | 1 |" in table
    assert "| DualTrans tiny refined, vgg19 | 1 |" in table


def test_a_folder_without_pictures_is_reported_in_one_line(
    tmp_path: Path, vgg_file: Path, capsys: pytest.CaptureFixture[str]
):
    empty = tmp_path / "empty"
    empty.mkdir()

    code = main(["--photographs", str(empty), "--styles", str(empty), "--vgg", str(vgg_file)])

    assert (code, capsys.readouterr().err) == (2, f"dualtrans evaluate: no pictures in {empty}\n")


def test_missing_picture_options_are_reported_in_one_line(
    vgg_file: Path, capsys: pytest.CaptureFixture[str]
):
    code = main(["--vgg", str(vgg_file)])

    assert (code, capsys.readouterr().err) == (
        2,
        "dualtrans evaluate: give --photographs and --styles, or --shared\n",
    )


@pytest.mark.parametrize(
    "numbers",
    [("--limit", "0"), ("--tau", "1.5"), ("--side", "0"), ("--pairs", "0"), ("--fit-steps", "-1")],
)
def test_numbers_out_of_range_are_reported_in_one_line(
    command: list[str], numbers: tuple[str, str], capsys: pytest.CaptureFixture[str]
):
    code = main([*command, *numbers])

    assert (code, capsys.readouterr().err.count("\n")) == (2, 1)


def test_two_photos_with_the_same_name_are_both_measured(
    tmp_path: Path, command: list[str], content_folder: Path
):
    again = write_pictures(tmp_path / "again", ["1.jpg", "2.jpg", "3.jpg"], first_seed=5)

    main([*command, "--photographs", str(content_folder), str(again), "--limit", "6"])

    with (tmp_path / "out" / "rows.csv").open() as file:
        assert len({row["photograph"] for row in csv.DictReader(file)}) == 6


@pytest.mark.parametrize("option", ["--adain", "--microast"])
def test_unreadable_weights_are_reported_in_one_line(
    tmp_path: Path, command: list[str], option: str, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "nothing").write_bytes(b"no weights")

    code = main([*command, option, str(tmp_path / "nothing")])

    assert (code, "nothing" in capsys.readouterr().err) == (2, True)


def test_a_contact_sheet_has_a_cell_for_every_picture_and_white_for_none():
    sheet = contact_sheet([[None, picture()], [picture(), picture()]], (40, 30))

    assert sheet.size == (2 * 40 + 4, 2 * 30 + 4)
    assert sheet.getpixel((0, 0)) == (255, 255, 255)
