"""The measures of a painted picture. Each takes Pillow pictures and gives one number.

C channels, H x W pixels.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from imaging.color import to_rgb
from model.losses import instance_normalised
from model.perceptual import TAP_CHANNELS, Vgg19, coarser_statistics
from model.pictures import to_tensor

STYLE_SCALES = 2
GRID_PERIODS_PX = (4, 8, 16, 32)
_HARMONICS = 3


@dataclass(frozen=True)
class Seen:
    """What VGG-19 sees in one picture."""

    statistics: Tensor
    """Of relu1_1, 2_1, 3_1, 4_1 at scales 1 and 1/2, "scales statistics"."""
    content: Tensor
    """Instance-normalised relu4_1."""


@torch.inference_mode()
def see(vgg: Vgg19, picture: Image.Image) -> Seen:
    """One pass for both."""
    pictures = to_tensor(to_rgb(picture))[None]
    taps = vgg(pictures)
    statistics = coarser_statistics(vgg, taps, pictures, STYLE_SCALES)[0]
    return Seen(statistics, instance_normalised(taps[-1]))


def style_distance(painted: Tensor, style: Tensor) -> float:
    """Mean over taps and scales of sum(d mu^2 + d sigma^2) / sum(mu^2 + sigma^2) of the style.

    Both sides are `Seen.statistics`. The unstyled photograph lies near 0.3.
    """
    sizes = [2 * channels for channels in TAP_CHANNELS]
    shares = [
        difference.square().sum(-1) / target.square().sum(-1)
        for difference, target in zip(
            torch.split(painted - style, sizes, dim=-1),
            torch.split(style, sizes, dim=-1),
            strict=True,
        )
    ]
    return float(torch.stack(shares).mean())


def content_distance(painted: Tensor, photograph: Tensor) -> float:
    """MSE of `Seen.content`; 0 is the photograph, 2 a picture of something else."""
    return float((painted - photograph).square().mean())


def variety(statistics: Sequence[Tensor]) -> float:
    """Mean distance of every two results: 0 where one style is stamped on everything, or of one.

    Of two pictures there is no style and no copy, so the energy under the share is their mean.
    """
    sizes = [2 * channels for channels in TAP_CHANNELS]
    distances = []
    for one, other in combinations(statistics, 2):
        parts = zip(
            torch.split((one - other).square(), sizes, dim=-1),
            torch.split((one.square() + other.square()) / 2, sizes, dim=-1),
            strict=True,
        )
        shares = [difference.sum(-1) / energy.sum(-1) for difference, energy in parts]
        distances.append(float(torch.stack(shares).mean()))
    return float(np.mean(distances)) if distances else 0.0


def retrieved(painted: Sequence[Tensor], styles: Sequence[Tensor]) -> list[bool]:
    """Of the i-th result: whether the i-th style is the nearest of all."""
    nearest = [int(np.argmin([style_distance(p, style) for style in styles])) for p in painted]
    return [place == index for index, place in enumerate(nearest)]


def flicker(
    paint: Callable[[Image.Image], Image.Image], picture: Image.Image, *, seed: int
) -> float:
    """How much a little noise in the photograph grows: mean |change| out over mean |noise| in.

    Gaussian noise of deviation 0.01 of the range, as a camera's next frame has.
    """
    before = np.asarray(to_rgb(picture), dtype=np.float64)
    noise = np.random.default_rng(seed).normal(0, 0.01 * 255, before.shape)
    noisy = (before + noise).round().clip(0, 255)
    first, second = (
        np.asarray(paint(one), dtype=np.float64)
        for one in (picture, Image.fromarray(noisy.astype(np.uint8)))
    )
    return float(np.abs(first - second).mean() / np.abs(noisy - before).mean())


def leak(
    paint: Callable[[Image.Image], Image.Image], picture: Image.Image, rounds: Sequence[int]
) -> list[float]:
    """PSNR to the photograph after so many rounds of painting it after itself.

    A method that loses content, or brings something of its own, loses more in every round.
    """
    figures, painted = [], picture
    for number in range(1, max(rounds) + 1):
        painted = paint(painted)
        if number in rounds:
            figures.append(psnr(painted, picture))
    return figures


@dataclass(frozen=True)
class Interval:
    """A mean with the interval that it lies in for 95 of 100 draws of pairs."""

    mean: float
    low: float
    high: float


def interval(values: Sequence[float], *, seed: int, draws: int = 1000) -> Interval:
    """Bootstrap over the values, percentiles 2.5 and 97.5.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("no values, no interval")
    array = np.asarray(values, dtype=np.float64)
    chance = np.random.default_rng(seed)
    means = array[chance.integers(len(array), size=(draws, len(array)))].mean(1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(float(array.mean()), float(low), float(high))


def psnr(one: Image.Image, other: Image.Image) -> float:
    """Peak signal-to-noise ratio in dB of two pictures of one size."""
    first, second = (np.asarray(to_rgb(p), dtype=np.float64) for p in (one, other))
    error = float(np.mean((first - second) ** 2))
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)


def largest_difference(one: Image.Image, other: Image.Image) -> int:
    """Of any channel of any pixel, in 1/255."""
    first, second = (np.asarray(to_rgb(p), dtype=np.int16) for p in (one, other))
    return int(np.abs(first - second).max())


def grid_index(picture: Image.Image) -> float:
    """How much a patch grid shows: about 0.9 for photographs, 4 to 8 where one is printed.

    Power of the mean gradient profile of rows and of columns at the periods 4, 8, 16, 32 px and
    their harmonics, over the median of the neighbouring frequencies; the geometric mean of all.
    """
    luma = np.asarray(picture.convert("L"), dtype=np.float64)
    logs = []
    for axis in (0, 1):
        profile = np.abs(np.diff(luma, axis=1 - axis)).mean(axis=axis)
        logs += _peaks(profile)
    return float(np.exp(np.mean(logs)))


def _peaks(profile: np.ndarray) -> list[float]:
    """Log ratio of the power at each period's frequencies to its neighbours'."""
    size = profile.size
    window = np.hanning(size)
    power = np.abs(np.fft.rfft((profile - profile.mean()) * window)) ** 2 + 1e-12
    logs = []
    for period in GRID_PERIODS_PX:
        for harmonic in range(1, _HARMONICS + 1):
            place = round(size * harmonic / period)
            if not 8 <= place < power.size - 8:  # room for neighbours
                continue
            around = np.r_[power[place - 7 : place - 2], power[place + 3 : place + 8]]
            logs.append(float(np.log(power[place - 1 : place + 2].max() / np.median(around))))
            logs[-1] -= _EXPECTED_PEAK
    return logs


_EXPECTED_PEAK = math.log(1.75)  # the largest of three neighbours of noise over its median
