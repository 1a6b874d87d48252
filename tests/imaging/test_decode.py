"""Picture files are decoded to upright sRGB pictures."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from imaging.decode import open_picture
from tests.model.samples import picture, pixels

ORIENTATION = 0x0112
SRGB_CURVE = bytes.fromhex("0003000000026666")  # ICC parametric curve type 3, gamma 2.4
LINEAR_CURVE = bytes.fromhex("0000000000010000")  # type 0, gamma 1


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_photo_with_an_exif_orientation_is_returned_upright(tmp_path: Path, orientation: int):
    upright = Image.new("RGB", (90, 70), "white")
    upright.paste((0, 0, 0), (0, 0, 30, 20))  # a dark top left corner
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


def test_transparent_pixels_become_white(tmp_path: Path):
    Image.new("RGBA", (64, 64), (200, 0, 0, 0)).save(tmp_path / "a.png")

    assert open_picture(tmp_path / "a.png").getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "1", "LA"])
def test_a_picture_of_any_mode_is_converted_to_rgb(tmp_path: Path, mode: str):
    picture().convert(mode).save(tmp_path / "a.tif")

    assert open_picture(tmp_path / "a.tif").mode == "RGB"


def test_colours_are_converted_from_the_embedded_profile(tmp_path: Path):
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    linear_light = srgb.replace(SRGB_CURVE, LINEAR_CURVE)
    picture().save(tmp_path / "a.png", icc_profile=linear_light)

    read = open_picture(tmp_path / "a.png")

    assert pixels(read).mean() > pixels(picture()).mean() + 20


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_a_grey_picture_may_have_a_profile_for_rgb(tmp_path: Path, mode: str, suffix: str):
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    linear_light = srgb.replace(SRGB_CURVE, LINEAR_CURVE)
    path = tmp_path / f"a.{suffix}"
    Image.new("L", (64, 64), 64).convert(mode).save(path, icc_profile=linear_light)

    assert open_picture(path).getpixel((0, 0)) == (137, 137, 137)


def test_faults_outside_of_the_pixels_are_no_faults(tmp_path: Path):
    buffer = BytesIO()
    picture().save(buffer, "JPEG")
    (tmp_path / "a.jpg").write_bytes(buffer.getvalue()[:-2])
    notes = PngInfo()
    notes.add_text("note", "a" * 2_000_000, zip=True)
    picture().save(tmp_path / "a.png", pnginfo=notes)

    assert open_picture(tmp_path / "a.jpg").size == picture().size
    np.testing.assert_array_equal(pixels(open_picture(tmp_path / "a.png")), pixels(picture()))


@pytest.mark.parametrize("profile", [b"no profile", None], ids=["invalid", "not RGB"])
def test_a_profile_that_cannot_be_applied_is_ignored(tmp_path: Path, profile: bytes | None):
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB", 5000)).tobytes()
    picture().save(tmp_path / "a.png", icc_profile=profile or lab)

    np.testing.assert_array_equal(pixels(open_picture(tmp_path / "a.png")), pixels(picture()))


def truncated(picture_format: str) -> bytes:
    buffer = BytesIO()
    picture().save(buffer, picture_format)
    return buffer.getvalue()[:-300]


@pytest.mark.parametrize(
    "content",
    [b"", b"<html></html>", truncated("PNG"), truncated("JPEG")],
    ids=["empty", "HTML", "truncated PNG", "truncated JPEG"],
)
def test_a_file_that_is_not_a_picture_is_refused_with_its_name(tmp_path: Path, content: bytes):
    (tmp_path / "a.png").write_bytes(content)

    with pytest.raises(ValueError, match=r"a\.png cannot be read as a picture"):
        open_picture(tmp_path / "a.png")
