"""The measures of a painted picture. Each takes Pillow pictures and gives one number.

C channels, H x W pixels.
"""

import math

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from model.losses import instance_normalised
from model.perceptual import TAP_CHANNELS, Vgg19, pyramid_statistics
from model.pictures import to_rgb, to_tensor

STYLE_SCALES = 2
GRID_PERIODS_PX = (4, 8, 16, 32)
_HARMONICS = 3


@torch.inference_mode()
def style_statistics(vgg: Vgg19, picture: Image.Image) -> Tensor:
    """Statistics of relu1_1, 2_1, 3_1, 4_1 at scales 1 and 1/2, "scales statistics"."""
    return pyramid_statistics(vgg, to_tensor(to_rgb(picture))[None], STYLE_SCALES)[0]


def style_distance(painted: Tensor, style: Tensor) -> float:
    """Mean over taps and scales of sum(d mu^2 + d sigma^2) / sum(mu^2 + sigma^2) of the style.

    Both sides are `style_statistics`. The unstyled photograph lies near 0.3.
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


@torch.inference_mode()
def content_features(vgg: Vgg19, picture: Image.Image) -> Tensor:
    """Instance-normalised relu4_1."""
    return instance_normalised(vgg(to_tensor(to_rgb(picture))[None])[-1])


def content_distance(painted: Tensor, photograph: Tensor) -> float:
    """MSE of `content_features`; 0 is the photograph, 2 a picture of something else."""
    return float((painted - photograph).square().mean())


def psnr(one: Image.Image, other: Image.Image) -> float:
    """Peak signal-to-noise ratio in dB of two pictures of one size."""
    first, second = (np.asarray(to_rgb(p), dtype=np.float64) for p in (one, other))
    error = float(np.mean((first - second) ** 2))
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)


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
