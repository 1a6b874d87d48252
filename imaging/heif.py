"""Opens AVIF and HEIC files; see ISO/IEC 23008-12.

The decoders do not say which colours a file states by code points, they accept missing data, and
each treats the orientation in its own way. This module reads all of that from the boxes of the
file.
"""

from io import BytesIO
from typing import BinaryIO, Final, NamedTuple

from PIL import Image, ImageFile

from imaging import av1, hevc
from imaging.color import is_profile
from imaging.color_encoding import ColorEncoding
from imaging.decoder_errors import DECODER_ERRORS
from imaging.errors import (
    DamagedPictureError,
    TooManyPixelsError,
    UnsupportedCodingError,
    UnsupportedPictureError,
)
from imaging.file_kinds import HEAD_BYTES, FileKind
from imaging.formats import HEIF_FORMATS, UPLOAD_FORMATS
from imaging.isobmff import Box, BoxedFile, Item, read_boxed_file
from imaging.opened import OpenedPicture, SourceColor
from imaging.tone_mapping import UNITS_PER_NIT, peak_nits_of

_AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})
_HEIC_BRANDS: Final = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
)
_GENERAL_BRANDS: Final = frozenset({b"mif1", b"mif2", b"msf1"})  # of HEIF, the family of both
_LOW_OVERHEAD: Final = b"mif3"  # a brand of files with short headers, which no decoder here reads
_ANIMATED_AVIF: Final = b"avis"

_AV1, _HEVC = b"av01", b"hvc1"  # kinds of items
_NCLX: Final = b"nclx"  # a colour description by code points
_PROFILE_KINDS: Final = (b"prof", b"rICC")
_AV1_HEADERS_BYTES: Final = 4096  # at the start of the data contain the sequence header
_TRANSFORMS: Final = frozenset({b"irot", b"imir"})

_UNSPECIFIED: Final = 2
_BT709_PRIMARIES, _SRGB_TRANSFER = 1, 13  # code points of ITU-T H.273
_SHOWN_AS_SRGB: Final = frozenset({_UNSPECIFIED, 1, 6, 11, 14, 15})
"""Transfer functions of television cameras: Chromium shows them as sRGB, though not in PNG."""
_MATRICES_WITHOUT_DECODER: Final = frozenset({10, 11, 13, 14})
"""Constant luminance, SMPTE 2085 and ICtCp; libavif opens such files and fails later."""

_AVIF: Final = FileKind("AVIF 文件", "an AVIF file")
_HEIC: Final = FileKind("HEIC 文件", "a HEIC file")
_UNREADABLE_AVIF: Final = FileKind(
    "已损坏或采用特殊编码的 AVIF 文件", "an AVIF file that is damaged or of an unusual kind"
)
_UNREADABLE_HEIC: Final = FileKind(
    "已损坏或采用特殊编码的 HEIC 文件", "a HEIC file that is damaged or of an unusual kind"
)


def is_heif(head: bytes) -> bool:
    """Whether a file begins like an AVIF or HEIC file."""
    known = _AVIF_BRANDS | _HEIC_BRANDS | _GENERAL_BRANDS | {_LOW_OVERHEAD}
    return not _brands(head).isdisjoint(known)


def open_heif(stream: BinaryIO) -> OpenedPicture:
    """Open an AVIF or HEIC file; no pixel is decoded. An animation counts as its first frame.

    Raises:
        DamagedPictureError, UnsupportedCodingError, UnsupportedPictureError, TooManyPixelsError
        ValueError: a table is damaged.
    """
    data = stream.read()
    boxed = read_boxed_file(data)
    if boxed.is_cut() or not _is_hevc_whole(boxed):
        raise DamagedPictureError("a part of the picture's data is missing")
    _refuse_bomb(boxed)
    codes = _code_points(boxed)
    if _is_avif(boxed):
        return OpenedPicture(_open_avif(boxed, codes), _color(boxed, codes))
    picture = _open_heic(data)
    picture.info["exif"] = _exif_to_apply(boxed)
    return OpenedPicture(picture, _color(boxed, codes))


