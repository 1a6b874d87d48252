"""The metrics on pictures with known values."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from model import metrics
from model.perceptual.vgg import TAP_CHANNELS, load_vgg
from tests.model.samples import picture

STATISTICS = 2 * sum(TAP_CHANNELS)


def noise(size: int = 512, *, period: int | None = None) -> Image.Image:
    """Soft noise; `period` adds a faint grid."""
    values = np.random.default_rng(0).normal(128, 30, (size, size))
    values = (values + np.roll(values, 1, 0) + np.roll(values, 1, 1)) / 3
    if period:
        values[::period] += 12
        values[:, ::period] += 12
    return Image.fromarray(values.clip(0, 255).astype(np.uint8)).convert("RGB")


def test_psnr_of_equal_pictures_is_infinite():
    assert metrics.psnr(picture(), picture()) == math.inf


def test_psnr_of_a_difference_of_1_everywhere_is_48_db():
    grey, next_grey = (Image.new("RGB", (8, 8), (v, v, v)) for v in (100, 101))

    assert metrics.psnr(grey, next_grey) == pytest.approx(20 * math.log10(255))


@pytest.mark.parametrize(("share", "distance"), [(1.0, 0.0), (0.5, 0.25), (0.0, 1.0)])
def test_style_distance_is_the_energy_of_the_difference_over_the_energy_of_the_style(
    share: float, distance: float
):
    style = torch.rand(2, STATISTICS) + 0.1

    assert metrics.style_distance(style * share, style) == pytest.approx(distance, abs=1e-6)


def test_style_distance_is_the_mean_over_taps_and_scales():
    style, result = torch.ones(2, STATISTICS), torch.ones(2, STATISTICS)
    result[1, : 2 * TAP_CHANNELS[0]] = 0.0  # one of four taps at one of two scales

    assert metrics.style_distance(result, style) == pytest.approx(1 / 8)


def test_a_picture_has_distance_0_from_itself(vgg_file: Path):
    vgg = load_vgg(vgg_file)
    features = metrics.extract_features(vgg, picture())

    assert features.statistics.shape == (metrics.STYLE_SCALES, STATISTICS)
    assert metrics.style_distance(features.statistics, features.statistics) == 0.0
    assert metrics.content_distance(features.content, features.content) == 0.0


def test_content_distance_of_unrelated_features_is_2():
    features = torch.randn(2, 1, 64, 16, 16)

    assert metrics.content_distance(features[0], features[1]) == pytest.approx(2.0, rel=0.05)


def test_noise_has_a_low_grid_index():
    assert 0.5 < metrics.grid_index(noise()) < 1.5


@pytest.mark.parametrize("period", [4, 8, 16])
def test_a_visible_grid_raises_the_grid_index(period: int):
    assert metrics.grid_index(noise(period=period)) > 2 * metrics.grid_index(noise())


def test_largest_difference_is_over_all_channels_and_pixels():
    first = Image.new("RGB", (2, 2), (10, 200, 30))
    second = first.copy()
    second.putpixel((1, 0), (12, 195, 30))

    assert metrics.largest_difference(first, second) == 5


# Variety, retrieval


def test_variety_of_identical_results_is_0():
    assert metrics.variety([torch.ones(2, STATISTICS)] * 3) == 0.0


def test_variety_is_the_mean_over_all_pairs_of_results():
    first, second = torch.ones(2, STATISTICS), torch.zeros(2, STATISTICS)

    # Two pairs differ: 1 over the mean energy 1/2 is 2. The third pair is equal: 0
    assert metrics.variety([first, second, first]) == pytest.approx((2 + 2 + 0) / 3)


def test_a_result_is_a_hit_if_its_own_style_is_the_nearest():
    styles = [torch.full((2, STATISTICS), value) for value in (1.0, 2.0, 4.0)]
    results = [styles[0] * 1.1, styles[0] * 1.1, styles[2] * 0.9]

    assert metrics.retrieval_hits(results, styles) == [True, False, True]


# Flicker, content leak, intervals


def test_flicker_of_a_method_that_returns_the_photo_is_1():
    assert metrics.flicker(lambda photo: photo, noise(), seed=0) == pytest.approx(1.0, rel=0.02)


def test_flicker_of_a_method_that_doubles_differences_is_2():
    soft = Image.new("L", (64, 64), 60).convert("RGB")

    flicker = metrics.flicker(lambda photo: photo.point(lambda value: 2 * value), soft, seed=0)

    assert flicker == pytest.approx(2.0, rel=0.02)


def test_content_leak_lowers_the_psnr_with_every_round():
    def darken(picture: Image.Image) -> Image.Image:
        return picture.point(lambda value: max(0, value - 1))

    grey = Image.new("RGB", (8, 8), (100, 100, 100))

    psnr_db = metrics.content_leak(darken, grey, [1, 10])

    assert psnr_db == pytest.approx([20 * np.log10(255 / 1), 20 * np.log10(255 / 10)])


def test_an_interval_contains_the_mean_and_narrows_with_more_values():
    few = metrics.bootstrap_interval([0.0, 1.0] * 4, seed=0)
    many = metrics.bootstrap_interval([0.0, 1.0] * 400, seed=0)

    assert few.mean == many.mean == 0.5
    assert few.low < 0.5 < few.high
    assert many.high - many.low < (few.high - few.low) / 5


def test_the_interval_of_equal_values_is_a_point():
    assert metrics.bootstrap_interval([0.25] * 5, seed=0) == metrics.Interval(0.25, 0.25, 0.25)
