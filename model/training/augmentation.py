"""What D_s sees is moved and partly hidden, the same way for paintings and for painted pictures.

Differentiable augmentation (Zhao et al., 2020), without its change of colour: colour is style.

B batch, H x W pixels.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

_FARTHEST = 1 / 8  # of a side that a picture is moved
_HIDDEN = 3 / 8  # side of the hidden square, of the picture's


def augmented(
    pictures: Float[Tensor, "B 3 H W"], chance: torch.Generator
) -> Float[Tensor, "B 3 H W"]:
    """Each picture moved by up to an eighth (its rim mirrored) and with one grey square."""
    return torch.stack([_hidden(_moved(one, chance), chance) for one in pictures])


def _moved(picture: Float[Tensor, "3 H W"], chance: torch.Generator) -> Float[Tensor, "3 H W"]:
    height, width = picture.shape[1:]
    down, across = int(height * _FARTHEST), int(width * _FARTHEST)
    padded = F.pad(picture[None], (across, across, down, down), mode="reflect")[0]
    top, left = _drawn(2 * down + 1, chance), _drawn(2 * across + 1, chance)
    return padded[:, top : top + height, left : left + width]


def _hidden(picture: Float[Tensor, "3 H W"], chance: torch.Generator) -> Float[Tensor, "3 H W"]:
    height, width = picture.shape[1:]
    tall, wide = int(height * _HIDDEN), int(width * _HIDDEN)
    top, left = _drawn(height - tall + 1, chance), _drawn(width - wide + 1, chance)
    kept = torch.ones_like(picture)
    kept[:, top : top + tall, left : left + wide] = 0
    return picture * kept


def _drawn(count: int, chance: torch.Generator) -> int:
    return int(torch.randint(count, (1,), generator=chance))
