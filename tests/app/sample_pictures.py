"""Generates picture files for tests: valid ones, and a decompression bomb."""

import io
import zlib

from PIL import Image

from tests.imaging.png_files import GREY, chunk, header, png_file


def gradient(width: int = 320, height: int = 240) -> Image.Image:
    """Return a picture whose four corners differ, so that a test can detect rotations."""
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.linear_gradient("L").resize((width, height))
    return Image.merge("RGB", (across, down, Image.new("L", (width, height), 64)))


def file_of(picture: Image.Image, format: str = "JPEG", **options: object) -> io.BytesIO:
    """Return the picture as an uploaded file."""
    buffer = io.BytesIO()
    picture.save(buffer, format, **options)
    buffer.seek(0)
    return buffer


def jpeg(width: int = 320, height: int = 240) -> bytes:
    """Return the bytes of a valid photo."""
    return file_of(gradient(width, height)).getvalue()


def png_of_many_pixels(side_px: int) -> bytes:
    """Return a valid black-and-white PNG, `side_px` squared, of a few kB: a decompression bomb."""
    row = b"\0" * (1 + (side_px + 7) // 8)
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(row) for _ in range(side_px)) + packer.flush()
    return png_file(header(side_px, side_px, 1, GREY), chunk(b"IDAT", packed))
