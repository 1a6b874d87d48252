"""Colours that are described by numbers are converted to sRGB."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from imaging.color_encoding import (
    SRGB_CURVE,
    SRGB_PRIMARIES,
    ColorEncoding,
    PowerCurve,
    convert_to_srgb,
)
from imaging.primaries import Primaries

D65 = (0.3127, 0.3290)
COLORS = [
    (40, 60, 50),
    (128, 128, 128),
    (200, 120, 60),
    (90, 150, 220),
    (30, 110, 40),
    (250, 250, 250),
]
# Primaries and transfer function of ITU-T H.273, and the peak luminance in nits: how Chromium 156
# shows these colours in a PNG with the chunks cICP and cLLI.
SHOWN_BY_CHROMIUM = {
    (4, 4, 1000): [
        (18, 57, 46),
        (129,) * 3,
        (230, 115, 39),
        (0, 159, 226),
        (0, 108, 27),
        (250,) * 3,
    ],
    (5, 5, 1000): [
        (16, 36, 26),
        (106,) * 3,
        (191, 98, 37),
        (61, 131, 212),
        (0, 87, 19),
        (249,) * 3,
    ],
    (6, 6, 1000): [
        (30, 49, 39),
        (121,) * 3,
        (193, 114, 48),
        (88, 145, 218),
        (29, 100, 27),
        (250,) * 3,
    ],
    (7, 7, 1000): [
        (59, 77, 68),
        (141,) * 3,
        (203, 135, 77),
        (112, 162, 224),
        (55, 123, 58),
        (251,) * 3,
    ],
    (8, 8, 1000): [
        (101, 134, 122),
        (188,) * 3,
        (243, 181, 126),
        (142, 203, 242),
        (27, 179, 105),
        (253,) * 3,
    ],
    (9, 1, 1000): [(0, 51, 38), (121,) * 3, (235, 96, 22), (0, 149, 225), (0, 108, 0), (250,) * 3],
    (9, 8, 1000): [
        (92, 136, 121),
        (188,) * 3,
        (255, 176, 124),
        (117, 206, 243),
        (0, 183, 101),
        (253,) * 3,
    ],
    (9, 13, 1000): [
        (19, 62, 49),
        (128,) * 3,
        (237, 105, 40),
        (0, 155, 227),
        (0, 116, 22),
        (250,) * 3,
    ],
    (10, 8, 1000): [
        (21, 152, 119),
        (188,) * 3,
        (255, 108, 129),
        (0, 235, 242),
        (0, 222, 87),
        (253,) * 3,
    ],
    (11, 17, 1000): [
        (18, 45, 33),
        (118,) * 3,
        (210, 103, 16),
        (56, 145, 230),
        (0, 100, 0),
        (255,) * 3,
    ],
    (12, 13, 1000): [
        (34, 61, 49),
        (128,) * 3,
        (213, 115, 42),
        (67, 152, 226),
        (0, 112, 27),
        (250,) * 3,
    ],
    (22, 13, 1000): [
        (39, 59, 50),
        (128,) * 3,
        (201, 121, 59),
        (88, 152, 220),
        (24, 108, 40),
        (250,) * 3,
    ],
    (1, 16, 1000): [(9, 26, 17), (132,) * 3, (255, 78, 15), (21, 83, 255), (4, 94, 9), (255,) * 3],
    (9, 16, 1000): [(0, 27, 16), (132,) * 3, (255, 0, 0), (0, 80, 255), (0, 100, 0), (255,) * 3],
    (9, 16, 400): [(0, 36, 22), (163,) * 3, (255, 0, 0), (0, 80, 255), (0, 123, 0), (255,) * 3],
    (9, 16, 4000): [(0, 27, 16), (132,) * 3, (255, 0, 0), (0, 77, 255), (0, 100, 0), (255,) * 3],
    (9, 16, 150): [(0, 41, 26), (181,) * 3, (255, 0, 0), (0, 255, 255), (0, 138, 0), (255,) * 3],
    (9, 18, 1000): [(6, 40, 30), (99,) * 3, (230, 76, 29), (0, 117, 221), (0, 85, 12), (251,) * 3],
    (9, 18, 400): [
        (10, 51, 40),
        (123,) * 3,
        (255, 95, 38),
        (0, 138, 255),
        (0, 106, 18),
        (255,) * 3,
    ],
    (12, 18, 1000): [
        (19, 39, 31),
        (99,) * 3,
        (204, 90, 31),
        (51, 116, 221),
        (0, 82, 16),
        (251,) * 3,
    ],
}


def encoding_of(primaries: int, transfer: int, **peak: float) -> ColorEncoding:
    found = ColorEncoding.from_cicp(primaries, transfer, **peak)
    assert found is not None
    return found


def picture_of(colors: np.ndarray) -> Image.Image:
    return Image.fromarray(colors.reshape(-1, 1, 3).astype(np.uint8))


def pixels(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture).reshape(-1, 3).astype(float)


@pytest.mark.parametrize("code", SHOWN_BY_CHROMIUM, ids=str)
def test_colours_are_shown_as_by_chromium(code: tuple[int, int, int]):
    primaries, transfer, peak_nits = code
    encoding = encoding_of(primaries, transfer, peak_nits=peak_nits)

    converted = convert_to_srgb(picture_of(np.array(COLORS)), encoding)

    np.testing.assert_allclose(pixels(converted), SHOWN_BY_CHROMIUM[code], atol=1)


@pytest.mark.parametrize("exponent", [1.0, 1.8, 2.2])
def test_display_p3_is_converted_exactly_over_the_whole_cube(exponent: float):
    levels = np.unique([*range(16), *range(16, 256, 16), 255])
    colors = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(-1, 3)
    p3_to_srgb = np.array(  # of the specification CSS Color 4
        [
            [1.2249401762805598, -0.2249401762805597, 0.0],
            [-0.0420569547096881, 1.0420569547096881, 0.0],
            [-0.0196375545903344, -0.0786360455506319, 1.0982736001409663],
        ]
    )
    light = ((colors / 255) ** exponent @ p3_to_srgb.T).clip(0, 1)
    exact = 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    encoding = ColorEncoding(encoding_of(12, 13).primaries, PowerCurve(exponent))

    converted = convert_to_srgb(picture_of(colors), encoding)

    np.testing.assert_allclose(pixels(converted), exact, atol=0.6)


def test_a_large_picture_is_converted_as_a_small_one():
    size = (1300, 900)  # more pixels than are converted at once
    linear = encoding_of(1, 8)

    converted = convert_to_srgb(Image.linear_gradient("L").resize(size).convert("RGB"), linear)

    assert converted.size == size
    columns = np.asarray(converted)
    assert (columns == columns[:, :1]).all()
    np.testing.assert_allclose(columns[[0, 450, 899], 0, 0], [0, 188, 255], atol=1)


@pytest.mark.parametrize(
    "code", [(1, 13), (2, 2), (1, 2), (2, 16), (9, 0), (0, 8), (3, 8), (9, 255), (255, 13)]
)
def test_srgb_and_unknown_code_points_have_no_encoding(code: tuple[int, int]):
    assert ColorEncoding.from_cicp(*code) is None


def test_a_picture_in_srgb_does_not_change():
    srgb = ColorEncoding(SRGB_PRIMARIES, SRGB_CURVE)

    converted = convert_to_srgb(picture_of(np.array(COLORS)), srgb)

    np.testing.assert_array_equal(pixels(converted), COLORS)


def test_white_of_another_colour_becomes_white():
    d50 = Primaries((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), (0.3457, 0.3585))

    converted = convert_to_srgb(Image.new("RGB", (1, 1), "white"), ColorEncoding(d50, SRGB_CURVE))

    assert converted.getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize(
    "red",
    [(0.30, 0.60), (0.225, 0.33), (math.nan, 0.3), (math.inf, 0.3), (1e300, 0.3)],
    ids=["is green", "on the line of green and blue", "no number", "infinite", "too large"],
)
def test_chromaticities_that_describe_no_colour_space_are_refused(red: tuple[float, float]):
    with pytest.raises(ValueError, match="chromaticit"):
        Primaries(red, (0.30, 0.60), (0.15, 0.06), D65)


@pytest.mark.parametrize("white", [(0.3, 0.0), (0.0, 0.0)])
def test_white_without_luminance_is_refused(white: tuple[float, float]):
    with pytest.raises(ValueError, match="chromaticit"):
        Primaries((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), white)


COORDINATES = st.tuples(*[st.floats(allow_nan=True, allow_infinity=True)] * 2) | st.tuples(
    *[st.integers(0, 2**32 - 1).map(lambda value: value / 100_000)] * 2
)


@given(st.tuples(COORDINATES, COORDINATES, COORDINATES, COORDINATES))
def test_any_chromaticities_are_either_refused_or_usable(chromaticities):
    try:
        primaries = Primaries(*chromaticities)
    except ValueError:
        return

    converted = convert_to_srgb(
        picture_of(np.array(COLORS)), ColorEncoding(primaries, PowerCurve(2.2))
    )

    assert converted.mode == "RGB"
