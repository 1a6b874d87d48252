"""Decodes files to upright sRGB pictures, or raises an error that says why it cannot.

The service decodes untrusted bytes in two steps, so that it can check the size before any pixel is
decoded: `open_upload`, then `decode_pixels`. The command line and training use `open_picture`.
"""

import re
import warnings
from pathlib import Path
from typing import BinaryIO, Final

from PIL import Image, ImageFile, UnidentifiedImageError

from imaging.color import to_8_bit, to_srgb
from imaging.decoder_errors import DECODER_ERRORS
from imaging.formats import UPLOAD_FORMATS
from imaging.orientation import read_orientation, turn_upright

# The caller's own limit applies; Pillow still refuses twice its limit with an error.
warnings.simplefilter("ignore", Image.DecompressionBombWarning)

_SIGNATURES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")


class PictureError(Exception):
    """A file that cannot be used as a picture."""


class UnsupportedPictureError(PictureError):
    """The file is not a picture, or its format is not accepted."""


class DamagedPictureError(PictureError):
    """The file is incomplete or damaged."""


class TooManyPixelsError(PictureError):
    """The picture has more pixels than the limit allows."""

    def __init__(self, pixels: int) -> None:
        super().__init__(f"{pixels} pixels")
        self.pixels = pixels


def open_upload(stream: BinaryIO, *, max_pixels: int) -> ImageFile.ImageFile:
    """Read the header of an uploaded file; no pixel is decoded.

    Args:
        stream: a seekable file. Its name and declared type are ignored.
        max_pixels: the largest width times height.

    Raises:
        UnsupportedPictureError, DamagedPictureError, TooManyPixelsError
    """
    try:
        picture = Image.open(stream, formats=UPLOAD_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooManyPixelsError(_pixels_named_in(error)) from error
    except UnidentifiedImageError as error:
        if _starts_like_a_picture(stream):
            raise DamagedPictureError(str(error)) from error
        raise UnsupportedPictureError(str(error)) from error
    except DECODER_ERRORS as error:
        raise DamagedPictureError(str(error)) from error
    if picture.width * picture.height > max_pixels:
        raise TooManyPixelsError(picture.width * picture.height)
    return picture


def decode_pixels(picture: ImageFile.ImageFile, size: tuple[int, int]) -> Image.Image:
    """Decode an opened file to 8 bits at `size`, upright, in its own colour space.

    Args:
        picture: from `open_upload`.
        size: width and height before the picture is turned upright, at most its own size.

    Raises:
        DamagedPictureError
    """
    try:
        picture.draft(None, size)  # JPEG: decodes at 1/2, 1/4 or 1/8 in a third of the time
        picture.load()
        eight_bit = to_8_bit(picture)
    except DECODER_ERRORS as error:
        raise DamagedPictureError(str(error)) from error
    if eight_bit.size != size:
        eight_bit = eight_bit.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return turn_upright(eight_bit, read_orientation(picture))


def open_picture(path: Path) -> Image.Image:
    """A picture file as upright sRGB at its own size; transparent parts become white.

    Raises:
        ValueError: the file is not a picture, or is incomplete.
    """
    try:
        with Image.open(path) as file:
            file.load()
            eight_bit = turn_upright(to_8_bit(file), read_orientation(file))
            return to_srgb(eight_bit, file.info.get("icc_profile"))
    except (*DECODER_ERRORS, Image.DecompressionBombError) as error:
        raise ValueError(f"{path} cannot be read as a picture: {error}") from error


def _pixels_named_in(error: Exception) -> int:
    """The number of pixels in Pillow's message; Pillow closes the picture itself."""
    found = re.search(r"\((\d+) pixels\)", str(error))
    return int(found.group(1)) if found else 0


def _starts_like_a_picture(stream: BinaryIO) -> bool:
    stream.seek(0)
    head = stream.read(12)
    return head.startswith(_SIGNATURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
