"""Writes PNG files chunk by chunk, so that a test can make any kind of fault."""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
END = b"\0\0\0\0IEND\xae\x42\x60\x82"


def chunk(kind: bytes, content: bytes, *, is_intact: bool = True) -> bytes:
    """Return a chunk; the checksum of one that is not intact is wrong."""
    checksum = zlib.crc32(kind + content) ^ (not is_intact)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def header(width: int, height: int, depth: int, color_type: int, interlace: int = 0) -> bytes:
    """Return the chunk IHDR."""
    content = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, interlace)
    return chunk(b"IHDR", content)


def pixels(rows: list[bytes]) -> bytes:
    """Return the chunk IDAT of rows that are not filtered."""
    return chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows)))


def png_file(*chunks: bytes) -> bytes:
    """Return a file with these chunks; the last one, IEND, is added."""
    return SIGNATURE + b"".join(chunks) + END


def png_of_row(row: bytes, width: int, depth: int, color_type: int, *extra: bytes) -> bytes:
    """Return a file with 64 equal rows; the extra chunks stand before the pixels."""
    return png_file(header(width, 64, depth, color_type), *extra, pixels([row] * 64))
