"""How far the predicted taps are from those of VGG-19.

Shapes: B batch, F statistics.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from model.losses import instance_normalise_features
from model.perceptual.statistics import tap_statistics
from model.perceptual.vgg import TAP_CHANNELS

_MAPS_WEIGHT, _STATISTICS_WEIGHT, _CONTENT_WEIGHT = 1.0, 20.0, 0.5
_SPLIT = [2 * channels for channels in TAP_CHANNELS]


@dataclass(frozen=True)
class TapErrors:
    """Errors of predicted taps, relative to the energy of VGG-19's; 0 is a perfect prediction."""

    maps: Float[Tensor, " 4"]
    """Of the features of each tap."""
    statistics: Float[Tensor, " 4"]
    """Of mean and deviation of the channels of each tap, which measure style."""
    content: Float[Tensor, ""]
    """Of the normalised features of relu4_1, which measure content; their energy is 1."""

    @classmethod
    def of(cls, predicted: list[Tensor], wanted: list[Tensor]) -> "TapErrors":
        """Compare the taps of the same pictures."""
        found, target = ([tap.float() for tap in taps] for taps in (predicted, wanted))
        pairs = list(zip(found, target, strict=True))
        statistics = [
            torch.split(tap_statistics(taps), _SPLIT, dim=-1) for taps in (predicted, wanted)
        ]
        normalised = [instance_normalise_features(taps[-1]) for taps in (found, target)]
        return cls(
            torch.stack([(a - b).square().mean() / b.square().mean() for a, b in pairs]),
            torch.stack([_relative_error(a, b) for a, b in zip(*statistics, strict=True)]),
            (normalised[0] - normalised[1]).square().mean(),
        )

    @property
    def loss(self) -> Float[Tensor, ""]:
        """The loss of the training."""
        return (
            _MAPS_WEIGHT * self.maps.sum()
            + _STATISTICS_WEIGHT * self.statistics.sum()
            + _CONTENT_WEIGHT * self.content
        )


def _relative_error(
    predicted: Float[Tensor, "B F"], wanted: Float[Tensor, "B F"]
) -> Float[Tensor, ""]:
    return ((predicted - wanted).square().sum(-1) / wanted.square().sum(-1)).mean()
