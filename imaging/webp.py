"""Opens WebP files, and leaves the canvas around a small first frame free, as browsers do."""

from io import BytesIO
from typing import BinaryIO, Final

from PIL import Image

from imaging.opened import OpenedPicture, profile_of

_EXTENDED: Final = b"VP8X"
_FLAGS_AT: Final = 20  # after RIFF, the size, WEBP, VP8X and its size
_ANIMATION_FLAG: Final = 0x02
_ALPHA_FLAG: Final = 0x10


def is_webp(head: bytes) -> bool:
    """Whether a file begins like a WebP file; 12 bytes are enough."""
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def open_webp(stream: BinaryIO) -> OpenedPicture:
    """Open a WebP file; no pixel is decoded. An animation counts as its first frame.

    Pillow makes the canvas around the frame black if the header says that frames are opaque.

    Raises:
        UnidentifiedImageError, DecompressionBombError, and the other errors of Pillow's decoder.
    """
    data = bytearray(stream.read())
    is_extended = data[12:16] == _EXTENDED and len(data) > _FLAGS_AT
    if is_extended and data[_FLAGS_AT] & _ANIMATION_FLAG:
        data[_FLAGS_AT] |= _ALPHA_FLAG
    picture = Image.open(BytesIO(data), formats=("WEBP",))
    return OpenedPicture(picture, profile_of(picture))
