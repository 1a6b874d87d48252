"""AdaIN (Huang, Belongie; 2017): VGG-19 encoder, channel statistics of the style, decoder."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from imaging.color import to_rgb
from model.adain import AdainDecoder
from model.evaluation.methods import PictureCache
from model.perceptual.statistics import tap_statistics
from model.perceptual.vgg import Vgg19
from model.pictures import to_picture, to_tensor

_STRIDE = 8  # of relu4_1


class Adain:
    """AdaIN. The strength is its alpha: it interpolates between content and restyled features."""

    name = "AdaIN"
    note = "VGG-19 is its encoder; strength is its alpha"
    strengths = (0.0, 0.25, 0.5, 0.75, 1.0)

    def __init__(self, vgg: Vgg19, decoder: AdainDecoder) -> None:
        """Both networks are frozen."""
        self.vgg, self.decoder = vgg, decoder
        self._style = PictureCache(self._statistics)
        # One entry is enough: the evaluation stylizes a photo with all styles and strengths in turn
        self._content = PictureCache(self._features, capacity=1)

    @torch.inference_mode()
    def stylize(self, photo: Image.Image, artwork: Image.Image, strength: float) -> Image.Image:
        """Pad the photo by reflection to a multiple of the stride; crop the result."""
        content, style = self._content(photo), self._style(artwork)
        result = self.decoder(content, style, torch.tensor([strength]))
        return to_picture(result[0, :, : photo.height, : photo.width])

    def _features(self, photo: Image.Image) -> Float[Tensor, "1 C h w"]:
        right, below = -photo.width % _STRIDE, -photo.height % _STRIDE
        picture = to_tensor(to_rgb(photo))[None]
        return self.vgg(F.pad(picture, (0, right, 0, below), mode="reflect"))[-1]

    def _statistics(self, artwork: Image.Image) -> Float[Tensor, "1 F"]:
        return tap_statistics(self.vgg(to_tensor(to_rgb(artwork))[None]))
