"""Opens PNG files: reads the chunks that matter for the picture and leaves out all others.

The chunks are those of the W3C Recommendation PNG (Third Edition), section 11. Pillow refuses a
whole picture for a fault in a chunk that does not matter, such as a long text. It therefore gets a
file that contains only IHDR, PLTE, tRNS and IDAT.
"""

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO, Final, NamedTuple

from PIL import Image

from imaging.color import is_profile
from imaging.color_encoding import SRGB, ColorEncoding, PowerCurve
from imaging.errors import DamagedPictureError, UnsupportedCodingError
from imaging.file_kinds import FileKind
from imaging.opened import OpenedPicture, SourceColor
from imaging.primaries import Primaries
from imaging.tone_mapping import UNITS_PER_NIT, peak_nits_of

PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
MAX_PROFILE_BYTES: Final = 8 * 1024 * 1024
"""A larger ICC profile is ignored; profiles for printing have 0.5 to 3 MB."""

_CRITICAL: Final = frozenset({b"IHDR", b"PLTE", b"IDAT"})
_ANCILLARY: Final = frozenset(
    {b"tRNS", b"cICP", b"mDCV", b"cLLI", b"iCCP", b"sRGB", b"gAMA", b"cHRM"}
)
_EXIF: Final = b"eXIf"  # the only one that may follow the pixels
_APPLE: Final = FileKind("苹果专用的 PNG 文件（CgBI）", "a PNG file in the form of Apple (CgBI)")

_GREY, _RGB, _PALETTE, _GREY_ALPHA = 0, 2, 3, 4  # colour types that tRNS or a profile depends on
_CHANNELS: Final = {_GREY: 1, _RGB: 3, _PALETTE: 1, _GREY_ALPHA: 2, 6: 4}
_HEADER_FORMAT: Final = ">IIBBBBB"
_ALL_AT_ONCE: Final = ((0, 0, 1, 1),)  # left, top, step to the right, step down
_ADAM7: Final = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
_PART_BYTES: Final = 16 * 1024  # at most 16 MiB when decompressed
_MAX_CHUNKS: Final = 100_000  # a file of 20 MB in chunks of 8 KB has 2500; more would take time

_GAMMA_UNIT: Final = 100_000  # gAMA and cHRM contain integers in units of 1/100000
_MAX_EXPONENT: Final = 10.0  # of a plausible transfer function; the reciprocal is the smallest
_SRGB_GAMMA: Final = range(45_000, 46_001)
_SRGB_TOLERANCE: Final = 0.002  # in x and y
_CICP_FULL_RANGE: Final = 1
_CICP_OF_SRGB: Final = (1, 13)
_RENDERING_INTENTS: Final = frozenset({b"\0", b"\1", b"\2", b"\3"})  # the content of sRGB


class _Chunk(NamedTuple):
    kind: bytes
    content: bytes
    is_cut: bool  # the file ends within the chunk
    is_intact: bool  # the checksum is right


