"""From untrusted bytes to a checked, upright sRGB picture, or a refusal that says why.

Everything that arrives is decoded, brought to one form and encoded again: what is stored and what
the worker sees has no metadata, no odd colour space and no surprise in its container. Pillow only.
"""

import hashlib
import io
import os
import re
import struct
import threading
import warnings
import zlib
from contextlib import nullcontext
from typing import BinaryIO, Final

from PIL import Image, ImageCms, ImageFile, UnidentifiedImageError, features

from core import errors
from core.metrics import ServiceMetrics
from core.settings import Settings
from imaging.encode import EncodedPicture

try:
    import pillow_heif
except ImportError:  # the extra "heic" is not installed: such files are refused like any other
    HEIF_FORMATS: tuple[str, ...] = ()
else:
    pillow_heif.register_heif_opener()
    HEIF_FORMATS = ("HEIF",)

# Pillow only warns between one and two times its own limit. Nothing of ours opens such a picture.
warnings.simplefilter("error", Image.DecompressionBombWarning)

JPEG_QUALITY: Final = 95  # with full chroma: what the network sees shows no blocks of ours
THUMB_SIDE_PX: Final = 480
LARGE_PIXELS: Final = 16_000_000
CHUNK_BYTES: Final = 64 * 1024
ALLOWED_FORMATS: Final = (
    "JPEG",
    "PNG",
    "WEBP",
    "GIF",
    *(("AVIF",) if features.check("avif") else ()),
    *HEIF_FORMATS,
)
FORMAT_NAMES: Final = tuple("HEIC" if name == "HEIF" else name for name in ALLOWED_FORMATS)

_SIGNATURES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
_WIDE_GREY_MODES: Final = ("I", "I;16", "I;16L", "I;16B", "I;16N")
# What decoders raise on damaged input: found by mutating files, see tests/app/test_pictures.py.
_DECODER_COMPLAINTS: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    EOFError,
    LookupError,
    OverflowError,
    RuntimeError,
    struct.error,
    zlib.error,
)
_TURNS: Final = {  # EXIF orientation to the turn that undoes it
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SRGB: Final = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


class PictureReader:
    """Reads uploads within the limits of the settings; a few at a time, so memory has a ceiling.

    Usage: `PictureReader(settings).read(upload.file)` gives an `EncodedPicture`.
    """

    def __init__(self, settings: Settings, metrics: ServiceMetrics | None = None) -> None:
        self._settings = settings
        self._metrics = metrics or ServiceMetrics()
        self._turns = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))
        # A 49-megapixel WebP was measured to take 750 MB: no more than two such at a time.
        self._large_turns = threading.BoundedSemaphore(2)

    def read(self, stream: BinaryIO) -> EncodedPicture:
        """Check, decode, bring to the render size and encode one uploaded picture.

        Args:
            stream: A seekable file; its name and declared type are never looked at.

        Returns:
            An upright sRGB JPEG with a long side of at most `result_max_side_px`.

        Raises:
            errors.AppError: One of the refusals, with the numbers in its message.
        """
        self._refuse_oversized_file(stream)
        with self._metrics.upload_decode_seconds.time(), self._turns:
            return encode(self._upright_srgb(stream))

    def _refuse_oversized_file(self, stream: BinaryIO) -> None:
        size = stream.seek(0, io.SEEK_END)
        stream.seek(0)
        self._metrics.upload_bytes.inc(size)
        if size > self._settings.max_upload_bytes:
            raise errors.FileTooLarge(max_mb=in_mebibytes(self._settings.max_upload_bytes))

    def _upright_srgb(self, stream: BinaryIO) -> Image.Image:
        with _opened(stream, max_pixels=self._settings.max_picture_pixels) as picture:
            self._refuse_small(picture)
            is_large = picture.width * picture.height > LARGE_PIXELS
            with self._large_turns if is_large else nullcontext():
                pixels = self._decoded(picture)
            return _as_srgb(pixels, profile=picture.info.get("icc_profile"))

    def _refuse_small(self, picture: ImageFile.ImageFile) -> None:
        """Refuse what is under 64 px a side, or would be once its long side fits the render size.

        A strip of 4000x100 px would become 1600x40: it is refused with the ratio that still works,
        because enlarging it again would only invent pixels.
        """
        width, height = picture.size
        min_side_px = self._settings.min_side_px
        render_width, render_height = self._render_size(picture.size)
        if min(width, height) < min_side_px:
            raise errors.ImageTooSmall(width=width, height=height, min_side_px=min_side_px)
        if min(render_width, render_height) < min_side_px:
            raise errors.ImageTooNarrow(
                width=width,
                height=height,
                min_side_px=min_side_px,
                max_ratio=self._settings.result_max_side_px // min_side_px,
            )

    def _render_size(self, size: tuple[int, int]) -> tuple[int, int]:
        """The size at which a picture is kept and rendered; never larger than it came."""
        scale = min(1.0, self._settings.result_max_side_px / max(size))
        return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))

    def _decoded(self, picture: ImageFile.ImageFile) -> Image.Image:
        """The picture's pixels in eight bits at the render size, turned upright."""
        size = self._render_size(picture.size)
        try:
            picture.draft(None, size)  # JPEG: decodes at 1/2, 1/4 or 1/8, a third of the time
            picture.load()
            eight_bit = _in_eight_bits(picture)
        except _DECODER_COMPLAINTS as damage:
            raise errors.TruncatedImage from damage
        if eight_bit.size != size:
            eight_bit = eight_bit.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
        turn = _TURNS.get(_orientation(picture))
        return eight_bit if turn is None else eight_bit.transpose(turn)


