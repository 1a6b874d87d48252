"""Validation metrics on held-out pictures, during a run and at the end of its stages.

Shapes: P photos, S scales, F statistics, C channels, H x W pixels.
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
from model.network.style_control import StyleCodes
from model.perceptual.statistics import pyramid_statistics, pyramid_statistics_from_taps
from model.perceptual.vgg import Vgg19
from model.pictures import to_picture, to_tensor
from model.training.data import find_pictures
from model.training.options import RunOptions
from model.training.step import SCALE_WEIGHTS, PerceptualNetworks, code_view, vgg_style_loss

_SIDE_PX = 256
_PHOTOS = _ARTWORKS = 8
_GALLERY = 24  # artworks among which a result must be closest to its own style
_SEED = 0  # fixed, so that all runs are validated on the same pairs


class Validation:
    """Measures a generator on all pairs of 8 photos and 8 artworks, at strengths 0 and 1."""

    def __init__(self, photos: Sequence[Path], artworks: Sequence[Path], vgg: Vgg19) -> None:
        """Draw the pictures from the held-out files, with a fixed seed.

        Raises:
            ValueError: a picture cannot be read.
        """
        self.vgg = vgg
        self.photos = _draw_pictures(photos, _PHOTOS).to(self._device)
        self.gallery = _draw_pictures(artworks, _GALLERY).to(self._device)

    @property
    def _device(self) -> torch.device:
        return next(self.vgg.parameters()).device

    @torch.no_grad()
    def metrics(self, generator: Generator, dtype: torch.dtype) -> dict[str, float]:
        """Return the means over all pairs.

        `style` and `content` are the losses of stage 1; `grid`, `variety` and `retrieval` are from
        `model.metrics`; `psnr` is in dB, at strength 0.
        """
        with torch.autocast(self._device.type, dtype, enabled=dtype != torch.float32):
            content_codes = generator.encode_style(code_view(self.photos))
            style_codes = generator.encode_style(code_view(self.gallery[:_ARTWORKS]))
            targets = pyramid_statistics(self.vgg, self.gallery, len(SCALE_WEIGHTS))
            content = self.vgg(self.photos)[-1]
            measurements = []
            for index, target in enumerate(targets[: len(style_codes.levels)]):
                style_code = _repeat_one(style_codes, index, len(content_codes.levels))
                results = generator(self.photos, content_codes, style_code)
                measurements.append(self._measure(results, content, target))
            reconstructed = generator(self.photos, content_codes, content_codes)
        error = ((reconstructed.clamp(-1, 1) - self.photos) / 2).square().mean()
        by_photo = torch.stack([measured.statistics for measured in measurements], dim=1)
        return {
            "validation_style": mean(measured.style for measured in measurements),
            "validation_content": mean(measured.content for measured in measurements),
            "validation_grid": mean(
                grid_index for measured in measurements for grid_index in measured.grid_indices
            ),
            "validation_psnr": float(-10 * error.log10()),
            "validation_variety": mean(
                metrics.variety(list(statistics)) for statistics in by_photo
            ),
            "validation_retrieval": mean(
                hit
                for statistics in by_photo
                for hit in metrics.retrieval_hits(list(statistics), list(targets))
            ),
        }

    def _measure(
        self,
        results: Float[Tensor, "P 3 H W"],
        content: Float[Tensor, "P C h w"],
        target: Float[Tensor, "S F"],
    ) -> "_StyleMeasurements":
        taps = self.vgg(results)
        statistics = pyramid_statistics_from_taps(self.vgg, taps, results, len(SCALE_WEIGHTS))
        content_loss = losses.content_loss(taps[-1], content, results.new_ones(len(results)))
        return _StyleMeasurements(
            statistics,
            float(vgg_style_loss(statistics, target.expand_as(statistics))),
            float(content_loss),
            [metrics.grid_index(to_picture(result)) for result in results],
        )


@dataclass(frozen=True)
class _StyleMeasurements:
    """Measurements of all photos in one style."""

    statistics: Float[Tensor, "P S F"]
    style: float
    content: float
    grid_indices: list[float]


def held_out_validation(
    options: RunOptions, networks: PerceptualNetworks | None
) -> Validation | None:
    """Return the validation on the held-out set; None without VGG-19 or held-out pictures.

    Raises:
        ValueError: a picture cannot be read.
    """
    if networks is None or not options.held_out:
        return None
    photos, artworks = (
        find_pictures(folders, only=options.held_out, at_least=0)
        for folders in (options.photo_folders, options.artwork_folders)
    )
    if not photos or not artworks:
        return None
    return Validation(photos, artworks, networks.vgg)


def stage_1_objective(values: dict[str, float], weights: LossWeights) -> float:
    """Return the weighted sum of style and content loss that stage 1 minimises."""
    style, content = values["validation_style"], values["validation_content"]
    return weights.style * style + weights.content * content


def _repeat_one(codes: StyleCodes, index: int, times: int) -> StyleCodes:
    one = slice(index, index + 1)
    return StyleCodes(codes.levels[one], codes.tokens[one]).repeated(times)


def _draw_pictures(paths: Sequence[Path], count: int) -> Tensor:
    drawn = np.random.default_rng(_SEED).permutation(len(paths))[:count]
    size = (_SIDE_PX, _SIDE_PX)
    return torch.stack(
        [
            to_tensor(ImageOps.fit(open_picture(paths[index]), size, Image.Resampling.LANCZOS))
            for index in drawn
        ]
    )
