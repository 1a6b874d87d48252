"""AdaIN (Huang, Belongie; 2017): VGG-19 as encoder, channel statistics moved, its decoder."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from imaging.color import to_rgb
from model.adain import AdainDecoder
from model.evaluation.methods import Remembered
from model.perceptual import Vgg19, statistics
from model.pictures import to_picture, to_tensor

_STRIDE = 8  # of relu4_1


class Adain:
    """Strength mixes the features of photograph and moved photograph (their alpha)."""

    name = "AdaIN"
    note = "VGG-19 is its encoder; strength is its alpha"
    strengths = (0.0, 0.25, 0.5, 0.75, 1.0)

    def __init__(self, vgg: Vgg19, decoder: AdainDecoder) -> None:
        """Both frozen."""
        self.vgg, self.decoder = vgg, decoder
        self._style = Remembered(self._statistics)
        self._content = Remembered(self._features, capacity=1)  # strengths and styles follow it

    @torch.inference_mode()
    def paint(self, photograph: Image.Image, artwork: Image.Image, strength: float) -> Image.Image:
        """Sides are filled by reflection to what the decoder can double back to."""
        content, style = self._content(photograph), self._style(artwork)
        painted = self.decoder(content, style, torch.tensor([strength]))
        return to_picture(painted[0, :, : photograph.height, : photograph.width])

    def _features(self, photograph: Image.Image) -> Float[Tensor, "1 C h w"]:
        right, below = -photograph.width % _STRIDE, -photograph.height % _STRIDE
        picture = to_tensor(to_rgb(photograph))[None]
        return self.vgg(F.pad(picture, (0, right, 0, below), mode="reflect"))[-1]

    def _statistics(self, artwork: Image.Image) -> Float[Tensor, "1 F"]:
        return statistics(self.vgg(to_tensor(to_rgb(artwork))[None]))
