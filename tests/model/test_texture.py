"""The metrics of the painted texture on pictures with known texture."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageFilter

from model import texture


def grey(values: np.ndarray) -> Image.Image:
    return Image.fromarray(values.clip(0, 255).round().astype(np.uint8)).convert("RGB")


def noise(deviation: float | np.ndarray, size: tuple[int, int] = (192, 144), seed: int = 0):
    """Noise around middle grey; a deviation of shape (H, W) or (W,) varies over the picture."""
    values = np.random.default_rng(seed).normal(0, 1, size[::-1])
    return grey(128 + values * deviation)


def rising(low: float, high: float, width: int = 192) -> np.ndarray:
    """Deviations that rise from the left to the right edge."""
    return np.linspace(low, high, width)


def strokes(width_px: float, size: tuple[int, int] = (384, 288)) -> Image.Image:
    """Noise with spots of about this width."""
    values = np.random.default_rng(0).normal(128, 60, size[::-1])
    blurred = grey(values).filter(ImageFilter.GaussianBlur(width_px / 2))
    pixels = np.asarray(blurred.convert("L"), dtype=float)
    return grey(128 + (pixels - pixels.mean()) * 40 / pixels.std())


def test_local_contrast_is_the_deviation_of_the_luma():
    small, large = texture.local_contrast(noise(20, (384, 384)))

    assert np.median(small) == pytest.approx(20, rel=0.05)
    assert np.median(large) == pytest.approx(20, rel=0.03)


def test_windows_grow_with_the_picture():
    counts = [
        [len(windows) for windows in texture.local_contrast(noise(20, (side, side)))]
        for side in (384, 768)
    ]

    assert counts[0] == counts[1] == [95 * 95, 47 * 47]


def test_a_picture_that_is_smaller_than_a_window_is_refused():
    with pytest.raises(ValueError, match="1 x 9 px are less than 2 px"):
        texture.local_contrast(Image.new("RGB", (1, 9)))


# Placement


def test_placement_falls_from_1_to_minus_1_as_the_texture_moves_to_calm_areas():
    photo = noise(rising(2, 40))
    in_detail = noise(rising(10, 60), seed=1)
    everywhere = noise(30, seed=1)
    in_calm_areas = noise(rising(60, 10), seed=1)

    values = [
        texture.placement(one, photo) for one in (photo, in_detail, everywhere, in_calm_areas)
    ]

    assert values[0] == pytest.approx(1)
    assert values[1] > 0.8
    assert values[2] == pytest.approx(0, abs=0.1)
    assert values[3] < -0.8


def test_placement_does_not_depend_on_the_strength_of_the_texture():
    photo = noise(rising(2, 40))
    weak, strong = (noise(rising(2, 40) * share, seed=1) for share in (0.5, 1.5))

    assert texture.placement(weak, photo) == pytest.approx(
        texture.placement(strong, photo), abs=0.05
    )


def test_placement_beside_a_blank_photo_is_0():
    assert texture.placement(noise(20), Image.new("RGB", (192, 144))) == 0.0


# Calm areas


def test_calm_contrast_rises_with_the_texture_in_calm_areas_alone():
    photo = noise(rising(2, 40))
    half = np.where(np.arange(192) < 96, 1.0, 0.0)  # the calm half of the photo

    before, more_in_calm, more_in_detail = (
        texture.calm_contrast(noise(deviation, seed=1), photo)
        for deviation in (10.0, 10 + 20 * half, 30 - 20 * half)
    )

    assert more_in_calm == pytest.approx(3 * before, rel=0.1)
    assert more_in_detail == pytest.approx(before, rel=0.1)


def test_the_calm_contrast_of_a_picture_alone_is_that_of_its_own_calm_windows():
    picture = noise(np.where(np.arange(192) < 96, 4.0, 40.0))

    assert texture.calm_contrast(picture) == pytest.approx(4, rel=0.15)


def test_the_calm_contrast_of_a_blank_picture_is_not_0():
    assert texture.calm_contrast(Image.new("RGB", (64, 64))) == 0.5


# Strokes


BLANK = Image.new("RGB", (384, 288), "#808080")


def luma(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.convert("L"), dtype=float)


def painted(width_px: float, photo: Image.Image = BLANK, contrast: float = 1.0) -> Image.Image:
    """The photo with other contrast and with strokes of about this width."""
    return grey(128 + contrast * (luma(photo) - 128) + luma(strokes(width_px, photo.size)) - 128)


def fine_details(size: tuple[int, int] = BLANK.size) -> Image.Image:
    return noise(30, size, seed=1)


def coarse_details(size: tuple[int, int] = BLANK.size) -> Image.Image:
    spots = noise(90, size, seed=1).filter(ImageFilter.GaussianBlur(6))
    return grey(128 + (luma(spots) - luma(spots).mean()) * 30 / luma(spots).std())


def edges(size: tuple[int, int] = BLANK.size) -> Image.Image:
    return grey(np.where(np.arange(size[0]) // 50 % 2, 90.0, 160.0) * np.ones((size[1], 1)))


@pytest.mark.parametrize("photo", [BLANK, fine_details(), edges()], ids=["blank", "fine", "edges"])
@pytest.mark.parametrize("width_px", [2, 4])
def test_the_stroke_width_doubles_with_the_strokes(width_px: int, photo: Image.Image):
    narrow, wide = (
        texture.stroke_width(painted(width, photo), photo) for width in (width_px, 2 * width_px)
    )

    assert wide / narrow == pytest.approx(2, rel=0.2)


def test_noise_of_single_pixels_has_strokes_of_about_a_pixel():
    assert texture.stroke_width(noise(30), Image.new("RGB", (192, 144))) == pytest.approx(
        1, abs=0.1
    )


@pytest.mark.parametrize("contrast", [-0.5, 0.5, 1.2])
@pytest.mark.parametrize("details", [fine_details, coarse_details, edges])
def test_the_details_of_the_photo_do_not_change_the_stroke_width(
    details: Callable[[], Image.Image], contrast: float
):
    photo = details()

    width = texture.stroke_width(painted(4, photo, contrast), photo)

    assert width == pytest.approx(texture.stroke_width(strokes(4), BLANK), rel=0.1)


def test_details_that_the_photo_does_not_have_are_strokes():
    photo = coarse_details()

    width = texture.stroke_width(photo, BLANK)

    assert width > 1.5 * texture.stroke_width(strokes(4), BLANK)


def test_the_strokes_of_an_enlarged_picture_are_wider():
    photo = edges()
    small = painted(4, photo)
    enlarged, large_photo = (
        each.resize((768, 576), Image.Resampling.BICUBIC) for each in (small, photo)
    )

    ratio = texture.stroke_width(enlarged, large_photo) / texture.stroke_width(small, photo)

    assert ratio == pytest.approx(2, rel=0.1)


def test_a_photo_with_other_contrast_has_no_strokes():
    photo = coarse_details()
    brighter = grey(140 + 0.5 * (luma(photo) - 128))

    assert texture.stroke_width(brighter, photo) == 0