def _brands(head: bytes) -> set[bytes]:
    """The brands in the box ftyp, with which such files begin."""
    if head[4:8] != b"ftyp":
        return set()
    size = int.from_bytes(head[:4], "big")
    # The version comes first; files with short headers have the brand of their coding there.
    compatible = head[12 if head[8:12] == _LOW_OVERHEAD else 16 : size]
    return {head[8:12], *(compatible[at : at + 4] for at in range(0, len(compatible), 4))}


def _is_avif(boxed: BoxedFile) -> bool:
    kinds = {item.kind for item in boxed.items.values()}
    return _AV1 in kinds or (
        _HEVC not in kinds and bool(_brands(boxed.data[:HEAD_BYTES]) & _AVIF_BRANDS)
    )


# Decoders


def _open_avif(boxed: BoxedFile, codes: "_CodePoints | None") -> ImageFile.ImageFile:
    if "AVIF" not in UPLOAD_FORMATS:
        raise UnsupportedPictureError(_AVIF)
    if codes is not None and codes.matrix in _MATRICES_WITHOUT_DECODER:
        raise UnsupportedCodingError(_UNREADABLE_AVIF)
    try:
        return Image.open(BytesIO(_with_limited_range(boxed)), formats=("AVIF",))
    except DECODER_ERRORS as error:
        raise UnsupportedCodingError(_UNREADABLE_AVIF) from error


def _open_heic(data: bytes) -> ImageFile.ImageFile:
    if not HEIF_FORMATS:
        raise UnsupportedPictureError(_HEIC)
    try:
        return Image.open(BytesIO(data), formats=HEIF_FORMATS)
    except DECODER_ERRORS as error:
        raise UnsupportedCodingError(_UNREADABLE_HEIC) from error


def _refuse_bomb(boxed: BoxedFile) -> None:
    """Refuse a picture of more pixels than Pillow opens, as Pillow does.

    The decoders refuse such a file, too, but do not say why.
    """
    for box in boxed.primary.properties:
        if box.kind == b"ispe" and Image.MAX_IMAGE_PIXELS is not None:
            content = boxed.content(box)
            pixels = _number(content, 4, 8) * _number(content, 8, 12)
            if pixels > 2 * Image.MAX_IMAGE_PIXELS:
                raise TooManyPixelsError(pixels, file_bytes=len(boxed.data))


# Missing data


def _is_hevc_whole(boxed: BoxedFile) -> bool:
    coded = [item for item in _shown_items(boxed) if item.kind == _HEVC]
    if sum(item.size for item in coded) > len(boxed.data):  # tiles share no data
        return False
    return all(_is_item_whole(boxed, item) for item in coded)


def _is_item_whole(boxed: BoxedFile, item: Item) -> bool:
    for box in item.properties:
        if box.kind == b"hvcC":
            length_bytes = hevc.read_length_bytes(boxed.content(box))
            return hevc.is_whole(boxed.item_data(item), length_bytes)
    return True


def _shown_items(boxed: BoxedFile) -> list[Item]:
    """The primary item and the items from which it is assembled."""
    shown, seen, waiting = [], set[int](), [boxed.primary]
    while waiting:
        item = waiting.pop()
        shown.append(item)
        new = (boxed.items.keys() & set(item.sources)) - seen
        seen |= new
        waiting += [boxed.items[item_id] for item_id in new]
    return shown


# Orientation


def _exif_to_apply(boxed: BoxedFile) -> bytes:
    """The EXIF block of a HEIC file whose own properties do not turn the picture; else empty.

    The decoder applies the properties. Older iPhones wrote the orientation into EXIF alone.
    """
    if any(box.kind in _TRANSFORMS for box in boxed.primary.properties):
        return b""
    for item in sorted(boxed.items.values(), key=lambda item: not boxed.is_about_primary(item)):
        if item.kind == b"Exif":
            data = boxed.item_data(item)
            return data[4 + int.from_bytes(data[:4], "big") :]  # after a gap of stated size
    return b""


