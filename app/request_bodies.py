"""JSON bodies of requests, and what they share with other bodies: size, encoding and media type."""

import codecs
import json
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any, Final, NoReturn

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect

from app.client_text import quoted
from core.errors import BadRequest
from core.languages import LocalizedText

JSON: Final = "application/json"
MAX_JSON_BYTES: Final = 64 * 1024


class RequestBody(BaseModel):
    """A JSON object in a request. Nothing is converted: a number is not a text or a boolean."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


FROM_JSON: Final = Field(strict=False)
"""For enums and tuples in a `RequestBody`: JSON has strings and lists in their place."""


# Every body


def media_type_of(headers: Headers) -> str:
    """The media type of a body in lower case, without parameters; empty when it is not declared."""
    return headers.get("Content-Type", "").partition(";")[0].strip().lower()


def wrong_media_type(*accepted: str) -> BadRequest:
    """The error for a body whose media type is not one of these."""
    reason = LocalizedText(
        zh=f"Content-Type 须为 {' 或 '.join(accepted)}",
        en=f"the Content-Type must be {' or '.join(accepted)}",
    )
    return BadRequest(reason)


def missing_json() -> BadRequest:
    """The error for an empty body in the place of JSON."""
    return BadRequest(LocalizedText(zh="缺少 JSON 正文", en="a JSON body is needed"))


def refuse_compressed(headers: Headers) -> None:
    """Raise BadRequest when the body is compressed."""
    coding = headers.get("Content-Encoding", "").strip().lower()
    if coding not in ("", "identity"):
        reason = LocalizedText(
            zh=f"不支持压缩的正文（Content-Encoding: {quoted(coding)}）",
            en=f"a compressed body (Content-Encoding: {quoted(coding)}) is not supported",
        )
        raise BadRequest(reason)


def incomplete_body() -> BadRequest:
    """The error for a connection that was closed before the end of the body."""
    return BadRequest(
        LocalizedText(
            zh="连接中断，正文不完整", en="the connection was closed before the body ended"
        )
    )


async def read_body(request: Request, *, max_bytes: int) -> bytes:
    """Receive the whole body.

    Raises:
        BadRequest: it is too long, compressed or incomplete.
    """
    refuse_compressed(request.headers)
    received = bytearray()
    try:
        async for chunk in request.stream():
            received += chunk
            if len(received) > max_bytes:
                reason = LocalizedText(
                    zh=f"正文超过 {max_bytes} 字节", en=f"the body has more than {max_bytes} bytes"
                )
                raise BadRequest(reason)
    except ClientDisconnect as error:
        raise incomplete_body() from error
    return bytes(received)


# JSON


class MalformedJSONError(ValueError):
    """A text is not JSON. `reason` says why, without a full stop."""

    def __init__(self, reason: LocalizedText) -> None:
        super().__init__(reason.en)
        self.reason = reason


def parse_json(data: bytes) -> Any:  # noqa: ANN401  # any JSON value
    """Parse JSON in UTF-8, with or without a byte order mark.

    Raises:
        MalformedJSONError: it is not JSON, or Python's parser is more lenient than the standard: it
            accepts NaN, repeated keys and halves of surrogate pairs.
    """
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode()
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
        json.dumps(value, ensure_ascii=False).encode()  # fails for half of a surrogate pair
    except MalformedJSONError:
        raise
    except json.JSONDecodeError as error:
        reason = LocalizedText(
            zh=f"JSON 格式有误（第 {error.lineno} 行第 {error.colno} 列）",
            en=f"the JSON is malformed at line {error.lineno}, column {error.colno}",
        )
        raise MalformedJSONError(reason) from error
    except UnicodeDecodeError as error:
        reason = LocalizedText(zh="JSON 不是有效的 UTF-8", en="the JSON is not valid UTF-8")
        raise MalformedJSONError(reason) from error
    except UnicodeEncodeError as error:
        reason = LocalizedText(
            zh="JSON 中有不成对的代理字符，例如 \\ud800",
            en="the JSON contains half of a surrogate pair, such as \\ud800",
        )
        raise MalformedJSONError(reason) from error
    except (ValueError, RecursionError) as error:
        reason = LocalizedText(
            zh="JSON 嵌套过深或数字过长",
            en="the JSON is nested too deeply, or a number is too long",
        )
        raise MalformedJSONError(reason) from error
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        repeated = quoted(Counter(key for key, _ in pairs).most_common(1)[0][0])
        reason = LocalizedText(
            zh=f"JSON 中的 {repeated} 重复出现", en=f"{repeated} occurs twice in the JSON"
        )
        raise MalformedJSONError(reason)
    return found


def _refuse_constant(constant: str) -> NoReturn:
    reason = LocalizedText(zh=f"JSON 中不能有 {constant}", en=f"{constant} is not allowed in JSON")
    raise MalformedJSONError(reason)


class JSONRequest(Request):
    """A request whose JSON body is limited and strictly parsed."""

    async def body(self) -> bytes:
        """Receive the body once."""
        if not hasattr(self, "_body"):
            self._body = await read_body(self, max_bytes=MAX_JSON_BYTES)
        return self._body

    async def json(self) -> Any:  # noqa: ANN401  # as in the base class
        """Parse the body.

        Raises:
            BadRequest: it is missing, too long, or not JSON.
        """
        body = await self.body()
        if not body:
            raise missing_json()
        try:
            return parse_json(body)
        except MalformedJSONError as error:
            raise BadRequest(error.reason) from error


class JSONRoute(APIRoute):
    """The class of all routes with a JSON body. Their handlers receive a `JSONRequest`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler of FastAPI, which parses the body by `request.json()`."""
        handle = super().get_route_handler()

        async def handle_json(request: Request) -> Response:
            return await handle(JSONRequest(request.scope, request.receive))

        return handle_json
