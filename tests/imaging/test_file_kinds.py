"""Files of formats that are not accepted are recognised by their first bytes."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.decode import open_upload
from imaging.errors import PictureError, UnsupportedPictureError
from imaging.file_kinds import kind_of


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"", "an empty file"),
        (b"II*\0\x10\0\0\0CR\2\0", "a TIFF or RAW file"),
        (b"MM\0*\0\0\0\x08", "a TIFF or RAW file"),
        (b"MM\0+\0\x08\0\0", "a TIFF or RAW file"),
        (b"FUJIFILMCCD-RAW 0201", "a RAW file of a camera"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1", "a RAW file of a camera"),
        (b"BM\x36\0\x0a\0\0\0\0\0\x36\0", "a BMP file"),
        (b"%PDF-1.7", "a PDF file"),
        (b"8BPS\0\1", "a Photoshop file"),
        (b"\xff\x0a\x7f", "a JPEG XL file"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL file"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 file"),
        (b"\xff\x4f\xff\x51\0", "a JPEG 2000 file"),
        (b"II\xbc\1\x08\0\0\0", "a JPEG XR file"),
        (b"\0\0\1\0\1\0\x10\x10", "an ICO file"),
        (b"P6\n64 64\n", "a PNM file"),
        (b"qoif\0\0\0\x40", "a QOI file"),
        (b"\0\0\0\x20ftypisom\0\0\2\0", "a video"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0", "a video"),
        (b"\0\0\0\x08wide\0\0\0\0mdat", "a video"),
        (b"\x1aE\xdf\xa3\x01", "a video"),
        (b"RIFF\0\0\0\0AVI LIST", "a video"),
        (b"PK\3\4\x14\0", "an archive or an Office document"),
        (b"<!DOCTYPE html><html>", "an HTML page"),
        (b"\xef\xbb\xbf\n <html lang='zh'>", "an HTML page"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", "an SVG file"),
        (b"<?xml version='1.0'?>\n<!-- made by hand -->\n<svg>", "an SVG file"),
        (b"<?xml version='1.0'?>\n<!DOCTYPE svg PUBLIC '-'>", "an SVG file"),
    ],
)
def test_a_file_of_another_format_is_recognised(head, name):
    with pytest.raises(UnsupportedPictureError) as caught:
        open_upload(BytesIO(head), max_pixels=1_000_000)

    kind = caught.value.kind
    assert kind
    assert kind.en == name
    assert any("\u4e00" <= character <= "\u9fff" for character in kind.zh)


@pytest.mark.parametrize(
    "head",
    [
        b"dear sir or madam",
        b"<?xml version='1.0'?><note>",
        b"BMW",
        b"\n",
        b"\0\0\2\0\0\0\0\0",  # a TGA file, which begins almost like an ICO file
    ],
)
def test_a_file_of_no_known_format_has_no_kind(head):
    assert kind_of(head) is None


@given(st.binary(max_size=60))
def test_any_bytes_are_refused(head):
    with pytest.raises(PictureError):
        open_upload(BytesIO(head), max_pixels=1_000_000)
