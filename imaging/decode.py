"""Decodes files to upright sRGB pictures, or raises an error that says why it cannot.

The service decodes untrusted bytes in two steps, so that it can check the size before any pixel is
decoded: `open_upload`, then `decode_pixels`. The command line and training use `open_picture`.
"""

import io
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from imaging.color import to_8_bit, to_srgb
from imaging.decoder_errors import DECODER_ERRORS
from imaging.errors import (
    DamagedPictureError,
    PictureError,
    TooManyPixelsError,
    UnsupportedPictureError,
)
from imaging.file_kinds import HEAD_BYTES, kind_of
from imaging.formats import UPLOAD_FORMATS
from imaging.gif import GIF_SIGNATURES, open_gif
from imaging.heif import is_heif, open_heif
from imaging.jpeg import JPEG_SIGNATURE, open_jpeg
from imaging.opened import Area, OpenedPicture, profile_of
from imaging.orientation import read_orientation, turn_upright
from imaging.png import PNG_SIGNATURE, open_png
from imaging.webp import is_webp, open_webp

# The caller's own limit applies; Pillow still refuses twice its limit with an error.
warnings.simplefilter("ignore", Image.DecompressionBombWarning)


def open_upload(stream: BinaryIO, *, max_pixels: int) -> OpenedPicture:
    """Read the header of an uploaded file; no pixel is decoded.

    Args:
        stream: a seekable file. Its name and declared type are ignored.
        max_pixels: the largest width times height.

    Raises:
        UnsupportedPictureError, UnsupportedCodingError, DamagedPictureError, TooManyPixelsError
    """
    file_bytes = stream.seek(0, io.SEEK_END)
    try:
        opened = _open(stream, UPLOAD_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooManyPixelsError(_pixels_named_in(error), file_bytes=file_bytes) from error
    width, height = opened.size
    if width * height > max_pixels:
        raise TooManyPixelsError(width * height, file_bytes=file_bytes)
    return opened


def decode_pixels(opened: OpenedPicture, size: tuple[int, int]) -> Image.Image:
    """Decode an opened file to 8 bits at `size`, upright, in its own colour space.

    Args:
        opened: from `open_upload`.
        size: width and height before the picture is turned upright, at most its own size.

    Raises:
        DamagedPictureError
    """
    picture = _decode(opened, size)
    if picture.size != size:
        picture = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return turn_upright(picture, read_orientation(opened.file))


def open_picture(path: Path) -> Image.Image:
    """A picture file as upright sRGB at its own size; transparent parts become white.

    Raises:
        ValueError: the file is not a picture, or is incomplete.
    """
    try:
        with path.open("rb") as stream:
            opened = _open(stream, formats=None)
            return to_srgb(decode_pixels(opened, opened.size), opened.color)
    except (PictureError, OSError, Image.DecompressionBombError) as error:
        raise ValueError(f"{path} cannot be read as a picture: {error}") from error


def _open(stream: BinaryIO, formats: tuple[str, ...] | None) -> OpenedPicture:
    """Open a file of one of the formats (None: of any) without decoding a pixel."""
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    open_format = _opener(head)
    try:
        if open_format:
            return open_format(stream)
        picture = Image.open(stream, formats=formats)
        return OpenedPicture(picture, profile_of(picture))
    except UnidentifiedImageError as error:
        if open_format:
            raise DamagedPictureError(str(error)) from error
        raise UnsupportedPictureError(kind_of(head)) from error
    except DECODER_ERRORS as error:
        raise DamagedPictureError(str(error)) from error


def _opener(head: bytes) -> Callable[[BinaryIO], OpenedPicture] | None:
    """What opens a file that begins like this; None for formats that need no special care."""
    if head.startswith(PNG_SIGNATURE):
        return open_png
    if head.startswith(JPEG_SIGNATURE):
        return open_jpeg
    if head.startswith(GIF_SIGNATURES):
        return open_gif
    if is_heif(head):
        return open_heif
    return open_webp if is_webp(head) else None


def _decode(opened: OpenedPicture, size: tuple[int, int]) -> Image.Image:
    """The first frame in 8 bits; a JPEG may be decoded smaller, but not below `size`."""
    picture = opened.file
    try:
        if not opened.is_complete():
            raise DamagedPictureError("pixels are missing")
        picture.draft(None, size)  # JPEG: decodes at 1/2, 1/4 or 1/8 in a third of the time
        picture.load()
        eight_bit = to_8_bit(picture, is_grey=opened.is_grey)
    except DECODER_ERRORS as error:
        raise DamagedPictureError(str(error)) from error
    return _clear_outside(eight_bit, opened.covered) if opened.covered else eight_bit


def _clear_outside(picture: Image.Image, area: Area) -> Image.Image:
    """The picture with everything outside of the area transparent; the same if nothing is."""
    if area == (0, 0, *picture.size):
        return picture
    canvas = Image.new("RGBA", picture.size)
    canvas.paste(picture.crop(area).convert("RGBA"), area)
    return canvas


def _pixels_named_in(error: Exception) -> int:
    """The number of pixels in Pillow's message; Pillow closes the picture itself."""
    found = re.search(r"\((\d+) pixels\)", str(error))
    return int(found.group(1)) if found else 0
