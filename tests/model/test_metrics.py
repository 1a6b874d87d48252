"""The measures on pictures whose measure is known."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from model import metrics
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
    seen = metrics.see(vgg, picture())

    assert seen.statistics.shape == (metrics.STYLE_SCALES, STATISTICS)
    assert metrics.style_distance(seen.statistics, seen.statistics) == 0.0
    assert metrics.content_distance(seen.content, seen.content) == 0.0


def test_content_distance_of_features_that_share_nothing_is_2():
    features = torch.randn(2, 1, 64, 16, 16)

    assert metrics.content_distance(features[0], features[1]) == pytest.approx(2.0, rel=0.05)


def test_no_grid_shows_in_noise():
    assert 0.5 < metrics.grid_index(noise()) < 1.5


@pytest.mark.parametrize("period", [4, 8, 16])
def test_a_printed_grid_shows(period: int):
    assert metrics.grid_index(noise(period=period)) > 2 * metrics.grid_index(noise())


def test_the_largest_difference_is_that_of_the_worst_channel_of_the_worst_pixel():
    one = Image.new("RGB", (2, 2), (10, 200, 30))
    other = one.copy()
    other.putpixel((1, 0), (12, 195, 30))

    assert metrics.largest_difference(one, other) == 5


# Variety, retrieval


def test_one_style_stamped_on_everything_has_no_variety():
    assert metrics.variety([torch.ones(2, STATISTICS)] * 3) == 0.0


def test_variety_is_the_mean_over_every_two_results():
    one, other = torch.ones(2, STATISTICS), torch.zeros(2, STATISTICS)

    # 1 over the mean energy 1/2 is 2 for each of the two pairs that differ, 0 for the third
    assert metrics.variety([one, other, one]) == pytest.approx((2 + 2 + 0) / 3)


def test_a_result_is_retrieved_when_its_own_style_is_the_nearest():
    styles = [torch.full((2, STATISTICS), value) for value in (1.0, 2.0, 4.0)]
    painted = [styles[0] * 1.1, styles[0] * 1.1, styles[2] * 0.9]

    assert metrics.retrieved(painted, styles) == [True, False, True]


# Flicker, leak, intervals


def test_a_method_that_copies_flickers_as_much_as_its_photograph():
    assert metrics.flicker(lambda one: one, noise(), seed=0) == pytest.approx(1.0, rel=0.02)


def test_a_method_that_doubles_differences_flickers_twice_as_much():
    soft = Image.new("L", (64, 64), 60).convert("RGB")

    found = metrics.flicker(lambda one: one.point(lambda value: 2 * value), soft, seed=0)

    assert found == pytest.approx(2.0, rel=0.02)


def test_a_leak_grows_with_the_rounds():
    def darken(one: Image.Image) -> Image.Image:
        return one.point(lambda value: max(0, value - 1))

    grey = Image.new("RGB", (8, 8), (100, 100, 100))

    found = metrics.leak(darken, grey, [1, 10])

    assert found == pytest.approx([20 * np.log10(255 / 1), 20 * np.log10(255 / 10)])


def test_an_interval_holds_the_mean_and_narrows_with_the_number_of_values():
    few = metrics.interval([0.0, 1.0] * 4, seed=0)
    many = metrics.interval([0.0, 1.0] * 400, seed=0)

    assert few.mean == many.mean == 0.5
    assert few.low < 0.5 < few.high
    assert many.high - many.low < (few.high - few.low) / 5


def test_the_interval_of_equal_values_is_a_point():
    assert metrics.interval([0.25] * 5, seed=0) == metrics.Interval(0.25, 0.25, 0.25)
