"""Stored bytes to pictures and back. What comes out holds no metadata."""

import hashlib
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

RESULT_QUALITY = 92
THUMB_QUALITY = 82
THUMB_SIDE_PX = 480  # the long side; two columns of a phone at three pixels a point


@dataclass(frozen=True)
class EncodedPicture:
    """A picture as it is stored."""

    data: bytes
    width: int
    height: int
    format: str  # as Pillow names it
    extension: str

    @property
    def sha256(self) -> str:
        """The hash of the stored bytes."""
        return hashlib.sha256(self.data).hexdigest()


def decode(data: bytes, *, width: int | None = None, height: int | None = None) -> Image.Image:
    """A stored upload as RGB, at the given size when there is one.

    Raises:
        OSError: the bytes are not a whole picture.
    """
    with Image.open(BytesIO(data)) as stored:
        picture = stored.convert("RGB")
    if width is None or height is None or picture.size == (width, height):
        return picture
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def encode_result(picture: Image.Image) -> EncodedPicture:
    """The result as a phone's album takes it."""
    return _encode(_without_metadata(picture), "JPEG", "jpg", quality=RESULT_QUALITY)


def encode_thumb(picture: Image.Image) -> EncodedPicture:
    """The result as a list shows it; small pictures are not enlarged."""
    thumb = _without_metadata(picture)
    thumb.thumbnail((THUMB_SIDE_PX, THUMB_SIDE_PX))
    return _encode(thumb, "WEBP", "webp", quality=THUMB_QUALITY)


def _without_metadata(picture: Image.Image) -> Image.Image:
    bare = Image.new("RGB", picture.size)
    bare.paste(picture)
    return bare


def _encode(
    picture: Image.Image, picture_format: str, extension: str, *, quality: int
) -> EncodedPicture:
    buffer = BytesIO()
    picture.save(buffer, picture_format, quality=quality)
    return EncodedPicture(buffer.getvalue(), *picture.size, picture_format, extension)
