"""Decodes files in memory as the service does, at their own size."""

from io import BytesIO

from PIL import Image

from imaging.color import to_srgb
from imaging.decode import decode_pixels, open_upload


def decoded(data: bytes) -> Image.Image:
    """Return the picture in sRGB."""
    opened = open_upload(BytesIO(data), max_pixels=10_000_000)
    return to_srgb(decode_pixels(opened, opened.size), opened.color)


def colors_of(picture: Image.Image) -> set[tuple[int, ...]]:
    """Return the colours that occur in an RGB picture."""
    found = picture.getcolors(maxcolors=picture.width * picture.height) or []
    return {color for _, color in found if isinstance(color, tuple)}
