"""Parses the multipart forms of `wx.uploadFile` and of REST clients.

FastAPI's `Form(...)` treats an empty string as a missing field and uses the last of several values.
This module keeps every value as it was sent and refuses a field that occurs several times.
"""

import codecs
import re
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, BinaryIO, Final, TypeVar

from fastapi import Request
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.requests import ClientDisconnect

from app.client_text import VISIBLE_ASCII, quoted
from app.multipart import Part, close_files, declared_charset, read_parts
from app.request_bodies import (
    JSON,
    MalformedJSONError,
    incomplete_body,
    media_type_of,
    parse_json,
    refuse_compressed,
    wrong_media_type,
)
from app.validation_errors import validation_error
from core import errors
from core.errors import FileTooLarge, InvalidTau, InvalidValue
from core.languages import LocalizedText
from styling.strength import MAX_STRENGTH, MIN_STRENGTH

Parsed = TypeVar("Parsed")
Choice = TypeVar("Choice", bound=StrEnum)

FORM: Final = "multipart/form-data"
MAX_CLIENT_KEY: Final = 200  # characters

DECIMAL: Final = re.compile(r"[0-9]{1,4}(\.[0-9]{0,20})?|\.[0-9]{1,20}")
WHOLE_NUMBER: Final = re.compile("-?[0-9]+")
MAX_DIGITS: Final = 20  # a longer number is outside of every range as well
BOOLEANS: Final = {"0": False, "false": False, "1": True, "true": True}

CHARSET_FIELD: Final = "_charset_"  # RFC 7578: names the encoding of all texts of the form
TEXT_CODECS: Final = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "utf-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
    "iso-8859-1": "latin-1",
    "windows-1252": "cp1252",
    "shift_jis": "cp932",
    "euc-jp": "euc_jp",
    "euc-kr": "cp949",
}
"""The encodings in which a text can be sent, and the codec that reads all of their extensions."""

SNIFFED_BYTES: Final = 512  # at the start of a file, to distinguish a text from a picture


