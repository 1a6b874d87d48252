"""Converts any decoded mode and colour space to 8-bit sRGB."""

import io
from typing import Final

from PIL import Image, ImageCms

from imaging.decoder_errors import DECODER_ERRORS

_SRGB: Final = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def to_8_bit(picture: Image.Image) -> Image.Image:
    """Convert any decoded mode to one of L, RGB, RGBA or CMYK.

    16-bit grey is scaled; Pillow's own conversion would clip it at 255.
    """
    if picture.mode == "I" or picture.mode.startswith("I;16"):
        return picture.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if picture.has_transparency_data:
        return picture if picture.mode == "RGBA" else picture.convert("RGBA")
    return picture if picture.mode in ("L", "RGB", "CMYK") else picture.convert("RGB")


def to_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert an 8-bit picture to sRGB; transparent parts become white.

    Args:
        picture: mode L, RGB, RGBA or CMYK.
        profile: the embedded ICC profile. One that does not fit the picture is ignored.
    """
    if picture.mode != "RGBA":
        return _apply_profile(picture, profile)
    background = Image.new("RGB", picture.size, "white")
    background.paste(_apply_profile(picture.convert("RGB"), profile), mask=picture.getchannel("A"))
    return background


def to_rgb(picture: Image.Image) -> Image.Image:
    """Return the picture itself when its mode is RGB, else a converted copy."""
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def _apply_profile(picture: Image.Image, profile: bytes | None) -> Image.Image:
    if not profile:
        return to_rgb(picture)
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(picture, source, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, *DECODER_ERRORS):
        return to_rgb(picture)
    return to_rgb(picture) if converted is None else converted
