"""The canvas around a first frame that is smaller is white, as transparent parts are."""

import struct
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from imaging.errors import PictureError
from tests.imaging.decoding import decoded
from tests.imaging.gif_files import COLORS, RED, control, frame, gif_file

WHITE, RED_RGB = (255, 255, 255), (255, 0, 0)


@pytest.mark.parametrize("interlace", [False, True])
@pytest.mark.parametrize("extra", [b"", control(), control(hole=0), control(disposal=2)])
@pytest.mark.parametrize(("left", "top"), [(0, 0), (20, 30), (40, 40)])
def test_the_canvas_around_a_frame_of_a_gif_is_white(left, top, extra, interlace):
    read = decoded(gif_file(80, 70, extra, frame(left, top, 40, 30, interlace=interlace)))

    expected = Image.new("RGB", (80, 70), "white")
    expected.paste(RED_RGB, (left, top, left + 40, top + 30))
    assert read.tobytes() == expected.tobytes()


def test_a_transparent_frame_of_a_gif_is_white():
    read = decoded(gif_file(80, 70, control(hole=RED), frame(20, 20, 40, 30)))

    assert read.getcolors() == [(80 * 70, WHITE)]


def test_a_frame_that_covers_the_canvas_keeps_its_colors():
    read = decoded(gif_file(80, 70, frame(0, 0, 80, 70, color=0)))

    assert read.getcolors() == [(80 * 70, (0, 0, 255))]


def test_a_canvas_grows_with_its_first_frame():
    read = decoded(gif_file(80, 70, frame(60, 60, 40, 30)))

    assert read.size == (100, 90)
    assert (read.getpixel((59, 59)), read.getpixel((60, 60))) == (WHITE, RED_RGB)


def test_the_canvas_around_a_grey_frame_is_white():
    read = decoded(gif_file(80, 70, frame(0, 0, 40, 30, color=0), colors=b""))

    assert (read.getpixel((0, 0)), read.getpixel((79, 69))) == ((0, 0, 0), WHITE)


def test_only_the_first_frame_counts():
    read = decoded(gif_file(80, 70, frame(0, 0, 40, 30), frame(0, 0, 80, 70, color=2)))

    assert (read.getpixel((0, 0)), read.getpixel((79, 69))) == (RED_RGB, WHITE)


def webp_animation(canvas: tuple[int, int], at: tuple[int, int], first: Image.Image) -> bytes:
    """Return an animation whose header says that its frames are opaque."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)

    def three_bytes(*values: int) -> bytes:
        return b"".join(value.to_bytes(3, "little") for value in values)

    buffer = BytesIO()
    first.save(buffer, "WEBP", lossless=True)
    place = three_bytes(at[0] // 2, at[1] // 2, first.width - 1, first.height - 1, 100) + b"\0"
    shown = chunk(b"ANMF", place + buffer.getvalue()[12:])
    canvas_bytes = three_bytes(canvas[0] - 1, canvas[1] - 1)
    body = chunk(b"VP8X", b"\2\0\0\0" + canvas_bytes) + chunk(b"ANIM", bytes(6)) + shown * 2
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def test_the_canvas_around_a_frame_of_a_webp_animation_is_white():
    read = decoded(webp_animation((80, 70), (20, 30), Image.new("RGB", (40, 30), RED_RGB)))

    expected = Image.new("RGB", (80, 70), "white")
    expected.paste(RED_RGB, (20, 30, 60, 60))
    assert read.tobytes() == expected.tobytes()


@pytest.mark.slow
@given(
    canvas=st.tuples(st.integers(0, 90), st.integers(0, 90)),
    blocks=st.lists(
        st.one_of(
            st.builds(
                frame,
                st.integers(0, 99),
                st.integers(0, 99),
                st.integers(0, 40),
                st.integers(0, 40),
                st.integers(0, 3),
                interlace=st.booleans(),
            ),
            st.builds(control, hole=st.none() | st.integers(0, 255), disposal=st.integers(0, 7)),
            st.builds(
                lambda kind, content: b"!" + bytes([kind, len(content)]) + content + b"\0",
                st.integers(0, 255),
                st.binary(max_size=20),
            ),
            st.binary(max_size=5),
        ),
        max_size=5,
    ),
    colors=st.sampled_from([b"", COLORS]),
    cut=st.integers(0, 12),
)
@settings(max_examples=300, deadline=None)
def test_any_sequence_of_blocks_is_read_or_refused(canvas, blocks, colors, cut):
    data = gif_file(*canvas, *blocks, colors=colors)

    with suppress(PictureError):
        assert decoded(data[: len(data) - cut]).mode == "RGB"
