"""Decoding of uploaded files: an upright sRGB picture within the limits, or an error."""

import io
import resource
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from app.pictures.reader import PictureReader
from core import errors
from core.settings import Settings
from imaging.encode import preview_of
from imaging.formats import HEIF_FORMATS, PictureFormat
from imaging.labels import Label, encode_labelled, read_label
from tests.app.sample_pictures import file_of, gradient, jpeg, png_of_many_pixels

# Pillow warns about damaged EXIF data and still reads the picture.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

MODES = ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"]


def read(stream: io.BytesIO, **overrides: Any) -> Image.Image:
    encoded = PictureReader(Settings(**overrides)).read(stream)
    picture = Image.open(io.BytesIO(encoded.data))
    assert (picture.width, picture.height) == (encoded.width, encoded.height)
    return picture


def is_near(picture: Image.Image, at: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    found = picture.convert("RGB").getpixel(at)
    assert isinstance(found, tuple)
    return all(abs(a - b) <= 6 for a, b in zip(found, colour, strict=True))


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_a_picture_of_an_allowed_format_becomes_a_jpeg_of_its_own_size(format):
    picture = read(file_of(gradient(300, 200), format))

    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (300, 200))


@pytest.mark.skipif(not HEIF_FORMATS, reason="the extra heic is not installed")
def test_a_heic_picture_is_read_when_the_extra_is_installed():
    picture = read(file_of(gradient(300, 200), "HEIF"))

    assert (picture.format, picture.size) == ("JPEG", (300, 200))


@pytest.mark.parametrize(
    ("format", "name"), [("AVIF", "AVIF"), *((f, "HEIC") for f in HEIF_FORMATS)]
)
def test_a_file_that_its_decoder_does_not_open_is_refused_without_advice_to_use_its_format(
    format, name
):
    data = file_of(gradient(300, 200), format).getvalue()
    unknown = data.replace(b"av01", b"xxxx").replace(b"hvc1", b"xxxx")

    with pytest.raises(errors.UnsupportedImage) as refused:
        read(io.BytesIO(unknown))

    assert f"{name} file that is damaged or of an unusual kind" in refused.value.message("en")
    assert f"已损坏或采用特殊编码的 {name} 文件" in refused.value.message("zh")
    assert "Use" not in refused.value.message("en")


def test_a_large_picture_is_reduced_to_the_render_size():
    picture = read(file_of(gradient(4000, 3000)), result_max_side_px=1600)

    assert picture.size == (1600, 1200)


def test_a_small_picture_is_not_enlarged():
    assert read(file_of(gradient(64, 64))).size == (64, 64)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(120, 80), (2400, 1600)])
