"""The measures on pictures whose measure is known."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from model.evaluation import metrics
from model.perceptual import TAP_CHANNELS, load_vgg
from tests.model.samples import picture

STATISTICS = 2 * sum(TAP_CHANNELS)


def noise(size: int = 512, *, period: int | None = None) -> Image.Image:
    """Soft noise; with `period` a faint grid is printed on it."""
    values = np.random.default_rng(0).normal(128, 30, (size, size))
    values = (values + np.roll(values, 1, 0) + np.roll(values, 1, 1)) / 3
    if period:
        values[::period] += 12
        values[:, ::period] += 12
    return Image.fromarray(values.clip(0, 255).astype(np.uint8)).convert("RGB")


def test_equal_pictures_have_no_noise():
    assert metrics.psnr(picture(), picture()) == math.inf


def test_one_step_of_255_everywhere_is_48_db():
    grey, next_grey = (Image.new("RGB", (8, 8), (v, v, v)) for v in (100, 101))

    assert metrics.psnr(grey, next_grey) == pytest.approx(20 * math.log10(255))


@pytest.mark.parametrize(("share", "distance"), [(1.0, 0.0), (0.5, 0.25), (0.0, 1.0)])
def test_style_distance_is_the_share_of_energy_that_differs(share: float, distance: float):
    style = torch.rand(2, STATISTICS) + 0.1

    assert metrics.style_distance(style * share, style) == pytest.approx(distance, abs=1e-6)


def test_style_distance_is_the_mean_over_taps_and_scales():
    style, painted = torch.ones(2, STATISTICS), torch.ones(2, STATISTICS)
    painted[1, : 2 * TAP_CHANNELS[0]] = 0.0  # one of four taps at one of two scales

    assert metrics.style_distance(painted, style) == pytest.approx(1 / 8)


def test_a_picture_has_no_distance_from_itself(vgg_file: Path):
    vgg = load_vgg(vgg_file)
    style, content = (
        metrics.style_statistics(vgg, picture()),
        metrics.content_features(vgg, picture()),
    )

    assert style.shape == (metrics.STYLE_SCALES, STATISTICS)
    assert metrics.style_distance(style, style) == 0.0
    assert metrics.content_distance(content, content) == 0.0


def test_content_distance_of_features_that_share_nothing_is_2():
    features = torch.randn(2, 1, 64, 16, 16)

    assert metrics.content_distance(features[0], features[1]) == pytest.approx(2.0, rel=0.05)


def test_no_grid_shows_in_noise():
    assert 0.5 < metrics.grid_index(noise()) < 1.5


@pytest.mark.parametrize("period", [4, 8, 16])
def test_a_printed_grid_shows(period: int):
    assert metrics.grid_index(noise(period=period)) > 2 * metrics.grid_index(noise())