# Colour


class _CodePoints(NamedTuple):
    """Code points of ITU-T H.273."""

    primaries: int
    transfer: int
    matrix: int


def _color(boxed: BoxedFile, codes: _CodePoints | None) -> SourceColor:
    """The embedded profile, or else the colours of the code points."""
    properties = _color_properties(boxed)
    stated = _stated_colors(boxed, properties)
    for kind in _PROFILE_KINDS:
        if kind in stated and is_profile(stated[kind]):
            return stated[kind]
    if codes is None:
        return None
    return ColorEncoding.from_cicp(
        _BT709_PRIMARIES if codes.primaries == _UNSPECIFIED else codes.primaries,
        _SRGB_TRANSFER if codes.transfer in _SHOWN_AS_SRGB else codes.transfer,
        peak_nits=_peak_nits(boxed, properties),
    )


def _code_points(boxed: BoxedFile) -> _CodePoints | None:
    """The code points in a box, or else in the AV1 data."""
    nclx = _stated_colors(boxed, _color_properties(boxed)).get(_NCLX)
    if nclx is not None:
        return _CodePoints(*(_number(nclx, at, at + 2) for at in (0, 2, 4)))
    color = av1.read_color(_first_av1_data(boxed))
    return None if color is None else _CodePoints(*color[:3])


def _color_properties(boxed: BoxedFile) -> tuple[Box, ...]:
    """The boxes that may describe the colours; those of the first tile come last."""
    if _is_animation(boxed):
        return boxed.track_properties
    first_tile = next((boxed.items.get(each) for each in boxed.primary.sources), None)
    return boxed.primary.properties + (first_tile.properties if first_tile else ())


def _stated_colors(boxed: BoxedFile, properties: tuple[Box, ...]) -> dict[bytes, bytes]:
    """The first description of each kind: an ICC profile or code points."""
    stated: dict[bytes, bytes] = {}
    for box in properties:
        if box.kind == b"colr":
            content = boxed.content(box)
            stated.setdefault(content[:4], content[4:])
    return stated


def _peak_nits(boxed: BoxedFile, properties: tuple[Box, ...]) -> float:
    contents = {box.kind: boxed.content(box) for box in reversed(properties)}
    brightest = float(_number(contents.get(b"clli", b""), 0, 2))
    display = _number(contents.get(b"mdcv", b""), 16, 20) / UNITS_PER_NIT
    return peak_nits_of(brightest=brightest, display=display)


def _first_av1_data(boxed: BoxedFile) -> bytes:
    """The start of the AV1 data that is decoded first; empty if there is none."""
    if _is_animation(boxed):
        return boxed.data[boxed.first_sample :][:_AV1_HEADERS_BYTES]
    for item in _shown_items(boxed):
        if item.kind == _AV1 and item.extents:
            return boxed.content(item.extents[0])[:_AV1_HEADERS_BYTES]
    return b""


def _number(content: bytes, start: int, end: int) -> int:
    return int.from_bytes(content[start:end], "big")


# Animations


def _is_animation(boxed: BoxedFile) -> bool:
    """Whether the decoder shows the track; else it shows the primary item."""
    return boxed.data[8:12] == _ANIMATED_AVIF and bool(boxed.track_properties)


def _with_limited_range(boxed: BoxedFile) -> bytes:
    """The file; a track that does not state its colours gets limited range, as in Chromium.

    Such files exist whose AV1 data claims the full range by mistake.
    """
    if not _is_animation(boxed) or _NCLX in _stated_colors(boxed, boxed.track_properties):
        return boxed.data
    color = av1.read_color(_first_av1_data(boxed))
    if color is None or color.range_bit is None:
        return boxed.data
    data = bytearray(boxed.data)
    byte, bit = divmod(color.range_bit, 8)
    data[boxed.first_sample + byte] &= ~(0x80 >> bit)
    return bytes(data)
