"""JPEG files are read if all of their pixels are there, whatever else is wrong with them."""

from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageCms

from imaging.errors import DamagedPictureError, PictureError, UnsupportedCodingError
from tests.imaging.decoding import decoded
from tests.imaging.jpeg_files import (
    END,
    frame_at,
    jpeg_file,
    photo,
    segment,
    with_segments,
    without_jfif,
)

# Pillow warns about damaged EXIF data and still reads the picture.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

VARIANTS = {
    "baseline": {},
    "optimized": {"optimize": True},
    "progressive": {"progressive": True},
    "restart intervals": {"restart_marker_blocks": 3},
    "a restart interval for each row": {"restart_marker_rows": 1},
    "progressive with restart intervals": {"progressive": True, "restart_marker_blocks": 5},
    "full chroma": {"subsampling": 0, "quality": 95},
}
MODES = {"RGB": photo(), "L": photo().convert("L"), "CMYK": photo().convert("CMYK")}


def equal(picture: Image.Image, other: Image.Image) -> bool:
    return ImageChops.difference(picture, other).getbbox() is None


@pytest.mark.parametrize("options", VARIANTS.values(), ids=VARIANTS)
@pytest.mark.parametrize("picture", MODES.values(), ids=MODES)
def test_a_missing_end_marker_is_no_fault(picture, options):
    whole = jpeg_file(picture, **options)

    for ending in (b"", b"\xff", b"\0" * 500):
        assert equal(decoded(whole.removesuffix(END) + ending), decoded(whole))


@pytest.mark.parametrize(
    "ending", [b"\xff" * 2_000_000 + b"\0", b"\0" * 2_000_000 + b"\1"], ids=["fill bytes", "zeros"]
)
def test_a_long_run_of_equal_bytes_is_searched_once(ending):
    """A search that begins again at each byte of the run would take hours."""
    whole = jpeg_file(photo())

    assert equal(decoded(whole.removesuffix(END) + ending), decoded(whole))


