"""CORS: which pages of other origins may call the API from a browser."""

from collections.abc import Collection
from typing import Final

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from app.methods import METHODS

REQUEST_HEADERS: Final = (
    *("Authorization", "Idempotency-Key", "X-Request-ID", "Last-Event-ID", "Cache-Control"),
    *("If-None-Match", "If-Range", "Range"),
)
RESPONSE_HEADERS: Final = (
    *("X-Request-ID", "Retry-After", "Location", "Allow", "WWW-Authenticate"),
    *("ETag", "Content-Disposition", "Content-Range", "Accept-Ranges"),
)
PREFLIGHT_SECONDS: Final = 7200  # the longest time for which Chromium keeps the answer


def with_cross_origin_headers(app: ASGIApp, origins: Collection[str]) -> ASGIApp:
    """Allow pages of these origins to call `app`; without origins, return `app` itself.

    Cookies are never allowed. API keys and tokens are sent in `Authorization`, which a page must
    know, so that `*` as an origin gives no page the rights of a user.
    """
    if not origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=METHODS,
        allow_headers=REQUEST_HEADERS,
        expose_headers=RESPONSE_HEADERS,
        max_age=PREFLIGHT_SECONDS,
    )
