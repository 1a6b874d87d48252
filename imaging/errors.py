"""Why a file cannot be used as a picture."""

from typing import Final

from imaging.file_kinds import FileKind

BOMB_PIXELS_PER_BYTE: Final = 1000
"""Files with more pixels for each byte are made to exhaust memory. Photographs have up to 100."""


class PictureError(Exception):
    """A file that cannot be used as a picture."""


class UnsupportedPictureError(PictureError):
    """The file is not a picture, or its format is not accepted; `kind` is None if unknown."""

    def __init__(self, kind: FileKind | None) -> None:
        super().__init__(kind.en if kind else "an unknown kind of file")
        self.kind = kind


class UnsupportedCodingError(PictureError):
    """The format is accepted, but not this rare variant of it."""

    def __init__(self, kind: FileKind) -> None:
        super().__init__(kind.en)
        self.kind = kind


class DamagedPictureError(PictureError):
    """The file is incomplete or damaged."""


class TooManyPixelsError(PictureError):
    """The picture has more pixels than the limit allows."""

    def __init__(self, pixels: int, *, file_bytes: int) -> None:
        super().__init__(f"{pixels} pixels in {file_bytes} bytes")
        self.pixels = pixels
        self.is_bomb = pixels > BOMB_PIXELS_PER_BYTE * file_bytes
