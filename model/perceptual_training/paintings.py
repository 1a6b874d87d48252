"""Paintings of the generator in styles that a fit passes through.

A fit moves away from the codes of the style controller. Besides these codes, the paintings have
mixed codes, randomly changed codes and other strengths, so that the network sees what a fit sees.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from model.inference import Stylizer
from model.network.style_control import StyleCodes
from model.pictures import resized_square, to_picture, to_tensor
from model.style_code import StyleView

_SIDES_PX = (256, 384, 512)
_VIEWS_PX = (128, 192, 256, 384)
_CHANGED_SHARE = 0.6
_CHANGES = (0.05, 0.5)  # of the deviation of a value between styles
_OTHER_STRENGTH_SHARE = 0.2
_STRENGTHS = (0.5, 1.3)
_MIXTURES = (0.0, 0.0, 0.5)  # weights of a second style


@dataclass(frozen=True)
class _Values:
    """The values of one code, or a deviation of each value."""

    levels: Tensor
    tokens: Tensor


class Painter:
    """Paints photos in random styles."""

    def __init__(self, stylizer: Stylizer, artworks: Sequence[Image.Image]) -> None:
        """Compute the style codes of RGB artworks, of which there are at least two."""
        self._stylizer = stylizer
        self._codes = [stylizer.style_code(artwork) for artwork in artworks]
        views = [code.at(_VIEWS_PX[0]) for code in self._codes]
        self._deviation = _Values(
            torch.stack([view.levels for view in views]).std(0),
            torch.stack([view.tokens for view in views]).std(0),
        )

    @torch.inference_mode()
    def paint(self, photo: Image.Image, random: np.random.Generator) -> Image.Image:
        """Return a painting of a random square of an RGB photo, with a side from _SIDES_PX."""
        square = _random_square(photo, random)
        stylizer = self._stylizer
        content_codes = stylizer.content_codes([square])
        codes = self._draw_codes(random)
        if random.random() < _OTHER_STRENGTH_SHARE:
            strength = torch.tensor([[random.uniform(*_STRENGTHS)]], dtype=torch.float32)
            codes = content_codes.moved_towards(codes, strength.to(stylizer.device))
        pictures = to_tensor(square)[None].to(stylizer.device)
        with stylizer.autocast():
            result = stylizer.generator(pictures, content_codes, codes)
        return to_picture(result[0])

    def _draw_codes(self, random: np.random.Generator) -> StyleCodes:
        first, second = (self._draw_view(random) for _ in range(2))
        weight = float(random.choice(_MIXTURES))
        levels = first.levels.lerp(second.levels, weight)
        tokens = first.tokens.lerp(second.tokens, weight)
        if random.random() < _CHANGED_SHARE:
            size = random.uniform(*_CHANGES)
            levels = levels + size * self._deviation.levels * _noise(levels, random)
            tokens = tokens + size * self._deviation.tokens * _noise(tokens, random)
        device = self._stylizer.device
        return StyleCodes(levels[None].to(device), tokens[None].to(device))

    def _draw_view(self, random: np.random.Generator) -> StyleView:
        code = self._codes[random.integers(len(self._codes))]
        return code.at(float(random.choice(_VIEWS_PX)))


def _random_square(photo: Image.Image, random: np.random.Generator) -> Image.Image:
    side_px = int(random.choice(_SIDES_PX))
    box_px = min(photo.size)
    left = int(random.integers(0, photo.width - box_px + 1))
    top = int(random.integers(0, photo.height - box_px + 1))
    return resized_square(photo, (left, top), box_px, side_px)


def _noise(like: Float[Tensor, "..."], random: np.random.Generator) -> Float[Tensor, "..."]:
    return torch.from_numpy(random.standard_normal(like.shape, dtype=np.float32))
