"""Parses the multipart forms of `wx.uploadFile` and of REST clients.

FastAPI's `Form(...)` treats an empty string as a missing field and uses the last of several values.
This module keeps every value as it was sent and refuses a field that occurs several times.
"""

import re
import unicodedata
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, TypeVar

from fastapi import Request
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.requests import ClientDisconnect

from core import errors
from core.errors import BadRequest, FileTooLarge, InvalidTau, InvalidValue
from styling.strength import MAX_STRENGTH, MIN_STRENGTH

Parsed = TypeVar("Parsed")

MAX_FIELDS: Final = 32
MAX_FIELD_BYTES: Final = 16 * 1024
MAX_CLIENT_KEY: Final = 200  # characters
MAX_QUOTED: Final = 40  # characters of a refused value that a message repeats

DECIMAL: Final = re.compile(r"[0-9]{1,4}(\.[0-9]{0,20})?|\.[0-9]{1,20}", re.ASCII)
VISIBLE_ASCII: Final = re.compile(r"[!-~]+")
BOOLEANS: Final = {"0": False, "false": False, "1": True, "true": True}


@dataclass(frozen=True)
class UploadForm:
    """A received form; large files are on disk."""

    data: FormData
    headers: Mapping[str, str]

    def file(self, name: str) -> BinaryIO | None:
        """The file with this name; None when it is missing.

        An empty file counts as missing, because browsers send one for an empty field.

        Raises:
            InvalidValue: there are several files with this name.
        """
        parts = [part for part in self.data.getlist(name) if isinstance(part, UploadFile)]
        if len(parts) > 1:
            raise InvalidValue(name=name, reason="one file is expected", field=name)
        return parts[0].file if parts and parts[0].size else None

    def text(self, name: str) -> str | None:
        """The value with this name, or None when it is missing.

        Raises:
            InvalidValue: there are several values, or a file instead.
        """
        parts = self.data.getlist(name)
        if len(parts) > 1 or any(isinstance(part, UploadFile) for part in parts):
            raise InvalidValue(name=name, reason="one value is expected", field=name)
        return str(parts[0]) if parts else None

    def tau(self) -> float | None:
        """The style strength (tau), a decimal number in its range; None when it is missing.

        Raises:
            InvalidTau: the value is something else, or there are several.
        """
        values = [str(value) for value in self.data.getlist("tau")]
        if not values:
            return None
        if len(values) > 1 or not DECIMAL.fullmatch(values[0]) or float(values[0]) > MAX_STRENGTH:
            raise invalid_tau(_quoted(", ".join(values)))
        return float(values[0])

    def number(self, name: str) -> int | None:
        """An integer; None when it is missing.

        Raises:
            InvalidValue: the value is something else.
        """
        value = self.text(name)
        if value is None:
            return None
        if not re.fullmatch(r"[0-9]{1,6}", value, re.ASCII):
            reason = f"a whole number is expected, not {_quoted(value)!r}"
            raise InvalidValue(name=name, reason=reason, field=name)
        return int(value)

    def json(self, name: str, kind: type[Parsed]) -> Parsed | None:
        """A value in JSON, because forms contain only text; None when it is missing.

        Raises:
            InvalidValue: the value is not JSON or does not match the schema.
        """
        value = self.text(name)
        if value is None:
            return None
        try:
            return TypeAdapter(kind).validate_json(value)
        except ValidationError as error:
            first = error.errors()[0]
            raise InvalidValue(name=name, reason=first["msg"], field=name) from error

    def boolean(self, name: str) -> bool:
        """A boolean written as `0`, `1`, `false` or `true`; False when it is missing.

        Raises:
            InvalidValue: the value is something else.
        """
        value = self.text(name)
        if value is None:
            return False
        if value not in BOOLEANS:
            reason = f"0, 1, false or true is expected, not {_quoted(value)!r}"
            raise InvalidValue(name=name, reason=reason, field=name)
        return BOOLEANS[value]

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
        reason = "it differs from the header Idempotency-Key"
        raise InvalidValue(name="client_key", reason=reason, field="client_key")
    key = header_key if body_key is None else body_key
    if key is not None and not (len(key) <= longest and VISIBLE_ASCII.fullmatch(key)):
        reason = f"1 to {longest} visible ASCII characters are expected"
        raise InvalidValue(name="client_key", reason=reason, field="client_key")
    return key


def checked_line(text: str | None, *, name: str, longest: int) -> str:
    """A name or title without surrounding blanks; empty when `text` is None.

    Raises:
        InvalidValue: it has more than `longest` characters, or control characters.
    """
    line = unicodedata.normalize("NFC", text or "").strip()
    if len(line) > longest or any(unicodedata.category(char) in ("Cc", "Cs") for char in line):
        reason = f"at most {longest} characters, without line breaks, are expected"
        raise InvalidValue(name=name, reason=reason, field=name)
    return line


def _quoted(value: str) -> str:
    """A client's text, made safe and short enough to quote."""
    return "".join(c if c.isprintable() else "?" for c in value)[:MAX_QUOTED]


@asynccontextmanager
async def read_upload_form(request: Request, *, max_files: int) -> AsyncIterator[UploadForm]:
    """Receive the whole form; files over 1 MB are on disk, and all are closed at the end.

    Raises:
        BadRequest: it is not a multipart form, or its parts are too many or too large.
    """
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        raise BadRequest(reason="multipart/form-data is expected")
    try:
        data = await request.form(
            max_files=max_files, max_fields=MAX_FIELDS, max_part_size=MAX_FIELD_BYTES
        )
    except ClientDisconnect as error:
        raise BadRequest(reason="the connection was closed") from error
    try:
        yield UploadForm(data, request.headers)
    finally:
        await data.close()


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
    content: dict[str, Any] = {"multipart/form-data": {"schema": form}}
    if json_kind is not None:
        schema = json_kind.model_json_schema(ref_template="#/components/schemas/{model}")
        schema.pop("$defs", None)
        content["application/json"] = {"schema": schema}
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
    errors.DecompressionBomb,
    errors.RateLimited,
)
FILE_FIELD: Final = {"type": "string", "format": "binary"}
CLIENT_KEY_FIELD: Final = {
    "type": "string",
    "minLength": 1,
    "maxLength": MAX_CLIENT_KEY,
    "pattern": "^[!-~]+$",
    "description": (
        "Your own id of this request, such as a UUID created when the user taps the button. The "
        "same key with the same body returns the first response again (200) and starts nothing; "
        "with another body, or after the deletion of what it created, it is refused (409). You may "
        "use the header `Idempotency-Key` instead."
    ),
}
