"""A fake `Painter`, for tests of everything around the model."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PIL import Image, ImageChops

from styling.brush import Brush
from worker.painter import PaintRequest, RefinedCode

MODEL_VERSION = "fake-1"


@dataclass(frozen=True)
class FakeStyleCode:
    """The mean colour of a style."""

    color: tuple[int, int, int]


@dataclass
class FakePainter:
    """Tints photos with the colour of the style, and records every forward pass."""

    model_version: str = MODEL_VERSION
    device: str = "cpu"
    forward_seconds: float = 0.0
    before_forward: Callable[[Sequence[Image.Image]], None] = lambda _: None
    forwards: list[int] = field(default_factory=list)  # photos in each forward pass
    requests: list[PaintRequest] = field(default_factory=list)
    can_refine: bool = False
    step_seconds: float = 0.0
    before_step: Callable[[], None] = lambda: None

    def encode_style(self, picture: Image.Image) -> bytes:
        return picture.convert("RGB").resize((1, 1)).tobytes()

    def refine_style(
        self,
        picture: Image.Image,
        *,
        start: bytes | None,
        steps: int,
        should_stop: Callable[[], bool],
    ) -> RefinedCode:
        """Make the colour 1 brighter in each step, so that the code shows how many there were."""
        code = self.encode_style(picture) if start is None else start
        done = 0
        while done < steps and not should_stop():
            self.before_step()
            time.sleep(self.step_seconds)
            done += 1
        return RefinedCode(bytes(value + done for value in code), done)

    def read_code(self, data: bytes) -> FakeStyleCode:
        if len(data) != 3:
            raise ValueError(f"a code has 3 bytes, not {len(data)}")
        return FakeStyleCode((data[0], data[1], data[2]))

    def preset_code(self, style_id: str) -> FakeStyleCode:
        return {"nixi-black-pottery": FakeStyleCode((20, 20, 20))}[style_id]

    def preset_ids(self) -> list[str]:
        return ["nixi-black-pottery"]

    def rendered_pixels(self, size: tuple[int, int], brush: Brush) -> int:
        return int(size[0] * size[1] * brush.scale)

    def mix_codes(self, codes: Sequence[FakeStyleCode], weights: Sequence[float]) -> FakeStyleCode:
        channels = zip(*(code.color for code in codes), strict=True)
        red, green, blue = (
            round(sum(w * v for w, v in zip(weights, channel, strict=True)) / sum(weights))
            for channel in channels
        )
        return FakeStyleCode((red, green, blue))

    def paint(self, requests: Sequence[PaintRequest]) -> list[Image.Image]:
        photos = [request.photo for request in requests]
        assert len({photo.size for photo in photos}) == 1
        self.before_forward(photos)
        time.sleep(self.forward_seconds)
        self.forwards.append(len(photos))
        self.requests += requests
        return [
            ImageChops.blend(
                request.photo,
                Image.new("RGB", request.photo.size, request.code.color),
                request.tau / 2,
            )
            for request in requests
        ]
