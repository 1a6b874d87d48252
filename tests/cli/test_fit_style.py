"""`dualtrans fit-style`: it writes a code that `dualtrans stylize` reads, and names its errors."""

from pathlib import Path

import pytest
from safetensors.torch import save_file

from cli import fit_style
from model.checkpoint import save_generator
from model.fitting import fitter
from model.inference import StyleCode
from tests.model.samples import picture, random_vgg_weights, tiny_generator, write_pictures

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _small_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitter, "SIDES_PX", (96,))
    monkeypatch.setattr(fitter, "_CHECK_SIDES_PX", (96,))


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "weights.safetensors"
    save_generator(tiny_generator(), path, {"steps": 3})
    return path


@pytest.fixture
def vgg(tmp_path: Path) -> Path:
    path = tmp_path / "vgg.safetensors"
    save_file(random_vgg_weights(), path)
    return path


@pytest.fixture
def artwork(tmp_path: Path) -> Path:
    path = tmp_path / "wave.png"
    picture((100, 120), seed=2).save(path)
    return path


def test_a_style_is_fitted_and_the_fit_continued(
    tmp_path: Path,
    weights: Path,
    vgg: Path,
    artwork: Path,
    capsys: pytest.CaptureFixture[str],
):
    photos = write_pictures(tmp_path / "photos", ["1.jpg", "2.png", "3.jpg"])
    common = ["--perceptual-weights", vgg, "--weights", weights, "--photos", photos, "--steps", 1]
    first, second = tmp_path / "codes" / "first.code", tmp_path / "second.code"

    assert run(artwork, "--out", first, *common) == 0
    assert run(artwork, "--out", second, "--start", first, *common) == 0

    output = capsys.readouterr().out
    assert f"{second} after 1 steps" in output
    assert "style distance" in output
    assert StyleCode.from_bytes(second.read_bytes()).sides_px


def test_without_vgg_19_the_compact_network_fits(
    tmp_path: Path, weights: Path, artwork: Path, capsys: pytest.CaptureFixture[str]
):
    photos = write_pictures(tmp_path / "photos", ["1.jpg", "2.png", "3.jpg"])
    code = tmp_path / "code"

    status = run(artwork, "--out", code, "--weights", weights, "--photos", photos, "--steps", 1)

    assert status == 0
    assert StyleCode.from_bytes(code.read_bytes()).sides_px


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"artwork": "missing.png"}, "missing.png"),
        ({"vgg": "artwork"}, "contains no weights"),
        ({"start": "artwork"}, "bytes are not a style code"),
    ],
    ids=["artwork", "perceptual weights", "start"],
)
def test_an_unusable_file_is_named(
    tmp_path: Path,
    weights: Path,
    vgg: Path,
    artwork: Path,
    capsys: pytest.CaptureFixture[str],
    change: dict[str, str],
    message: str,
):
    files = {"artwork": artwork, "vgg": vgg, "start": None}
    for name, value in change.items():
        files[name] = artwork if value == "artwork" else tmp_path / value
    start = ["--start", files["start"]] if files["start"] else []

    status = run(
        files["artwork"],
        *start,
        "--perceptual-weights",
        files["vgg"],
        "--weights",
        weights,
        "--out",
        tmp_path / "code",
        "--steps",
        1,
    )

    assert status == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "code").exists()


def test_zero_steps_are_refused(
    tmp_path: Path, vgg: Path, artwork: Path, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit):
        run(artwork, "--perceptual-weights", vgg, "--out", tmp_path / "code", "--steps", 0)

    assert "--steps 0 is not at least 1" in capsys.readouterr().err


def run(*arguments: object) -> int:
    return fit_style.main([*map(str, arguments)])
