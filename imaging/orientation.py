"""Turns a picture upright according to its EXIF orientation."""

from typing import Final

from PIL import Image

from imaging.decoder_errors import DECODER_ERRORS

ORIENTATION_TAG: Final = 0x0112
_UPRIGHT: Final = 1
_TRANSPOSE_OF: Final = {  # EXIF orientation: the operation that turns the picture upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read_orientation(picture: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; a damaged EXIF block counts as 1, upright.

    An orientation in XMP does not count: browsers ignore it. Pillow's `getexif` would return it.
    """
    exif = Image.Exif()
    try:
        exif.load(picture.info.get("exif") or b"")
        value = exif.get(ORIENTATION_TAG, _UPRIGHT)
    except DECODER_ERRORS:
        return _UPRIGHT
    return value if isinstance(value, int) else _UPRIGHT


def turn_upright(picture: Image.Image, orientation: int) -> Image.Image:
    """The picture turned upright; an unknown orientation changes nothing."""
    operation = _TRANSPOSE_OF.get(orientation)
    return picture if operation is None else picture.transpose(operation)
