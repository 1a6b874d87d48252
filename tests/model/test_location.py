"""LIM: positions computed from the picture, for every picture size (Eq. 4-6)."""

import math
from dataclasses import replace

import pytest
import torch

from model.config import TINY
from model.network.generator import Generator
from model.network.location import (
    LocationInformation,
    PositionInjection,
    interpolate_location,
    sinusoidal_positions,
)
from tests.model.samples import tensor


def test_eq_6_a_flat_map_has_the_same_location_everywhere():
    tokens = torch.ones(1, 23, 40, 4)

    location = LocationInformation(4, 18)(tokens)

    torch.testing.assert_close(location, location[:, :, :1, :1].expand(1, 4, 18, 18))


def test_eq_6_a_picture_of_twice_the_size_has_the_same_location_map():
    layer, small = LocationInformation(4, 18), torch.randn(1, 18, 18, 4)
    large = small.repeat_interleave(2, dim=1).repeat_interleave(2, dim=2)

    torch.testing.assert_close(layer(large), layer(small))


def test_eq_6_f_pos_is_the_same_linear_at_every_position():
    layer, tokens = LocationInformation(4, 3), torch.randn(1, 3, 3, 4)

    location = layer(tokens)

    torch.testing.assert_close(location[0, :, 2, 1], layer.position(tokens[0, 2, 1]))


def test_eq_6_a_picture_with_fewer_tokens_than_the_map_has_a_location_map():
    location = LocationInformation(4, 18)(torch.randn(1, 16, 16, 4))

    assert location.shape == (1, 4, 18, 18)


def test_eq_6_interpolates_the_map_bilinearly():
    location = torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]])

    interpolated = interpolate_location(location, 4, 4)

    # the 4 positions are at -1/4, 1/4, 3/4 and 5/4 of the 2 map cells; outside they are clamped
    assert interpolated[0, 0, :, 0].tolist() == pytest.approx([0.0, 0.25, 0.75, 1.0])
    assert interpolated[0, :, 0, 0].tolist() == pytest.approx([0.0, 0.5, 1.5, 2.0])
    assert interpolated[0, 1, 2, 0].item() == pytest.approx(0.25 * 2 + 0.75)


def test_the_position_is_concatenated_projected_and_added_to_the_token():
    layer, tokens, location = (
        PositionInjection(2, 1),
        torch.ones(1, 1, 1, 2),
        torch.ones(1, 1, 1, 1),
    )
    with torch.no_grad():
        layer.project.weight.copy_(torch.tensor([[1.0, 2.0, 4.0], [0.0, 0.0, 8.0]]))
        layer.project.bias.zero_()

    located = layer(tokens, location)

    assert located.flatten().tolist() == [1 + 1 + 2 + 4, 1 + 8]


def test_eq_5_the_product_of_two_sinusoidal_positions_depends_only_on_their_distance():
    grid = sinusoidal_positions(4, 6, 8)

    product = float(grid[1, 2] @ grid[3, 5])

    # k = 0, 1: w = 1 and 10000^(-2 * 1 / 2) = 0.0001; 3 tokens across, 2 down
    expected = math.cos(3) + math.cos(3e-4) + math.cos(2) + math.cos(2e-4)
    assert product == pytest.approx(expected, abs=1e-6)
    assert float(grid[0, 1] @ grid[2, 4]) == pytest.approx(expected, abs=1e-5)


def test_position_none_returns_the_tokens_and_has_no_weights():
    layer, tokens = PositionInjection(4, 4, "none"), torch.randn(1, 2, 3, 4)

    assert layer(tokens, None) is tokens
    assert not list(layer.parameters())


@pytest.mark.parametrize("position", ["sinusoid", "none"])
def test_the_generator_works_with_the_other_position_encodings(position):
    generator = Generator(replace(TINY, position=position))
    code = generator.encode_style(tensor(64, 64))

    assert generator(tensor(64, 80), code, code).shape == (1, 3, 64, 80)
    assert not [name for name in generator.state_dict() if "encoder.location" in name]
