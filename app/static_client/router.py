"""The showcase over HTTP. It is asked last, so that it stands in the way of no other address."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

from app.static_client.service import Shown, find_shown
from core.settings import Settings


class Showcase(Route):
    """A route that matches what there is to show and nothing else.

    A plain `/{name}` would match every address: an unknown one that is asked by another method
    would be refused with 405 in place of 404.
    """

    def __init__(self, settings: Settings) -> None:
        """Show what these settings name."""
        super().__init__("/{name:path}", _answer, name="showcase", include_in_schema=False)
        self._settings = settings

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """FULL where something stands, which goes along; else NONE."""
        match, found = super().matches(scope)
        if match is not Match.FULL:
            return Match.NONE, {}
        shown = find_shown(self._settings, found["path_params"]["name"])
        if shown is None:
            return Match.NONE, {}
        return Match.FULL, {**found, "path_params": {"shown": shown}}


async def _answer(request: Request) -> Response:
    shown: Shown = request.path_params["shown"]
    etag = shown.etag
    headers = {
        "ETag": etag,
        "Cache-Control": "no-cache",  # names stay when contents change; the ETag saves the bytes
        "X-Content-Type-Options": "nosniff",
    }
    if etag in request.headers.get("If-None-Match", ""):
        return Response(status_code=304, headers=headers)
    return Response(shown.content, media_type=shown.content_type, headers=headers)
