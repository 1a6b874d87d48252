"""Picture formats: those that are read, and those that are written."""

from enum import StrEnum
from typing import Final

from PIL import features

try:
    import pillow_heif
except ImportError:  # the extra "heic" is not installed: HEIC files are refused as unsupported
    HEIF_FORMATS: tuple[str, ...] = ()
else:
    pillow_heif.register_heif_opener()
    HEIF_FORMATS = ("HEIF",)

UPLOAD_FORMATS: Final = (
    "JPEG",
    "PNG",
    "WEBP",
    "GIF",
    *(("AVIF",) if features.check("avif") else ()),
    *HEIF_FORMATS,
)
"""Pillow's names of the formats that the service accepts."""

UPLOAD_FORMAT_NAMES: Final = tuple("HEIC" if name == "HEIF" else name for name in UPLOAD_FORMATS)
"""The same formats by the names that people use."""

FILE_SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
"""File name extensions that mark a file in a folder as a picture."""


class PictureFormat(StrEnum):
    """The formats in which results are written; each can carry the AI label."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"

    @property
    def pillow_name(self) -> str:
        """The name in Pillow and in the `pictures` table."""
        return self.value.upper()

    @property
    def extension(self) -> str:
        """The file name extension, without a dot."""
        return "jpg" if self is PictureFormat.JPEG else self.value
