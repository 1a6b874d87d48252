"""Encodes pictures as files: stored photos, results, thumbnails and previews."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Final

from PIL import Image

from imaging.formats import PictureFormat
from imaging.labels import Label, encode_labelled

PHOTO_QUALITY: Final = 95  # with full chroma, so that the network sees no JPEG blocks
RESULT_QUALITY: Final = 92
THUMB_QUALITY: Final = 82
PREVIEW_QUALITY: Final = 80
THUMB_SIDE_PX: Final = 480  # the long side: two columns on a phone with a pixel ratio of 3


@dataclass(frozen=True)
class EncodedPicture:
    """The bytes of a picture file, with its size and format."""

    data: bytes
    width: int
    height: int
    format: str = "JPEG"  # Pillow's name

    @cached_property
    def sha256(self) -> str:
        """The hash of the bytes."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def extension(self) -> str:
        """The file name extension, without a dot."""
        return "jpg" if self.format == "JPEG" else self.format.lower()


def encode_photo(picture: Image.Image) -> EncodedPicture:
    """An RGB picture as a JPEG without any metadata, as uploads are stored."""
    buffer = BytesIO()
    picture.info.clear()  # Pillow would copy a comment or profile from here
    picture.save(buffer, "JPEG", quality=PHOTO_QUALITY, subsampling=0)
    return EncodedPicture(buffer.getvalue(), *picture.size)


def encode_result(
    picture: Image.Image, picture_format: PictureFormat, *, label: Label, produce_id: str
) -> EncodedPicture:
    """A labelled result at its own size."""
    data = encode_labelled(
        picture, picture_format, label=label, produce_id=produce_id, quality=RESULT_QUALITY
    )
    return EncodedPicture(data, *picture.size, picture_format.pillow_name)


def encode_thumb(picture: Image.Image, *, label: Label, produce_id: str) -> EncodedPicture:
    """A labelled WebP thumbnail of a result; small pictures are not enlarged.

    The mark is drawn at the size of the thumbnail: a mark that is scaled down is not legible.
    """
    thumb = picture.copy()
    thumb.thumbnail((THUMB_SIDE_PX, THUMB_SIDE_PX))
    data = encode_labelled(
        thumb, PictureFormat.WEBP, label=label, produce_id=produce_id, quality=THUMB_QUALITY
    )
    return EncodedPicture(data, *thumb.size, PictureFormat.WEBP.pillow_name)


def decode_stored(
    data: bytes, *, width: int | None = None, height: int | None = None
) -> Image.Image:
    """A stored photo as RGB, resized to `width` x `height` when both are given.

    Raises:
        OSError: the bytes are not a complete picture.
    """
    with Image.open(BytesIO(data)) as stored:
        picture = stored.convert("RGB")
    if width is None or height is None or picture.size == (width, height):
        return picture
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def preview_of(data: bytes) -> bytes:
    """A WebP preview of a stored picture; its long side is at most 480 px. Labels are kept."""
    with Image.open(BytesIO(data)) as picture:
        picture.draft("RGB", (THUMB_SIDE_PX, THUMB_SIDE_PX))
        small = picture.convert("RGB")
        label = picture.info.get("xmp", b"")
    small.thumbnail((THUMB_SIDE_PX, THUMB_SIDE_PX), Image.Resampling.LANCZOS)
    buffer = BytesIO()
    small.save(buffer, "WEBP", quality=PREVIEW_QUALITY, method=2, xmp=label)
    return buffer.getvalue()


def jpeg_of(data: bytes) -> bytes:
    """A stored picture as a JPEG of the same size. Labels are kept."""
    with Image.open(BytesIO(data)) as picture:
        rgb = picture.convert("RGB")
        label = picture.info.get("xmp", b"")
    buffer = BytesIO()
    rgb.save(buffer, "JPEG", quality=PHOTO_QUALITY, xmp=label)
    return buffer.getvalue()
