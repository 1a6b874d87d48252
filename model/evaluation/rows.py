"""The metrics of one result, and the references of photo and style that it is compared with."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from PIL import Image
from torch import Tensor

from model import metrics, texture
from model.perceptual.vgg import Vgg19

MAX_PSNR_DB = 100.0  # for equal pictures too, so that means and intervals are finite


@dataclass(frozen=True)
class Row:
    """The metrics of one result."""

    method: str
    photo: str
    style: str
    strength: float
    style_distance: float
    content_distance: float
    grid_index: float
    psnr: float
    placement: float
    calm: float
    """Contrast of the result where the photo is calm, relative to the calm parts of the style."""


@dataclass(frozen=True)
class PhotoReference:
    """What results of one photo are compared with."""

    name: str
    picture: Image.Image
    content: Tensor
    """`metrics.Features.content`."""

    @classmethod
    def of(cls, vgg: Vgg19, name: str, picture: Image.Image) -> "PhotoReference":
        """Compute the reference of a photo."""
        return cls(name, picture, metrics.extract_features(vgg, picture).content)


@dataclass(frozen=True)
class StyleReference:
    """What results in one style are compared with: the means over its artworks."""

    name: str
    statistics: Tensor
    """`metrics.Features.statistics`."""
    calm_contrast: float
    """`texture.calm_contrast`, in levels of luma."""

    @classmethod
    def of(cls, vgg: Vgg19, name: str, artworks: Sequence[Image.Image]) -> "StyleReference":
        """Compute the reference of a style with at least one artwork."""
        statistics = [metrics.extract_features(vgg, artwork).statistics for artwork in artworks]
        calm = [texture.calm_contrast(artwork) for artwork in artworks]
        return cls(name, torch.stack(statistics).mean(0), sum(calm) / len(calm))


def measure_result(
    vgg: Vgg19,
    result: Image.Image,
    photo: PhotoReference,
    style: StyleReference,
    *,
    method: str,
    strength: float,
) -> tuple[Row, Tensor]:
    """Return the metrics of a result, and its style statistics."""
    features = metrics.extract_features(vgg, result)
    row = Row(
        method,
        photo.name,
        style.name,
        strength,
        metrics.style_distance(features.statistics, style.statistics),
        metrics.content_distance(features.content, photo.content),
        metrics.grid_index(result),
        min(metrics.psnr(result, photo.picture), MAX_PSNR_DB),
        texture.placement(result, photo.picture),
        texture.calm_contrast(result, photo.picture) / style.calm_contrast,
    )
    return row, features.statistics
