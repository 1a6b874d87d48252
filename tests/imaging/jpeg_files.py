"""Writes JPEG files for tests, and takes them apart."""

from io import BytesIO

from PIL import Image

END = b"\xff\xd9"


def photo(width: int = 150, height: int = 110) -> Image.Image:
    """Return a picture whose every part differs from every other."""
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    noise = Image.effect_noise((width, height), 60)
    return Image.merge("RGB", (across, noise, across.transpose(Image.Transpose.ROTATE_180)))


def jpeg_file(picture: Image.Image, **options: object) -> bytes:
    """Return the picture as a JPEG file."""
    buffer = BytesIO()
    picture.save(buffer, "JPEG", **options)
    return buffer.getvalue()


def segment(marker: int, payload: bytes) -> bytes:
    """Return a segment with its marker and length."""
    return bytes([0xFF, marker]) + (len(payload) + 2).to_bytes(2) + payload


def with_segments(whole: bytes, *segments: bytes) -> bytes:
    """Return a file with more segments after its start marker."""
    return whole[:2] + b"".join(segments) + whole[2:]


def without_jfif(whole: bytes) -> bytes:
    """Return a file without the segment APP0 with which Pillow begins it."""
    return whole[:2] + whole[4 + int.from_bytes(whole[4:6]) - 2 + 2 :]


def frame_at(whole: bytes) -> int:
    """Return the position of the payload of the first frame header, baseline or progressive."""
    return max(whole.find(b"\xff\xc0\0\x11"), whole.find(b"\xff\xc2\0\x11")) + 4
