"""Reads the parts of a multipart form (RFC 7578) as they arrive: texts into memory, files to disk.

Starlette's parser takes a part without a plain `filename` for a text, decodes a text in the wrong
encoding as Latin-1, and does not notice that the end of a form is missing.
"""

import re
from collections.abc import AsyncIterable, Collection
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.datastructures import UploadFile

from app.client_text import quoted
from core.errors import BadRequest, InvalidValue
from core.languages import LocalizedText

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MAX_PARTS: Final = 32
MAX_TEXT_BYTES: Final = 64 * 1024
MAX_IN_MEMORY: Final = 1024 * 1024  # bytes of a file; a larger one goes to disk

FILE_NAME: Final = re.compile(r";\s*filename(\*(\d+\*?)?)?\s*=", re.IGNORECASE)
"""A file name in one of the forms `filename=`, `filename*=` (RFC 5987) and `filename*0=`."""


@dataclass
class Part:
    """One part of a form; its content is a file when it belongs to a file field."""

    headers: dict[str, str] = field(default_factory=dict)  # by names in lower case
    name: str = ""
    size: int = 0  # bytes
    text: bytearray = field(default_factory=bytearray)
    file: UploadFile | None = None

    @property
    def charset(self) -> str | None:
        """The encoding of the text, if the part declares one."""
        return declared_charset(self.headers.get("content-type", ""))

    @property
    def is_declared_as_file(self) -> bool:
        """Whether the part has a file name, or the media type of a picture or of any file."""
        kind = self.headers.get("content-type", "").strip().lower()
        has_name = FILE_NAME.search(self.headers.get("content-disposition", "")) is not None
        return has_name or kind.startswith(("image/", "application/octet-stream"))


async def read_parts(
    content_type: str, body: AsyncIterable[bytes], *, file_fields: Collection[str]
) -> list[Part]:
    """Read all parts of a form. The caller closes their files.

    The content of a file in another field is dropped, because no route uses it.

    Args:
        content_type: the header of the request, which has the boundary.
        body: the bytes of the request.
        file_fields: the names of the fields that can have a file.

    Raises:
        BadRequest: the form is malformed or incomplete, or has too many parts.
        InvalidValue: a text is too long.
    """
    reader = _FormReader(file_fields)
    try:
        await _receive(reader, content_type, body)
    except BaseException:
        await close_files(reader.parts)
        raise
    for part in reader.parts:
        if part.file is not None:
            await part.file.seek(0)
    return reader.parts


async def _receive(reader: "_FormReader", content_type: str, body: AsyncIterable[bytes]) -> None:
    try:
        parser = MultipartParser(_boundary(content_type), reader.callbacks())
        async for chunk in body:
            parser.write(chunk)
            await reader.write_files()
    except FormParserError as error:
        reason = LocalizedText(zh="multipart 表单格式有误", en="the multipart form is malformed")
        raise BadRequest(reason) from error
    if not reader.is_complete:
        reason = LocalizedText(
            zh="表单不完整，缺少结尾的边界",
            en="the form is incomplete, its last boundary is missing",
        )
        raise BadRequest(reason)


def declared_charset(content_type: str) -> str | None:
    """The encoding that a media type states; None without one."""
    _, options = parse_options_header(content_type)
    return options[b"charset"].decode("latin-1") if b"charset" in options else None


async def close_files(parts: Collection[Part]) -> None:
    """Close the files of a form, which deletes them."""
    for part in parts:
        if part.file is not None:
            await part.file.close()


def _boundary(content_type: str) -> bytes:
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if not boundary:
        reason = LocalizedText(
            zh="Content-Type 中缺少 boundary", en="the Content-Type has no boundary"
        )
        raise BadRequest(reason)
    return boundary


class _FormReader:
    """Collects the parts from the callbacks of python-multipart."""

    def __init__(self, file_fields: Collection[str]) -> None:
        self.parts: list[Part] = []
        self.is_complete = False
        self._file_fields = file_fields
        self._header_name = bytearray()
        self._header_value = bytearray()
        self._unwritten: list[tuple[UploadFile, bytes]] = []

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._begin_part,
            "on_header_field": self._add_to_header_name,
            "on_header_value": self._add_to_header_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_part_data": self._add_content,
            "on_part_end": lambda: None,
            "on_end": self._end,
        }

    async def write_files(self) -> None:
        """Write the pieces of files that the last chunk contained."""
        for file, data in self._unwritten:
            await file.write(data)
        self._unwritten.clear()

    def _begin_part(self) -> None:
        if len(self.parts) == MAX_PARTS:
            reason = LocalizedText(
                zh=f"表单超过 {MAX_PARTS} 个字段", en=f"the form has more than {MAX_PARTS} fields"
            )
            raise BadRequest(reason)
        self.parts.append(Part())

    def _add_to_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _add_to_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        name = self._header_name.decode("latin-1").lower()
        self.parts[-1].headers[name] = self._header_value.decode("latin-1")
        self._header_name.clear()
        self._header_value.clear()

    def _end_headers(self) -> None:
        part = self.parts[-1]
        _, options = parse_options_header(part.headers.get("content-disposition"))
        if b"name" not in options:
            number = len(self.parts)
            reason = LocalizedText(
                zh=f"表单第 {number} 部分的 Content-Disposition 中缺少 name",
                en=f"part {number} of the form has no name in its Content-Disposition",
            )
            raise BadRequest(reason)
        part.name = options[b"name"].decode("utf-8", "replace")
        if part.name in self._file_fields:
            spool = SpooledTemporaryFile(max_size=MAX_IN_MEMORY)  # noqa: SIM115  # see close_files
            part.file = UploadFile(file=cast("BinaryIO", spool), size=0)

    def _add_content(self, data: bytes, start: int, end: int) -> None:
        part = self.parts[-1]
        part.size += end - start
        if part.file is not None:
            self._unwritten.append((part.file, data[start:end]))
        elif not part.is_declared_as_file:
            self._refuse_long_text(part)
            part.text += data[start:end]

    def _refuse_long_text(self, part: Part) -> None:
        if part.size > MAX_TEXT_BYTES:
            reason = LocalizedText(
                zh=f"文字超过 {MAX_TEXT_BYTES} 字节",
                en=f"the text has more than {MAX_TEXT_BYTES} bytes",
            )
            raise InvalidValue(quoted(part.name), reason)

    def _end(self) -> None:
        self.is_complete = True
