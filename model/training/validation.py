"""How good a generator is on pictures never trained on: what decides which weights a run keeps.

B batch, H x W pixels, S scales, F statistics.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from model import losses
from model.config import LossWeights
from model.network.generator import Generator
from model.network.style_control import ControlFactors
from model.perceptual import Vgg19, coarser_statistics, pyramid_statistics
from model.pictures import open_picture, to_tensor
from model.training.step import SCALE_WEIGHTS, code_view, style_shares

_SIDE_PX = 192
_PHOTOGRAPHS = _ARTWORKS = 6


class Validation:
    """Every pair of six photographs and six artworks, at full strength and at none."""

    def __init__(
        self, photographs: Sequence[Path], artworks: Sequence[Path], vgg: Vgg19, seed: int
    ) -> None:
        """Of the held-out pictures six of each are drawn by the seed.

        Raises:
            ValueError: a picture cannot be read.
        """
        chance = np.random.default_rng(seed)
        device = next(vgg.parameters()).device
        self.vgg = vgg
        self.photographs = _pictures(photographs, _PHOTOGRAPHS, chance).to(device)
        self.artworks = _pictures(artworks, _ARTWORKS, chance).to(device)

    @torch.no_grad()
    def figures(self, generator: Generator, precision: torch.dtype) -> dict[str, float]:
        """Eq. 2 in squares and the content loss, means over the pairs; PSNR at strength 0 in dB."""
        with torch.autocast(
            self.photographs.device.type, precision, enabled=precision != torch.float32
        ):
            own = generator.code(code_view(self.photographs))
            codes = generator.code(code_view(self.artworks))
            target = pyramid_statistics(self.vgg, self.artworks, len(SCALE_WEIGHTS))
            rows = [self._against(generator, own, codes, target, row) for row in range(len(target))]
            same = generator(self.photographs, own, own)
        style, content = torch.tensor(rows).mean(0).tolist()
        error = ((same.clamp(-1, 1) - self.photographs) / 2).square().mean()
        return {
            "validation_style": style,
            "validation_content": content,
            "validation_psnr": float(-10 * error.log10()),
        }

    def _against(
        self,
        generator: Generator,
        own: ControlFactors,
        codes: ControlFactors,
        target: Tensor,
        row: int,
    ) -> tuple[float, float]:
        """All photographs in one style."""
        count = len(self.photographs)
        tau = ControlFactors(
            codes.levels[row].expand(count, -1, -1), codes.slots[row].expand(count, -1, -1)
        )
        painted = generator(self.photographs, own, tau)
        taps = self.vgg(painted)
        statistics = coarser_statistics(self.vgg, taps, painted, len(SCALE_WEIGHTS))
        style = style_shares(statistics, target[row].expand_as(statistics))
        content = losses.content_loss(
            taps[-1], self.vgg(self.photographs)[-1], torch.ones(count, device=style.device)
        )
        return float(style), float(content)


def objective(figures: dict[str, float], weights: LossWeights) -> float:
    """What stage 1 minimises, on the held-out pairs: lower is better."""
    return (
        weights.style * figures["validation_style"]
        + weights.content * figures["validation_content"]
    )


def _pictures(paths: Sequence[Path], count: int, chance: np.random.Generator) -> Tensor:
    drawn = chance.permutation(len(paths))[:count]
    size = (_SIDE_PX, _SIDE_PX)
    return torch.stack(
        [
            to_tensor(ImageOps.fit(open_picture(paths[index]), size, Image.Resampling.LANCZOS))
            for index in drawn
        ]
    )
