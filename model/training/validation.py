"""Figures on held-out pictures, while a run goes on and at its end.

P photographs, A artworks, S scales, F statistics, C channels, H x W pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image, ImageOps
from torch import Tensor

from imaging.decode import open_picture
from model import losses, metrics
from model.config import LossWeights
from model.network.generator import Generator
from model.network.style_control import ControlFactors
from model.perceptual import Vgg19, coarser_statistics, pyramid_statistics
from model.pictures import to_picture, to_tensor
from model.training.step import SCALE_WEIGHTS, code_view, style_shares

_SIDE_PX = 256
_PHOTOGRAPHS = _ARTWORKS = 8
_GALLERY = 24  # artworks among which a painted picture is to find its own
_SEED = 0  # of the pictures drawn: the curves of any two runs are of the same pairs


class Validation:
    """Every pair of eight photographs and eight artworks, at full strength and at none."""

    def __init__(self, photographs: Sequence[Path], artworks: Sequence[Path], vgg: Vgg19) -> None:
        """Of the held-out pictures so many are drawn, always the same.

        Raises:
            ValueError: a picture cannot be read.
        """
        self.vgg = vgg
        self.photographs = _pictures(photographs, _PHOTOGRAPHS).to(self._device)
        self.gallery = _pictures(artworks, _GALLERY).to(self._device)

    @property
    def _device(self) -> torch.device:
        return next(self.vgg.parameters()).device

    @torch.no_grad()
    def figures(self, generator: Generator, precision: torch.dtype) -> dict[str, float]:
        """Means over the pairs.

        style and content are the losses of stage 1; grid, variety and retrieval are of
        `model.metrics`; psnr is in dB, at strength 0.
        """
        with torch.autocast(self._device.type, precision, enabled=precision != torch.float32):
            own = generator.code(code_view(self.photographs))
            codes = generator.code(code_view(self.gallery[:_ARTWORKS]))
            targets = pyramid_statistics(self.vgg, self.gallery, len(SCALE_WEIGHTS))
            content = self.vgg(self.photographs)[-1]
            seen = []
            for index, target in enumerate(targets[: len(codes.levels)]):
                painted = generator(self.photographs, own, _one(codes, index, len(own.levels)))
                seen.append(self._seen(painted, content, target))
            same = generator(self.photographs, own, own)
        error = ((same.clamp(-1, 1) - self.photographs) / 2).square().mean()
        rows = torch.stack([one.statistics for one in seen], dim=1)
        return {
            "validation_style": mean(one.style for one in seen),
            "validation_content": mean(one.content for one in seen),
            "validation_grid": mean(grid for one in seen for grid in one.grids),
            "validation_psnr": float(-10 * error.log10()),
            "validation_variety": mean(metrics.variety(list(row)) for row in rows),
            "validation_retrieval": mean(
                hit for row in rows for hit in metrics.retrieved(list(row), list(targets))
            ),
        }

    def _seen(
        self,
        painted: Float[Tensor, "P 3 H W"],
        content: Float[Tensor, "P C h w"],
        target: Float[Tensor, "S F"],
    ) -> "_Seen":
        taps = self.vgg(painted)
        statistics = coarser_statistics(self.vgg, taps, painted, len(SCALE_WEIGHTS))
        kept = losses.content_loss(taps[-1], content, painted.new_ones(len(painted)))
        return _Seen(
            statistics,
            float(style_shares(statistics, target.expand_as(statistics))),
            float(kept),
            [metrics.grid_index(to_picture(one)) for one in painted],
        )


@dataclass(frozen=True)
class _Seen:
    """All photographs in one style."""

    statistics: Float[Tensor, "P S F"]
    style: float
    content: float
    grids: list[float]


def objective(figures: dict[str, float], weights: LossWeights) -> float:
    """What stage 1 minimises, on the held-out pairs: lower is better."""
    return (
        weights.style * figures["validation_style"]
        + weights.content * figures["validation_content"]
    )


def _one(codes: ControlFactors, index: int, times: int) -> ControlFactors:
    return ControlFactors(codes.levels[index : index + 1], codes.slots[index : index + 1]).repeated(
        times
    )


def _pictures(paths: Sequence[Path], count: int) -> Tensor:
    drawn = np.random.default_rng(_SEED).permutation(len(paths))[:count]
    size = (_SIDE_PX, _SIDE_PX)
    return torch.stack(
        [
            to_tensor(ImageOps.fit(open_picture(paths[index]), size, Image.Resampling.LANCZOS))
            for index in drawn
        ]
    )
