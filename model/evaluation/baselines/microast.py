"""MicroAST (Wang et al., 2023): two small encoders, a modulator and a decoder of convolutions.

The forward pass after the paper and the shapes of the published weights. B batch, H x W pixels,
C channels.
"""

from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError

import torch
import torch.nn.functional as F
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from imaging.color import to_rgb
from model.evaluation.methods import Remembered
from model.pictures import to_picture, to_tensor

_FILES = {
    part: f"{part}_iter_160000.pth.tar"
    for part in ("content_encoder", "style_encoder", "modulator", "decoder")
}
_ENCODER = ((0, 1), (2, 2), (4, 1), (6, 2), (8, 1))  # place in the file and stride, ReLU after each
_RISES_BEFORE = (1, 6)  # bilinear x2
_STRIDE = 4
_EPSILON = 1e-5

Weights = dict[str, Tensor]


@dataclass(frozen=True)
class Level:
    """What a style asks of one level: statistics of the features, gain and bias of the filters."""

    mean: Float[Tensor, "B C 1 1"]
    deviation: Float[Tensor, "B C 1 1"]
    gain: Float[Tensor, "B C 1 1"]
    bias: Float[Tensor, "B C 1 1"]


class MicroAst:
    """Strength mixes features with and without the style's statistics (their alpha).

    The modulated filters know the style at every strength, as published: 0 is no photograph.
    """

    name = "MicroAST"
    note = (
        "published weights; strength is its alpha, which leaves the modulated filters as they are"
    )
    strengths = (0.0, 0.25, 0.5, 0.75, 1.0)

    def __init__(self, weights: dict[str, Weights]) -> None:
        """The four parts by name."""
        self.weights = weights
        self._style = Remembered(self._levels)

    @torch.inference_mode()
    def paint(self, photograph: Image.Image, artwork: Image.Image, strength: float) -> Image.Image:
        """Sides are filled by reflection to multiples of 4."""
        picture = _in_unit_range(photograph)
        height, width = picture.shape[2:]
        filled = F.pad(picture, (0, -width % _STRIDE, 0, -height % _STRIDE), mode="reflect")
        features = _encoded(self.weights["content_encoder"], filled)[1]
        painted = self._decoded(features, self._style(artwork), strength)
        return to_picture(painted[0, :, :height, :width] * 2 - 1)

    def _levels(self, artwork: Image.Image) -> list[Level]:
        """Fine, then coarse."""
        features = _encoded(self.weights["style_encoder"], _in_unit_range(artwork))
        return [
            Level(
                *_moments(level), self._signal("weight", n, level), self._signal("bias", n, level)
            )
            for n, level in enumerate(features, 1)
        ]

    def _signal(
        self, kind: str, level: int, style: Float[Tensor, "B C h w"]
    ) -> Float[Tensor, "B C 1 1"]:
        signal = _convolved(self.weights["modulator"], f"{kind}{level}.0", style)
        return signal.mean((2, 3), keepdim=True)

    def _decoded(
        self, x: Float[Tensor, "B C h w"], style: list[Level], strength: float
    ) -> Float[Tensor, "B 3 H W"]:
        """Both levels, coarse first; then twice up to the picture."""
        weights = self.weights["decoder"]
        for block, level in (("dec1", style[1]), ("dec2", style[0])):
            mean, deviation = _moments(x)
            moved = (x - mean) / deviation * level.deviation + level.mean
            x = torch.lerp(x, moved, strength)
            inside = F.relu(_modulated(weights, f"{block}.conv1", x, level))
            x = x + _modulated(weights, f"{block}.conv2", inside, level)
        for index in (1, 3, 6, 8):
            if index in _RISES_BEFORE:
                x = F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
            x = F.relu(_convolved(weights, f"dec3.{index}", x))
        return _convolved(weights, "dec3.10", x)


def _in_unit_range(picture: Image.Image) -> Float[Tensor, "1 3 H W"]:
    return (to_tensor(to_rgb(picture))[None] + 1) / 2


def _encoded(weights: Weights, x: Float[Tensor, "B 3 H W"]) -> list[Tensor]:
    """Features of both levels, at 1/4."""
    for index, stride in _ENCODER:
        x = F.relu(_convolved(weights, f"enc1.{index}", x, stride))
    first = _residual(weights, "enc1.10", x)
    return [first, _residual(weights, "enc2.0", first)]


def _residual(weights: Weights, name: str, x: Tensor) -> Tensor:
    inside = F.relu(_convolved(weights, f"{name}.conv1", x))
    return x + _convolved(weights, f"{name}.conv2", inside)


def _convolved(weights: Weights, name: str, x: Tensor, stride: int = 1) -> Tensor:
    """Reflection padding; the number of groups follows from the weight's shape."""
    weight = weights[f"{name}.conv_layer.weight"]
    bias = weights[f"{name}.conv_layer.bias"]
    rim = weight.shape[-1] // 2
    padded = F.pad(x, (rim, rim, rim, rim), mode="reflect") if rim else x
    return F.conv2d(padded, weight, bias, stride, groups=x.shape[1] // weight.shape[1])


def _modulated(
    weights: Weights, name: str, x: Float[Tensor, "B C h w"], level: Level
) -> Float[Tensor, "B C h w"]:
    """The filter as it was trained and the one that copies, in the style's proportion."""
    return level.gain * _convolved(weights, name, x) + level.bias * x


def _moments(
    x: Float[Tensor, "B C h w"],
) -> tuple[Float[Tensor, "B C 1 1"], Float[Tensor, "B C 1 1"]]:
    """Mean and deviation of every channel."""
    variance, mean = torch.var_mean(x, (2, 3), keepdim=True)
    return mean, (variance + _EPSILON).sqrt()


def load_microast(folder: Path) -> MicroAst:
    """Read the four published files.

    Raises:
        ValueError: one is missing or holds something else.
    """
    weights: dict[str, Weights] = {}
    for part, name in _FILES.items():
        try:
            weights[part] = torch.load(folder / name, map_location="cpu", weights_only=True)
        except (OSError, UnpicklingError, RuntimeError, EOFError) as error:
            raise ValueError(f"{folder / name} holds no part of MicroAST: {error}") from error
    if "dec3.10.conv_layer.weight" not in weights["decoder"]:
        raise ValueError(f"{folder / _FILES['decoder']} holds no decoder of MicroAST")
    return MicroAst(weights)
