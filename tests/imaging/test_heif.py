"""AVIF and HEIC files come in whole, upright and in their colours, or are refused."""

import struct
from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from imaging import heif
from imaging.color import to_srgb
from imaging.color_encoding import ColorEncoding, convert_to_srgb
from imaging.decode import decode_pixels, open_upload
from imaging.errors import (
    DamagedPictureError,
    PictureError,
    TooManyPixelsError,
    UnsupportedCodingError,
    UnsupportedPictureError,
)
from imaging.formats import HEIF_FORMATS
from tests.imaging.heif_files import (
    COLORS,
    FORMATS,
    avif_with_orientation_in_exif_alone,
    box,
    exif_of,
    file_of,
    item_infos,
    location,
    meta,
    mutated_files,
    replaced,
    stripes,
    turned_by_box,
    with_colors,
    with_colors_in_av1_data,
    without_box,
)

needs_heic = pytest.mark.skipif(not HEIF_FORMATS, reason="the extra heic is not installed")
each_format = pytest.mark.parametrize("picture_format", FORMATS)

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
EXACT: dict[str, dict[str, Any]] = {
    "AVIF": {"quality": 100, "subsampling": "4:4:4"},
    "HEIF": {"quality": 100, "chroma": 444},
}


def read(data: bytes, max_pixels: int = 50_000_000) -> Image.Image:
    opened = open_upload(BytesIO(data), max_pixels=max_pixels)
    return to_srgb(decode_pixels(opened, opened.size), opened.color)


def encoding(primaries: int, transfer: int, **peak: float) -> ColorEncoding:
    found = ColorEncoding.from_cicp(primaries, transfer, **peak)
    assert found is not None
    return found


def colors_of(picture: Image.Image) -> np.ndarray:
    """The colours of the stripes."""
    return np.asarray(picture)[32, 8::16].astype(int)


def noise(width: int = 256, height: int = 256) -> Image.Image:
    """A picture that fills a file, so that a cut takes pixels away."""
    return Image.effect_noise((width, height), 80).convert("RGB")


def marked() -> Image.Image:
    """White with a red top left corner."""
    picture = Image.new("RGB", (96, 64), "white")
    picture.paste((255, 0, 0), (0, 0, 32, 32))
    return picture


def red_corner(picture: Image.Image) -> str:
    width, height = picture.size
    corners = {
        "top left": (8, 8),
        "top right": (width - 8, 8),
        "bottom left": (8, height - 8),
        "bottom right": (width - 8, height - 8),
    }
    green = np.asarray(picture)[..., 1]
    found = [name for name, (x, y) in corners.items() if green[y, x] < 100]
    assert len(found) == 1
    return found[0]


# Missing data


@cache
def tiled_heic() -> bytes:
    return file_of(noise(), "HEIF", quality=90, tile_size=64)


