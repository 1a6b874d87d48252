"""Checks uploaded files and converts them to photos that can be stored."""

import hashlib
import io
import math
import os
import threading
from contextlib import nullcontext
from typing import BinaryIO, Final

from PIL import Image

from app.uploads import file_too_large
from core import errors
from core.languages import LocalizedText
from core.metrics import ServiceMetrics
from core.settings import Settings
from imaging.color import to_srgb
from imaging.decode import decode_pixels, open_upload
from imaging.encode import EncodedPicture, encode_photo
from imaging.errors import (
    PictureError,
    TooManyPixelsError,
    UnsupportedCodingError,
    UnsupportedPictureError,
)
from imaging.file_kinds import FileKind
from imaging.formats import UPLOAD_FORMAT_NAMES
from styling.sizes import MIN_SIDE_PX

LARGE_PIXELS: Final = 16_000_000
MAX_LARGE_AT_ONCE: Final = 2  # a 52-megapixel WebP takes 840 MB while it is decoded
CHUNK_BYTES: Final = 64 * 1024


class PictureReader:
    """Reads uploads; only a few are decoded at the same time, which bounds the memory.

    Usage: `PictureReader(settings).read(upload.file)` returns an `EncodedPicture`.
    """

    def __init__(self, settings: Settings, metrics: ServiceMetrics | None = None) -> None:
        self._settings = settings
        self._metrics = metrics or ServiceMetrics()
        self._slots = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))
        self._large_slots = threading.BoundedSemaphore(MAX_LARGE_AT_ONCE)

    def read(self, stream: BinaryIO, *, field: str = "file") -> EncodedPicture:
        """Check, decode, reduce to the render size and encode one uploaded picture.

        Args:
            stream: a seekable file. Its name and declared type are ignored.
            field: the form field of the picture, which a refusal names.

        Returns:
            An upright sRGB JPEG with a long side of at most `result_max_side_px`.

        Raises:
            errors.AppError: the picture is refused; the message contains the limit and the value.
        """
        try:
            self._refuse_oversized_file(stream)
            with self._metrics.upload_decode_seconds.time(), self._slots:
                return encode_photo(self._decode(stream))
        except errors.AppError as refusal:
            refusal.field = field
            raise

    def _refuse_oversized_file(self, stream: BinaryIO) -> None:
        size = stream.seek(0, io.SEEK_END)
        stream.seek(0)
        self._metrics.upload_bytes.inc(size)
        if size > self._settings.max_upload_bytes:
            raise file_too_large(self._settings.max_upload_bytes)

    def _decode(self, stream: BinaryIO) -> Image.Image:
        try:
            opened = open_upload(stream, max_pixels=self._settings.max_picture_pixels)
            self._refuse_small(opened.size)
            is_large = math.prod(opened.size) > LARGE_PIXELS
            with self._large_slots if is_large else nullcontext():
                pixels = decode_pixels(opened, self._render_size(opened.size))
            return to_srgb(pixels, opened.color)
        except PictureError as error:
            raise self._refusal(error) from error

    def _refusal(self, error: PictureError) -> errors.AppError:
        """The error response for a file that cannot be used."""
        formats = ", ".join(UPLOAD_FORMAT_NAMES)
        match error:
            case UnsupportedCodingError():
                return errors.UnsupportedImageCoding(kind=LocalizedText(*error.kind))
            case UnsupportedPictureError(kind=FileKind() as kind):
                return errors.UnsupportedImageKind(kind=LocalizedText(*kind), formats=formats)
            case UnsupportedPictureError():
                return errors.UnsupportedImage(formats=formats)
            case TooManyPixelsError():
                refusal = errors.DecompressionBomb if error.is_bomb else errors.TooManyPixels
                return refusal(
                    megapixels=f"{math.ceil(error.pixels / 1e5) / 10:.1f}",
                    max_megapixels=f"{self._settings.max_picture_pixels / 1e6:g}",
                )
            case _:
                return errors.TruncatedImage()

    def _refuse_small(self, size: tuple[int, int]) -> None:
        """Refuse a picture with a side under 64 px, now or after it is reduced to the render size.

        A strip of 4000x100 px would become 1600x40. It is refused with the largest ratio that is
        accepted, because enlarging it again would add no detail.
        """
        width, height = size
        if min(size) < MIN_SIDE_PX:
            raise errors.ImageTooSmall(width=width, height=height, min_side_px=MIN_SIDE_PX)
        if min(self._render_size(size)) < MIN_SIDE_PX:
            raise errors.ImageTooNarrow(
                width=width,
                height=height,
                min_side_px=MIN_SIDE_PX,
                max_ratio=self._settings.result_max_side_px // MIN_SIDE_PX,
            )

    def _render_size(self, size: tuple[int, int]) -> tuple[int, int]:
        """The size at which a photo is stored and rendered; never larger than the upload."""
        scale = min(1.0, self._settings.result_max_side_px / max(size))
        return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def sha256_of(stream: BinaryIO) -> str:
    """The hash of an uploaded file, read in small pieces; the stream is left at its start."""
    stream.seek(0)
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK_BYTES):
        digest.update(chunk)
    stream.seek(0)
    return digest.hexdigest()