def test_every_exif_orientation_is_applied(orientation, size):
    upright = Image.new("RGB", size, "blue")
    upright.paste("red", (0, 0, size[0] // 2, size[1] // 2))
    exif = Image.Exif()
    exif[0x0112] = orientation
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(undo[orientation]) if orientation in undo else upright

    picture = read(file_of(stored, exif=exif))

    assert picture.width > picture.height
    assert is_near(picture, (picture.width // 4, picture.height // 4), (255, 0, 0))
    assert is_near(picture, (picture.width * 3 // 4, picture.height * 3 // 4), (0, 0, 255))


def test_metadata_is_removed():
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    exif.get_ifd(0x8825)[1] = "N"
    stream = file_of(gradient(), exif=exif, comment=b"a secret", xmp=b"<x:xmpmeta/>")

    picture = read(stream)

    assert not picture.getexif()
    assert {"exif", "comment", "xmp", "icc_profile"}.isdisjoint(picture.info)


def test_a_damaged_exif_block_is_ignored():
    stream = file_of(gradient(), exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff")

    assert read(stream).size == (320, 240)


def test_sixteen_bit_grey_is_scaled_and_not_clipped():
    wide = Image.new("I;16", (64, 64), 32768)

    picture = read(file_of(wide, "PNG"))

    assert is_near(picture, (32, 32), (128, 128, 128))


def test_transparent_pixels_become_white():
    transparent = Image.new("RGBA", (64, 64), (255, 0, 0, 0))
    transparent.paste((0, 0, 255, 255), (0, 0, 32, 64))

    picture = read(file_of(transparent, "PNG"))

    assert is_near(picture, (56, 32), (255, 255, 255))
    assert is_near(picture, (8, 32), (0, 0, 255))


def test_a_transparent_palette_colour_becomes_white():
    indexed = Image.new("P", (64, 64), 0)
    indexed.putpalette([0, 0, 0, 0, 128, 0])
    indexed.paste(1, (0, 0, 32, 64))

    picture = read(file_of(indexed, "PNG", transparency=0))

    assert is_near(picture, (56, 32), (255, 255, 255))
    assert is_near(picture, (8, 32), (0, 128, 0))


def test_cmyk_becomes_rgb():
    picture = read(file_of(Image.new("CMYK", (64, 64), (0, 255, 255, 0))))

    assert is_near(picture, (32, 32), (255, 0, 0))


def test_colours_are_converted_through_the_embedded_profile():
    swapped = swapped_rgb_profile()
    stream = file_of(Image.new("RGB", (64, 64), (0, 255, 0)), icc_profile=swapped)

    picture = read(stream)

    assert not is_near(picture, (32, 32), (0, 255, 0))


def swapped_rgb_profile() -> bytes:
    """Return an RGB profile with swapped red and green primaries."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = profile.index(b"rXYZ", 128), profile.index(b"gXYZ", 128)
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


def test_a_profile_that_does_not_fit_its_picture_is_ignored():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    stream = file_of(Image.new("RGB", (64, 64), (0, 128, 0)), icc_profile=lab)

    assert is_near(read(stream), (32, 32), (0, 128, 0))


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_only_the_first_frame_of_an_animation_is_read(format):
    first, second = Image.new("RGB", (64, 64), "red"), Image.new("RGB", (64, 64), "blue")
    stream = file_of(first, format, save_all=True, append_images=[second])

    assert is_near(read(stream), (32, 32), (255, 0, 0))


def test_a_text_file_is_refused_with_a_list_of_formats():
    with pytest.raises(errors.UnsupportedImage, match="JPEG, PNG, WEBP"):
        read(io.BytesIO(b"dear sir or madam"))


@pytest.mark.parametrize(
    ("format", "kind"),
    [
        ("TIFF", "a TIFF or RAW file"),
        ("BMP", "a BMP file"),
        ("PDF", "a PDF file"),
        ("ICO", "an ICO file"),
        ("PPM", "a PNM file"),
        ("JPEG2000", "a JPEG 2000 file"),
    ],
)
def test_other_formats_that_pillow_reads_are_refused_by_name(format, kind):
    with pytest.raises(errors.UnsupportedImage) as caught:
        read(file_of(gradient(), format))

    assert caught.value.message("en").startswith(
        f"The file is {kind}, which is not supported. Use JPEG"
    )
    assert "请使用 JPEG" in caught.value.message("zh")


def test_a_rare_coding_of_an_accepted_format_is_named():
    data = bytearray(jpeg())
    data[data.index(b"\xff\xc0\0\x11") + 4] = 12

    with pytest.raises(errors.UnsupportedImage) as caught:
        read(io.BytesIO(bytes(data)))

    assert caught.value.messages() == {
        "zh": "无法读取这种文件：每通道 12 位的 JPEG 文件，请用常规设置重新保存后再上传。",
        "en": "The file is a JPEG file with 12 bits per channel, which cannot be read. "
        "Save it again with common settings.",
    }


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_truncated_picture_is_refused(format, share):
    whole = file_of(gradient(), format).getvalue()

    with pytest.raises(errors.TruncatedImage):
        read(io.BytesIO(whole[: int(len(whole) * share)]))


def test_a_decompression_bomb_is_refused_before_it_is_decoded():
    bomb = png_of_many_pixels(12_000)
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    with pytest.raises(errors.DecompressionBomb, match=r"144\.0 megapixels"):
        read(io.BytesIO(bomb))

    assert len(bomb) < 25_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 30_000


@pytest.mark.parametrize("side_px", [8_000, 12_000, 40_000])
def test_the_pixel_limit_applies_below_between_and_above_the_limits_of_pillow(side_px):
    with pytest.raises(errors.DecompressionBomb, match="the limit is 52"):
        read(io.BytesIO(png_of_many_pixels(side_px)))


@pytest.mark.parametrize("size", [(8192, 6144), (6192, 8256)])
def test_a_photo_of_a_camera_with_50_megapixels_is_read(size):
    photo = file_of(Image.new("L", size, 128))

    assert max(read(photo, result_max_side_px=1600).size) == 1600


def test_a_photo_above_the_pixel_limit_is_no_bomb():
    with pytest.raises(errors.TooManyPixels, match=r"0\.1 megapixels; the limit is 0\.0767"):
        read(file_of(gradient(320, 240)), max_picture_pixels=320 * 240 - 100)


def test_a_file_above_the_size_limit_is_refused_with_the_limit():
    with pytest.raises(errors.FileTooLarge, match=r"0\.001 MB"):
        read(io.BytesIO(jpeg()), max_upload_bytes=1024)


def test_a_side_below_64_px_is_refused_with_the_size():
    with pytest.raises(errors.ImageTooSmall, match="63x200"):
        read(file_of(gradient(63, 200)))


def test_a_narrow_picture_is_refused_with_the_maximum_aspect_ratio():
    with pytest.raises(errors.ImageTooNarrow, match="at most 25 times"):
        read(file_of(gradient(4000, 100)), result_max_side_px=1600)


def test_a_picture_at_the_maximum_aspect_ratio_has_a_side_of_64_px():
    assert read(file_of(gradient(4000, 160)), result_max_side_px=1600).size == (1600, 64)


@given(width=st.integers(1, 300), height=st.integers(1, 300), mode=st.sampled_from(MODES))
@pytest.mark.slow
@settings(max_examples=60, deadline=None)
def test_any_size_and_mode_is_read_or_refused_as_too_small(width, height, mode):
    stream = file_of(Image.new(mode, (width, height)), "PNG")

    try:
        picture = read(stream)
    except errors.ImageTooSmall:
        assert min(width, height) < 64
    else:
        assert picture.size == (width, height)


@given(
    format=st.sampled_from(["JPEG", "PNG", "WEBP", "GIF", "AVIF", *HEIF_FORMATS]),
    at=st.floats(0, 1),
    noise=st.binary(min_size=1, max_size=24),
)
@pytest.mark.slow
@settings(max_examples=150, deadline=None)
def test_a_damaged_file_is_read_or_refused(format, at, noise):
    whole = bytearray(file_of(gradient(96, 80), format).getvalue())
    start = int(at * len(whole))
    whole[start : start + len(noise)] = noise

    outcome = mode_or_error_status(bytes(whole))

    assert outcome in ("RGB", 415, 422)


def mode_or_error_status(data: bytes) -> str | int:
    try:
        return read(io.BytesIO(data)).mode
    except errors.AppError as error:
        return error.status


def test_a_thumbnail_is_a_small_webp():
    thumb = Image.open(io.BytesIO(preview_of(jpeg(1600, 800))))

    assert (thumb.format, thumb.size) == ("WEBP", (480, 240))


def test_the_thumbnail_of_a_result_has_the_same_label():
    result = encode_labelled(
        gradient(800, 600), PictureFormat.JPEG, label=Label(), produce_id="stl_1", quality=90
    )

    assert read_label(preview_of(result)) == read_label(result) is not None