@dataclass(frozen=True)
class UploadForm:
    """A received form; large files are on disk."""

    parts: Sequence[Part]
    headers: Mapping[str, str]
    charset: str = "utf-8"  # of texts that do not declare theirs

    def file(self, name: str) -> BinaryIO | None:
        """The file with this name; None when it is missing.

        An empty file counts as missing, because browsers send one for an empty field, and so does
        a text. The file needs no file name.

        Raises:
            InvalidValue: there are several files with this name.
        """
        found = (_file_of(part) for part in self.parts if part.name == name)
        files = [file for file in found if file is not None]
        if len(files) > 1:
            reason = LocalizedText(
                zh=f"有 {len(files)} 个文件，只能有一个",
                en=f"there are {len(files)} files, one is expected",
            )
            raise InvalidValue(name, reason)
        return files[0] if files else None

    def text(self, name: str) -> str | None:
        """The value with this name, or None when it is missing.

        Raises:
            InvalidValue: there are several values, or a file instead, or it cannot be decoded.
        """
        texts = self._texts(name)
        if len(texts) > 1:
            reason = LocalizedText(
                zh=f"有 {len(texts)} 个值，只能有一个",
                en=f"there are {len(texts)} values, one is expected",
            )
            raise InvalidValue(name, reason)
        return texts[0] if texts else None

    def _texts(self, name: str) -> list[str]:
        parts = [part for part in self.parts if part.name == name]
        if any(part.is_declared_as_file for part in parts):
            reason = LocalizedText(zh="须为文字，不能是文件", en="a text is expected, not a file")
            raise InvalidValue(name, reason)
        return [_decoded(part, self.charset) for part in parts]

    def tau(self) -> float | None:
        """The style strength (tau), a decimal number in its range; None when it is missing.

        Raises:
            InvalidTau: the value is something else, or there are several.
            InvalidValue: it is a file, or cannot be decoded.
        """
        values = self._texts("tau")
        if not values:
            return None
        if len(values) > 1 or not DECIMAL.fullmatch(values[0]) or float(values[0]) > MAX_STRENGTH:
            raise invalid_tau(quoted(", ".join(values)))
        return float(values[0])

    def number(self, name: str) -> int | None:
        """An integer; None when it is missing.

        Raises:
            InvalidValue: the value is something else.
        """
        value = self.text(name)
        if value is None:
            return None
        if not WHOLE_NUMBER.fullmatch(value):
            reason = LocalizedText(
                zh=f"须为整数，收到的是“{quoted(value)}”",
                en=f'it must be a whole number, not "{quoted(value)}"',
            )
            raise InvalidValue(name, reason)
        return int(value[:MAX_DIGITS])

    def json(self, name: str, kind: TypeAdapter[Parsed]) -> Parsed | None:
        """A value in JSON, because forms contain only text; None when it is missing.

        Raises:
            InvalidValue: the value is not JSON or does not match the schema.
        """
        value = self.text(name)
        if value is None:
            return None
        try:
            return kind.validate_python(parse_json(value.encode()))
        except MalformedJSONError as error:
            raise InvalidValue(name, error.reason) from error
        except ValidationError as error:
            first = error.errors()[0]
            raise validation_error(first, (name, *first["loc"])) from error

    def boolean(self, name: str) -> bool:
        """A boolean written as `0`, `1`, `false` or `true`; False when it is missing.

        Raises:
            InvalidValue: the value is something else.
        """
        value = self.text(name)
        if value is None:
            return False
        if value not in BOOLEANS:
            reason = LocalizedText(
                zh=f"须为 0、1、false 或 true，收到的是“{quoted(value)}”",
                en=f'it must be 0, 1, false or true, not "{quoted(value)}"',
            )
            raise InvalidValue(name, reason)
        return BOOLEANS[value]

    def choice(self, name: str, default: Choice) -> Choice:
        """One of the values of an enumeration of texts; `default` when it is missing.

        Raises:
            InvalidValue: the value is something else.
        """
        value = self.text(name)
        if value is None:
            return default
        choices = type(default)
        try:
            return choices(value)
        except ValueError as error:
            allowed = ", ".join(choices)
            reason = LocalizedText(
                zh=f"须为以下之一：{allowed}，收到的是“{quoted(value)}”",
                en=f'it must be one of {allowed}, not "{quoted(value)}"',
            )
            raise InvalidValue(name, reason) from error

    def client_key(self) -> str | None:
        """The client's id of this request, from the form or the header `Idempotency-Key`.

        Raises:
            InvalidValue: it is malformed, or the two differ.
        """
        return client_key_of(self.text("client_key"), self.headers)


def invalid_tau(value: str) -> InvalidTau:
    """The error for a style strength outside its range, with the range in its message."""
    return InvalidTau(value=value, low=f"{MIN_STRENGTH:g}", high=f"{MAX_STRENGTH:g}", field="tau")


def file_too_large(max_upload_bytes: int) -> FileTooLarge:
    """The error for an upload over the limit, with the limit in MiB in its message."""
    return FileTooLarge(max_mb=f"{round(max_upload_bytes / 2**20, 3):g}")


def client_key_of(
    body_key: str | None, headers: Mapping[str, str], *, longest: int = MAX_CLIENT_KEY
) -> str | None:
    """The client's id of a request, from its body or the header `Idempotency-Key`.

    Raises:
        InvalidValue: it is malformed, or the two differ.
    """
    header_key = headers.get("Idempotency-Key")
    if body_key is not None and header_key is not None and body_key != header_key:
        reason = LocalizedText(
            zh="与请求头 Idempotency-Key 不同", en="it differs from the header Idempotency-Key"
        )
        raise InvalidValue("client_key", reason)
    key = header_key if body_key is None else body_key
    if key is not None and not (len(key) <= longest and re.fullmatch(VISIBLE_ASCII, key)):
        reason = LocalizedText(
            zh=f"须为 1 到 {longest} 个可见的 ASCII 字符",
            en=f"it must have 1 to {longest} visible ASCII characters",
        )
        raise InvalidValue("client_key", reason)
    return key


