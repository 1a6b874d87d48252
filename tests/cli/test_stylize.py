"""`dualtrans stylize` on files and folders, and its error messages."""

import re
from pathlib import Path

import pytest
from PIL import Image

from cli import stylize
from imaging.decode import open_picture
from imaging.labels import read_label
from model import inference
from model.checkpoint import save_generator
from model.inference import StyleCode, Stylizer
from model.style_code import read_presets
from tests.model.samples import picture, tiny_generator, write_pictures

pytestmark = pytest.mark.slow


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """The weights file of a TINY generator."""
    path = tmp_path / "weights.safetensors"
    save_generator(tiny_generator(), path, {"steps": 3})
    return path


@pytest.fixture(autouse=True)
def _presets(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the shipped weights by TINY ones with one preset."""
    monkeypatch.setattr(inference, "WEIGHTS", weights)
    monkeypatch.setattr(
        inference,
        "read_presets",
        lambda _path, _version: {
            "ink": Stylizer.load(weights, device="cpu").style_code(picture(seed=8))
        },
    )


@pytest.fixture
def photo(tmp_path: Path) -> Path:
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


def test_one_photo_and_one_style_give_one_file(
    tmp_path: Path, photo: Path, artwork: Path, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "out.png"

    code = run(photo, "--style", artwork, "--tau", "0.8", "-o", out)

    assert (code, capsys.readouterr().out) == (0, f"{out}\n")
    assert size_and_orientation(out) == ((90, 70), None)


def test_a_preset_is_selected_by_its_id(tmp_path: Path, photo: Path):
    assert run(photo, "--style", "ink", "-o", tmp_path / "out") == 0

    assert names(tmp_path / "out") == ["cat-ink.jpg"]


def test_every_photo_of_a_folder_is_rendered_in_every_style(tmp_path: Path, artwork: Path):
    folder = write_pictures(tmp_path / "photos", ["a.jpg", "b.png"])
    (folder / "notes.txt").write_text("no picture")

    assert run(folder, "--style", "ink", artwork, "-o", tmp_path / "out") == 0

    assert names(tmp_path / "out") == ["a-ink.jpg", "a-wave.jpg", "b-ink.jpg", "b-wave.jpg"]


def test_photos_with_the_same_name_get_different_results(tmp_path: Path):
    folder = write_pictures(tmp_path / "photos", ["a.jpg", "a.png"])

    assert run(folder, "--style", "ink", "-o", tmp_path / "out") == 0

    assert names(tmp_path / "out") == ["a-ink-2.jpg", "a-ink.jpg"]


def test_styles_are_mixed_by_their_weights(tmp_path: Path, photo: Path, artwork: Path):
    saved = tmp_path / "mixed.style"

    code = run(
        *(photo, "--style", "ink:3", f"{artwork}:1", "--mix"),
        *("--save-style", saved, "-o", tmp_path / "out"),
    )

    stylizer = Stylizer.load(device="cpu", precision="fp32")
    codes = [stylizer.preset("ink"), stylizer.style_code(open_picture(artwork))]
    expected = StyleCode.mix(codes, [3.0, 1.0])
    read = StyleCode.from_bytes(saved.read_bytes())
    assert (code, names(tmp_path / "out")) == (0, ["cat-ink+wave.jpg"])
    assert read.sides_px == expected.sides_px
    for view, other in zip(read.views, expected.views, strict=True):
        assert view.levels.allclose(other.levels, atol=2e-3)


def test_a_saved_style_renders_without_its_picture(tmp_path: Path, photo: Path, artwork: Path):
    saved = tmp_path / "mine.style"
    run(photo, "--style", artwork, "--save-style", saved, "-o", tmp_path / "first")

    assert run(photo, "--style", saved, "-o", tmp_path / "out") == 0

    assert names(tmp_path / "out") == ["cat-mine.jpg"]


def test_a_folder_of_artworks_is_one_style(tmp_path: Path, photo: Path):
    folder = write_pictures(tmp_path / "monet", ["1.jpg", "2.jpg"])

    assert run(photo, "--style", folder, "-o", tmp_path / "out") == 0

    assert names(tmp_path / "out") == ["cat-monet.jpg"]


def test_a_mask_combines_two_styles(tmp_path: Path, photo: Path, artwork: Path):
    mask = tmp_path / "mask.png"
    picture((90, 70), 9).save(mask)

    code = run(photo, "--style", "ink", artwork, "--mask", mask, "-o", tmp_path / "out")

    assert (code, names(tmp_path / "out")) == (0, ["cat-ink+wave.jpg"])


def test_a_level_of_a_style_can_be_switched_off(tmp_path: Path, photo: Path):
    run(photo, "--style", "ink", "-o", tmp_path / "all.png")
    run(photo, "--style", "ink", "--colour", "0", "-o", tmp_path / "less.png")

    with Image.open(tmp_path / "all.png") as whole, Image.open(tmp_path / "less.png") as less:
        assert whole.tobytes() != less.tobytes()


@pytest.mark.parametrize("extra", [[], ["--mask"]], ids=["one style", "two styles and a mask"])
def test_a_brush_changes_the_strokes(tmp_path: Path, extra: list[str]):
    photo = tmp_path / "large.png"
    picture((260, 240)).save(photo)
    mask = [*extra, photo, "--style", "ink"] if extra else []

    for brush in ("fine", "medium", "broad"):
        run(photo, "--style", "ink", *mask, "--brush", brush, "-o", tmp_path / f"{brush}.png")
    run(photo, "--style", "ink", *mask, "-o", tmp_path / "default.png")

    results = {path.stem: open_picture(path).tobytes() for path in tmp_path.glob("*.png")}
    assert len({results[brush] for brush in ("fine", "medium", "broad")}) == 3
    assert results["default"] == results["medium"]


def test_an_unknown_brush_is_refused_with_the_allowed_ones(
    photo: Path, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit):
        run(photo, "--style", "ink", "--brush", "huge")

    assert re.search("'huge' .*fine.*medium.*broad", last_line(capsys))


@pytest.mark.parametrize(
    ("extra", "line"),
    [
        ([], "--mask needs two styles, not 1"),
        (["--style", "ink", "--keep-color"], "--mask can be combined only with --tau and --brush"),
    ],
    ids=["one style", "keep color"],
)
def test_a_mask_with_other_options_is_rejected(
    photo: Path, extra: list[str], line: str, capsys: pytest.CaptureFixture[str]
):
    code = run(photo, "--style", "ink", "--mask", photo, *extra)

    assert (code, line in last_line(capsys)) == (2, True)


def test_a_photo_of_a_rotated_camera_is_rendered_upright(tmp_path: Path):
    exif = Image.Exif()
    exif[0x0112] = 6
    picture((90, 70)).save(tmp_path / "rotated.jpg", exif=exif)

    run(tmp_path / "rotated.jpg", "--style", "ink", "-o", tmp_path / "out.jpg")

    assert size_and_orientation(tmp_path / "out.jpg") == ((70, 90), None)


def test_other_weights_render_styles_from_pictures_without_presets(
    tmp_path: Path, photo: Path, artwork: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(inference, "read_presets", read_presets)
    monkeypatch.setattr(inference, "PRESETS", tmp_path / "none.safetensors")

    code = run(
        *(photo, "--style", artwork, "--weights", tmp_path / "weights.safetensors"),
        *("-o", tmp_path / "out"),
    )

    assert (code, names(tmp_path / "out")) == (0, ["cat-wave.jpg"])


def test_results_have_a_label_only_with_mark(tmp_path: Path, photo: Path):
    run(photo, "--style", "ink", "--mark", "-o", tmp_path / "marked.jpg")
    run(photo, "--style", "ink", "-o", tmp_path / "plain.jpg")

    assert read_label((tmp_path / "marked.jpg").read_bytes()) is not None
    assert read_label((tmp_path / "plain.jpg").read_bytes()) is None
    assert size_and_orientation(tmp_path / "plain.jpg") == ((90, 70), None)


def test_the_ids_of_the_presets_are_listed(capsys: pytest.CaptureFixture[str]):
    assert run("--list") == 0

    assert capsys.readouterr().out == "ink\n"


# Errors


def last_line(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err.strip().splitlines()[-1]


def test_an_unknown_style_is_reported_with_the_presets(
    photo: Path, capsys: pytest.CaptureFixture[str]
):
    code = run(photo, "--style", "mona-lisa")

    expected = "dualtrans stylize: mona-lisa is neither a file nor a preset (ink)"
    assert (code, last_line(capsys)) == (2, expected)


def test_a_missing_photo_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    missing = tmp_path / "nowhere.jpg"

    code = run(missing, "--style", "ink")

    assert (code, last_line(capsys)) == (2, f"dualtrans stylize: {missing} does not exist")


def test_a_folder_without_pictures_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "empty").mkdir()

    code = run(tmp_path / "empty", "--style", "ink")

    assert (code, last_line(capsys)) == (
        2,
        f"dualtrans stylize: no pictures in {tmp_path / 'empty'}",
    )


def test_a_file_that_is_not_a_picture_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "a.jpg").write_text("no picture")

    code = run(tmp_path / "a.jpg", "--style", "ink")

    assert code == 2
    assert last_line(capsys).startswith(f"dualtrans stylize: {tmp_path / 'a.jpg'} cannot be read")


def test_a_small_photo_is_reported_with_its_size(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    picture((40, 300)).save(tmp_path / "a.jpg")

    code = run(tmp_path / "a.jpg", "--style", "ink")

    assert (code, "the picture is 40 x 300 px" in last_line(capsys)) == (2, True)


def test_one_file_for_two_results_is_rejected(
    tmp_path: Path, photo: Path, artwork: Path, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "out.jpg"

    code = run(photo, "--style", "ink", artwork, "-o", out)

    expected = f"dualtrans stylize: {out} is one file, but there are 2 results"
    assert (code, last_line(capsys), out.exists()) == (2, expected, False)


def test_two_styles_cannot_be_saved_in_one_file(
    tmp_path: Path, photo: Path, artwork: Path, capsys: pytest.CaptureFixture[str]
):
    code = run(photo, "--style", "ink", artwork, "--save-style", tmp_path / "a.style")

    assert (code, "saves one style, not 2; add --mix" in last_line(capsys)) == (2, True)


@pytest.mark.parametrize("tau", ["1.6", "-0.5", "nan", "strong"])
def test_a_strength_out_of_range_is_rejected(
    photo: Path, capsys: pytest.CaptureFixture[str], tau: str
):
    with pytest.raises(SystemExit) as stop:
        run(photo, "--style", "ink", f"--tau={tau}")

    assert (stop.value.code, tau in last_line(capsys)) == (2, True)


@pytest.mark.parametrize("arguments", [[], ["--style", "ink"]], ids=["nothing", "no photo"])
def test_missing_arguments_are_reported(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as stop:
        run(*arguments)

    assert (stop.value.code, "at least one PHOTO and one --style" in last_line(capsys)) == (2, True)


@pytest.mark.parametrize("arguments", [["--list"], ["a.jpg", "--style", "ink"]], ids=str)
def test_missing_weights_are_reported_in_one_line(
    tmp_path: Path, photo: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
):
    arguments = [str(photo) if a == "a.jpg" else a for a in arguments]

    code = run(*arguments, "--weights", tmp_path / "nowhere.safetensors")

    assert (code, "nowhere.safetensors" in last_line(capsys)) == (2, True)
