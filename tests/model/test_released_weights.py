"""Properties of the released weights, on a rendered photo."""

from itertools import combinations

import numpy as np
import pytest
from PIL import Image, ImageChops

from art.still_life.scene import draw_still_life
from imaging.encode import decode_stored, encode_photo, encode_result
from imaging.formats import PictureFormat
from imaging.labels import Label
from model.inference import Stylizer
from model.metrics import psnr
from model.style_code import StyleCode, StyleView
from model.texture import stroke_width
from styling.brush import Brush

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


def own_style(stylizer: Stylizer, photo: Image.Image) -> Image.Image:
    """What the network makes of a photo with its content code, which is nearly the photo."""
    codes = stylizer.content_codes([photo])
    view = StyleView(min(photo.size), codes.levels[0], codes.tokens[0])
    return stylizer.stylize(photo, StyleCode((view,), stylizer.model_version), tau=1)


def test_a_photo_in_its_own_style_is_nearly_the_photo(stylizer, photo):
    assert psnr(own_style(stylizer, photo), photo) > 30


@pytest.mark.parametrize("color", ["black", "white", "red", "blue", "lime", "#808080", "#0055ff"])
def test_a_sheet_of_one_colour_in_its_own_style_keeps_its_colour(stylizer, color):
    sheet = Image.new("RGB", (128, 96), color)

    assert difference(own_style(stylizer, sheet), sheet) < 40


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_the_service_returns_the_photo_at_strength_0(stylizer, photo, precision):
    colors = photo.copy()  # with large areas of saturated colours
    for index, color in enumerate(("red", "black", "blue", "white", "lime")):
        colors.paste(color, (40 * index, 0, 40 * index + 40, 80))
    stored = decode_stored(encode_photo(colors.copy()).data)
    service = Stylizer.load(device="cpu", precision=precision)

    result = service.stylize(stored, service.preset("great-wave"), tau=0)

    label = Label()
    data = encode_result(result, PictureFormat.PNG, label=label, produce_id="stl_1").data
    above_the_mark = (0, 0, 256, 192 - label.mark_size_px(colors.size)[1])
    delivered = decode_stored(data).crop(above_the_mark)
    assert ImageChops.difference(delivered, stored.crop(above_the_mark)).getbbox() is None
    for index in range(5):
        inside = (40 * index + 4, 4, 40 * index + 36, 76)
        shift = ImageChops.difference(stored.crop(inside), colors.crop(inside))
        assert np.asarray(shift).max() <= 2  # the JPEG of the stored photo


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


@pytest.mark.parametrize("preset", ["van-gogh-haystacks", "stained-glass"])
def test_the_strokes_grow_with_the_brush(stylizer, preset):
    photo = draw_still_life(512, 384)

    fine, medium, broad = (
        stroke_width(stylizer.stylize(photo, stylizer.preset(preset), 1, brush=brush), photo)
        for brush in Brush
    )

    assert medium > 1.15 * fine
    assert broad > 1.15 * medium


def test_a_preset_takes_about_22_kilobytes(stylizer):
    assert len(stylizer.preset("nixi-black-pottery").to_bytes()) < 23_500