@asynccontextmanager
async def read_upload_form(
    request: Request, *, file_fields: Collection[str] = ("file",)
) -> AsyncIterator[UploadForm]:
    """Receive the whole form; files over 1 MB are on disk, and all are closed at the end.

    Args:
        request: the request.
        file_fields: the names of the fields that can have a file.

    Raises:
        BadRequest: it is not a multipart form, it is incomplete, or it has too many parts.
        InvalidValue: a text is too long.
    """
    if media_type_of(request.headers) != FORM:
        raise wrong_media_type(FORM)
    refuse_compressed(request.headers)
    content_type = request.headers["Content-Type"]
    try:
        parts = await read_parts(content_type, request.stream(), file_fields=file_fields)
    except ClientDisconnect as error:
        raise incomplete_body() from error
    try:
        yield UploadForm(parts, request.headers, _charset_of(parts, content_type))
    finally:
        await close_files(parts)


def _charset_of(parts: Sequence[Part], content_type: str) -> str:
    """The encoding of texts that do not declare theirs.

    Raises:
        InvalidValue: the form names an encoding that is not supported.
    """
    fields = (part.text.decode("latin-1").strip() for part in parts if part.name == CHARSET_FIELD)
    charset = next(filter(None, fields), None)
    if charset is None:
        return declared_charset(content_type) or "utf-8"
    _codec_of(charset, field=CHARSET_FIELD)
    return charset


def _codec_of(charset: str, *, field: str) -> str:
    codec = TEXT_CODECS.get(charset.strip().lower())
    if codec is None:
        reason = LocalizedText(
            zh=f"不支持编码 {quoted(charset)}，请使用 UTF-8",
            en=f"the encoding {quoted(charset)} is not supported, use UTF-8",
        )
        raise InvalidValue(field, reason)
    return codec


def _decoded(part: Part, default_charset: str) -> str:
    charset = part.charset or default_charset
    codec = _codec_of(charset, field=part.name)
    try:
        return part.text.decode(codec)
    except UnicodeError as error:
        reason = LocalizedText(
            zh=f"不是有效的 {quoted(charset).upper()} 文字",
            en=f"it is not valid {quoted(charset).upper()} text",
        )
        raise InvalidValue(part.name, reason) from error


def _file_of(part: Part) -> BinaryIO | None:
    """The file of a part that says that it is one, or whose content is no text."""
    if part.file is None or part.size == 0:
        return None
    file = part.file.file
    return file if part.is_declared_as_file or not _is_text(file) else None


def _is_text(file: BinaryIO) -> bool:
    file.seek(0)
    start = file.read(SNIFFED_BYTES)
    file.seek(0)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return b"\0" not in start


def form_documentation(
    fields: dict[str, Any], *, required: list[str], json_kind: type[BaseModel] | None = None
) -> dict[str, Any]:
    """The `openapi_extra` of a route that uses `read_upload_form`.

    Args:
        fields: the schema of each form field.
        required: the names of the required fields.
        json_kind: the JSON body that the route accepts too; models inside it must be bodies of
            other routes.
    """
    form = {"type": "object", "properties": fields, "required": required}
    content: dict[str, Any] = {FORM: {"schema": form}}
    if json_kind is not None:
        schema = json_kind.model_json_schema(ref_template="#/components/schemas/{model}")
        schema.pop("$defs", None)
        content[JSON] = {"schema": schema}
    return {"requestBody": {"required": True, "content": content}}


UPLOAD_ERRORS: Final = (
    errors.BadRequest,
    errors.UploadTimedOut,
    errors.IdempotencyConflict,
    errors.ReplayOfDeleted,
    errors.FileTooLarge,
    errors.UnsupportedImage,
    errors.MissingFile,
    errors.TruncatedImage,
    errors.ImageTooSmall,
    errors.ImageTooNarrow,
    errors.TooManyPixels,
    errors.DecompressionBomb,
    errors.RateLimited,
)
FILE_FIELD: Final = {"type": "string", "format": "binary"}
CLIENT_KEY_FIELD: Final = {
    "type": "string",
    "minLength": 1,
    "maxLength": MAX_CLIENT_KEY,
    "pattern": VISIBLE_ASCII,
    "description": (
        "Your own id of this request, such as a UUID created when the user taps the button. The "
        "same key with the same body returns the first response again (200) and starts nothing; "
        "with another body, or after the deletion of what it created, it is refused (409). You may "
        "use the header `Idempotency-Key` instead."
    ),
}
