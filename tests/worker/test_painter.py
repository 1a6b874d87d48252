"""The adapter from the worker's interface to `model.inference`."""

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zlib import crc32

import pytest
from PIL import Image
from safetensors.torch import save_file

from core.settings import Settings
from model.perceptual.vgg import load_vgg
from styling.brush import Brush
from tests.model.samples import random_vgg_weights
from worker.painter import (
    PaintRequest,
    RefinedCode,
    RefinementUnavailableError,
    StylizerPainter,
)

PHOTO = Image.new("RGB", (64, 64), "teal")


class RecordingStylizer:
    """Has the methods of `model.inference.Stylizer` that the adapter uses; records its calls."""

    model_version = "7"
    device = "cpu"

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    @classmethod
    def load(cls, weights: Any, *, device: Any, precision: Any) -> "RecordingStylizer":
        stylizer = cls()
        stylizer.calls.append(("load", weights, device, precision))
        return stylizer

    def style_fitter(self, perceptual_weights: Path | None) -> "RecordingStylizer":
        if perceptual_weights is not None:
            load_vgg(perceptual_weights)
        self.calls.append(("style_fitter", perceptual_weights))
        return self

    def fit(self, *args: Any, **options: Any) -> SimpleNamespace:
        self.calls.append(("fit", *args, options))
        return SimpleNamespace(code=SimpleNamespace(to_bytes=lambda: b"fitted"), steps=3)

    def rendered_pixels(self, *args: Any) -> int:
        self.calls.append(("rendered_pixels", *args))
        return 1000

    def stylize_batch(self, *args: Any, **options: Any) -> list[Image.Image]:
        self.calls.append(("stylize_batch", *args, options))
        return [PHOTO]


@dataclass(frozen=True)
class Levels:
    colour: float = 1.0
    texture: float = 1.0
    structure: float = 1.0


class Code:
    """Reads stored codes as `model.inference.StyleCode` does."""

    @staticmethod
    def from_bytes(data: bytes) -> tuple[str, bytes]:
        return "code", data


def new_painter(packaged: Path = Path(__file__), **settings: Any) -> StylizerPainter:
    """Return a painter; `packaged` is the file of the compact perceptual network."""
    inference = SimpleNamespace(
        Stylizer=RecordingStylizer, LevelStrengths=Levels, StyleCode=Code, COMPACT_WEIGHTS=packaged
    )
    steps = settings.pop("refinement_steps", 40)
    given = Settings(device="cpu", precision="fp32", refinement_steps=steps, **settings)
    return StylizerPainter(cast("Any", inference), given)


def test_the_model_is_loaded_with_the_settings() -> None:
    painter = new_painter()

    assert painter._stylizer.calls == [("load", None, "cpu", "fp32")]
    assert (painter.model_version, painter.device) == ("7", "cpu")


def test_the_model_counts_the_rendered_pixels() -> None:
    painter = new_painter()

    assert painter.rendered_pixels((96, 64), Brush.BROAD) == 1000
    assert painter._stylizer.calls[1:] == [("rendered_pixels", (96, 64), Brush.BROAD)]


def test_requests_become_one_call_with_a_list_for_each_parameter() -> None:
    painter = new_painter()
    requests = [
        PaintRequest(
            PHOTO, "code 1", 0.5, levels={"texture": 0.0}, brush=Brush.BROAD, keep_color=True
        ),
        PaintRequest(PHOTO, "code 2", 1.5),
    ]

    assert painter.paint(requests) == [PHOTO]

    assert painter._stylizer.calls[1:] == [
        (
            "stylize_batch",
            [PHOTO, PHOTO],
            ["code 1", "code 2"],
            [0.5, 1.5],
            {
                "levels": [Levels(texture=0.0), Levels()],
                "brushes": [Brush.BROAD, Brush.MEDIUM],
                "keep_colors": [True, False],
            },
        )
    ]


# Refinement


@pytest.fixture
def vgg_file(tmp_path: Path) -> Path:
    path = tmp_path / "vgg.safetensors"
    save_file(random_vgg_weights(), path)
    return path


def never() -> bool:
    return False


@pytest.mark.parametrize(
    ("start", "read", "seed"),
    [(None, None, 0), (b"stored", ("code", b"stored"), crc32(b"stored"))],
    ids=["first", "resumed"],
)
@pytest.mark.parametrize("uses_vgg", [False, True], ids=["compact network", "VGG-19"])
def test_a_style_is_refined_on_the_photos_of_the_model(
    vgg_file: Path, uses_vgg: bool, start: bytes | None, read: Any, seed: int
) -> None:
    weights = vgg_file if uses_vgg else None
    painter = new_painter(perceptual_weights=weights)

    refined = [
        painter.refine_style(PHOTO, start=start, steps=7, should_stop=never) for _ in range(2)
    ]

    assert refined == [RefinedCode(b"fitted", 3)] * 2
    options = {"steps": 7, "start": read, "seed": seed, "should_stop": never}
    assert painter._stylizer.calls[1:] == [
        ("style_fitter", weights),
        ("fit", [PHOTO], options),
        ("fit", [PHOTO], options),
    ]


def test_it_can_refine_unless_there_are_no_steps(vgg_file: Path) -> None:
    assert new_painter().can_refine
    assert new_painter(perceptual_weights=vgg_file).can_refine
    assert not new_painter(refinement_steps=0).can_refine
    assert not new_painter(perceptual_weights=vgg_file, refinement_steps=0).can_refine


def test_a_missing_file_is_logged_when_the_worker_starts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    missing = tmp_path / "none.safetensors"

    for painter in (new_painter(perceptual_weights=missing), new_painter(packaged=missing)):
        assert not painter.can_refine

    assert caplog.text.count("none.safetensors") == 2


def test_nothing_is_logged_about_a_missing_file_if_the_refinement_is_off(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    new_painter(packaged=tmp_path / "none.safetensors", refinement_steps=0)

    assert caplog.text == ""


def test_a_file_with_other_content_switches_the_refinement_off_when_it_is_first_used(
    tmp_path: Path,
) -> None:
    file = tmp_path / "other.safetensors"
    file.write_bytes(b"no weights")
    painter = new_painter(perceptual_weights=file)
    assert painter.can_refine

    for message in ("contains no weights", "the refinement is off"):
        with pytest.raises(RefinementUnavailableError, match=message):
            painter.refine_style(PHOTO, start=None, steps=7, should_stop=never)

    assert not painter.can_refine
    assert len(painter._stylizer.calls) == 1  # only `load`
