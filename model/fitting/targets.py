"""The style statistics that a fitted code shall reach.

Shapes: B pictures, P photos, S scales of the pyramid, F statistics, C channels, H x W pixels.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from imaging.color import to_rgb
from model.perceptual.network import PerceptualNetwork
from model.perceptual.statistics import tap_statistics
from model.perceptual.vgg import TAP_CHANNELS
from model.pictures import to_tensor

SIDES_PX = (240, 320, 384, 384, 384, 384, 480, 614)
"""Short sides of the pictures that a code is fitted for, as often as they are drawn.

Every brush paints with the view for 384 px. The other sides fit the views around it, with which
details and small results are rendered.
"""
_SCALES = 3
_SCALE_WEIGHTS = (1.0, 1.0, 0.5)
_MAX_ARTWORK_PIXELS = 1024 * 1440
_SPLIT = [2 * channels for channels in TAP_CHANNELS]


class StyleTargets:
    """The statistics of the artworks of one style, for every size of a result."""

    def __init__(self, perceptual: PerceptualNetwork, artworks: Sequence[Image.Image]) -> None:
        """Statistics are computed when a size is first used."""
        self._perceptual = perceptual
        self._artworks = [to_rgb(artwork) for artwork in artworks]
        self._by_side: dict[int, Tensor] = {}

    def distance(self, statistics: Float[Tensor, "P S F"], side_px: int) -> Float[Tensor, ""]:
        """Return the mean style distance; on two scales it is that of `metrics.style_distance`."""
        target = self._at(side_px)
        weights = statistics.new_tensor(_SCALE_WEIGHTS)
        ratios = [
            (part - wanted).square().sum(-1) / wanted.square().sum(-1)
            for part, wanted in zip(
                torch.split(statistics, _SPLIT, dim=-1),
                torch.split(target, _SPLIT, dim=-1),
                strict=True,
            )
        ]
        by_scale = torch.stack(ratios).mean(0)
        return (by_scale * weights / weights.sum()).sum(-1).mean()

    def _at(self, side_px: int) -> Float[Tensor, "S F"]:
        if side_px not in self._by_side:
            self._by_side[side_px] = torch.stack(
                [self._statistics(artwork, side_px) for artwork in self._artworks]
            ).mean(0)
        return self._by_side[side_px]

    @torch.no_grad()
    def _statistics(self, artwork: Image.Image, side_px: int) -> Float[Tensor, "S F"]:
        scale = side_px / min(artwork.size)
        longest_px = max(side_px, _MAX_ARTWORK_PIXELS / side_px)
        width, height = (round(min(side * scale, longest_px)) for side in artwork.size)
        picture = to_tensor(artwork.resize((width, height), Image.Resampling.BICUBIC))[None]
        return pooled_statistics(self._perceptual, picture, 1)[1][0]


def pooled_statistics(
    perceptual: PerceptualNetwork, pictures: Float[Tensor, "B 3 H W"], crops_per_photo: int
) -> tuple[list[Tensor], Float[Tensor, "P S F"]]:
    """Return the taps of the pictures, and the statistics of each photo over its crops.

    Consecutive pictures are crops of one photo. Their features are placed beside each other, so
    mean and deviation are those of all their pixels.
    """
    scaled, taps_by_scale = perceptual.cast(pictures), []
    for scale in range(_SCALES):
        taps_by_scale.append(perceptual(scaled))
        if scale + 1 < _SCALES:
            scaled = F.avg_pool2d(scaled, 2)
    statistics = [
        tap_statistics(
            [rearrange(tap, "(p n) c h w -> p c (n h) w", n=crops_per_photo) for tap in taps]
        )
        for taps in taps_by_scale
    ]
    return taps_by_scale[0], torch.stack(statistics, dim=1)
