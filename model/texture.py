"""Metrics of the painted texture: its placement, its contrast in calm areas, its stroke width.

The first two compare the local contrast of pictures: the deviation of the luma in square windows.
The windows have a side of 8 and of 16 px at a short side of 384 px and grow with the picture, so
the figures of different sizes can be compared. Neighbouring windows overlap by half.

Shapes: H x W pixels, n windows of one side, k shifts of a picture.
"""

from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from model.pictures import box_mean

CALM_SHARE = 0.3
"""The share of the windows, those with the least contrast, that counts as calm."""
_WINDOWS_PX = (8, 16)  # at a short side of _REFERENCE_SIDE_PX
_REFERENCE_SIDE_PX = 384
_SMALLEST_CONTRAST = 0.5  # levels of luma; smaller deviations come from rounding to 8 bits
_TEXTURE_SHARE = 1 / 8  # of the short side: larger forms are the content of the picture


def local_contrast(picture: Image.Image) -> list[Float[np.ndarray, " n"]]:
    """Return the deviation of the luma in each window, in levels of 0 to 255, at least 0.5.

    There is one list for each of the two window sides, row by row. Pictures of one size have the
    same windows.

    Raises:
        ValueError: the picture is smaller than a window.
    """
    luma = _luma(picture)
    contrasts = []
    for side_px in (_window_px(window_px, picture) for window_px in _WINDOWS_PX):
        if side_px > min(picture.size):
            raise ValueError(f"{picture.width} x {picture.height} px are less than {side_px} px")
        mean = F.avg_pool2d(luma, side_px, side_px // 2)
        square = F.avg_pool2d(luma.square(), side_px, side_px // 2)
        deviation = (square - mean.square()).clamp_min(0).sqrt()
        contrasts.append(deviation.flatten().clamp_min(_SMALLEST_CONTRAST).numpy())
    return contrasts


def placement(result: Image.Image, photo: Image.Image) -> float:
    """Return how far the texture of a result is where the photo has detail, from -1 to 1.

    It is Spearman's correlation of the local contrast of both pictures, which have one size; the
    mean over both window sides. It is 0 if one of the pictures has the same contrast everywhere.
    """
    pairs = zip(local_contrast(result), local_contrast(photo), strict=True)
    return float(np.mean([_rank_correlation(ours, theirs) for ours, theirs in pairs]))


def calm_contrast(picture: Image.Image, guide: Image.Image | None = None) -> float:
    """Return the mean local contrast of the calmest windows of the guide, in levels of luma.

    Args:
        picture: its contrast is measured.
        guide: a picture of the same size whose contrast selects the windows, CALM_SHARE of each
            window side; default: the picture itself.
    """
    contrasts = zip(local_contrast(picture), local_contrast(guide or picture), strict=True)
    means = []
    for contrast, guiding in contrasts:
        count = max(1, round(CALM_SHARE * guiding.size))
        means.append(contrast[np.argsort(guiding, kind="stable")[:count]].mean())
    return float(np.mean(means))


def stroke_width(result: Image.Image, photo: Image.Image) -> float:
    """Return the width of the strokes in px: the full width at half maximum of the autocorrelation.

    It is measured on the painted texture, so that the forms and details of the photo count little.
    The autocorrelation is averaged over all directions. Widths above 1/16 of the short side are
    underestimated.

    Args:
        result: a painting of the photo.
        photo: has the size of the result. A sheet of one colour has no details to remove.

    Returns:
        0 if nothing is painted: the luma of the result is a local linear function of the photo's.
    """
    around_px = 2 * round(min(result.size) * _TEXTURE_SHARE / 2) + 1
    texture = _painted_texture(_luma(result), _luma(photo), around_px)
    profile = _radial_mean(_autocorrelation(texture[0, 0], around_px))
    if profile[0] < _SMALLEST_CONTRAST**2:
        return 0.0
    return 2 * _first_crossing(profile / profile[0], 0.5)


def _painted_texture(
    result: Float[Tensor, "1 1 H W"], photo: Float[Tensor, "1 1 H W"], around_px: int
) -> Float[Tensor, "1 1 H W"]:
    """Return the part of the result that a local linear model of the photo does not explain.

    The model is that of a guided filter: around each pixel, in a square with this side, the result
    is a constant plus a multiple of the photo.
    """
    mean, photo_mean = box_mean(result, around_px), box_mean(photo, around_px)
    covariance = box_mean(result * photo, around_px) - mean * photo_mean
    variance = box_mean(photo.square(), around_px) - photo_mean.square()
    factor = covariance / (variance.clamp_min(0) + _SMALLEST_CONTRAST**2)
    return result - mean - factor * (photo - photo_mean)


def _autocorrelation(
    texture: Float[Tensor, "H W"], reach_px: int
) -> tuple[Float[np.ndarray, " k"], Float[np.ndarray, " k"]]:
    """Return the distance in px and the autocorrelation of every shift up to the reach."""
    power = torch.fft.rfft2(texture, s=[2 * side for side in texture.shape]).abs().square()
    down, across = torch.arange(-reach_px, reach_px + 1), torch.arange(reach_px + 1)
    shifted = torch.fft.irfft2(power)[down][:, across]
    height, width = texture.shape
    overlap = torch.outer(height - down.abs(), width - across)  # in px, of picture and shifted one
    distance = torch.hypot(*torch.meshgrid(down.double(), across.double(), indexing="ij"))
    return distance.flatten().numpy(), (shifted / overlap).flatten().numpy()


def _luma(picture: Image.Image) -> Float[Tensor, "1 1 H W"]:
    return torch.from_numpy(np.asarray(picture.convert("L"), dtype=np.float64))[None, None]


def _window_px(window_px: int, picture: Image.Image) -> int:
    """Return the side of a window for the size of the picture: even, so that half is whole."""
    return max(2, 2 * round(window_px * min(picture.size) / _REFERENCE_SIDE_PX / 2))


def _rank_correlation(first: Float[np.ndarray, " n"], second: Float[np.ndarray, " n"]) -> float:
    ranks, other_ranks = _ranks(first), _ranks(second)
    if not ranks.std() or not other_ranks.std():
        return 0.0
    return float(np.corrcoef(ranks, other_ranks)[0, 1])


def _ranks(values: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """Return the rank of each value; equal values have the mean of their ranks."""
    _, index, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (counts.cumsum() - (counts - 1) / 2)[index]


def _radial_mean(
    shifts: tuple[Float[np.ndarray, " k"], Float[np.ndarray, " k"]],
) -> Float[np.ndarray, " n"]:
    """Return the mean of the values at each distance of 0, 1, 2, ... px."""
    distances, values = shifts
    rings = np.rint(distances).astype(int)
    return np.bincount(rings, values) / np.bincount(rings)


def _first_crossing(profile: Float[np.ndarray, " n"], level: float) -> float:
    """Return the interpolated index at which the profile first falls to the level."""
    for index, (before, after) in enumerate(pairwise(profile)):
        if after <= level:
            return float(index + (before - level) / (before - after))
    return float(len(profile) - 1)
