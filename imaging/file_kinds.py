"""Recognises files of formats that are not accepted, so that an error can name the format."""

import re
from typing import Final, NamedTuple

HEAD_BYTES: Final = 1024
"""How many bytes from the start of a file `kind_of` needs."""


class FileKind(NamedTuple):
    """What a file is, as a part of a sentence in Chinese and in English."""

    zh: str
    en: str


_TIFF: Final = FileKind("TIFF 或 RAW 文件", "a TIFF or RAW file")
_RAW: Final = FileKind("相机 RAW 文件", "a RAW file of a camera")
_JPEG_XL: Final = FileKind("JPEG XL 文件", "a JPEG XL file")
_JPEG_2000: Final = FileKind("JPEG 2000 文件", "a JPEG 2000 file")
_VIDEO: Final = FileKind("视频文件", "a video")
_SVG: Final = FileKind("SVG 文件", "an SVG file")
_HTML: Final = FileKind("网页（HTML）", "an HTML page")
_ICON: Final = FileKind("ICO 图标文件", "an ICO file")
_ARCHIVE: Final = FileKind("压缩包或 Office 文档", "an archive or an Office document")

_SIGNATURES: Final = (
    (rb"\Z", FileKind("空文件", "an empty file")),
    (rb"II\*\0|MM\0\*|II\+\0|MM\0\+", _TIFF),
    (rb"IIU\0|IIR[OS]|MMOR|FUJIFILMCCD-RAW|FOVb|....ftypcrx ", _RAW),
    (rb"BM.{4}\0{4}", FileKind("BMP 文件", "a BMP file")),
    (rb"%PDF-", FileKind("PDF 文件", "a PDF file")),
    (rb"8BPS", FileKind("Photoshop 文件", "a Photoshop file")),
    (rb"%!PS", FileKind("PostScript 文件", "a PostScript file")),
    (rb"\xff\x0a|\0\0\0\x0cJXL ", _JPEG_XL),
    (rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51", _JPEG_2000),
    (rb"II\xbc", FileKind("JPEG XR 文件", "a JPEG XR file")),
    (rb"\0\0[\x01\x02]\0(?!\0\0)", _ICON),  # and the number of pictures; 0 in TGA files
    (rb"\x8aMNG|\x8bJNG", FileKind("MNG 或 JNG 文件", "an MNG or JNG file")),
    (rb"P[1-7]\s", FileKind("PNM 文件", "a PNM file")),
    (rb"qoif", FileKind("QOI 文件", "a QOI file")),
    (rb"\x76\x2f\x31\x01", FileKind("OpenEXR 文件", "an OpenEXR file")),
    (rb"#\?RADIANCE", FileKind("Radiance HDR 文件", "a Radiance HDR file")),
    (rb"DDS ", FileKind("DDS 文件", "a DDS file")),
    (rb"gimp xcf", FileKind("GIMP 文件", "a GIMP file")),
    (rb"....ftyp(qt|isom|iso[2-9]|mp4|M4V|avc1|3g|f4v|dash)", _VIDEO),
    (rb"....(moov|mdat|wide)|\x1a\x45\xdf\xa3|RIFF....AVI |FLV\x01", _VIDEO),
    (rb"PK\x03\x04|PK\x05\x06|Rar!|7z\xbc\xaf|\x1f\x8b|\xd0\xcf\x11\xe0", _ARCHIVE),
    (rb"(?i:(\xef\xbb\xbf)?\s*<(!doctype html|html|head|body))", _HTML),
    (rb"(?i:(\xef\xbb\xbf)?\s*<(\?xml.*<)?(!--.*<)?(!doctype )?svg)", _SVG),
)
_KINDS: Final = tuple((re.compile(pattern, re.DOTALL), kind) for pattern, kind in _SIGNATURES)


def kind_of(head: bytes) -> FileKind | None:
    """What a file is that begins with these bytes; None if nobody knows.

    Args:
        head: the first `HEAD_BYTES` of the file, or all of it if it is shorter.
    """
    for pattern, kind in _KINDS:
        if pattern.match(head):
            return kind
    return None
