"""Opens JPEG files: keeps the segments that matter, and finds out whether the data is complete.

The segments are those of ITU-T T.81, annex B. Pillow refuses a whole picture for a fault in a
segment that does not matter, and for a missing end marker. It therefore gets a file that contains
only what libjpeg uses, with an end marker.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import BinaryIO, Final, NamedTuple

from PIL import Image

from imaging.errors import DamagedPictureError, UnsupportedCodingError
from imaging.file_kinds import FileKind
from imaging.opened import OpenedPicture, profile_of

JPEG_SIGNATURE: Final = b"\xff\xd8\xff"

_START: Final = b"\xff\xd8"
_END: Final = b"\xff\xd9"
# The next marker that begins a segment. Skipped are stuffed bytes (FF 00), restart markers, TEM and
# fill bytes (FF before a marker). A repetition in the pattern would take quadratic time.
_MARKER: Final = re.compile(rb"\xff([\x02-\xcf\xd8-\xfe])")
_SOI, _EOI, _SOS, _COMMENT = 0xD8, 0xD9, 0xDA, 0xFE
_APPLICATIONS: Final = range(0xE0, 0xF0)
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC} | {0xF7}
_LOSSLESS: Final = 0xC3
_DECODED_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2, _LOSSLESS, 0xC9, 0xCA})
_NAMES_OF_FRAMES: Final = {
    0xCB: FileKind("采用无损算术编码的 JPEG 文件", "a JPEG file with lossless arithmetic coding"),
    0xF7: FileKind("JPEG-LS 文件", "a JPEG-LS file"),
}
_HIERARCHICAL: Final = FileKind("分层编码的 JPEG 文件", "a JPEG file with hierarchical coding")
_LATE_HEIGHT: Final = FileKind(
    "文件头中没有高度的 JPEG 文件", "a JPEG file without a height in its header"
)
_EXIF: Final = b"Exif\0\0"
_USED_APPLICATIONS: Final = {  # how the payload begins, and how many bytes libjpeg or Pillow needs
    0xE0: (b"JFIF\0", 14),
    0xE1: (_EXIF, 14),  # with the header of its data; an empty one does not count
    0xE2: (b"ICC_PROFILE\0", 14),
    0xEE: (b"Adobe", 12),
}
_MAX_SEGMENTS: Final = 10_000  # photos have up to a few hundred; more would take memory and time
_MAX_SCANS: Final = 100  # photos have up to 14; each scan goes through the whole picture
_TOO_MANY_SCANS: Final = FileKind(
    f"超过 {_MAX_SCANS} 次扫描的 JPEG 文件", f"a JPEG file with more than {_MAX_SCANS} scans"
)
_MIN_ZERO_FILL: Final = 16  # bytes; a download that was interrupted may end in zeros
_COEFFICIENTS: Final = 64


def _made_up_data() -> bytes:
    """Data that changes the pixels of a picture that is cut, also of one cut at a restart marker.

    The decoder makes up zeros. Each part begins with ones, so that the first bit differs; noise
    follows, and the restart marker that a decoder may wait for.
    """
    noise = [hashlib.sha256(bytes([number])).digest() * 4 for number in range(8)]
    return b"".join(
        b"\xfe" + part.replace(b"\xff", b"\0") + bytes([0xFF, 0xD0 + number])
        for number, part in enumerate(noise)
    )


_MADE_UP_DATA: Final = _made_up_data()


class _Segment(NamedTuple):
    marker: int
    payload: bytes
    begin: int  # position of the marker in the file


@dataclass
class _File:
    """The parts of a JPEG file."""

    applications: list[_Segment] = field(default_factory=list)
    tables: list[_Segment] = field(default_factory=list)  # with the header of the frame
    frame: _Segment | None = None
    scans: list[_Segment] = field(default_factory=list)
    data: bytes = b""  # from the first scan to the end, without an end marker
    has_end: bool = False


def open_jpeg(stream: BinaryIO) -> OpenedPicture:
    """Open a JPEG file; no pixel is decoded. Of several pictures, it is the first.

    Raises:
        DamagedPictureError, UnsupportedCodingError, and those of Pillow: UnidentifiedImageError,
        DecompressionBombError.
    """
    file = _read(stream.read())
    if file.frame is None or not file.scans:
        raise DamagedPictureError("the header or the pixels are missing")
    _refuse_rare_coding(file.frame)
    if len(file.scans) > _MAX_SCANS:
        raise UnsupportedCodingError(_TOO_MANY_SCANS)
    unended = _file_for_pillow(file)
    picture = Image.open(BytesIO(unended + _END), formats=("JPEG",))
    if exif := [part.payload for part in file.applications if part.payload.startswith(_EXIF)]:
        picture.info["exif"] = exif[0]
    if file.frame.marker == _LOSSLESS:
        picture.decoderconfig = (1, 0)  # lossless pictures cannot be decoded at a smaller size
    if file.has_end:
        return OpenedPicture(picture, profile_of(picture))
    _refuse_missing_scans(file.frame, file.scans)
    return OpenedPicture(
        picture, profile_of(picture), is_complete=lambda: _is_independent_of_end(unended)
    )


def _is_independent_of_end(unended: bytes) -> bool:
    """Whether a file without an end marker contains all of its pixels.

    The decoder does not say that data is missing; it makes up the rest. But no pixel of a complete
    picture depends on what follows its data. So the picture is decoded with nothing behind it,
    and with made-up data behind it.
    """
    return _hash_of_pixels(unended + _END) == _hash_of_pixels(unended + _MADE_UP_DATA + _END)


def _hash_of_pixels(file: bytes) -> bytes:
    digest = hashlib.sha256()
    with Image.open(BytesIO(file), formats=("JPEG",)) as picture:
        picture.load()
        for top in range(0, picture.height, 64):  # in strips, which need little memory
            strip = picture.crop((0, top, picture.width, min(top + 64, picture.height)))
            digest.update(strip.tobytes())
    return digest.digest()


def _read(data: bytes) -> _File:
    file = _File()
    end = len(data)
    for number, segment in enumerate(_segments(data)):
        if number == _MAX_SEGMENTS:
            raise DamagedPictureError(f"more than {_MAX_SEGMENTS} segments")
        if segment.marker in (_EOI, _SOI):
            end, file.has_end = segment.begin, segment.marker == _EOI
        elif segment.marker == _SOS:
            file.scans.append(segment)
        elif not file.scans:
            _sort_in(segment, file)
    if file.scans:
        file.data = data[file.scans[0].begin : end]
        if not file.has_end:
            file.data = _without_zero_fill(file.data).rstrip(b"\xff")
    return file


def _without_zero_fill(data: bytes) -> bytes:
    filled = data.rstrip(b"\0")
    return filled if len(data) - len(filled) >= _MIN_ZERO_FILL else data


def _segments(data: bytes) -> Iterator[_Segment]:
    """All segments up to the end of the first picture; a segment that is cut is left out."""
    position = len(_START)
    while found := _MARKER.search(data, position):
        marker = found[1][0]
        if marker in (_EOI, _SOI):  # a second start: another picture follows a cut one
            yield _Segment(marker, b"", found.start())
            return
        length = max(2, int.from_bytes(data[found.end() : found.end() + 2]))
        position = found.end() + length
        if position > len(data):
            return
        yield _Segment(marker, data[found.end() + 2 : position], found.start())


def _sort_in(segment: _Segment, file: _File) -> None:
    if segment.marker in _APPLICATIONS:
        start, min_bytes = _USED_APPLICATIONS.get(segment.marker, (b"", 0xFFFF))
        if segment.payload.startswith(start) and len(segment.payload) >= min_bytes:
            file.applications.append(segment)
    elif segment.marker != _COMMENT:
        file.tables.append(segment)
        if segment.marker in _FRAMES and file.frame is None:
            file.frame = segment


def _file_for_pillow(file: _File) -> bytes:
    """A JPEG file without an end marker, and without EXIF, which Pillow does not need."""
    kept = [part for part in file.applications if not part.payload.startswith(_EXIF)]
    return _START + b"".join(_segment_bytes(part) for part in kept + file.tables) + file.data


def _segment_bytes(segment: _Segment) -> bytes:
    length = len(segment.payload) + 2
    return bytes([0xFF, segment.marker]) + length.to_bytes(2) + segment.payload


def _refuse_rare_coding(frame: _Segment) -> None:
    """Raise an error that names the coding if Pillow does not decode it."""
    marker, header = frame.marker, frame.payload
    if marker not in _DECODED_FRAMES:
        raise UnsupportedCodingError(_NAMES_OF_FRAMES.get(marker, _HIERARCHICAL))
    if len(header) < 6:
        raise DamagedPictureError("the header of the frame is cut")
    bits, height, channels = header[0], int.from_bytes(header[1:3]), header[5]
    if bits != 8:
        zh, en = ("无损编码、", "lossless coding and ") if marker == _LOSSLESS else ("", "")
        raise UnsupportedCodingError(
            FileKind(
                f"{zh}每通道 {bits} 位的 JPEG 文件",
                f"a JPEG file with {en}{bits} bits per channel",
            )
        )
    if height == 0:
        raise UnsupportedCodingError(_LATE_HEIGHT)
    if channels not in (1, 3, 4):
        raise UnsupportedCodingError(
            FileKind(f"有 {channels} 个通道的 JPEG 文件", f"a JPEG file with {channels} channels")
        )


def _refuse_missing_scans(frame: _Segment, scans: list[_Segment]) -> None:
    """Raise an error unless the scans contain each coefficient of each channel to its last bit.

    A progressive picture that ends after one of its scans can be decoded, but not sharply.
    """
    received = {pair for scan in scans for pair in _finished_coefficients(scan.payload)}
    for channel in range(frame.payload[5]):
        identity = frame.payload[6 + 3 * channel : 7 + 3 * channel]
        if any((identity, number) not in received for number in range(_COEFFICIENTS)):
            raise DamagedPictureError("scans of the picture are missing")


def _finished_coefficients(scan: bytes) -> set[tuple[bytes, int]]:
    """The channels and numbers of the coefficients whose last bit a scan contains."""
    count = scan[0] if scan else 0
    if len(scan) < 4 + 2 * count or scan[3 + 2 * count] & 0x0F:  # the low bits follow later
        return set()
    first, last = scan[1 + 2 * count], min(scan[2 + 2 * count], _COEFFICIENTS - 1)
    identities = [scan[1 + 2 * index : 2 + 2 * index] for index in range(count)]
    return {(name, number) for name in identities for number in range(first, last + 1)}
