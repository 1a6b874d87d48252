"""Boxes of AVIF and HEIC files, and the data in them, are read without surprises."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from imaging import av1, hevc
from imaging.isobmff import Extent, read_boxed_file
from tests.imaging.heif_files import (
    box,
    file_of,
    item_infos,
    location,
    meta,
    mutated_files,
)


def test_an_avif_file_is_described():
    data = file_of(Image.new("RGB", (96, 64)), "AVIF")

    boxed = read_boxed_file(data)

    assert boxed.primary.kind == b"av01"
    size = next(each for each in boxed.primary.properties if each.kind == b"ispe")
    assert boxed.content(size) == bytes(4) + struct.pack(">II", 96, 64)
    assert not boxed.is_cut()
    assert boxed.track_properties == ()


def test_an_animation_has_a_track():
    picture = Image.new("RGB", (96, 64))
    data = file_of(picture, "AVIF", save_all=True, append_images=[picture.rotate(180)])

    boxed = read_boxed_file(data)

    assert {b"av1C", b"colr"} <= {each.kind for each in boxed.track_properties}
    assert av1.read_color(data[boxed.first_sample :]) is not None


def test_extents_may_be_in_several_places():
    # An item in the file with 4-byte numbers, one in the box idat.
    in_file = struct.pack(">HHHHII", 1, 0, 0, 1, 8, 4)
    in_idat = struct.pack(">HHHHII", 2, 1, 0, 1, 1, 2)
    data = meta(
        item_infos(b"hvc1", b"Exif"), location(1, 0x4400, in_file, in_idat), box(b"idat", b"abcd")
    )

    boxed = read_boxed_file(data)

    assert boxed.items[1].extents == (Extent(8, 12),)
    assert boxed.content(boxed.items[2].extents[0]) == b"bc"


def test_a_length_of_0_means_up_to_the_end():
    data = meta(item_infos(b"hvc1"), location(0, 0x4400, struct.pack(">HHHII", 1, 0, 1, 8, 0)))

    assert read_boxed_file(data).items[1].extents == (Extent(8, len(data)),)


def test_an_extent_beyond_the_end_means_that_the_file_is_cut():
    data = meta(item_infos(b"hvc1"), location(0, 0x4400, struct.pack(">HHHII", 1, 0, 1, 8, 999)))

    assert read_boxed_file(data).is_cut()


def test_an_item_whose_parts_overlap_has_no_data():
    # Each part has the length 0: it reaches to the end of the file.
    data = meta(item_infos(b"hvc1"), location(0, 0x0100, struct.pack(">HHH", 1, 0, 9) + bytes(9)))
    boxed = read_boxed_file(data)

    with pytest.raises(ValueError, match="overlap"):
        boxed.item_data(boxed.items[1])


@pytest.mark.parametrize(
    "data",
    [
        meta(location(0, 0x4400, struct.pack(">HHHII", 1, 0, 9, 8, 4))),
        meta(location(0, 0, struct.pack(">HHH", 1, 0, 65535))),
        meta(box(b"iloc", bytes(200_000))),
        meta(box(b"iref", bytes(200_000))),
        meta(box(b"pitm", b"\0\0")),
        meta()[:-1],
    ],
    ids=["too few extents", "no positions", "too large", "too many references", "too short", "cut"],
)
def test_damaged_tables_are_refused(data: bytes):
    with pytest.raises(ValueError, match=r"table|file ends"):
        read_boxed_file(data)


def test_metadata_may_describe_the_picture_that_is_shown_or_another():
    primary = box(b"pitm", bytes(4) + struct.pack(">H", 2))
    references = box(b"cdsc", struct.pack(">HHH", 3, 1, 1)) + box(
        b"cdsc", struct.pack(">HHHH", 4, 2, 1, 2)
    )

    boxed = read_boxed_file(
        meta(
            item_infos(b"hvc1", b"hvc1", b"Exif", b"Exif", b"Exif"),
            primary,
            box(b"iref", bytes(4) + references),
        )
    )

    about = [boxed.is_about_primary(boxed.items[number]) for number in (3, 4, 5)]
    assert about == [False, True, False]


def test_items_that_refer_to_each_other_are_read():
    references = box(b"dimg", struct.pack(">HHH", 1, 1, 2)) + box(
        b"dimg", struct.pack(">HHH", 2, 1, 1)
    )

    boxed = read_boxed_file(meta(item_infos(b"grid", b"grid"), box(b"iref", bytes(4) + references)))

    assert [boxed.items[number].sources for number in (1, 2)] == [(2,), (1,)]


@given(mutated_files() | st.binary().map(lambda data: box(b"ftyp", b"avif") + data))
def test_boxes_of_any_file_are_read_or_refused_as_damaged(data: bytes):
    try:
        boxed = read_boxed_file(data)
    except ValueError:
        return

    assert all(boxed.content(each) is not None for each in boxed.primary.properties)


# Data of the codecs


@pytest.mark.parametrize(
    ("data", "color"),
    [
        ("12000a09382231f2b63091009932", (9, 16, 9)),  # still picture with a reduced header
        ("0a0e00000024c4ffdf7ffe6404340410", (1, 13, 1)),  # of a video
        ("0a0b00000003bcf4f3fff31080", (2, 2, 2)),  # without a description
    ],
)
def test_colours_are_read_from_a_sequence_header(data: str, color: tuple[int, int, int]):
    read = av1.read_color(bytes.fromhex(data))

    assert read is not None
    assert read[:3] == color


@given(st.binary(max_size=64) | st.binary(max_size=64).map(lambda data: b"\x0a\x40" + data))
def test_any_av1_data_has_a_colour_or_none(data: bytes):
    color = av1.read_color(data)

    assert color is None or color.range_bit is None or color.range_bit < 8 * len(data)


@pytest.mark.parametrize(
    ("data", "is_whole"),
    [
        (b"\0\0\0\2ab\0\0\0\1c", True),
        (b"\0\0\0\2ab\0\0\0\2c", False),
        (b"\0\0\0\2ab\0\0", False),
        (b"\0\0\0\2ab\0\0\0\0", False),
        (b"\0\0\0\6ab\0\0\0c", False),
        (b"", False),
    ],
    ids=["whole", "cut", "length cut", "empty unit", "hole", "nothing"],
)
def test_hevc_data_consists_of_whole_units(data: bytes, is_whole: bool):
    assert hevc.is_whole(data, 4) is is_whole
