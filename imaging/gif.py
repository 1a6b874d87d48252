"""Opens GIF files, and leaves the canvas around a small first frame free, as browsers do."""

from typing import BinaryIO, Final

from PIL import Image

from imaging.opened import OpenedPicture

GIF_SIGNATURES: Final = (b"GIF87a", b"GIF89a")


def open_gif(stream: BinaryIO) -> OpenedPicture:
    """Open a GIF file; no pixel is decoded. An animation counts as its first frame.

    Pillow fills the canvas around the frame with the first colour of the palette.

    Raises:
        UnidentifiedImageError, DecompressionBombError, and the other errors of Pillow's decoder.
    """
    picture = Image.open(stream, formats=("GIF",))
    return OpenedPicture(picture, covered=picture.tile[0].extents)
