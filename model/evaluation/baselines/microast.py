"""MicroAST (Wang et al., 2023): two small encoders, a modulator and a convolutional decoder.

The forward pass follows the paper and the shapes of the published weights.

Shapes: B batch, H x W pixels, C channels.
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
from model.evaluation.methods import PictureCache
from model.pictures import to_picture, to_tensor

_FILES = {
    part: f"{part}_iter_160000.pth.tar"
    for part in ("content_encoder", "style_encoder", "modulator", "decoder")
}
_ENCODER_LAYERS = ((0, 1), (2, 2), (4, 1), (6, 2), (8, 1))  # (index in the file, stride), then ReLU
_DECODER_LAYERS = (1, 3, 6, 8)
_UPSAMPLE_BEFORE = (1, 6)  # bilinear x2
_STRIDE = 4
_EPSILON = 1e-5

Weights = dict[str, Tensor]


@dataclass(frozen=True)
class StyleLevel:
    """The style at one level: statistics of the features, gain and bias of the filters."""

    mean: Float[Tensor, "B C 1 1"]
    deviation: Float[Tensor, "B C 1 1"]
    gain: Float[Tensor, "B C 1 1"]
    bias: Float[Tensor, "B C 1 1"]


class MicroAst:
    """MicroAST. The strength is its alpha: it interpolates to the statistics of the style.

    As published, the modulated filters use the style at every strength, so strength 0 does not
    return the photo.
    """

    name = "MicroAST"
    note = "published weights; strength is its alpha, which does not change the modulated filters"
    strengths = (0.0, 0.25, 0.5, 0.75, 1.0)

    def __init__(self, weights: dict[str, Weights]) -> None:
        """`weights` has the four parts of `_FILES` by name."""
        self.weights = weights
        self._style = PictureCache(self._style_levels)

    @torch.inference_mode()
    def stylize(self, photo: Image.Image, artwork: Image.Image, strength: float) -> Image.Image:
        """Pad the photo by reflection to multiples of 4; crop the result."""
        picture = _in_unit_range(photo)
        height, width = picture.shape[2:]
        padded = F.pad(picture, (0, -width % _STRIDE, 0, -height % _STRIDE), mode="reflect")
        features = _encode(self.weights["content_encoder"], padded)[1]
        result = self._decode(features, self._style(artwork), strength)
        return to_picture(result[0, :, :height, :width] * 2 - 1)

    def _style_levels(self, artwork: Image.Image) -> list[StyleLevel]:
        """Return the fine level, then the coarse one."""
        features = _encode(self.weights["style_encoder"], _in_unit_range(artwork))
        return [
            StyleLevel(
                *_moments(level),
                self._filter_signal("weight", number, level),
                self._filter_signal("bias", number, level),
            )
            for number, level in enumerate(features, 1)
        ]

    def _filter_signal(
        self, kind: str, level: int, style: Float[Tensor, "B C h w"]
    ) -> Float[Tensor, "B C 1 1"]:
        signal = _convolve(self.weights["modulator"], f"{kind}{level}.0", style)
        return signal.mean((2, 3), keepdim=True)

    def _decode(
        self, x: Float[Tensor, "B C h w"], style: list[StyleLevel], strength: float
    ) -> Float[Tensor, "B 3 H W"]:
        """Apply the coarse level, then the fine one; then upsample twice to the full size."""
        weights = self.weights["decoder"]
        for block, level in (("dec1", style[1]), ("dec2", style[0])):
            mean, deviation = _moments(x)
            restyled = (x - mean) / deviation * level.deviation + level.mean
            x = torch.lerp(x, restyled, strength)
            hidden = F.relu(_convolve_modulated(weights, f"{block}.conv1", x, level))
            x = x + _convolve_modulated(weights, f"{block}.conv2", hidden, level)
        for index in _DECODER_LAYERS:
            if index in _UPSAMPLE_BEFORE:
                x = F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
            x = F.relu(_convolve(weights, f"dec3.{index}", x))
        return _convolve(weights, "dec3.10", x)


def _in_unit_range(picture: Image.Image) -> Float[Tensor, "1 3 H W"]:
    return (to_tensor(to_rgb(picture))[None] + 1) / 2


def _encode(weights: Weights, x: Float[Tensor, "B 3 H W"]) -> list[Tensor]:
    """Return the features of both levels, each at 1/4 of the size."""
    for index, stride in _ENCODER_LAYERS:
        x = F.relu(_convolve(weights, f"enc1.{index}", x, stride))
    fine = _residual_block(weights, "enc1.10", x)
    return [fine, _residual_block(weights, "enc2.0", fine)]


def _residual_block(weights: Weights, name: str, x: Tensor) -> Tensor:
    hidden = F.relu(_convolve(weights, f"{name}.conv1", x))
    return x + _convolve(weights, f"{name}.conv2", hidden)


def _convolve(weights: Weights, name: str, x: Tensor, stride: int = 1) -> Tensor:
    """Convolve with reflection padding; the number of groups follows from the weight's shape."""
    weight = weights[f"{name}.conv_layer.weight"]
    bias = weights[f"{name}.conv_layer.bias"]
    border = weight.shape[-1] // 2
    padded = F.pad(x, (border, border, border, border), mode="reflect") if border else x
    return F.conv2d(padded, weight, bias, stride, groups=x.shape[1] // weight.shape[1])


def _convolve_modulated(
    weights: Weights, name: str, x: Float[Tensor, "B C h w"], level: StyleLevel
) -> Float[Tensor, "B C h w"]:
    """Return gain * filtered + bias * input: the trained filter mixed with the identity."""
    return level.gain * _convolve(weights, name, x) + level.bias * x


def _moments(
    x: Float[Tensor, "B C h w"],
) -> tuple[Float[Tensor, "B C 1 1"], Float[Tensor, "B C 1 1"]]:
    """Return mean and deviation of every channel."""
    variance, mean = torch.var_mean(x, (2, 3), keepdim=True)
    return mean, (variance + _EPSILON).sqrt()


def load_microast(folder: Path) -> MicroAst:
    """Read the four published files.

    Raises:
        ValueError: a file is missing or has other content.
    """
    weights: dict[str, Weights] = {}
    for part, name in _FILES.items():
        try:
            weights[part] = torch.load(folder / name, map_location="cpu", weights_only=True)
        except (OSError, UnpicklingError, RuntimeError, EOFError) as error:
            raise ValueError(
                f"{folder / name} is not a weights file of MicroAST: {error}"
            ) from error
    if "dec3.10.conv_layer.weight" not in weights["decoder"]:
        raise ValueError(f"{folder / _FILES['decoder']} does not contain the decoder of MicroAST")
    return MicroAst(weights)
