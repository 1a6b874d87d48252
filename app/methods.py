"""What every route does for `HEAD`, and which methods a path allows."""

from typing import Final

from fastapi import Request
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ROUTED_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
METHODS: Final = (*ROUTED_METHODS, "HEAD", "OPTIONS")


def allowed_methods(request: Request) -> list[str]:
    """Return the methods that this path accepts, in all of its routes together.

    Starlette names the methods of the first route only, although `GET` and `DELETE` of a path are
    two routes. `HEAD` is possible wherever `GET` is.
    """
    scope = request.scope
    address = {"type": "http", "path": scope["path"], "root_path": scope.get("root_path", "")}
    found = [
        method
        for method in ROUTED_METHODS
        if any(
            route.matches({**address, "method": method})[0] is Match.FULL
            for route in request.app.routes
        )
    ]
    return [*found, *(["HEAD"] if "GET" in found else []), "OPTIONS"]


class HeadMiddleware:
    """Handles `HEAD` as `GET` and leaves out the body, so that the headers are the same.

    `Range` is ignored, since RFC 9110 defines it for `GET` only. A stream ends with its headers.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        # A copy: the server reads the method in its own scope.
        headers = [(name, value) for name, value in scope["headers"] if name != b"range"]
        as_get = {**scope, "method": "GET", "headers": headers}
        try:
            await self._app(as_get, receive, _without_body(send))
        except _StreamNotNeeded:
            await send({"type": "http.response.body"})
        finally:
            scope["route"] = as_get.get("route")  # for the log line of the request


class _StreamNotNeeded(Exception):  # noqa: N818  # not an error
    """Ends a response that would have further parts."""


def _without_body(send: Send) -> Send:
    async def send_without_body(message: Message) -> None:
        if message["type"] != "http.response.body":
            await send(message)
        elif message.get("more_body", False):
            raise _StreamNotNeeded
        else:
            await send({"type": "http.response.body"})

    return send_without_body
