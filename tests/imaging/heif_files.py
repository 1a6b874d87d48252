"""Writes AVIF and HEIC files for tests, and changes their boxes."""

import struct
from functools import cache
from io import BytesIO

from hypothesis import strategies as st
from PIL import Image

from imaging.formats import HEIF_FORMATS

FORMATS = ("AVIF", *HEIF_FORMATS)
COLORS = [(0, 0, 0), (255, 255, 255), (128, 128, 128), (200, 120, 60), (90, 150, 220)]
_ORIENTATION = 0x0112
_UNUSED = 0x0113  # Pillow writes this tag as it is


def box(kind: bytes, content: bytes) -> bytes:
    """Return a box."""
    return struct.pack(">I4s", 8 + len(content), kind) + content


def meta(*boxes: bytes) -> bytes:
    """Return a HEIC file whose box meta contains these boxes."""
    return box(b"ftyp", b"heic\0\0\0\0mif1") + box(b"meta", bytes(4) + b"".join(boxes))


def item_infos(*kinds: bytes) -> bytes:
    """Return the box iinf; the items have the numbers 1, 2 and so on."""
    entries = [
        box(b"infe", b"\2\0\0\0" + struct.pack(">HH", number, 0) + kind + b"\0")
        for number, kind in enumerate(kinds, start=1)
    ]
    return box(b"iinf", bytes(4) + struct.pack(">H", len(entries)) + b"".join(entries))


def location(version: int, sizes: int, *items: bytes) -> bytes:
    """Return the box iloc; `sizes` has 4 bits each for the sizes of its numbers in bytes."""
    header = bytes([version, 0, 0, 0]) + struct.pack(">H", sizes)
    return box(b"iloc", header + struct.pack(">H", len(items)) + b"".join(items))


def stripes() -> Image.Image:
    """A stripe of 16 px of each colour."""
    picture = Image.new("RGB", (16 * len(COLORS), 64))
    for index, color in enumerate(COLORS):
        picture.paste(color, (16 * index, 0, 16 * index + 16, 64))
    return picture


def file_of(picture: Image.Image, picture_format: str, **options: object) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, picture_format, **options)
    return buffer.getvalue()


def exif_of(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    return exif.tobytes()


def avif_with_orientation_in_exif_alone(picture: Image.Image, orientation: int) -> bytes:
    """Pillow moves the orientation from EXIF to a box; this moves it back."""
    exif = Image.Exif()
    exif[_UNUSED] = orientation
    return replaced(
        file_of(picture, "AVIF", exif=exif.tobytes(), quality=95),
        struct.pack(">HHIH", _UNUSED, 3, 1, orientation),
        struct.pack(">HHIH", _ORIENTATION, 3, 1, orientation),
    )


def replaced(data: bytes, old: bytes, new: bytes) -> bytes:
    """Replace one occurrence by as many bytes."""
    assert data.count(old) == 1, f"{old!r} occurs {data.count(old)} times"
    assert len(old) == len(new)
    return data.replace(old, new)


def without_box(data: bytes, kind: bytes) -> bytes:
    """Let readers ignore all boxes of a kind."""
    assert kind in data
    return data.replace(kind, b"skip")


def with_colors(data: bytes, primaries: int, transfer: int, *, matrix: int | None = None) -> bytes:
    """State other colours in the boxes nclx; the numbers of the pixels stay the same."""
    changed = bytearray(data)
    at = data.index(b"nclx") + 4
    while at > 3:
        changed[at : at + 4] = struct.pack(">HH", primaries, transfer)
        if matrix is not None:
            changed[at + 4 : at + 6] = struct.pack(">H", matrix)
        at = data.find(b"nclx", at) + 4
    return bytes(changed)


def with_colors_in_av1_data(data: bytes, old: bytes, new: bytes) -> bytes:
    """Replace 3 bytes of a sequence header, where they start at any bit."""
    start = data.index(b"mdat")
    bits = "".join(f"{byte:08b}" for byte in data[start : start + 64])
    old_bits, new_bits = ("".join(f"{byte:08b}" for byte in part) for part in (old, new))
    assert bits.count(old_bits) == 1
    changed = int(bits.replace(old_bits, new_bits), 2).to_bytes(64, "big")
    return data[:start] + changed + data[start + 64 :]


def turned_by_box(data: bytes, quarter_turns: int) -> bytes:
    """Change the box irot, which turns counter-clockwise."""
    at = data.index(b"irot") + 4
    return data[:at] + bytes([quarter_turns]) + data[at + 1 :]


@cache
def intact(kind: str) -> bytes:
    if kind == "animation":
        frames = [stripes().rotate(180)]
        return file_of(stripes(), "AVIF", save_all=True, append_images=frames)
    return file_of(stripes(), kind, exif=exif_of(6))


@st.composite
def mutated_files(draw: st.DrawFn) -> bytes:
    content = bytearray(intact(draw(st.sampled_from([*FORMATS, "animation"]))))
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, len(content) - 1))
        content[at] = draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF]) | st.integers(0, 255))
    return bytes(content[: draw(st.none() | st.integers(0, len(content)))])
