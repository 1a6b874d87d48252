"""Contrast placement: move the contrast of a painting to where the photo has contrast.

The style code sets how much contrast a painting has, but not where (Eq. 2 compares means and
deviations over the whole picture). So skies and walls got blotches. Here the local contrast of a
painting keeps its values but gets the order of the photo's: the calmest place of the photo gets the
calmest value of the painting.

Shapes: B paintings, P photos (1 or B), H x W pixels.
"""

from typing import Final

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from model.pictures import box_mean, luma_of

_WINDOW: Final = 17 / 384
"""Side of the windows whose contrast is moved, relative to the short side."""
_SHARE: Final = 0.6
"""The share of the change of log contrast that is made."""
_FACTORS: Final = (0.4, 1.5)
"""The smallest and the largest factor by which contrast changes."""
_TIE_BREAK: Final = 0.3
"""Weight of a larger surrounding in the order of the photo, for places of equal contrast."""
_SMALLEST_CONTRAST: Final = 1e-3  # of the range of 2


def place_contrast(
    paintings: Float[Tensor, "B 3 H W"],
    photos: Float[Tensor, "P 3 H W"],
    strength: Float[Tensor, " B"],
    *,
    side_px: float | None = None,
) -> Float[Tensor, "B 3 H W"]:
    """Return the paintings with their local contrast in the order of the photos'.

    Gradients flow to the paintings as if the factors were constants.

    Args:
        paintings: in [-1, 1].
        photos: one for all paintings, or one each.
        strength: 0 changes nothing; from 1 on, the whole change is made.
        side_px: short side of the pictures that the photos are parts of; default: the photos are
            whole.
    """
    side = 2 * round(_WINDOW * (side_px or min(photos.shape[2:])) / 2) + 1
    share = _SHARE * strength.clamp(0, 1)[:, None, None, None]
    with torch.no_grad():
        factors = (share * _log_factors(paintings, photos, side)).exp().clamp(*_FACTORS)
    mean = box_mean(paintings, side)
    return mean + factors * (paintings - mean)


def _log_factors(
    paintings: Float[Tensor, "B 3 H W"], photos: Float[Tensor, "P 3 H W"], side: int
) -> Float[Tensor, "B 1 H W"]:
    """Return the logarithm of wanted / actual contrast, smoothed over a window."""
    actual = _local_contrast(paintings, side)
    order = _local_contrast(photos, side)
    order = box_mean(order, side) + _TIE_BREAK * box_mean(order, 2 * side + 1)
    sampled = actual[:, :, ::2, ::2]  # every fourth value is enough for the ranks, and faster
    ranked = order[:, :, ::2, ::2].expand_as(sampled).flatten(1).argsort(dim=1)
    values = sampled.flatten(1).sort(dim=1).values
    wanted = torch.empty_like(values).scatter_(1, ranked, values).view_as(sampled)
    factors = (wanted / sampled).log()
    factors = F.interpolate(factors, actual.shape[2:], mode="bilinear", align_corners=False)
    return box_mean(factors, side)


def _local_contrast(pictures: Float[Tensor, "B 3 H W"], side: int) -> Float[Tensor, "B 1 H W"]:
    """Return the deviation of the luma in the window around each pixel."""
    luma = luma_of(pictures)
    variance = box_mean(luma.square(), side) - box_mean(luma, side).square()
    return variance.clamp_min(0).sqrt() + _SMALLEST_CONTRAST
