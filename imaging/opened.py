"""A picture file whose header was read, and what is needed to decode its pixels."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from PIL import Image, ImageFile

from imaging.color_encoding import ColorEncoding

SourceColor: TypeAlias = bytes | ColorEncoding | None
"""The colour space of a file: an ICC profile, an encoding, or None for sRGB."""

Area: TypeAlias = tuple[int, int, int, int]
"""Left, top, right and bottom, in pixels."""


def _always() -> bool:
    return True


@dataclass(frozen=True)
class OpenedPicture:
    """An opened file.

    Args:
        file: Pillow's picture. Its pixels are not decoded yet.
        color: the colour space of the pixels.
        is_complete: whether no pixel is missing, for files where Pillow does not notice it. It
            decodes the picture; call it after the size is known to be within the limits.
        covered: the part of the canvas that the first frame covers; None for all of it.
        is_grey: whether the picture is grey, though Pillow decodes it to RGBA.
    """

    file: ImageFile.ImageFile
    color: SourceColor = None
    is_complete: Callable[[], bool] = _always
    covered: Area | None = None
    is_grey: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the file, before it is turned upright."""
        return self.file.size


def profile_of(picture: Image.Image) -> bytes | None:
    """The ICC profile that Pillow found in a file."""
    profile: bytes | None = picture.info.get("icc_profile")
    return profile
