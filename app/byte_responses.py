"""Responses that consist of bytes: complete, unchanged (304), or a part of them (206).

The rules are those of RFC 9110, sections 13 and 14. A `Range` that is malformed, has another unit
or names several ranges is ignored, as the RFC allows: the response is then complete.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Header, Response

from core.errors import RangeNotSatisfiable

ENTITY_TAG: Final = re.compile(r'(?:W/)?("[^"]*")')
BYTE_RANGE: Final = re.compile(r"bytes=\s*([0-9]{0,18})-([0-9]{0,18})\s*", re.IGNORECASE)
PARTIAL: Final = {
    "description": "The part that `Range` names.",
    "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
    "headers": {"Content-Range": {"schema": {"type": "string"}}},
}
NOT_MODIFIED: Final = {"description": "Unchanged since the `ETag` of `If-None-Match`."}


@dataclass(frozen=True)
class Conditions:
    """The headers of a request that ask for new bytes only, or for a part of them."""

    if_none_match: Annotated[
        str | None, Header(description="The `ETag` of the bytes that the client has.")
    ] = None
    range: Annotated[
        str | None, Header(description="The part to send.", examples=["bytes=0-1023"])
    ] = None
    if_range: Annotated[
        str | None, Header(description="Apply `Range` only if this is still the `ETag`.")
    ] = None

    def part_of(self, size: int, etag: str) -> slice | None:
        """Return the requested part of `size` bytes, or None for all of them.

        Raises:
            RangeNotSatisfiable: the requested part is empty or begins after the last byte.
        """
        found = BYTE_RANGE.fullmatch(self.range or "")
        if found is None or (self.if_range is not None and not is_same(self.if_range, etag)):
            return None
        first, last = found.groups()
        if first:
            part = slice(int(first), min(int(last) + 1, size) if last else size)
            is_valid = not last or int(first) <= int(last)
        else:  # the last bytes, as in `bytes=-500`
            part = slice(max(0, size - int(last or 0)), size)
            is_valid = bool(last)
        if is_valid and part.start >= size:
            raise RangeNotSatisfiable(size=size)
        return part if is_valid else None


SentConditions = Annotated[Conditions, Depends()]


def is_known(if_none_match: str | None, etag: str) -> bool:
    """Whether `If-None-Match` names this version. Weak tags count: the bytes are equivalent."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or etag.removeprefix("W/") in ENTITY_TAG.findall(
        if_none_match
    )


def is_same(if_range: str, etag: str) -> bool:
    """Whether `If-Range` names exactly these bytes. A weak tag or a date never does."""
    return if_range.strip() == etag and not etag.startswith("W/")


def bytes_response(
    conditions: Conditions,
    read: Callable[[], bytes],
    *,
    etag: str,
    media_type: str,
    headers: Mapping[str, str],
) -> Response:
    """Return the response to a `GET`. The bytes are not read when the client has them.

    Args:
        conditions: the headers of the request.
        read: returns all of the bytes.
        etag: in quotes; with the prefix `W/` if equal tags do not guarantee equal bytes.
        media_type: of the bytes.
        headers: further headers of the response.

    Raises:
        RangeNotSatisfiable: the requested part is empty or begins after the last byte.
    """
    headers = {**headers, "ETag": etag, "Accept-Ranges": "bytes"}
    if is_known(conditions.if_none_match, etag):
        return Response(status_code=304, headers=headers)
    data = read()
    part = conditions.part_of(len(data), etag)
    if part is None:
        return Response(data, media_type=media_type, headers=headers)
    headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{len(data)}"
    return Response(data[part], 206, media_type=media_type, headers=headers)


def content_disposition(file_name: str, *, is_download: bool = False) -> str:
    """Return the header that names a file: shown in the browser, or saved as a download.

    `file_name`: ASCII letters, digits, `-`, `_` and `.` only.
    """
    return f'{"attachment" if is_download else "inline"}; filename="{file_name}"'
