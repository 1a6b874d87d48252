"""`dualtrans stylize` on files and folders, and what it says of what is wrong."""

from pathlib import Path

import pytest
from PIL import Image

from cli import stylize
from imaging.decode import open_picture
from imaging.labels import read_label
from model import inference
from model.inference import StyleCode, Stylizer, read_presets
from tests.model.samples import picture, write_pictures


@pytest.fixture(autouse=True)
def _shipped(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The weights that ship are TINY, and one style ships with them."""
    monkeypatch.setattr(inference, "WEIGHTS", weights)
    monkeypatch.setattr(
        inference,
        "read_presets",
        lambda _path, _version: {
            "ink": Stylizer.load(weights, device="cpu").style_code(picture(seed=8))
        },
    )


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    path = tmp_path / "cat.jpg"
    picture((90, 70), seed=1).save(path)
    return path


@pytest.fixture
def artwork(tmp_path: Path) -> Path:
    path = tmp_path / "wave.png"
    picture((80, 100), seed=2).save(path)
    return path


def run(*arguments: object) -> int:
    return stylize.main([*map(str, arguments), "--device", "cpu", "--precision", "fp32"])


def size_and_orientation(path: Path) -> tuple[tuple[int, int], int | None]:
    with Image.open(path) as file:
        return file.size, file.getexif().get(0x0112)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_one_photograph_one_style_one_file(
    tmp_path: Path, photograph: Path, artwork: Path, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "out.png"

    code = run(photograph, "--style", artwork, "--tau", "0.8", "-o", out)

    assert (code, capsys.readouterr().out) == (0, f"{out}\n")
    assert size_and_orientation(out) == ((90, 70), None)


def test_a_style_that_ships_is_named_by_its_id(tmp_path: Path, photograph: Path):
    assert run(photograph, "--style", "ink", "-o", tmp_path / "out") == 0

    assert names(tmp_path / "out") == ["cat-ink.jpg"]


def test_every_photograph_of_a_folder_is_painted_in_every_style(tmp_path: Path, artwork: Path):
    folder = write_pictures(tmp_path / "photographs", ["a.jpg", "b.png"])
    (folder / "notes.txt").write_text("no picture")

    assert run(folder, "--style", "ink", artwork, "-o", tmp_path / "out") == 0

    assert names(tmp_path / "out") == ["a-ink.jpg", "a-wave.jpg", "b-ink.jpg", "b-wave.jpg"]


def test_photographs_of_one_name_do_not_paint_over_each_other(tmp_path: Path):
    folder = write_pictures(tmp_path / "photographs", ["a.jpg", "a.png"])

    assert run(folder, "--style", "ink", "-o", tmp_path / "out") == 0

    assert names(tmp_path / "out") == ["a-ink-2.jpg", "a-ink.jpg"]


def test_styles_are_mixed_by_their_shares(tmp_path: Path, photograph: Path, artwork: Path):
    kept = tmp_path / "mixed.style"

    code = run(
        *(photograph, "--style", "ink:3", f"{artwork}:1", "--mix"),
        *("--save-style", kept, "-o", tmp_path / "out"),
    )

    stylizer = Stylizer.load(device="cpu", precision="fp32")
    codes = [stylizer.preset("ink"), stylizer.style_code(open_picture(artwork))]
    wanted = StyleCode.mix(codes, [3.0, 1.0]).levels.half().float()
    assert (code, names(tmp_path / "out")) == (0, ["cat-ink+wave.jpg"])
    assert StyleCode.from_bytes(kept.read_bytes()).levels.allclose(wanted, atol=2e-3)


def test_a_style_that_was_kept_paints_without_its_picture(
    tmp_path: Path, photograph: Path, artwork: Path
):
    kept = tmp_path / "mine.style"
    run(photograph, "--style", artwork, "--save-style", kept, "-o", tmp_path / "first")

    assert run(photograph, "--style", kept, "-o", tmp_path / "out") == 0

    assert names(tmp_path / "out") == ["cat-mine.jpg"]


def test_a_folder_of_artworks_is_one_style(tmp_path: Path, photograph: Path):
    folder = write_pictures(tmp_path / "monet", ["1.jpg", "2.jpg"])

    assert run(photograph, "--style", folder, "-o", tmp_path / "out") == 0

    assert names(tmp_path / "out") == ["cat-monet.jpg"]


def test_two_styles_are_parted_by_a_mask(tmp_path: Path, photograph: Path, artwork: Path):
    mask = tmp_path / "mask.png"
    picture((90, 70), 9).save(mask)

    code = run(photograph, "--style", "ink", artwork, "--mask", mask, "-o", tmp_path / "out")

    assert (code, names(tmp_path / "out")) == (0, ["cat-ink+wave.jpg"])


def test_a_level_of_a_style_can_be_left_out(tmp_path: Path, photograph: Path):
    run(photograph, "--style", "ink", "-o", tmp_path / "all.png")
    run(photograph, "--style", "ink", "--colour", "0", "-o", tmp_path / "less.png")

    with Image.open(tmp_path / "all.png") as whole, Image.open(tmp_path / "less.png") as less:
        assert whole.tobytes() != less.tobytes()


@pytest.mark.parametrize(
    ("extra", "line"),
    [
        ([], "--mask parts two styles, 1 are named"),
        (["--style", "ink", "--keep-color"], "--mask goes with --tau alone"),
    ],
    ids=["one style", "keep color"],
)
def test_a_mask_that_cannot_be_used_is_told(
    photograph: Path, extra: list[str], line: str, capsys: pytest.CaptureFixture[str]
):
    code = run(photograph, "--style", "ink", "--mask", photograph, *extra)

    assert (code, line in told(capsys)) == (2, True)


def test_a_photograph_taken_with_a_turned_camera_is_painted_upright(tmp_path: Path):
    exif = Image.Exif()
    exif[0x0112] = 6
    picture((90, 70)).save(tmp_path / "turned.jpg", exif=exif)

    run(tmp_path / "turned.jpg", "--style", "ink", "-o", tmp_path / "out.jpg")

    assert size_and_orientation(tmp_path / "out.jpg") == ((70, 90), None)


def test_own_weights_paint_with_any_picture_though_no_style_ships_with_them(
    tmp_path: Path, photograph: Path, artwork: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(inference, "read_presets", read_presets)
    monkeypatch.setattr(inference, "PRESETS", tmp_path / "none.safetensors")

    code = run(
        *(photograph, "--style", artwork, "--weights", tmp_path / "weights.safetensors"),
        *("-o", tmp_path / "out"),
    )

    assert (code, names(tmp_path / "out")) == (0, ["cat-wave.jpg"])


def test_mark_labels_the_results_and_without_it_they_carry_no_label(
    tmp_path: Path, photograph: Path
):
    run(photograph, "--style", "ink", "--mark", "-o", tmp_path / "marked.jpg")
    run(photograph, "--style", "ink", "-o", tmp_path / "plain.jpg")

    assert read_label((tmp_path / "marked.jpg").read_bytes()) is not None
    assert read_label((tmp_path / "plain.jpg").read_bytes()) is None
    assert size_and_orientation(tmp_path / "plain.jpg") == ((90, 70), None)


def test_the_ids_of_the_styles_that_ship_are_listed(capsys: pytest.CaptureFixture[str]):
    assert run("--list") == 0

    assert capsys.readouterr().out == "ink\n"


# What is wrong


def told(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err.strip().splitlines()[-1]


def test_an_unknown_style_is_told_with_those_that_are_known(
    photograph: Path, capsys: pytest.CaptureFixture[str]
):
    code = run(photograph, "--style", "mona-lisa")

    expected = "dualtrans stylize: mona-lisa is neither a file nor a style that ships (ink)"
    assert (code, told(capsys)) == (2, expected)


def test_a_missing_photograph_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    missing = tmp_path / "nowhere.jpg"

    code = run(missing, "--style", "ink")

    assert (code, told(capsys)) == (2, f"dualtrans stylize: {missing} does not exist")


def test_a_folder_without_pictures_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "empty").mkdir()

    code = run(tmp_path / "empty", "--style", "ink")

    assert (code, told(capsys)) == (2, f"dualtrans stylize: no pictures in {tmp_path / 'empty'}")


def test_a_file_that_is_no_picture_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "a.jpg").write_text("no picture")

    code = run(tmp_path / "a.jpg", "--style", "ink")

    assert code == 2
    assert told(capsys).startswith(f"dualtrans stylize: {tmp_path / 'a.jpg'} cannot be read")


def test_a_small_photograph_is_told_with_its_size(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    picture((40, 300)).save(tmp_path / "a.jpg")

    code = run(tmp_path / "a.jpg", "--style", "ink")

    assert (code, "the picture is 40 x 300 px" in told(capsys)) == (2, True)


def test_one_file_for_two_pictures_is_refused(
    tmp_path: Path, photograph: Path, artwork: Path, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "out.jpg"

    code = run(photograph, "--style", "ink", artwork, "-o", out)

    expected = f"dualtrans stylize: {out} is one file, and 2 pictures are to be painted"
    assert (code, told(capsys), out.exists()) == (2, expected, False)


def test_two_styles_are_not_kept_in_one_file(
    tmp_path: Path, photograph: Path, artwork: Path, capsys: pytest.CaptureFixture[str]
):
    code = run(photograph, "--style", "ink", artwork, "--save-style", tmp_path / "a.style")

    assert (code, "keeps one style, 2 are named; add --mix" in told(capsys)) == (2, True)


@pytest.mark.parametrize("tau", ["1.6", "-0.5", "nan", "strong"])
def test_a_strength_out_of_range_is_refused(
    photograph: Path, capsys: pytest.CaptureFixture[str], tau: str
):
    with pytest.raises(SystemExit) as stop:
        run(photograph, "--style", "ink", f"--tau={tau}")

    assert (stop.value.code, tau in told(capsys)) == (2, True)


@pytest.mark.parametrize("arguments", [[], ["--style", "ink"]], ids=["nothing", "no photograph"])
def test_what_is_missing_is_told(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as stop:
        run(*arguments)

    assert (stop.value.code, "at least one PHOTO and one --style" in told(capsys)) == (2, True)


@pytest.mark.parametrize("arguments", [["--list"], ["a.jpg", "--style", "ink"]], ids=str)
def test_missing_weights_are_told_in_one_line(
    tmp_path: Path, photograph: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
):
    arguments = [str(photograph) if a == "a.jpg" else a for a in arguments]

    code = run(*arguments, "--weights", tmp_path / "nowhere.safetensors")

    assert (code, "nowhere.safetensors" in told(capsys)) == (2, True)
