"""`python -m model.presets` fits the style codes of all presets, and can be interrupted."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from model import inference
from model.fitting import fitter
from model.inference import Stylizer
from model.perceptual import compact
from model.perceptual.compact import CompactPerceptual, save_compact_perceptual
from model.presets import __main__ as command
from model.presets import sources
from model.style_code import read_preset_records, read_presets
from tests.model.samples import write_pictures


@pytest.fixture
def artworks(tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two presets from three artworks and a drawn one; TINY replaces the released weights."""
    monkeypatch.setattr(inference, "WEIGHTS", weights)
    monkeypatch.setattr(command, "PRESETS", tmp_path / "presets.safetensors")
    monkeypatch.setattr(fitter, "SIDES_PX", (96,))
    monkeypatch.setattr(fitter, "_CHECK_SIDES_PX", (96,))
    monkeypatch.setattr(sources, "DRAWN", ("drawn",))
    monkeypatch.setattr(sources, "SOURCES", {"ink": ("ink/*",), "wave": ("wave/1.*", "wave/2.*")})
    return write_pictures(tmp_path / "artworks", ["ink/1.jpg", "wave/1.jpg", "wave/2.png"])


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    """The folder that `python -m art sources` would have written."""
    return write_pictures(tmp_path / "drawn", ["drawn.png"], first_seed=8)


@pytest.fixture
def run(tmp_path: Path, artworks: Path, drawn: Path, vgg_file: Path) -> Callable[..., int]:
    """A function that runs the command with further arguments."""
    photos = write_pictures(tmp_path / "photos", ["1.jpg", "2.jpg", "3.jpg"])
    folders = {"artworks": artworks, "drawn": drawn, "photos": photos, "work": tmp_path / "work"}
    common = [f"--{name}={path}" for name, path in folders.items()]

    def run(*more: object, without_vgg: bool = False) -> int:
        vgg = [] if without_vgg else [f"--vgg={vgg_file}"]
        return command.main([*common, *vgg, *map(str, more)])

    return run


def presets_file(tmp_path: Path) -> Path:
    return tmp_path / "presets.safetensors"


def test_every_preset_gets_a_fitted_code_and_a_record(tmp_path: Path, run: Callable[..., int]):
    assert run("--steps", 1) == 0

    version = Stylizer.load(precision="fp32").model_version
    assert list(read_presets(presets_file(tmp_path), version)) == ["drawn", "ink", "wave"]
    records = read_preset_records(presets_file(tmp_path))
    assert {record["steps"] for record in records.values()} == {1}
    assert records["ink"]["style"] <= records["ink"]["style_before"] + 1


def test_a_record_names_the_network_that_fitted_and_measured(
    tmp_path: Path, run: Callable[..., int], monkeypatch: pytest.MonkeyPatch
):
    run("--steps", 1)
    measured_by_vgg = read_preset_records(presets_file(tmp_path))
    path = tmp_path / "perceptual.safetensors"
    save_compact_perceptual(CompactPerceptual(), path, {})
    monkeypatch.setattr(compact, "COMPACT_WEIGHTS", path)

    run("--steps", 2, without_vgg=True)

    records = read_preset_records(presets_file(tmp_path))
    assert {record["perceptual"] for record in measured_by_vgg.values()} == {"vgg19"}
    assert {record["perceptual"] for record in records.values()} == {"compact"}
    assert {record["steps"] for record in records.values()} == {2}
    for style_id, record in records.items():  # figures of two networks are not compared
        assert record["style_before"] != measured_by_vgg[style_id]["style_before"]


def test_an_interrupted_run_goes_on_where_it_stopped(
    tmp_path: Path, run: Callable[..., int], monkeypatch: pytest.MonkeyPatch
):
    fitted: list[int] = []
    fit = fitter.StyleFitter.fit

    def counted(
        self: fitter.StyleFitter, artworks: Sequence[Image.Image], *, steps: int, **options: Any
    ) -> fitter.FitResult:
        fitted.append(steps)
        return fit(self, artworks, steps=steps, **options)

    monkeypatch.setattr(fitter.StyleFitter, "fit", counted)

    assert run("--steps", 1, "--only", "ink") == 0
    assert not presets_file(tmp_path).exists()
    assert run("--steps", 2) == 0

    assert fitted == [1, 1, 2, 2]  # one further step for ink, two for each other preset
    records = read_preset_records(presets_file(tmp_path))
    assert {record["steps"] for record in records.values()} == {2}


def test_a_preset_with_other_source_pictures_is_fitted_anew(
    tmp_path: Path, artworks: Path, run: Callable[..., int]
):
    run("--steps", 1)
    write_pictures(artworks / "ink", ["1.jpg"], first_seed=20)

    run("--steps", 2)

    records = read_preset_records(presets_file(tmp_path))
    assert {record["steps"] for record in records.values()} == {2}


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("artworks/ink/1.jpg", r"no picture in \S*artworks matches ink/\*"),
        ("drawn/drawn.png", r"no picture in \S*drawn matches drawn\.png"),
    ],
)
def test_a_preset_without_source_pictures_is_reported(
    tmp_path: Path,
    run: Callable[..., int],
    missing: str,
    message: str,
    capsys: pytest.CaptureFixture[str],
):
    (tmp_path / missing).unlink()

    assert run() == 2
    assert re.search(message, capsys.readouterr().err)


def test_an_unknown_preset_is_reported(run: Callable[..., int], capsys: pytest.CaptureFixture[str]):
    assert run("--only", "ink", "oil") == 2
    assert "unknown presets: oil" in capsys.readouterr().err


def test_no_steps_give_the_code_of_the_style_controller(tmp_path: Path, run: Callable[..., int]):
    assert run("--steps", 0) == 0

    records = read_preset_records(presets_file(tmp_path))
    assert {record["steps"] for record in records.values()} == {0}
    assert all(record["style"] == record["style_before"] for record in records.values())
