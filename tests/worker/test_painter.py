"""The adapter from the worker's interface to `model.inference`."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

from PIL import Image

from core.settings import Settings
from styling.brush import Brush
from worker.painter import PaintRequest, StylizerPainter

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

    def stylize_batch(self, *args: Any, **options: Any) -> list[Image.Image]:
        self.calls.append(("stylize_batch", *args, options))
        return [PHOTO]


@dataclass(frozen=True)
class Levels:
    colour: float = 1.0
    texture: float = 1.0
    structure: float = 1.0


def new_painter() -> StylizerPainter:
    inference = SimpleNamespace(Stylizer=RecordingStylizer, LevelStrengths=Levels)
    return StylizerPainter(cast("Any", inference), Settings(device="cpu", precision="fp32"))


def test_the_model_is_loaded_with_the_settings() -> None:
    painter = new_painter()

    assert painter._stylizer.calls == [("load", None, "cpu", "fp32")]
    assert (painter.model_version, painter.device) == ("7", "cpu")


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
