"""Writes GIF files block by block, so that a frame may have any size and place."""

import struct

COLORS = bytes([0, 0, 255, 255, 0, 0, 0, 255, 0, 9, 9, 9])  # blue is the first
RED = 1


def gif_file(width: int, height: int, *blocks: bytes, colors: bytes = COLORS) -> bytes:
    """Return a file with a canvas of this size, whose global palette has four colours or none."""
    flags = 0x81 if colors else 0
    screen = struct.pack("<2H3B", width, height, flags, 0, 0)
    return b"GIF89a" + screen + colors + b"".join(blocks) + b";"


def control(*, hole: int | None = None, disposal: int = 0) -> bytes:
    """Return a graphic control extension; `hole` is the index of the transparent colour."""
    return bytes([0x21, 0xF9, 4, disposal << 2 | (hole is not None), 0, 0, hole or 0, 0])


def frame(
    left: int, top: int, width: int, height: int, color: int = RED, *, interlace: bool = False
) -> bytes:
    """Return a frame of one colour of the palette."""
    place = struct.pack("<4HB", left, top, width, height, 0x40 * interlace)
    return b"," + place + _compressed([color] * (width * height))


def _compressed(indices: list[int]) -> bytes:
    """LZW codes of 3 bits; the table is cleared before the codes would grow."""
    codes = []
    for position, index in enumerate(indices):
        codes += [4, index] if position % 2 == 0 else [index]
    bits = "".join(f"{code:03b}" for code in reversed([*codes, 5]))
    packed = int(bits, 2).to_bytes((len(bits) + 7) // 8, "little")
    parts = [packed[start : start + 255] for start in range(0, len(packed), 255)]
    return b"\2" + b"".join(bytes([len(part)]) + part for part in parts) + b"\0"
