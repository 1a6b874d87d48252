"""Metrics of a stylized picture, computed on Pillow pictures or on their VGG-19 features.

Validation during training and the evaluation use them. Shapes: C channels, H x W pixels, F
statistics.
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
from model.losses import instance_normalise_features
from model.perceptual.statistics import pyramid_statistics_from_taps
from model.perceptual.vgg import TAP_CHANNELS, Vgg19
from model.pictures import to_tensor

STYLE_SCALES = 2
GRID_PERIODS_PX = (4, 8, 16, 32)
_HARMONICS = 3
_EXPECTED_PEAK = math.log(1.75)  # largest of three neighbours over the median, for white noise
_STATISTICS_PER_TAP = [2 * channels for channels in TAP_CHANNELS]


@dataclass(frozen=True)
class Features:
    """VGG-19 features of one picture."""

    statistics: Tensor
    """Channel means and deviations of relu1_1, 2_1, 3_1, 4_1 at scales 1 and 1/2, shape (2, F)."""
    content: Tensor
    """Instance-normalised relu4_1, shape (1, C, H / 8, W / 8)."""


@torch.inference_mode()
def extract_features(vgg: Vgg19, picture: Image.Image) -> Features:
    """Return style statistics and content features of a picture from one pass of VGG-19."""
    pictures = to_tensor(to_rgb(picture))[None]
    taps = vgg(pictures)
    statistics = pyramid_statistics_from_taps(vgg, taps, pictures, STYLE_SCALES)[0]
    return Features(statistics, instance_normalise_features(taps[-1]))


def style_distance(result: Tensor, style: Tensor) -> float:
    """Return the mean over taps and scales of sum(d mu^2 + d sigma^2) / sum(mu^2 + sigma^2).

    Both arguments are `Features.statistics`; the denominator is the style's. An unchanged photo
    has about 0.3.
    """
    ratios = [
        difference.square().sum(-1) / target.square().sum(-1)
        for difference, target in zip(
            torch.split(result - style, _STATISTICS_PER_TAP, dim=-1),
            torch.split(style, _STATISTICS_PER_TAP, dim=-1),
            strict=True,
        )
    ]
    return float(torch.stack(ratios).mean())


def content_distance(result: Tensor, photo: Tensor) -> float:
    """Return the MSE of `Features.content`: 0 for the photo itself, 2 for unrelated content."""
    return float((result - photo).square().mean())


def variety(statistics: Sequence[Tensor]) -> float:
    """Return the mean style distance over all pairs of results; 0 for a single result.

    It is 0 if every result has the same style. Neither result of a pair is the reference, so the
    denominator is the mean energy of both.
    """
    distances = []
    for first, second in combinations(statistics, 2):
        parts = zip(
            torch.split((first - second).square(), _STATISTICS_PER_TAP, dim=-1),
            torch.split((first.square() + second.square()) / 2, _STATISTICS_PER_TAP, dim=-1),
            strict=True,
        )
        ratios = [difference.sum(-1) / energy.sum(-1) for difference, energy in parts]
        distances.append(float(torch.stack(ratios).mean()))
    return float(np.mean(distances)) if distances else 0.0


def retrieval_hits(results: Sequence[Tensor], styles: Sequence[Tensor]) -> list[bool]:
    """Return for each result whether the style at the same index is the nearest of all styles.

    `styles` may be longer than `results`.
    """
    nearest = [
        int(np.argmin([style_distance(result, style) for style in styles])) for result in results
    ]
    return [found == index for index, found in enumerate(nearest)]


def flicker(
    stylize: Callable[[Image.Image], Image.Image], photo: Image.Image, *, seed: int
) -> float:
    """Return mean |change of the result| / mean |noise| when noise is added to the photo.

    The noise is Gaussian with a deviation of 0.01 of the range, similar to the noise between two
    frames of a camera. 1 means that noise is passed on unchanged.
    """
    clean = np.asarray(to_rgb(photo), dtype=np.float64)
    noise = np.random.default_rng(seed).normal(0, 0.01 * 255, clean.shape)
    noisy = (clean + noise).round().clip(0, 255)
    first, second = (
        np.asarray(stylize(picture), dtype=np.float64)
        for picture in (photo, Image.fromarray(noisy.astype(np.uint8)))
    )
    return float(np.abs(first - second).mean() / np.abs(noisy - clean).mean())


def content_leak(
    stylize: Callable[[Image.Image], Image.Image], photo: Image.Image, rounds: Sequence[int]
) -> list[float]:
    """Return the PSNR to the photo in dB after each number of rounds of repeated stylization.

    Every round stylizes the previous result with the photo as the style. A method that loses
    content, or adds content, has a lower PSNR after every round.
    """
    psnr_db, result = [], photo
    for number in range(1, max(rounds) + 1):
        result = stylize(result)
        if number in rounds:
            psnr_db.append(psnr(result, photo))
    return psnr_db


@dataclass(frozen=True)
class Interval:
    """A mean with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float


def bootstrap_interval(values: Sequence[float], *, seed: int, draws: int = 1000) -> Interval:
    """Return the mean of the values with the 2.5 and 97.5 percentiles of `draws` resamplings.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("an interval needs at least one value")
    array = np.asarray(values, dtype=np.float64)
    random = np.random.default_rng(seed)
    means = array[random.integers(len(array), size=(draws, len(array)))].mean(1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(float(array.mean()), float(low), float(high))


def psnr(first: Image.Image, second: Image.Image) -> float:
    """Return the peak signal-to-noise ratio in dB of two pictures of the same size."""
    pixels, other_pixels = (np.asarray(to_rgb(p), dtype=np.float64) for p in (first, second))
    error = float(np.mean((pixels - other_pixels) ** 2))
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)


def largest_difference(first: Image.Image, second: Image.Image) -> int:
    """Return the largest difference over all channels of all pixels, in units of 1/255."""
    pixels, other_pixels = (np.asarray(to_rgb(p), dtype=np.int16) for p in (first, second))
    return int(np.abs(pixels - other_pixels).max())


def grid_index(picture: Image.Image) -> float:
    """Return how visible a patch grid is: about 0.9 for photos, 4 to 8 for a clearly visible grid.

    The mean gradient profile of the rows, and that of the columns, have peaks at the frequencies of
    a grid. The index is the geometric mean of power / median power of the neighbouring frequencies,
    over the periods 4, 8, 16 and 32 px and their harmonics.
    """
    luma = np.asarray(picture.convert("L"), dtype=np.float64)
    logs = []
    for axis in (0, 1):
        profile = np.abs(np.diff(luma, axis=1 - axis)).mean(axis=axis)
        logs += _log_peak_ratios(profile)
    return float(np.exp(np.mean(logs)))


def _log_peak_ratios(profile: np.ndarray) -> list[float]:
    """Return the log ratio of power at each grid frequency to its neighbours, 0 for noise."""
    size = profile.size
    window = np.hanning(size)
    power = np.abs(np.fft.rfft((profile - profile.mean()) * window)) ** 2 + 1e-12
    logs = []
    for period in GRID_PERIODS_PX:
        for harmonic in range(1, _HARMONICS + 1):
            index = round(size * harmonic / period)
            if not 8 <= index < power.size - 8:  # too close to the ends: neighbours are missing
                continue
            around = np.r_[power[index - 7 : index - 2], power[index + 3 : index + 8]]
            peak = power[index - 1 : index + 2].max()
            logs.append(float(np.log(peak / np.median(around))) - _EXPECTED_PEAK)
    return logs