@pytest.mark.parametrize("percent", [99, 50, 10])
@pytest.mark.parametrize("kind", ["AVIF", *HEIF_FORMATS, *(["tiled"] if HEIF_FORMATS else [])])
def test_a_cut_file_is_refused_as_damaged(kind: str, percent: int):
    data = tiled_heic() if kind == "tiled" else file_of(noise(), kind, quality=90)
    read(data)

    with pytest.raises(DamagedPictureError):
        read(data[: len(data) * percent // 100])


@pytest.mark.parametrize("items", [1, 2], ids=["parts of an item", "tiles"])
def test_parts_that_overlap_are_refused_as_damaged(items: int):
    """Thousands of parts of the size of the file would take gigabytes when joined."""
    unit = struct.pack(">I", 1000) + b"a" * 1000
    part = struct.pack(">II", 0, len(unit))
    places = [
        struct.pack(">HHHH", number, 1, 0, 3 - items) + part * (3 - items)
        for number in range(1, items + 1)
    ]
    association = struct.pack(">HBB", 1, 1, 1) + struct.pack(">HBB", 2, 1, 1)
    data = meta(
        box(b"pitm", bytes(4) + struct.pack(">H", items + 1 if items > 1 else 1)),
        item_infos(*[b"hvc1"] * items, b"grid"),
        location(1, 0x4400, *places),
        box(
            b"iprp",
            box(b"ipco", box(b"hvcC", b"\xff" * 23))
            + box(b"ipma", bytes(4) + struct.pack(">I", 2) + association),
        ),
        box(b"iref", bytes(4) + box(b"dimg", struct.pack(">HHHH", 3, 2, 1, 2))),
        box(b"idat", unit),
    )

    with pytest.raises(DamagedPictureError, match=r"missing|overlap"):
        read(data)


@needs_heic
def test_a_heic_file_with_a_hole_of_zeros_is_refused_as_damaged():
    data = tiled_heic()
    start = len(data) // 2

    with pytest.raises(DamagedPictureError):
        read(data[:start] + bytes(1000) + data[start + 1000 :])


@needs_heic
@settings(max_examples=40, deadline=None)
@given(share=st.floats(0, 1))
def test_a_heic_file_is_refused_wherever_it_is_cut(share: float):
    data = tiled_heic()

    with pytest.raises(PictureError):
        read(data[: int(share * (len(data) - 1))])


@each_format
def test_unrelated_data_after_the_picture_is_ignored(picture_format: str):
    data = file_of(stripes(), picture_format, **EXACT[picture_format])

    np.testing.assert_array_equal(read(data), read(data + b"\xff\xff\xff\xffmpvd" + bytes(99)))


# Orientation


@needs_heic
def test_a_heic_picture_with_an_orientation_in_exif_alone_is_turned_upright():
    data = without_box(file_of(marked(), "HEIF", quality=95, exif=exif_of(6)), b"irot")

    picture = read(data)

    assert (picture.size, red_corner(picture)) == ((64, 96), "top right")


@needs_heic
def test_exif_of_another_picture_in_the_file_does_not_turn_the_shown_one():
    other, shown = marked(), marked()
    other.info["exif"], shown.info["exif"] = exif_of(3), exif_of(6)
    data = file_of(other, "HEIF", quality=95, save_all=True, append_images=[shown], primary_index=1)

    picture = read(without_box(data, b"irot"))

    assert (picture.size, red_corner(picture)) == ((64, 96), "top right")


@needs_heic
@pytest.mark.parametrize(
    ("quarter_turns", "size", "corner"), [(0, (96, 64), "top left"), (3, (64, 96), "top right")]
)
def test_exif_does_not_turn_a_heic_picture_that_a_box_turns(quarter_turns, size, corner):
    data = file_of(marked(), "HEIF", quality=95, exif=exif_of(6))

    picture = read(turned_by_box(data, quarter_turns))

    assert (picture.size, red_corner(picture)) == (size, corner)


def test_a_box_turns_an_avif_picture():
    data = file_of(marked(), "AVIF", quality=95, exif=exif_of(6))
    assert b"irot" in data

    picture = read(data)

    assert (picture.size, red_corner(picture)) == ((64, 96), "top right")


def test_an_orientation_in_exif_alone_does_not_turn_an_avif_picture():
    picture = read(avif_with_orientation_in_exif_alone(marked(), 6))

    assert (picture.size, red_corner(picture)) == ((96, 64), "top left")


@pytest.mark.parametrize("picture_format", ["JPEG", "PNG", "WEBP", *FORMATS])
def test_an_orientation_in_xmp_alone_turns_no_picture(picture_format: str):
    data = file_of(marked(), picture_format, quality=95, xmp=XMP)
    if picture_format == "HEIF":  # the encoder repeats the orientation in a box
        data = without_box(data, b"irot")
    if picture_format == "PNG":
        data = png_with_xmp(marked())

    picture = read(data)

    assert (picture.size, red_corner(picture)) == ((96, 64), "top left")


def png_with_xmp(picture: Image.Image) -> bytes:
    text = PngInfo()
    text.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return file_of(picture, "PNG", pnginfo=text)


# Colour


@each_format
@pytest.mark.parametrize("codes", [(12, 13), (9, 8), (9, 16), (9, 18), (1, 4), (9, 13)], ids=str)
def test_colours_that_a_box_states_by_numbers_are_converted(picture_format, codes):
    data = file_of(stripes(), picture_format, **EXACT[picture_format])
    expected = convert_to_srgb(read(data), encoding(*codes))

    picture = read(with_colors(data, *codes))

    np.testing.assert_allclose(colors_of(picture), colors_of(expected), atol=1)


@each_format
@pytest.mark.parametrize("codes", [(1, 13), (1, 1), (1, 6), (1, 14), (2, 2), (1, 2)], ids=str)
def test_video_and_unspecified_colours_count_as_srgb(picture_format, codes):
    data = file_of(stripes(), picture_format, **EXACT[picture_format])

    picture = read(with_colors(data, *codes))

    np.testing.assert_allclose(colors_of(picture), COLORS, atol=3)


def test_colours_that_av1_data_alone_states_are_converted():
    with_box = file_of(stripes(), "AVIF", **EXACT["AVIF"])
    expected = read(with_colors(with_box, 9, 16))

    picture = read(
        without_box(
            with_colors_in_av1_data(with_box, bytes([1, 13, 6]), bytes([9, 16, 6])), b"colr"
        )
    )

    np.testing.assert_array_equal(colors_of(picture), colors_of(expected))


@pytest.mark.parametrize("mode", ["L", "RGBA"])
def test_grey_and_transparent_avif_pictures_are_converted(mode: str):
    picture = stripes().convert(mode)
    data = with_colors(file_of(picture, "AVIF", quality=100), 1, 8)

    linear = encoding(1, 8)
    expected = convert_to_srgb(picture.convert("RGB"), linear)
    np.testing.assert_allclose(colors_of(read(data)), colors_of(expected), atol=8)


@each_format
def test_a_profile_counts_more_than_numbers(picture_format: str):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = file_of(stripes(), picture_format, icc_profile=profile, **EXACT[picture_format])

    picture = read(with_colors(data, 9, 16) if b"nclx" in data else data)

    np.testing.assert_allclose(colors_of(picture), COLORS, atol=3)


def test_a_profile_that_cannot_be_used_does_not_hide_the_numbers():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = file_of(stripes(), "AVIF", icc_profile=profile, **EXACT["AVIF"])
    plain = read(file_of(stripes(), "AVIF", **EXACT["AVIF"]))

    picture = read(with_colors(replaced(data, b"acsp", b"none"), 9, 16))

    expected = convert_to_srgb(plain, encoding(9, 16))
    np.testing.assert_allclose(colors_of(picture), colors_of(expected), atol=8)


def test_the_stated_peak_decides_how_hdr_is_tone_mapped():
    data = with_colors(file_of(stripes(), "AVIF", **EXACT["AVIF"]), 9, 16)
    plain = convert_to_srgb(
        read(file_of(stripes(), "AVIF", **EXACT["AVIF"])),
        encoding(9, 16, peak_nits=203),
    )

    at = data.index(b"pixi")  # readers do not need it
    clli = b"clli" + struct.pack(">HH", 203, 100)

    picture = read(data[:at] + clli + data[at + len(clli) :])

    np.testing.assert_allclose(colors_of(picture), colors_of(plain), atol=1)
    assert np.abs(colors_of(picture) - colors_of(read(data))).max() > 20


@pytest.mark.parametrize("sample_range", ["full", "limited"])
@pytest.mark.parametrize("box", [b"colr", b"none"], ids=["with colr", "without colr"])
def test_a_still_avif_picture_of_each_range_keeps_its_colours(sample_range: str, box: bytes):
    data = file_of(stripes(), "AVIF", range=sample_range, **EXACT["AVIF"])

    picture = read(data if box == b"none" else without_box(data, b"colr"))

    np.testing.assert_allclose(colors_of(picture), COLORS, atol=3)


def test_an_animation_that_states_no_colours_has_limited_range():
    frames = [stripes().rotate(180)]
    limited = file_of(
        stripes(), "AVIF", range="limited", save_all=True, append_images=frames, **EXACT["AVIF"]
    )
    # The colour description ends with the range: 0 is limited, 1 is full.
    mistaken = claims_full_range(without_box(limited, b"colr"))

    np.testing.assert_allclose(colors_of(read(limited)), COLORS, atol=3)
    np.testing.assert_allclose(colors_of(read(mistaken)), COLORS, atol=3)


def claims_full_range(data: bytes) -> bytes:
    start = data.index(b"mdat")
    bits = "".join(f"{byte:08b}" for byte in data[start : start + 64])
    at = bits.index("".join(f"{number:08b}" for number in (1, 13, 6))) + 24
    assert bits[at] == "0"
    changed = int(bits[:at] + "1" + bits[at + 1 :], 2).to_bytes(64, "big")
    return data[:start] + changed + data[start + 64 :]


# Refusals


@each_format
def test_a_file_of_an_unknown_coding_is_refused_by_the_name_of_its_format(picture_format: str):
    coding = {"AVIF": b"av01", "HEIF": b"hvc1"}[picture_format]
    data = file_of(stripes(), picture_format)

    with pytest.raises(UnsupportedCodingError) as refused:
        read(data.replace(coding, b"xxxx"))

    name = "HEIC" if picture_format == "HEIF" else "AVIF"
    assert name in refused.value.kind.en
    assert name in refused.value.kind.zh


def test_an_avif_file_with_short_headers_is_named():
    data = b"\0\0\0\x10ftypmif3avif" + b"\0\0\0\x20mini" + bytes(24)

    with pytest.raises(UnsupportedCodingError, match="AVIF"):
        read(data)


def test_an_avif_file_with_constant_luminance_is_refused_as_unsupported():
    data = file_of(stripes(), "AVIF")

    with pytest.raises(UnsupportedCodingError, match="AVIF"):
        read(with_colors(data, 9, 16, matrix=10))


@needs_heic
def test_without_the_extra_a_heic_file_is_named(monkeypatch: pytest.MonkeyPatch):
    data = file_of(stripes(), "HEIF")
    monkeypatch.setattr(heif, "HEIF_FORMATS", ())

    with pytest.raises(UnsupportedPictureError, match="HEIC"):
        read(data)


def test_a_file_that_states_too_many_pixels_is_refused_with_their_number():
    data = file_of(stripes(), "AVIF")
    width, height = stripes().size
    size = struct.pack(">II", width, height)

    with pytest.raises(TooManyPixelsError) as refused:
        read(
            replaced(
                data, b"ispe\0\0\0\0" + size, b"ispe\0\0\0\0" + struct.pack(">II", 20_000, 20_000)
            )
        )

    assert refused.value.pixels == 400_000_000


# Any file


@settings(max_examples=150, deadline=None)
@given(data=mutated_files())
def test_a_mutated_file_is_read_or_refused(data: bytes):
    try:
        picture = read(data, max_pixels=1_000_000)
    except PictureError:
        return

    assert picture.mode == "RGB"
