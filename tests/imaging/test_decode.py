"""Picture files become upright sRGB pictures."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from imaging.decode import open_picture
from tests.model.samples import picture, pixels

ORIENTATION = 0x0112
SRGB_CURVE = bytes.fromhex("0003000000026666")  # how a profile tells it: kind 3, exponent 2.4
STRAIGHT_LINE = bytes.fromhex("0000000000010000")  # kind 0, exponent 1


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_photograph_taken_with_a_turned_camera_is_upright(tmp_path: Path, orientation: int):
    upright = Image.new("RGB", (90, 70), "white")
    upright.paste((0, 0, 0), (0, 0, 30, 20))  # its first corner is dark
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    upright.transpose(turns[orientation]).save(tmp_path / "a.png", exif=exif)

    read = open_picture(tmp_path / "a.png")

    np.testing.assert_array_equal(pixels(read), pixels(upright))


def test_grey_of_16_bits_keeps_its_brightness(tmp_path: Path):
    Image.fromarray(np.full((64, 64), 0x8080, dtype=np.uint16)).save(tmp_path / "a.png")

    read = open_picture(tmp_path / "a.png")

    assert (read.mode, read.getpixel((0, 0))) == ("RGB", (128, 128, 128))


def test_what_is_transparent_shows_white(tmp_path: Path):
    Image.new("RGBA", (64, 64), (200, 0, 0, 0)).save(tmp_path / "a.png")

    assert open_picture(tmp_path / "a.png").getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "1", "LA"])
def test_every_mode_becomes_rgb(tmp_path: Path, mode: str):
    picture().convert(mode).save(tmp_path / "a.tif")

    assert open_picture(tmp_path / "a.tif").mode == "RGB"


def test_colours_go_through_the_embedded_profile(tmp_path: Path):
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    linear_light = srgb.replace(SRGB_CURVE, STRAIGHT_LINE)
    picture().save(tmp_path / "a.png", icc_profile=linear_light)

    read = open_picture(tmp_path / "a.png")

    assert pixels(read).mean() > pixels(picture()).mean() + 20


@pytest.mark.parametrize("profile", [b"no profile", None], ids=["noise", "of another kind"])
def test_a_profile_that_does_not_fit_is_left_aside(tmp_path: Path, profile: bytes | None):
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB", 5000)).tobytes()
    picture().save(tmp_path / "a.png", icc_profile=profile or lab)

    np.testing.assert_array_equal(pixels(open_picture(tmp_path / "a.png")), pixels(picture()))


def cut_short(name: str) -> bytes:
    buffer = BytesIO()
    picture().save(buffer, name)
    return buffer.getvalue()[:-300]


@pytest.mark.parametrize(
    "content",
    [b"", b"<html></html>", cut_short("PNG"), cut_short("JPEG")],
    ids=["empty", "a page", "half a PNG", "half a JPEG"],
)
def test_a_file_that_is_no_picture_is_refused_by_name(tmp_path: Path, content: bytes):
    (tmp_path / "a.png").write_bytes(content)

    with pytest.raises(ValueError, match=r"a\.png cannot be read as a picture"):
        open_picture(tmp_path / "a.png")