@pytest.mark.parametrize("options", VARIANTS.values(), ids=VARIANTS)
@pytest.mark.parametrize("ending", [b"", b"\0" * 500], ids=["cut", "filled with zeros"])
def test_a_cut_picture_is_refused_wherever_it_is_cut(options, ending):
    whole = jpeg_file(photo(), **options)

    for cut in (4, 5, 6, 7, 10, 20, 50, 100, 300, 1000, 2000, len(whole) // 2):
        with pytest.raises(DamagedPictureError):
            decoded(whole[:-cut] + ending)


def test_a_progressive_picture_without_its_last_scans_is_refused():
    whole = jpeg_file(photo(), progressive=True)
    scans = [at for at in range(len(whole)) if whole[at : at + 2] == b"\xff\xda"]

    for last in scans[1:]:
        before_tables = whole[:last].rfind(b"\xff\xc4")
        with pytest.raises(DamagedPictureError):
            decoded(whole[:before_tables])
        with pytest.raises(DamagedPictureError):
            decoded(whole[:last])


@pytest.mark.slow
@given(
    options=st.sampled_from(list(VARIANTS.values())),
    color=st.tuples(*[st.integers(0, 255)] * 3),
    quality=st.integers(20, 95),
    cut=st.integers(1, 400),
)
@settings(max_examples=150, deadline=None)
def test_a_cut_picture_is_refused_or_has_all_of_its_pixels(options, color, quality, cut):
    half_flat = photo(120, 90)
    half_flat.paste(color, (0, 45, 120, 90))
    whole = jpeg_file(half_flat, **{"quality": quality, **options})

    try:
        read = decoded(whole[:-cut])
    except PictureError:
        assert cut > len(END)
    else:
        assert equal(read, decoded(whole))


@pytest.mark.parametrize(
    "odd",
    [
        segment(0xE0, b"JFIF\0"),
        segment(0xE0, b""),
        segment(0xE0, b"JFXX\0"),
        b"\xff\xe0\0\0",
        segment(0xE1, b""),
        segment(0xE1, b"Exif\0\0"),
        segment(0xE1, b"Exif\0\0II*\0\xff\xff\xff\xff"),
        segment(0xE1, b"Exif\0\0MM\0*\0\0\0\x08\0\1\x01\x1a\0\5\0\0\0\1\xff\xff\xff\xff"),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x"),
        segment(0xE2, b"ICC_PROFILE\0"),
        segment(0xE2, b"ICC_PROFILE\0\1"),
        segment(0xE2, b"ICC_PROFILE\0\1\2half a profile"),
        segment(0xE2, b"MPF\0"),
        segment(0xE2, b"MPF\0II*\0\x08\0\0\0"),
        segment(0xE2, b"FPXR\0"),
        segment(0xED, b"Photoshop 3.0\x008BIM"),
        segment(0xEE, b"Adobe"),
        segment(0xEE, b"Adobe\0"),
        segment(0xEF, b"\xff\xd9"),
        segment(0xFE, b""),
        segment(0xFE, b"\xff\xd8\xff\xd9"),
        segment(0xFE, b"a comment") + b"\0\0\0",
        segment(0xFE, b"a comment") + b"\xff\xff\xff",
    ],
    ids=lambda odd: odd[:24].hex(),
)
def test_an_odd_segment_is_no_fault(odd):
    whole = jpeg_file(photo())

    for base in (whole, without_jfif(whole)):
        assert equal(decoded(with_segments(base, odd)), decoded(whole))


@pytest.mark.parametrize(
    "trailer",
    [b"\0", b"a trailer", END, jpeg_file(photo(64, 64))],
    ids=["zero", "text", "end", "another picture"],
)
def test_what_follows_the_end_marker_is_ignored(trailer):
    whole = jpeg_file(photo())

    assert equal(decoded(whole + trailer), decoded(whole))


def test_of_several_pictures_the_first_is_read():
    buffer = BytesIO()
    second = Image.new("RGB", (150, 110), "red")
    photo().save(buffer, "MPO", save_all=True, append_images=[second])

    assert not equal(decoded(buffer.getvalue()), decoded(jpeg_file(second)))


def test_a_cut_picture_before_another_picture_is_refused():
    with pytest.raises(DamagedPictureError):
        decoded(jpeg_file(photo())[:-400] + jpeg_file(photo(64, 64)))


def test_an_empty_exif_segment_does_not_hide_the_next_one():
    exif = Image.Exif()
    exif[0x0112] = 6
    whole = jpeg_file(photo())

    read = decoded(with_segments(whole, segment(0xE1, b"Exif\0\0"), segment(0xE1, exif.tobytes())))

    assert read.size == (110, 150)


def test_an_orientation_and_a_profile_survive():
    exif = Image.Exif()
    exif[0x0112] = 6
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    red, green = lab.index(b"rXYZ", 128), lab.index(b"gXYZ", 128)
    swapped = bytearray(lab)
    swapped[red : red + 4], swapped[green : green + 4] = b"gXYZ", b"rXYZ"
    flat = Image.new("RGB", (150, 110), (255, 0, 0))

    read = decoded(jpeg_file(flat, exif=exif, icc_profile=bytes(swapped)))

    pixel = read.getpixel((9, 9))
    assert read.size == (110, 150)
    assert isinstance(pixel, tuple)
    assert pixel[1] > 240 > 20 > pixel[0]


@pytest.mark.parametrize(
    ("edit", "name"),
    [
        ({-3: 0xC3, 0: 16}, "lossless coding and 16 bits"),
        ({-3: 0xC1, 0: 12}, "12 bits"),
        ({-3: 0xC5}, "hierarchical"),
        ({-3: 0xCB}, "lossless arithmetic"),
        ({-3: 0xF7}, "JPEG-LS"),
        ({5: 2}, "2 channels"),
        ({1: 0, 2: 0}, "without a height"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_rare_coding_is_refused_by_name(edit, name):
    data = bytearray(jpeg_file(photo()))
    frame = frame_at(bytes(data))
    for offset, value in edit.items():
        data[frame + offset] = value

    with pytest.raises(UnsupportedCodingError, match=name):
        decoded(bytes(data))


@pytest.mark.parametrize("end", [END, b""], ids=["with end marker", "without end marker"])
def test_a_picture_with_more_than_100_scans_is_refused_by_name(end):
    unended = jpeg_file(photo(), progressive=True).removesuffix(END)
    scans = [at for at in range(len(unended)) if unended[at : at + 2] == b"\xff\xda"]
    last = unended[scans[-1] :]

    assert decoded(unended + last * (100 - len(scans)) + END).size == photo().size
    with pytest.raises(UnsupportedCodingError, match="more than 100 scans"):
        decoded(unended + last * (101 - len(scans)) + end)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xc0\0\2\xff\xda\0\2\xff\xd9",
        b"\xff\xd8\xff\xda\0\2",
        jpeg_file(photo())[:300],
        with_segments(jpeg_file(photo()), segment(0xDD, b"\0\0") * 10_001),
    ],
    ids=["only a start", "start and end", "empty headers", "empty scan", "only tables", "too many"],
)
def test_a_file_without_pixels_is_refused(data):
    with pytest.raises(DamagedPictureError):
        decoded(data)


@pytest.mark.slow
@given(
    options=st.sampled_from(list(VARIANTS.values())),
    segments=st.lists(
        st.one_of(
            st.builds(segment, st.integers(0xC0, 0xFE), st.binary(max_size=40)),
            st.builds(
                lambda marker, start, rest: segment(marker, start + rest),
                st.integers(0xE0, 0xEF),
                st.sampled_from([b"JFIF\0", b"Exif\0\0", b"ICC_PROFILE\0", b"Adobe", b"MPF\0"]),
                st.binary(max_size=40),
            ),
            st.binary(max_size=6),
        ),
        max_size=6,
    ),
    at=st.floats(0, 1),
    noise=st.binary(max_size=8),
    cut=st.integers(0, 40),
)
@settings(max_examples=300, deadline=None)
def test_any_sequence_of_segments_is_read_or_refused(options, segments, at, noise, cut):
    data = bytearray(with_segments(jpeg_file(photo(96, 80), **options), *segments))
    start = int(at * len(data))
    data[start : start + len(noise)] = noise

    with suppress(PictureError):
        assert decoded(bytes(data[: len(data) - cut])).mode == "RGB"
