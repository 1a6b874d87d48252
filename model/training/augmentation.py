"""Differentiable augmentation of the inputs of D_s (Zhao et al., 2020).

Artworks and results are shifted and partly covered in the same way. Colours do not change, because
they are part of the style. Shapes: B batch, H x W pixels.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

_MAX_SHIFT = 1 / 8  # of the side
_COVERED_SIDE = 3 / 8  # of the side


def augment(
    pictures: Float[Tensor, "B 3 H W"], random: torch.Generator
) -> Float[Tensor, "B 3 H W"]:
    """Shift each picture by up to an eighth with reflected borders, and cover a grey square."""
    return torch.stack([_cover(_shift(picture, random), random) for picture in pictures])


def _shift(picture: Float[Tensor, "3 H W"], random: torch.Generator) -> Float[Tensor, "3 H W"]:
    height, width = picture.shape[1:]
    down, across = int(height * _MAX_SHIFT), int(width * _MAX_SHIFT)
    padded = F.pad(picture[None], (across, across, down, down), mode="reflect")[0]
    top, left = _draw(2 * down + 1, random), _draw(2 * across + 1, random)
    return padded[:, top : top + height, left : left + width]


def _cover(picture: Float[Tensor, "3 H W"], random: torch.Generator) -> Float[Tensor, "3 H W"]:
    height, width = picture.shape[1:]
    covered_height, covered_width = int(height * _COVERED_SIDE), int(width * _COVERED_SIDE)
    top = _draw(height - covered_height + 1, random)
    left = _draw(width - covered_width + 1, random)
    mask = torch.ones_like(picture)
    mask[:, top : top + covered_height, left : left + covered_width] = 0
    return picture * mask


def _draw(count: int, random: torch.Generator) -> int:
    """Return a random integer from 0 to count - 1."""
    return int(torch.randint(count, (1,), generator=random))
