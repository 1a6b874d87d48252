"""Statistics of the taps, and their gradients."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from model.perceptual.statistics import (
    _Moments,
    pyramid,
    pyramid_statistics,
    pyramid_statistics_from_taps,
    tap_statistics,
)
from model.perceptual.vgg import TAP_CHANNELS, load_vgg
from tests.model.samples import tensor


def custom_moments(features: Tensor) -> tuple[Tensor, Tensor]:
    mean, deviation = _Moments.apply(features)
    return mean, deviation


def plain_moments(features: Tensor) -> tuple[Tensor, Tensor]:
    mean = features.mean((2, 3))
    variance = (features - mean[:, :, None, None]).square().mean((2, 3))
    return mean, (variance + 1e-6).sqrt()


def test_the_moments_are_mean_and_deviation_of_each_channel():
    features = torch.randn(2, 3, 4, 5)

    moments = custom_moments(features)

    torch.testing.assert_close(moments, plain_moments(features))


def test_the_custom_gradient_of_the_moments_equals_that_of_the_plain_formula():
    features = torch.randn(2, 3, 4, 5, requires_grad=True)
    weights = torch.randn(2, 2, 3)

    custom, plain = (
        torch.autograd.grad((torch.stack(moments(features)) * weights).sum(), features)[0]
        for moments in (custom_moments, plain_moments)
    )

    torch.testing.assert_close(custom, plain, rtol=1e-4, atol=1e-6)


def test_the_gradient_of_the_deviation_of_a_flat_channel_is_finite():
    features = torch.ones(1, 1, 4, 4, requires_grad=True)

    gradient = torch.autograd.grad(custom_moments(features)[1].sum(), features)[0]

    assert bool(gradient.isfinite().all())


def test_tap_statistics_are_mean_and_deviation_of_each_tap_in_turn():
    taps = [torch.full((1, 2, 2, 2), 3.0), torch.tensor([[[[0.0, 2.0]]]])]

    found = tap_statistics(taps)

    assert found[0].tolist() == pytest.approx([3, 3, 1e-3, 1e-3, 1, 1], rel=1e-3)


def test_every_scale_of_the_pyramid_has_half_the_side():
    assert [level.shape[-1] for level in pyramid(tensor(64, 96), 3)] == [96, 48, 24]


@pytest.mark.parametrize("scales", [1, 3])
def test_pyramid_statistics_from_taps_equal_those_from_pictures(vgg_file: Path, scales: int):
    vgg, pictures = load_vgg(vgg_file), tensor(64, 64, batch=2)

    found = pyramid_statistics_from_taps(vgg, vgg(pictures), pictures, scales)

    assert found.shape == (2, scales, 2 * sum(TAP_CHANNELS))
    torch.testing.assert_close(found, pyramid_statistics(vgg, pictures, scales))