def sha256_of(stream: BinaryIO) -> str:
    """The hash of an uploaded file, read in small pieces; the stream is left at its start."""
    stream.seek(0)
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK_BYTES):
        digest.update(chunk)
    stream.seek(0)
    return digest.hexdigest()


def in_mebibytes(size_bytes: int) -> str:
    """A number of bytes in the unit that messages use, without a needless fraction."""
    return f"{round(size_bytes / 2**20, 3):g}"


def encode(picture: Image.Image) -> EncodedPicture:
    """Encode an RGB picture as a JPEG that holds pixels and nothing else."""
    buffer = io.BytesIO()
    picture.info.clear()  # Pillow would copy a comment or profile found here
    picture.save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return EncodedPicture(buffer.getvalue(), *picture.size)


def thumbnail_webp(data: bytes) -> bytes:
    """A WebP preview with a long side of at most 480 px, from one of our own stored pictures."""
    with Image.open(io.BytesIO(data)) as picture:
        picture.draft("RGB", (THUMB_SIDE_PX, THUMB_SIDE_PX))
        small = picture.convert("RGB")
        label = picture.info.get("xmp", b"")  # what a result says of its making stays with it
    small.thumbnail((THUMB_SIDE_PX, THUMB_SIDE_PX), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=80, method=2, xmp=label)
    return buffer.getvalue()


def as_jpeg(data: bytes) -> bytes:
    """One of our own stored pictures as a JPEG, at its size."""
    with Image.open(io.BytesIO(data)) as picture:
        whole = picture.convert("RGB")
        label = picture.info.get("xmp", b"")
    buffer = io.BytesIO()
    whole.save(buffer, "JPEG", quality=JPEG_QUALITY, xmp=label)
    return buffer.getvalue()


def _opened(stream: BinaryIO, *, max_pixels: int) -> ImageFile.ImageFile:
    """Read a picture's header; no pixel is decoded before the caps have been checked."""
    try:
        picture = Image.open(stream, formats=ALLOWED_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise _bomb(_pixels_in(bomb), max_pixels) from bomb
    except UnidentifiedImageError as unknown:
        if _begins_like_a_picture(stream):
            raise errors.TruncatedImage from unknown
        raise errors.UnsupportedImage(formats=", ".join(FORMAT_NAMES)) from unknown
    except _DECODER_COMPLAINTS as damage:
        raise errors.TruncatedImage from damage
    pixels = picture.width * picture.height
    if pixels > max_pixels:
        raise _bomb(pixels, max_pixels)
    return picture


def _bomb(pixels: int, max_pixels: int) -> errors.DecompressionBomb:
    return errors.DecompressionBomb(
        megapixels=f"{pixels / 1e6:.1f}", max_megapixels=f"{max_pixels / 1e6:g}"
    )


def _pixels_in(bomb: Exception) -> int:
    """The number of pixels that Pillow names in its complaint (it closes the picture itself)."""
    found = re.search(r"\((\d+) pixels\)", str(bomb))
    return int(found.group(1)) if found else 0


def _begins_like_a_picture(stream: BinaryIO) -> bool:
    stream.seek(0)
    head = stream.read(12)
    return head.startswith(_SIGNATURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def _in_eight_bits(picture: Image.Image) -> Image.Image:
    """Bring any decoded mode to one of L, RGB, RGBA or CMYK.

    Pillow's own conversion of 16-bit grey clips at 255; here the values are scaled.
    """
    if picture.mode in _WIDE_GREY_MODES:
        return picture.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if picture.has_transparency_data:
        return picture if picture.mode == "RGBA" else picture.convert("RGBA")
    return picture if picture.mode in ("L", "RGB", "CMYK") else picture.convert("RGB")


def _orientation(picture: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; a damaged EXIF block counts as upright."""
    try:
        value = picture.getexif().get(0x0112, 1)
    except _DECODER_COMPLAINTS:
        return 1
    return value if isinstance(value, int) else 1


def _as_srgb(picture: Image.Image, *, profile: bytes | None) -> Image.Image:
    """Colours to sRGB through the embedded profile, transparency onto white."""
    if picture.mode != "RGBA":
        return _through_profile(picture, profile)
    page = Image.new("RGB", picture.size, "white")
    page.paste(_through_profile(picture.convert("RGB"), profile), mask=picture.getchannel("A"))
    return page


def _through_profile(picture: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, source, _SRGB, outputMode="RGB")
        except (ImageCms.PyCMSError, *_DECODER_COMPLAINTS):
            pass  # a profile that does not fit its picture is worth less than none
        else:
            return converted or picture.convert("RGB")
    return picture.convert("RGB")
