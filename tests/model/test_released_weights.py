"""Properties of the released weights, on a rendered photo."""

from itertools import combinations

import numpy as np
import pytest
from PIL import Image, ImageChops

from art.still_life.scene import draw_still_life
from model.inference import Stylizer
from model.metrics import psnr

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stylizer() -> Stylizer:
    return Stylizer.load(device="cpu", precision="fp32")


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    return draw_still_life(256, 192)


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean absolute difference of two pictures, in units of 1/255."""
    return float(np.asarray(ImageChops.difference(one, other), dtype=np.float64).mean())


def test_strength_0_returns_nearly_the_photo(stylizer, photo):
    result = stylizer.stylize(photo, stylizer.preset("great-wave"), tau=0)

    assert psnr(result, photo) > 30


def test_the_distance_from_the_photo_grows_with_the_strength(stylizer, photo):
    code = stylizer.preset("van-gogh-haystacks")

    results = [stylizer.stylize(photo, code, tau) for tau in (0, 0.5, 1, 1.5)]

    distances = [difference(picture, photo) for picture in results]
    assert distances == sorted(distances)


def test_half_strength_is_not_the_pixel_mean_of_none_and_full(stylizer, photo):
    code = stylizer.preset("great-wave")

    none, half, full = (stylizer.stylize(photo, code, tau) for tau in (0, 0.5, 1))

    assert difference(half, Image.blend(none, full, 0.5)) > 1


def test_every_preset_gives_a_different_result(stylizer, photo):
    results = {
        name: stylizer.stylize(photo, stylizer.preset(name)) for name in stylizer.preset_ids()
    }

    assert len(results) >= 12
    assert min(difference(a, b) for a, b in combinations(results.values(), 2)) > 3


def test_a_preset_is_a_few_kilobytes(stylizer):
    assert len(stylizer.preset("nixi-black-pottery").to_bytes()) < 20_000
