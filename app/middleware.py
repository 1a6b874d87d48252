"""For every request: an id, a log line, metrics, and limits for its body."""

import logging
import re
import secrets
import time
from typing import Final

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.error_handlers import error_response
from app.request_bodies import JSON
from app.uploads import file_too_large
from core.errors import UploadTimedOut
from core.logs import log_context
from core.metrics import ServiceMetrics
from core.settings import Settings

log = logging.getLogger(__name__)

ACCEPTABLE_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
MAX_LENGTH_DIGITS: Final = 20  # of Content-Length; any longer number is too large as well
FORM_OVERHEAD_BYTES: Final = 1024 * 1024  # boundaries and text fields beside the files
KNOWN_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Supervisors and Prometheus request these every few seconds.
FREQUENT_PATHS: Final = frozenset({"/healthz", "/readyz", "/metrics"})
NO_ROUTE: Final = "none"
JSON_TYPES: Final = frozenset({JSON, "application/x-ndjson"})
CLIENT_CLOSED_REQUEST: Final = 499  # the client disconnected first; nginx uses this number


def max_body_bytes(settings: Settings) -> int:
    """The largest body of any route: a photo and a style picture in one form."""
    return 2 * settings.max_upload_bytes + FORM_OVERHEAD_BYTES


class RequestMiddleware:
    """The outermost layer: a log line, metrics, and headers that every response has.

    A response has the `X-Request-ID` of the request, or a new one. The type of JSON names its
    charset, because some clients guess another one from the bytes.
    """

    def __init__(self, app: ASGIApp, metrics: ServiceMetrics) -> None:
        """Wrap `app`."""
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = request_id
        start = time.monotonic()
        status = CLIENT_CLOSED_REQUEST

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                if headers.get("Content-Type") in JSON_TYPES:
                    headers["Content-Type"] += "; charset=utf-8"
            await send(message)

        with log_context(request_id=request_id):
            try:
                await self._app(scope, receive, send_with_headers)
            finally:
                self._record(scope, status=status, seconds=time.monotonic() - start)

    def _record(self, scope: Scope, *, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in KNOWN_METHODS else "other"
        route = getattr(scope.get("route"), "path", NO_ROUTE)
        code = scope["state"].get("error_code")
        self._metrics.requests.labels(method, route, str(status)).inc()
        self._metrics.request_seconds.labels(method, route).observe(seconds)
        if code is not None:
            self._metrics.refusals.labels(code).inc()
        fields = {"method": method, "route": route, "status": status, "seconds": round(seconds, 3)}
        log.log(
            logging.DEBUG if route in FREQUENT_PATHS else logging.INFO,
            "request",
            extra=fields if code is None else {**fields, "code": code},
        )


class UploadLimitMiddleware:
    """Wraps Starlette's body limit, which would respond in plain text.

    A body whose declared size is too large is refused without reading it; a body that does not
    arrive in time gives 408.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Wrap `app`."""
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif _declared_bytes(scope) > max_body_bytes(self._settings):
            error = file_too_large(self._settings.max_upload_bytes)
            await error_response(Request(scope), error)(scope, receive, send)
        else:
            await self._app(scope, self._with_deadline(receive), send)

    def _with_deadline(self, receive: Receive) -> Receive:
        """Return a `receive` with a deadline for the whole body; later messages have none."""
        seconds = self._settings.upload_timeout_seconds
        deadline = anyio.current_time() + seconds
        is_complete = False

        async def receive_in_time() -> Message:
            nonlocal is_complete
            if is_complete:
                return await receive()
            try:
                with anyio.fail_after(max(0.0, deadline - anyio.current_time())):
                    message = await receive()
            except TimeoutError as stalled:
                raise UploadTimedOut(seconds=f"{seconds:g}") from stalled
            is_complete = not message.get("more_body", False)
            return message

        return receive_in_time


def _request_id(headers: Headers) -> str:
    given = headers.get("X-Request-ID", "")
    return given if ACCEPTABLE_ID.fullmatch(given) else f"req_{secrets.token_hex(8)}"


def _declared_bytes(scope: Scope) -> int:
    length = Headers(scope=scope).get("Content-Length", "")
    if not (length.isascii() and length.isdigit()):
        return 0
    return int(length[:MAX_LENGTH_DIGITS])  # int() raises ValueError for thousands of digits
