"""Converts any decoded mode and colour space to 8-bit sRGB."""

import io
from typing import Final

from PIL import Image, ImageCms

from imaging.color_encoding import ColorEncoding, convert_to_srgb
from imaging.decoder_errors import DECODER_ERRORS
from imaging.opened import SourceColor

_SRGB: Final = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
_LEVELS_OF_16_BITS: Final = 65536


def to_8_bit(picture: Image.Image, *, is_grey: bool = False) -> Image.Image:
    """Convert any decoded mode to one of L, LA, RGB, RGBA or CMYK.

    Args:
        picture: of any mode.
        is_grey: whether a picture of mode RGBA is grey. Grey stays grey, because a grey profile
            fits nothing else.
    """
    if picture.mode == "I" or picture.mode.startswith("I;16"):
        return _grey_of_16_bits(picture)
    if picture.has_transparency_data:
        keeps_grey = is_grey or picture.mode in ("1", "L", "LA")
        return _in_mode(picture, "LA" if keeps_grey else "RGBA")
    if picture.mode == "1":
        return picture.convert("L")
    return picture if picture.mode in ("L", "CMYK") else to_rgb(picture)


def to_srgb(picture: Image.Image, source: SourceColor) -> Image.Image:
    """Convert an 8-bit picture to sRGB; transparent parts become white.

    Args:
        picture: mode L, LA, RGB, RGBA or CMYK.
        source: its colour space. A profile that does not fit the picture is ignored.
    """
    if picture.mode not in ("LA", "RGBA"):
        return _converted(picture, source)
    opaque = picture.convert("L" if picture.mode == "LA" else "RGB")
    background = Image.new("RGB", picture.size, "white")
    background.paste(_converted(opaque, source), mask=picture.getchannel("A"))
    return background


def is_profile(data: bytes) -> bool:
    """Whether the data is an ICC profile that can be used."""
    try:
        ImageCms.ImageCmsProfile(io.BytesIO(data))
    except (ImageCms.PyCMSError, *DECODER_ERRORS):
        return False
    return True


def to_rgb(picture: Image.Image) -> Image.Image:
    """Return the picture itself when its mode is RGB, else a converted copy."""
    return _in_mode(picture, "RGB")


def _in_mode(picture: Image.Image, mode: str) -> Image.Image:
    return picture if picture.mode == mode else picture.convert(mode)


def _grey_of_16_bits(picture: Image.Image) -> Image.Image:
    """Scale to 8 bits; Pillow's own conversion would clip at 255, and knows no transparency."""
    levels = picture.convert("I")
    grey = levels.point([round(level / 257) for level in range(_LEVELS_OF_16_BITS)], "L")
    hole = picture.info.get("transparency")
    if hole is None:
        return grey
    opacity = levels.point([255 * (level != hole) for level in range(_LEVELS_OF_16_BITS)], "L")
    return Image.merge("LA", (grey, opacity))


def _converted(picture: Image.Image, source: SourceColor) -> Image.Image:
    if isinstance(source, ColorEncoding):
        return convert_to_srgb(to_rgb(picture), source)
    return _apply_profile(picture, source) if source else to_rgb(picture)


def _apply_profile(picture: Image.Image, profile: bytes) -> Image.Image:
    """Convert through an ICC profile. Grey may have a profile for RGB, as in browsers."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if picture.mode == "L" and source.profile.xcolor_space == "RGB ":
            picture = to_rgb(picture)
        converted = ImageCms.profileToProfile(picture, source, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, *DECODER_ERRORS):
        return to_rgb(picture)
    return to_rgb(picture) if converted is None else converted
