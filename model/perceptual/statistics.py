"""Statistics of the taps of a perceptual network.

Shapes: B batch, C channels, H x W pixels, S scales of the pyramid, F statistics of all taps.
"""

from typing import Any

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from model.perceptual.network import PerceptualNetwork


def tap_statistics(taps: list[Tensor]) -> Float[Tensor, "B F"]:
    """Return channel mean and deviation of every tap, concatenated: mu and sigma of Eq. 2."""
    moments = [_Moments.apply(tap) for tap in taps]  # type: ignore[no-untyped-call]  # in torch
    return torch.cat([part for pair in moments for part in pair], dim=1)


class _Moments(torch.autograd.Function):
    """Mean and deviation of each channel, with a backward pass of a single multiply-add."""

    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401  # torch's context
        features: Float[Tensor, "B C H W"],
    ) -> tuple[Float[Tensor, "B C"], Float[Tensor, "B C"]]:
        flat = rearrange(features, "b c h w -> b (h w) c")
        count = flat.shape[1]
        mean = flat.sum(1, dtype=torch.float32) / count
        square = (flat * flat).sum(1, dtype=torch.float32) / count
        deviation = ((square - mean.square()).clamp(min=0) + 1e-6).sqrt()
        ctx.save_for_backward(features, mean, deviation)
        return mean, deviation

    @staticmethod
    def backward(
        ctx: Any,  # noqa: ANN401
        mean_gradient: Float[Tensor, "B C"],
        deviation_gradient: Float[Tensor, "B C"],
    ) -> Float[Tensor, "B C H W"]:
        """Use d mean / d x = 1 / n and d deviation / d x = (x - mean) / (n deviation)."""
        features, mean, deviation = ctx.saved_tensors
        count = features.shape[2] * features.shape[3]
        slope = deviation_gradient / (deviation * count)
        offset = mean_gradient / count - slope * mean
        slope, offset = (
            rearrange(part, "b c -> b c 1 1").to(features.dtype) for part in (slope, offset)
        )
        return torch.addcmul(offset, features, slope)


def pyramid(pictures: Float[Tensor, "B 3 H W"], scales: int) -> list[Float[Tensor, "B 3 h w"]]:
    """Return the pictures at 1, 1/2, 1/4, ...: at small scales the taps cover large strokes."""
    scaled = [pictures]
    for _ in range(scales - 1):
        scaled.append(F.avg_pool2d(scaled[-1], 2))
    return scaled


def pyramid_statistics(
    network: PerceptualNetwork, pictures: Float[Tensor, "B 3 H W"], scales: int
) -> Float[Tensor, "B S F"]:
    """Return the tap statistics of every scale of the pyramid."""
    return torch.stack(
        [tap_statistics(network(scaled)) for scaled in pyramid(pictures, scales)], dim=1
    )


def pyramid_statistics_from_taps(
    network: PerceptualNetwork, taps: list[Tensor], pictures: Float[Tensor, "B 3 H W"], scales: int
) -> Float[Tensor, "B S F"]:
    """Return `pyramid_statistics`, given the taps of scale 1."""
    full_scale = tap_statistics(taps)[:, None]
    if scales == 1:
        return full_scale
    smaller = pyramid_statistics(network, F.avg_pool2d(pictures, 2), scales - 1)
    return torch.cat([full_scale, smaller], dim=1)
