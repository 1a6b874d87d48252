"""Trains the head of relu1_1 by itself, in a few seconds, before the rest of the network.

relu1_1 responds to small differences of neighbouring pixels, which are nearly equal. A gradient
descent on the weights themselves needs thousands of steps for them. Here the 27 values that a token
reads are made uncorrelated and of deviation 1 first, and the result is expressed in weights.

Shapes: K crops, N patches, V = 27 values of a 3 x 3 patch.
"""

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from model.perceptual.compact import TapHead

_STEPS = 250
_RATE = 0.03
_PATCHES_PER_STEP = 2**17
_SMALLEST_VARIANCE = 1e-4  # directions of less variance are not amplified to 1


def fit_first_head(
    head: TapHead,
    pictures: Float[Tensor, "K 3 H W"],
    tap: Float[Tensor, "K 64 H W"],
    *,
    seed: int,
) -> float:
    """Train the head to predict the tap from 3 x 3 pixels; the units of the head are set before.

    Returns:
        The error in the last step, relative to the energy of the tap.
    """
    patches = rearrange(_patches(pictures), "k v n -> (k n) v")
    wanted = rearrange(tap.float(), "k d h w -> (k h w) d")
    mean, whitening = _whitening(patches)
    linear = torch.nn.Linear(patches.shape[1], wanted.shape[1], device=patches.device)
    optimiser = torch.optim.Adam(linear.parameters())
    random = torch.Generator().manual_seed(seed)
    error = torch.zeros(())
    for step in range(_STEPS):
        count = min(_PATCHES_PER_STEP, len(patches))
        chosen = torch.randint(len(patches), (count,), generator=random).to(patches.device)
        features = linear((patches[chosen] - mean) @ whitening.T)
        predicted = F.relu(features * head.deviation.flatten() + head.mean.flatten())
        error = (predicted - wanted[chosen]).square().mean() / wanted.square().mean()
        optimiser.param_groups[0]["lr"] = _RATE * (1 - step / _STEPS)
        optimiser.zero_grad()
        error.backward()  # type: ignore[no-untyped-call]  # in torch
        optimiser.step()
    with torch.no_grad():
        weight = linear.weight @ whitening
        head.linear.weight.copy_(rearrange(weight, "d (c h w) -> d c h w", h=3, w=3))
        head.linear.bias.copy_(linear.bias - weight @ mean)  # type: ignore[union-attr]  # has one
    return error.item()


def _patches(pictures: Float[Tensor, "K 3 H W"]) -> Float[Tensor, "K V N"]:
    """Return the 3 x 3 neighbours of each pixel."""
    return F.unfold(F.pad(pictures, (1, 1, 1, 1), mode="reflect"), 3)


def _whitening(patches: Float[Tensor, "N V"]) -> tuple[Float[Tensor, " V"], Float[Tensor, "V V"]]:
    """Return the mean, and the matrix that makes the values uncorrelated and of deviation 1."""
    variances, directions = torch.linalg.eigh(torch.cov(patches.T))
    return patches.mean(0), directions.T / (variances + _SMALLEST_VARIANCE).sqrt()[:, None]