class _Header(NamedTuple):
    width: int
    height: int
    depth: int
    color_type: int
    compression: int
    filtering: int
    interlace: int

    @property
    def bytes_of_pixels(self) -> int:
        """The size of the decompressed pixels: rows, each with a byte for its filter."""
        bits = self.depth * _CHANNELS.get(self.color_type, 0)
        columns_and_rows = [
            (len(range(left, self.width, step_x)), len(range(top, self.height, step_y)))
            for left, top, step_x, step_y in (_ADAM7 if self.interlace else _ALL_AT_ONCE)
        ]
        return sum(
            rows * (1 + (columns * bits + 7) // 8) for columns, rows in columns_and_rows if columns
        )


def open_png(stream: BinaryIO) -> OpenedPicture:
    """Open a PNG file; no pixel is decoded. An animation counts as its default image.

    Raises:
        DamagedPictureError, UnsupportedCodingError, and those of Pillow: UnidentifiedImageError,
        DecompressionBombError.
    """
    chunks, pixels = _read_chunks(stream.read())
    header = _Header(*struct.unpack(_HEADER_FORMAT, chunks[b"IHDR"]))
    picture = Image.open(BytesIO(_file_for_pillow(chunks, header, pixels)), formats=("PNG",))
    if _EXIF in chunks:
        picture.info["exif"] = b"Exif\0\0" + chunks[_EXIF]
    return OpenedPicture(
        picture,
        _color_of(chunks),
        is_complete=lambda: _contains(pixels, header.bytes_of_pixels),
        is_grey=header.color_type == _GREY_ALPHA,
    )


def _contains(packed: bytes, expected: int) -> bool:
    """Whether a zlib stream contains at least so many bytes; Pillow leaves missing rows black.

    Raises:
        zlib.error: the stream is damaged.
    """
    unpacker, found = zlib.decompressobj(), 0
    for start in range(0, len(packed), _PART_BYTES):
        found += len(unpacker.decompress(packed[start : start + _PART_BYTES]))
        if found >= expected or unpacker.eof:
            break
    return found >= expected


def _read_chunks(data: bytes) -> tuple[dict[bytes, bytes], bytes]:
    """The first intact chunk of each kind that matters, and the compressed pixels."""
    chunks: dict[bytes, bytes] = {}
    pixels: list[bytes] = []
    for number, chunk in enumerate(_chunks(data)):
        if number == _MAX_CHUNKS:
            raise DamagedPictureError(f"more than {_MAX_CHUNKS} chunks")
        _refuse(chunk)
        if chunk.kind == b"IEND":
            break
        if chunk.kind == b"IDAT":
            pixels.append(chunk.content)
        elif _matters(chunk, follows_pixels=bool(pixels)):
            chunks.setdefault(chunk.kind, chunk.content)
    if len(chunks.get(b"IHDR", b"")) != struct.calcsize(_HEADER_FORMAT) or not pixels:
        raise DamagedPictureError("the header or the pixels are missing")
    return chunks, b"".join(pixels)


def _chunks(data: bytes) -> Iterator[_Chunk]:
    """All chunks up to the first bytes that are none."""
    position = len(PNG_SIGNATURE)
    while position + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        if not kind.isalpha():
            return
        start, end = position + 8, position + 8 + length
        checksum, content = data[end : end + 4], data[start:end]
        is_intact = checksum == struct.pack(">I", zlib.crc32(content, zlib.crc32(kind)))
        yield _Chunk(kind, content, is_cut=len(checksum) < 4, is_intact=is_intact)
        position = end + 4


def _refuse(chunk: _Chunk) -> None:
    """Raise an error for a chunk without which the picture cannot be decoded.

    A file may end within its pixels: the decoder knows whether any are missing.
    """
    if chunk.kind == b"CgBI":
        raise UnsupportedCodingError(_APPLE)
    is_end_of_file = chunk.kind == b"IDAT" and chunk.is_cut
    if chunk.kind in _CRITICAL and not chunk.is_intact and not is_end_of_file:
        raise DamagedPictureError(f"the checksum of the chunk {chunk.kind!r} is wrong")


def _matters(chunk: _Chunk, *, follows_pixels: bool) -> bool:
    if not chunk.is_intact:
        return False
    return chunk.kind == _EXIF or (chunk.kind in _CRITICAL | _ANCILLARY and not follows_pixels)


def _file_for_pillow(chunks: dict[bytes, bytes], header: _Header, pixels: bytes) -> bytes:
    """A PNG file with only the parts that Pillow needs to decode the pixels."""
    parts = [(b"IHDR", chunks[b"IHDR"])]
    if header.color_type == _PALETTE:
        if b"PLTE" not in chunks:
            raise DamagedPictureError("the palette is missing")
        parts.append((b"PLTE", chunks[b"PLTE"]))
    if transparency := _transparency(chunks, header):
        parts.append((b"tRNS", transparency))
    parts += [(b"IDAT", pixels), (b"IEND", b"")]
    return PNG_SIGNATURE + b"".join(_chunk_bytes(kind, content) for kind, content in parts)


def _chunk_bytes(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(content, zlib.crc32(kind))
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def _transparency(chunks: dict[bytes, bytes], header: _Header) -> bytes | None:
    """The content of tRNS in the units of the pixels that Pillow decodes; None if it is invalid."""
    content = chunks.get(b"tRNS", b"")
    if header.color_type == _PALETTE:
        return content if len(content) <= len(chunks[b"PLTE"]) // 3 else None
    channels = {_GREY: 1, _RGB: 3}.get(header.color_type)
    if channels is None or len(content) != 2 * channels:
        return None
    levels = struct.unpack(f">{channels}H", content)
    return struct.pack(f">{channels}H", *(_pillow_level(level, header) for level in levels))


def _pillow_level(level: int, header: _Header) -> int:
    """Pillow scales 2 and 4 bits to 8 bits, and reduces RGB of 16 bits to 8 bits."""
    largest = (1 << header.depth) - 1
    if header.depth in (2, 4):
        return (level & largest) * 255 // largest
    if header.depth == 16 and header.color_type == _RGB:
        return level >> 8
    return level & largest


def _color_of(chunks: dict[bytes, bytes]) -> SourceColor:
    """The colour space: a profile, numbers, or None for sRGB. The order is that of PNG 3, 4.3."""
    cicp = chunks.get(b"cICP", b"")
    if len(cicp) == 4 and cicp[3] == _CICP_FULL_RANGE:
        if (cicp[0], cicp[1]) == _CICP_OF_SRGB:
            return None
        if encoding := ColorEncoding.from_cicp(cicp[0], cicp[1], peak_nits=_peak_nits(chunks)):
            return encoding
    if profile := _profile(chunks.get(b"iCCP", b"")):
        return profile
    if chunks.get(b"sRGB") in _RENDERING_INTENTS:
        return None
    return _measured_color(chunks.get(b"gAMA", b""), chunks.get(b"cHRM", b""))


def _profile(content: bytes) -> bytes | None:
    """The ICC profile of an iCCP chunk: a name, a zero byte, the method 0, and a zlib stream.

    None without a profile that can be used.
    """
    _, _, packed = content.partition(b"\0")
    if packed[:1] != b"\0":
        return None
    try:
        profile = zlib.decompressobj().decompress(packed[1:], MAX_PROFILE_BYTES + 1)
    except zlib.error:
        return None
    return profile if len(profile) <= MAX_PROFILE_BYTES and is_profile(profile) else None


def _peak_nits(chunks: dict[bytes, bytes]) -> float:
    brightest = int.from_bytes(chunks.get(b"cLLI", b"")[:4]) / UNITS_PER_NIT
    display = int.from_bytes(chunks.get(b"mDCV", b"")[16:20]) / UNITS_PER_NIT
    return peak_nits_of(brightest=brightest, display=display)


def _measured_color(gamma: bytes, chromaticities: bytes) -> ColorEncoding | None:
    """The colour space of gAMA and cHRM; like browsers, cHRM counts only beside gAMA."""
    if len(gamma) != 4 or not (level := int.from_bytes(gamma)):
        return None
    exponent = _GAMMA_UNIT / level
    if not 1 / _MAX_EXPONENT <= exponent <= _MAX_EXPONENT:
        return None
    primaries = _primaries(chromaticities)
    if primaries == SRGB.primaries and level in _SRGB_GAMMA:
        return None
    return ColorEncoding(primaries, PowerCurve(exponent))


def _primaries(content: bytes) -> Primaries:
    """The primaries of a cHRM chunk; those of sRGB if it is missing, invalid, or nearly these."""
    if len(content) != 32:
        return SRGB.primaries
    x_and_y = [value / _GAMMA_UNIT for value in struct.unpack(">8I", content)]
    white, red, green, blue = zip(x_and_y[::2], x_and_y[1::2], strict=True)
    try:
        found = Primaries(red, green, blue, white)
    except ValueError:
        return SRGB.primaries
    return SRGB.primaries if _is_near_srgb(found) else found


def _is_near_srgb(primaries: Primaries) -> bool:
    srgb = SRGB.primaries
    pairs = zip(
        (*primaries.red, *primaries.green, *primaries.blue, *primaries.white),
        (*srgb.red, *srgb.green, *srgb.blue, *srgb.white),
        strict=True,
    )
    return all(abs(found - exact) <= _SRGB_TOLERANCE for found, exact in pairs)
