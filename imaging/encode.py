"""Pictures as the bytes of a file: stored photos, results and thumbnails."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO

from PIL import Image

from imaging.labels import Label, PictureFormat, encode_labelled

RESULT_QUALITY = 92
THUMB_QUALITY = 82
THUMB_SIDE_PX = 480  # the long side; two columns of a phone at three pixels a point


@dataclass(frozen=True)
class EncodedPicture:
    """The bytes of a file, and what they hold."""

    data: bytes
    width: int
    height: int
    format: str = "JPEG"  # as Pillow names it

    @cached_property
    def sha256(self) -> str:
        """The hash of the stored bytes."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def extension(self) -> str:
        """Of the file's name."""
        return "jpg" if self.format == "JPEG" else self.format.lower()


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


def encode_result(
    picture: Image.Image, picture_format: PictureFormat, *, label: Label, produce_id: str
) -> EncodedPicture:
    """The result as its owner takes it away, labelled."""
    data = encode_labelled(
        picture, picture_format, label=label, produce_id=produce_id, quality=RESULT_QUALITY
    )
    return EncodedPicture(data, *picture.size, picture_format.pillow_name)


def encode_thumb(picture: Image.Image, *, label: Label, produce_id: str) -> EncodedPicture:
    """The result as a list shows it; small pictures are not enlarged.

    Its mark is drawn at its own size: one that shrinks with the picture could not be read.
    """
    thumb = picture.copy()
    thumb.thumbnail((THUMB_SIDE_PX, THUMB_SIDE_PX))
    data = encode_labelled(
        thumb, PictureFormat.WEBP, label=label, produce_id=produce_id, quality=THUMB_QUALITY
    )
    return EncodedPicture(data, *thumb.size, PictureFormat.WEBP.pillow_name)
