from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from model.multiscale import PAINTED_SIDE_PX, RENDERED_SIDE_PX, render_multiscale, rendering_sizes
from model.multiscale import resize as resized
from styling.brush import Brush
from styling.sizes import MIN_SIDE_PX
from tests.model.samples import tensor


@pytest.mark.parametrize(
    ("size", "brush", "sizes"),
    [
        ((384, 512), Brush.MEDIUM, [(384, 512)]),
        ((200, 100), Brush.MEDIUM, [(200, 100)]),
        ((400, 400), Brush.MEDIUM, [(384, 384)]),
        ((512, 512), Brush.MEDIUM, [(384, 384)]),
        ((600, 600), Brush.MEDIUM, [(384, 384), (600, 600)]),
        ((1200, 1600), Brush.MEDIUM, [(384, 512), (768, 1024)]),
        ((384, 512), Brush.BROAD, [(240, 320), (384, 512)]),
        ((1200, 1600), Brush.BROAD, [(240, 320), (480, 640)]),
        ((384, 512), Brush.FINE, [(768, 1024)]),
        ((1200, 1600), Brush.FINE, [(768, 1024)]),
        ((64, 4096), Brush.BROAD, [(64, 4096)]),
    ],
    ids=str,
)
def test_strokes_have_their_size_relative_to_the_picture(
    size: tuple[int, int], brush: Brush, sizes: list[tuple[int, int]]
):
    assert rendering_sizes(size, brush.scale) == sizes


@given(
    height=st.integers(MIN_SIDE_PX, 8000),
    width=st.integers(MIN_SIDE_PX, 8000),
    brush=st.sampled_from(Brush),
)
def test_the_sizes_of_any_picture_ascend_and_are_bounded(height: int, width: int, brush: Brush):
    sizes = rendering_sizes((height, width), brush.scale)

    sides = [min(size) for size in sizes]
    assert min(sides) >= MIN_SIDE_PX
    assert max(sides) <= RENDERED_SIDE_PX
    assert all(1.35 < larger / smaller < 2.1 for smaller, larger in pairwise(sides))
    if min(height, width) >= PAINTED_SIDE_PX:
        assert sides[0] == round(PAINTED_SIDE_PX / brush.scale)


STRENGTH, NO_STRENGTH = torch.ones(1), torch.zeros(1)


def unchanged(photos: Tensor) -> Tensor:
    return photos


@pytest.mark.parametrize("sides", [[96], [64, 96], [64, 96, 128], [64, 128]], ids=str)
def test_a_rendering_that_changes_nothing_returns_the_photo(sides: list[int]):
    photo = resized(tensor(40, 60), (128, 192)).clamp(-1, 1).mean(1, keepdim=True)
    photo = photo.expand(-1, 3, -1, -1)  # above the last size the luma of the photo is added

    sizes = [(side, side * 3 // 2) for side in sides]

    result = render_multiscale(photo, sizes, unchanged, NO_STRENGTH)

    assert float((result - photo).abs().max()) < 0.03  # of the range of 2


def test_the_coarse_part_is_of_the_first_size_and_the_details_of_the_others():
    photo = torch.zeros(1, 3, 256, 256)
    chessboard = (torch.arange(128)[:, None] + torch.arange(128)) % 2 * 0.2 - 0.1

    def render(level: Tensor) -> Tensor:
        if level.shape[2] == 64:
            return torch.full_like(level, 0.5)
        return -0.7 + chessboard.expand_as(level)

    result = render_multiscale(photo, [(64, 64), (128, 128)], render, STRENGTH)

    assert result.shape == photo.shape
    assert float(result.mean()) == pytest.approx(0.5, abs=0.01)
    assert float(result.std()) > 0.04


def test_details_above_the_last_size_are_the_luma_of_the_photo():
    photo = torch.zeros(1, 3, 128, 128)
    photo[:, 0, :, ::2] = 1.0  # red lines of 1 px

    result = render_multiscale(photo, [(64, 64)], torch.zeros_like, STRENGTH)

    assert float(result.std(dim=3).min()) > 0.1
    torch.testing.assert_close(result[:, 0], result[:, 2])


def test_a_rendering_larger_than_the_result_is_reduced():
    photo = tensor(64, 64)

    result = render_multiscale(
        photo, [(96, 96)], lambda level: torch.full_like(level, 0.25), STRENGTH
    )

    torch.testing.assert_close(result, torch.full_like(photo, 0.25), atol=1e-4, rtol=0)


def test_one_photo_can_have_several_results():
    photo = torch.zeros(1, 3, 128, 128)

    result = render_multiscale(
        photo, [(64, 64)], lambda level: torch.stack([level[0], level[0] + 0.5]), STRENGTH.expand(2)
    )

    assert [float(each.mean()) for each in result] == pytest.approx([0, 0.5], abs=0.01)
