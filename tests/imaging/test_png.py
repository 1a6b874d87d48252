"""PNG files are read by the chunks that matter; faults in all others refuse no picture."""

import struct
import zlib
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from imaging.color_encoding import ColorEncoding, convert_to_srgb
from imaging.errors import DamagedPictureError, PictureError, UnsupportedCodingError
from imaging.png import MAX_PROFILE_BYTES
from tests.imaging.decoding import colors_of, decoded
from tests.imaging.png_files import (
    END,
    GREY,
    GREY_ALPHA,
    PALETTE,
    RGB,
    RGBA,
    SIGNATURE,
    chunk,
    header,
    pixels,
    png_file,
    png_of_row,
)

# Pillow warns about damaged EXIF data and still reads the picture.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

GREEN = bytes([0, 128, 0])
MEBIBYTE = 2**20


def green(*extra: bytes) -> bytes:
    return png_of_row(GREEN * 64, 64, 8, RGB, *extra)


def icc(profile: bytes) -> bytes:
    return chunk(b"iCCP", b"name\0\0" + zlib.compress(profile, 9))


def grey_profile(gamma: float) -> bytes:
    """Return a minimal ICC profile for grey with a power curve."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    white = b"XYZ " + bytes(4) + struct.pack(">3i", 0xF6D6, 0x10000, 0xD32D)
    tags = [(b"wtpt", white), (b"kTRC", curve)]
    offset = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, content in tags:
        table += name + struct.pack(">II", offset + len(body), len(content))
        body += content
    size = offset + len(body)
    head = struct.pack(">I4sI4s4s4s", size, b"lcms", 0x02100000, b"mntr", b"GRAY", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3i", 0xF6D6, 0x10000, 0xD32D)
    return head.ljust(128, b"\0") + table + body


def gamma(level: int) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", level))


def primaries(*x_and_y: int) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", *x_and_y))


SRGB_PRIMARIES = primaries(31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
RED_AND_GREEN_SWAPPED = primaries(31270, 32900, 30000, 60000, 64000, 33000, 15000, 6000)
ANIMATION = chunk(b"acTL", struct.pack(">II", 2, 0))


def frame(number: int, width: int = 64, height: int = 64) -> bytes:
    return chunk(b"fcTL", struct.pack(">5I2H2B", number, width, height, 0, 0, 1, 10, 0, 0))


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"zTXt", b"key\0\0" + zlib.compress(bytes(2 * MEBIBYTE))),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(bytes(2 * MEBIBYTE))),
        chunk(b"tEXt", b"key\0" + b"a" * 2 * MEBIBYTE),
        chunk(b"tEXt", b"\xff" * 100),
        chunk(b"iCCP", b"name\0\0" + zlib.compress(bytes(2 * MEBIBYTE))),
        chunk(b"iCCP", b"name\0\0" + zlib.compress(bytes(MAX_PROFILE_BYTES + 1))),
        chunk(b"iCCP", b"name\0\1 another method"),
        chunk(b"iCCP", b"no end"),
        icc(b"no profile"),
        chunk(b"iCCP", b"name\0\0", is_intact=False),
        chunk(b"gAMA", b"\0\0\0\1", is_intact=False),
        chunk(b"gAMA", b"\0"),
        chunk(b"cHRM", b"\0"),
        chunk(b"sRGB", b""),
        chunk(b"pHYs", b"\0"),
        chunk(b"sBIT", b"\x09\x09\x09"),
        chunk(b"bKGD", b""),
        chunk(b"tRNS", b"\0"),
        chunk(b"eXIf", b"II*\0\xff\xff\xff\xff"),
        chunk(b"tIME", bytes(99)),
        chunk(b"PLTE", b"\0"),
        chunk(b"acTL", b"\0"),
        ANIMATION,
        ANIMATION + ANIMATION,
        ANIMATION + frame(7),
        ANIMATION + frame(0, width=99),
        ANIMATION + frame(0, width=32, height=32),
        ANIMATION + chunk(b"fcTL", b"\0"),
        frame(3),
        header(9, 9, 8, GREY),
    ],
    ids=lambda extra: f"{extra[4:8].decode()}-{len(extra)}-{zlib.crc32(extra):08x}",
)
def test_a_fault_outside_of_the_pixels_refuses_no_picture(extra):
    picture = decoded(green(extra))

    assert picture.size == (64, 64)
    assert colors_of(picture) == {(0, 128, 0)}


@pytest.mark.parametrize(
    "ending",
    [
        b"",
        END + b"anything else",
        chunk(b"fdAT", bytes(4)) + END,
        chunk(b"tEXt", b"key\0text", is_intact=False) + END,
        chunk(b"zTXt", b"key\0\0" + zlib.compress(bytes(2 * MEBIBYTE))) + END,
        b"\0\0\x10\0tEXtcut",
        b"not a chunk",
    ],
    ids=["nothing", "bytes after IEND", "frame data", "checksum", "long text", "cut", "garbage"],
)
def test_what_follows_the_pixels_refuses_no_picture(ending):
    whole = green().removesuffix(END) + ending

    assert colors_of(decoded(whole)) == {(0, 128, 0)}


def test_pixels_may_be_split_by_other_chunks():
    packed = zlib.compress((b"\0" + GREEN * 64) * 64)
    parts = [chunk(b"IDAT", packed[:10]), chunk(b"tEXt", b"a"), chunk(b"IDAT", packed[10:])]

    assert colors_of(decoded(png_file(header(64, 64, 8, RGB), *parts))) == {(0, 128, 0)}


def too_few_rows(interlace: int = 0) -> bytes:
    return png_file(header(64, 64, 8, RGB, interlace), pixels([GREEN * 64] * 63))


@pytest.mark.parametrize(
    "data",
    [
        png_file(chunk(b"IHDR", bytes(13)), pixels([GREEN * 64] * 64)),
        png_file(header(64, 64, 8, RGB)),
        png_file(pixels([GREEN * 64] * 64)),
        png_file(header(64, 64, 3, RGB), pixels([GREEN * 64] * 64)),
        png_file(chunk(b"IHDR", b"\0\0"), pixels([GREEN * 64] * 64)),
        png_file(header(64, 64, 8, PALETTE), pixels([bytes(64)] * 64)),
        png_file(header(64, 64, 8, RGB), chunk(b"IDAT", b"no zlib stream")),
        png_file(
            header(64, 64, 8, RGB),
            chunk(b"IDAT", zlib.compress((b"\0" + GREEN * 64) * 64), is_intact=False),
        ),
        too_few_rows(),
        too_few_rows(interlace=1),
        png_file(header(64, 64, 8, RGB), chunk(b"IDAT", zlib.compress(GREEN) + bytes(1_000_000))),
        SIGNATURE,
    ],
    ids=[
        "no width",
        "no pixels",
        "no header",
        "a depth of 3",
        "a short header",
        "no palette",
        "no stream",
        "wrong checksum of pixels",
        "too few rows",
        "too few rows, interlaced",
        "other data after too few rows",
        "only a signature",
    ],
)
def test_a_picture_without_all_of_its_pixels_is_refused(data):
    with pytest.raises(DamagedPictureError):
        decoded(data)


def test_a_picture_with_more_than_100_000_chunks_is_refused():
    empty = chunk(b"teXt", b"")

    assert decoded(green(empty * 99_997)).size == (64, 64)  # with IHDR, IDAT and IEND
    with pytest.raises(DamagedPictureError, match="more than 100000 chunks"):
        decoded(green(empty * 99_998))


def test_a_picture_that_is_cut_within_its_pixels_is_refused():
    noise = Image.effect_noise((64, 64), 60)
    buffer = BytesIO()
    noise.save(buffer, "PNG")
    whole = buffer.getvalue()

    for share in (0.5, 0.9, 0.99):
        with pytest.raises(DamagedPictureError):
            decoded(whole[: int(len(whole) * share)])


def test_an_interlaced_picture_is_read():
    adam7 = Image.new("RGB", (67, 65), (0, 128, 0))
    rows = []
    for left, top, step_x, step_y in (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ):
        columns = len(range(left, 67, step_x))
        rows += [GREEN * columns] * len(range(top, 65, step_y))

    read = decoded(png_file(header(67, 65, 8, RGB, interlace=1), pixels(rows)))

    assert (read.size, colors_of(read)) == (adam7.size, {(0, 128, 0)})


def test_a_picture_in_the_form_of_apple_is_refused_by_name():
    data = SIGNATURE + chunk(b"CgBI", bytes(4)) + green()[len(SIGNATURE) :]

    with pytest.raises(UnsupportedCodingError, match="CgBI"):
        decoded(data)


def test_an_animation_is_read_as_its_default_image():
    packed = zlib.compress((b"\0" + bytes([255, 0, 0]) * 64) * 64)
    other = frame(0) + chunk(b"fdAT", bytes([0, 0, 0, 1]) + packed)

    data = green(ANIMATION).removesuffix(END) + other + END

    assert colors_of(decoded(data)) == {(0, 128, 0)}


# Transparency


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_the_transparent_grey_of_any_depth_is_white(depth):
    row = {1: b"\x55", 2: b"\x11", 4: b"\x01", 8: b"\0\1", 16: b"\0\0\0\1"}[depth]
    repeat = 64 * depth // 8 // len(row)
    hole = chunk(b"tRNS", struct.pack(">H", 1))

    read = decoded(png_of_row(row * repeat, 64, depth, GREY, hole))

    assert [read.getpixel((x, 0)) for x in (0, 1)] == [(0, 0, 0), (255, 255, 255)]


def test_the_transparent_grey_of_16_bits_is_exact():
    row = struct.pack(">2H", 0x8080, 0x8081) * 32
    hole = chunk(b"tRNS", struct.pack(">H", 0x8081))

    read = decoded(png_of_row(row, 64, 16, GREY, hole))

    assert [read.getpixel((x, 0)) for x in (0, 1)] == [(128, 128, 128), (255, 255, 255)]


@pytest.mark.parametrize("depth", [8, 16])
def test_the_transparent_color_of_any_depth_is_white(depth):
    levels = (20, 40, 60) if depth == 8 else (20 * 257, 40 * 257, 60 * 257)
    color = struct.pack(">3B" if depth == 8 else ">3H", *levels)
    other = bytes(len(color))
    hole = chunk(b"tRNS", struct.pack(">3H", *levels))

    read = decoded(png_of_row((other + color) * 32, 64, depth, RGB, hole))

    assert [read.getpixel((x, 0)) for x in (0, 1)] == [(0, 0, 0), (255, 255, 255)]


@pytest.mark.parametrize(
    ("opacities", "expected"),
    [
        (b"\0", [(255, 255, 255), (0, 0, 255)]),
        (b"\xff\0", [(255, 0, 0), (255, 255, 255)]),
        (b"\x80", [(255, 127, 127), (0, 0, 255)]),
        (b"\0\0\0", [(255, 0, 0), (0, 0, 255)]),
    ],
    ids=["the first", "the second", "half of the first", "more than the palette"],
)
def test_a_palette_may_be_transparent_in_part(opacities, expected):
    palette = chunk(b"PLTE", bytes([255, 0, 0, 0, 0, 255]))
    row = bytes([0b01010101]) * 8

    read = decoded(png_of_row(row, 64, 1, PALETTE, palette, chunk(b"tRNS", opacities)))

    assert [read.getpixel((x, 0)) for x in (0, 1)] == expected


# Colour


@pytest.mark.parametrize("depth", [8, 16])
def test_a_grey_profile_is_applied_with_and_without_transparency(depth):
    profile = icc(grey_profile(1.0))
    grey = b"\x40" * (depth // 8)
    opaque = b"\xff" * (depth // 8)

    plain = decoded(png_of_row(grey * 64, 64, depth, GREY, profile))
    transparent = decoded(png_of_row((grey + opaque) * 64, 64, depth, GREY_ALPHA, profile))

    assert plain.getpixel((0, 0)) == transparent.getpixel((0, 0)) == (137, 137, 137)


def test_a_grey_profile_is_ignored_for_colors():
    grey = bytes([64]) * 3

    read = decoded(png_of_row(grey * 64, 64, 8, RGB, icc(grey_profile(1.0))))

    assert colors_of(read) == {(64, 64, 64)}


def test_a_profile_above_the_default_limit_of_pillow_is_applied():
    profile = grey_profile(1.0)
    padded = struct.pack(">I", 2 * MEBIBYTE) + profile[4:].ljust(2 * MEBIBYTE - 4, b"\0")

    read = decoded(png_of_row(b"\x40" * 64, 64, 8, GREY, icc(padded)))

    assert colors_of(read) == {(137, 137, 137)}


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        (gamma(100_000), 137),
        (gamma(35_000), 38),
        (gamma(45_455), 64),
        (gamma(45_455) + SRGB_PRIMARIES, 64),
        (gamma(100_000) + SRGB_PRIMARIES, 137),
        (gamma(100_000) + primaries(*[0] * 8), 137),
        (gamma(100_000) + chunk(b"sRGB", b"\0"), 64),
        (chunk(b"sRGB", b"\0") + gamma(100_000), 64),
        (gamma(0), 64),
        (gamma(1), 64),
        (gamma(2**31), 64),
        (gamma(35_000) + gamma(100_000), 38),
        (chunk(b"gAMA", b"\0\1\x86\xa0\0"), 64),
        (gamma(35_000) + icc(grey_profile(1.0)), 137),
        (gamma(100_000) + icc(b"no profile"), 137),
        (gamma(100_000) + chunk(b"sRGB", b""), 137),
        (gamma(100_000) + chunk(b"sRGB", b"\4"), 137),
        (chunk(b"cICP", bytes([1, 8, 0, 1])) + icc(grey_profile(2.2)), 137),
        (chunk(b"cICP", bytes([1, 13, 0, 1])) + icc(grey_profile(1.0)), 64),
        (chunk(b"cICP", bytes([2, 2, 0, 1])) + icc(grey_profile(1.0)), 137),
        (chunk(b"cICP", bytes([1, 8, 0, 0])), 64),
        (chunk(b"cICP", bytes([1, 8])), 64),
    ],
)
def test_the_most_precise_description_of_the_colors_counts(extra, expected):
    read = decoded(png_of_row(bytes([64]) * 64, 64, 8, GREY, extra))

    assert colors_of(read) == {(expected,) * 3}


@pytest.mark.parametrize(
    ("extra", "peak_nits"),
    [
        (b"", 1000),
        (chunk(b"cLLI", struct.pack(">II", 203 * 10_000, 0)), 203),
        (chunk(b"mDCV", bytes(16) + struct.pack(">II", 400 * 10_000, 0)), 400),
        (chunk(b"mDCV", b"\0"), 1000),
    ],
)
def test_the_stated_peak_decides_how_hdr_is_tone_mapped(extra, peak_nits):
    grey = bytes([140]) * 64
    encoding = ColorEncoding.from_cicp(9, 16, peak_nits=peak_nits)
    assert encoding

    read = decoded(png_of_row(grey, 64, 8, GREY, chunk(b"cICP", bytes([9, 16, 0, 1])), extra))

    assert colors_of(read) == colors_of(
        convert_to_srgb(Image.new("RGB", (64, 64), (140,) * 3), encoding)
    )


def test_primaries_are_applied_beside_a_gamma_only():
    red = bytes([255, 0, 0]) * 64

    with_gamma = decoded(png_of_row(red, 64, 8, RGB, gamma(45_455), RED_AND_GREEN_SWAPPED))
    alone = decoded(png_of_row(red, 64, 8, RGB, RED_AND_GREEN_SWAPPED))

    assert colors_of(with_gamma) == {(0, 255, 0)}
    assert colors_of(alone) == {(255, 0, 0)}


def test_gamma_is_applied_below_transparency():
    grey = bytes([64, 64, 64, 255, 0, 0, 0, 0])

    read = decoded(png_of_row(grey * 32, 64, 8, RGBA, gamma(100_000)))

    assert [read.getpixel((x, 0)) for x in (0, 1)] == [(137, 137, 137), (255, 255, 255)]


# Any file

KINDS = b"IHDR PLTE IDAT IEND tRNS cICP iCCP sRGB gAMA cHRM eXIf acTL fcTL fdAT zTXt CgBI".split()
ANY_CHUNK = st.one_of(
    st.builds(chunk, st.sampled_from(KINDS), st.binary(max_size=40), is_intact=st.booleans()),
    st.builds(
        header,
        st.integers(0, 70),
        st.integers(0, 70),
        st.sampled_from([1, 2, 4, 8, 16]),
        st.sampled_from([GREY, RGB, PALETTE, GREY_ALPHA, RGBA, 5]),
        st.integers(0, 1),
    ),
    st.builds(lambda length: pixels([bytes(length)] * 70), st.integers(0, 600)),
    st.builds(lambda content: chunk(b"PLTE", content), st.binary(max_size=800)),
    st.builds(gamma, st.integers(0, 2**32 - 1)),
    st.builds(
        lambda values: primaries(*values),
        st.lists(st.integers(0, 2**32 - 1), min_size=8, max_size=8),
    ),
    st.builds(
        lambda values: chunk(b"cICP", bytes(values)),
        st.lists(st.integers(0, 20), min_size=4, max_size=4),
    ),
    st.builds(icc, st.binary(max_size=200)),
    st.just(icc(grey_profile(1.0))),
    st.binary(max_size=12),
)


@pytest.mark.slow
@given(
    first=st.builds(
        header,
        st.integers(1, 70),
        st.integers(1, 70),
        st.sampled_from([1, 2, 4, 8, 16]),
        st.sampled_from([GREY, RGB, PALETTE, GREY_ALPHA, RGBA]),
        st.integers(0, 1),
    ),
    chunks=st.lists(ANY_CHUNK, max_size=8),
    cut=st.integers(0, 60),
)
@settings(max_examples=300, deadline=None)
def test_any_sequence_of_chunks_is_read_or_refused(first, chunks, cut):
    data = SIGNATURE + first + b"".join(chunks) + pixels([bytes(600)] * 100) + END

    with suppress(PictureError):
        assert decoded(data[: len(data) - cut]).mode == "RGB"
