"""What the trained weights promise, on a picture that the project makes itself."""

from itertools import combinations

import numpy as np
import pytest
from PIL import Image, ImageChops

from art.still_life.scene import draw_still_life
from model.inference import Stylizer
from model.metrics import psnr


@pytest.fixture(scope="module")
def stylizer() -> Stylizer:
    return Stylizer.load(device="cpu", precision="fp32")


@pytest.fixture(scope="module")
def photograph() -> Image.Image:
    return draw_still_life(256, 192)


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of two pictures in steps of 1/255."""
    return float(np.asarray(ImageChops.difference(one, other), dtype=np.float64).mean())


def test_no_strength_gives_the_photograph_back(stylizer, photograph):
    painted = stylizer.stylize(photograph, stylizer.preset("great-wave"), tau=0)

    assert psnr(painted, photograph) > 30


def test_a_picture_moves_away_from_the_photograph_as_strength_grows(stylizer, photograph):
    code = stylizer.preset("van-gogh-haystacks")

    painted = [stylizer.stylize(photograph, code, tau) for tau in (0, 0.5, 1, 1.5)]

    distances = [difference(picture, photograph) for picture in painted]
    assert distances == sorted(distances)


def test_half_strength_is_not_the_mean_of_none_and_full(stylizer, photograph):
    code = stylizer.preset("great-wave")

    none, half, full = (stylizer.stylize(photograph, code, tau) for tau in (0, 0.5, 1))

    assert difference(half, Image.blend(none, full, 0.5)) > 1


def test_every_style_that_ships_paints_another_picture(stylizer, photograph):
    painted = {
        name: stylizer.stylize(photograph, stylizer.preset(name)) for name in stylizer.preset_ids()
    }

    assert len(painted) >= 12
    assert min(difference(a, b) for a, b in combinations(painted.values(), 2)) > 3


def test_a_preset_is_a_few_kilobytes(stylizer):
    assert len(stylizer.preset("nixi-black-pottery").to_bytes()) < 20_000
