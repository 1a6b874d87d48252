"""A model's stand-in with the shape of `model.inference`, for tests of everything around it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from PIL import Image, ImageChops

MODEL_VERSION = "stand-in-1"


@dataclass(frozen=True)
class FakeStyleCode:
    """A style's mean colour."""

    color: tuple[int, int, int]
    model_version: str = MODEL_VERSION

    def to_bytes(self) -> bytes:
        return bytes(self.color)

    @classmethod
    def from_bytes(cls, blob: bytes) -> "FakeStyleCode":
        if len(blob) != 3:
            raise ValueError(f"a code has 3 bytes, not {len(blob)}")
        return cls((blob[0], blob[1], blob[2]))

    @staticmethod
    def mix(codes: Sequence["FakeStyleCode"], weights: Sequence[float]) -> "FakeStyleCode":
        channels = zip(*(code.color for code in codes), strict=True)
        red, green, blue = (
            round(sum(w * v for w, v in zip(weights, channel, strict=True)) / sum(weights))
            for channel in channels
        )
        return FakeStyleCode((red, green, blue))


@dataclass
class FakeStylizer:
    """Tints pictures and remembers the size of each forward."""

    model_version: str = MODEL_VERSION
    device: str = "cpu"
    precision: str = "fp32"
    forward_seconds: float = 0.0
    forwards: list[int] = field(default_factory=list)
    levels: list[Any] = field(default_factory=list)
    before_forward: Callable[[Sequence[Image.Image]], None] = lambda _: None

    def style_code(self, picture: Any) -> FakeStyleCode:
        return FakeStyleCode(picture.convert("RGB").resize((1, 1)).getpixel((0, 0)))

    def preset(self, style_id: str) -> FakeStyleCode:
        return {"nixi-black-pottery": FakeStyleCode((20, 20, 20))}[style_id]

    def preset_ids(self) -> list[str]:
        return ["nixi-black-pottery"]

    def stylize(self, picture: Image.Image, code: FakeStyleCode, tau: float = 1.0) -> Image.Image:
        return self.stylize_batch([picture], [code], [tau])[0]

    def stylize_batch(
        self,
        pictures: Sequence[Image.Image],
        codes: Sequence[FakeStyleCode],
        taus: Sequence[float],
        *,
        levels: Sequence[Any] | None = None,
        keep_colors: Sequence[bool] | None = None,  # noqa: ARG002  # the model's signature
    ) -> list[Image.Image]:
        assert len({picture.size for picture in pictures}) == 1
        self.before_forward(pictures)
        time.sleep(self.forward_seconds)
        self.forwards.append(len(pictures))
        self.levels += levels or []
        return [
            ImageChops.blend(picture, Image.new("RGB", picture.size, code.color), tau / 2)
            for picture, code, tau in zip(pictures, codes, taus, strict=True)
        ]
