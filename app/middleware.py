"""What holds for every request before a route sees it: an id, a size limit, a limit of patience.

And after it: one line in the log, and what is counted.
"""

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
from app.pictures.reader import in_mebibytes
from core.errors import FileTooLarge, UploadTimedOut
from core.logs import log_context
from core.metrics import ServiceMetrics
from core.settings import Settings

log = logging.getLogger(__name__)

ACCEPTABLE_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
FORM_OVERHEAD_BYTES: Final = 1024 * 1024  # boundaries and text fields beside the files
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
PROBES: Final = frozenset({"/healthz", "/readyz", "/metrics"})  # asked every few seconds
NO_ROUTE: Final = "none"
NO_ANSWER: Final = 499  # the client went away first; as others number it


def max_body_bytes(settings: Settings) -> int:
    """The largest body of any route: a photograph and a style picture in one form."""
    return 2 * settings.max_upload_bytes + FORM_OVERHEAD_BYTES


class RequestMiddleware:
    """The outermost layer, around Starlette's own body limit, which would answer in plain text.

    A request gets its `X-Request-ID` back, or a fresh one; a body that says it is too large is
    refused unread; one that does not arrive in time is given up with 408.
    """

    def __init__(self, app: ASGIApp, settings: Settings, metrics: ServiceMetrics) -> None:
        """Stand around `app`."""
        self._app = app
        self._settings = settings
        self._metrics = metrics
        self._max_body_bytes = max_body_bytes(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = request_id
        began = time.monotonic()
        status = NO_ANSWER

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        with log_context(request_id=request_id):
            try:
                await self._answer(scope, receive, send_with_id)
            finally:
                self._note(scope, status=status, seconds=time.monotonic() - began)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if _declared_bytes(scope) > self._max_body_bytes:
            refusal = FileTooLarge(max_mb=in_mebibytes(self._settings.max_upload_bytes))
            await error_response(Request(scope), refusal)(scope, receive, send)
        else:
            await self._app(scope, self._impatient(receive), send)

    def _note(self, scope: Scope, *, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else "other"
        route = getattr(scope.get("route"), "path", NO_ROUTE)
        code = scope["state"].get("error_code")
        self._metrics.requests.labels(method, route, str(status)).inc()
        self._metrics.request_seconds.labels(method, route).observe(seconds)
        if code is not None:
            self._metrics.refusals.labels(code).inc()
        fields = {"method": method, "route": route, "status": status, "seconds": round(seconds, 3)}
        log.log(
            logging.DEBUG if route in PROBES else logging.INFO,
            "request",
            extra=fields if code is None else {**fields, "code": code},
        )

    def _impatient(self, receive: Receive) -> Receive:
        """A `receive` that gives the whole body a deadline, and the quiet after it none."""
        seconds = self._settings.upload_timeout_seconds
        deadline = anyio.current_time() + seconds
        complete = False

        async def receive_in_time() -> Message:
            nonlocal complete
            if complete:
                return await receive()
            try:
                with anyio.fail_after(max(0.0, deadline - anyio.current_time())):
                    message = await receive()
            except TimeoutError as stalled:
                raise UploadTimedOut(seconds=f"{seconds:g}") from stalled
            complete = not message.get("more_body", False)
            return message

        return receive_in_time


def _request_id(headers: Headers) -> str:
    given = headers.get("X-Request-ID", "")
    return given if ACCEPTABLE_ID.fullmatch(given) else f"req_{secrets.token_hex(8)}"


def _declared_bytes(scope: Scope) -> int:
    length = Headers(scope=scope).get("Content-Length", "")
    return int(length) if length.isascii() and length.isdigit() else 0
