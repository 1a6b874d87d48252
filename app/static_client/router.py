"""Serves the browser version of the mini program at `/`."""

import os
from pathlib import Path, PurePath
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

from app.static_client.service import instructions_page
from core.settings import RUNNER_START_PAGE, Settings, runner_folder

HEADERS: Final = {
    "Cache-Control": "no-cache",  # file names stay when contents change; the ETag saves the bytes
    "X-Content-Type-Options": "nosniff",
}
MEDIA_TYPES: Final = {  # of the files of a runner; operating systems differ in theirs
    ".css": "text/css",
    ".gif": "image/gif",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


class RunnerFiles(StaticFiles):
    """The files of the runner with a known type. The folder itself returns the start page."""

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Find a file; symbolic links and files of other types count as missing."""
        name = RUNNER_START_PAGE if path in ("", ".") else path
        if PurePath(name).suffix not in MEDIA_TYPES or "\0" in name:
            return "", None
        try:
            return super().lookup_path(name)
        except OSError:  # a name that is too long for the file system
            return "", None

    def file_response(
        self,
        full_path: "os.PathLike[str] | str",
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Respond with the file, or with 304 when the client has it."""
        response = FileResponse(
            full_path,
            status_code,
            headers=HEADERS,
            media_type=MEDIA_TYPES[PurePath(full_path).suffix],
            stat_result=stat_result,
        )
        if self.is_not_modified(response.headers, Headers(scope=scope)):
            return NotModifiedResponse(response.headers)
        return response


class RunnerMount(Mount):
    """Matches only files that exist, so that unknown addresses still reach the error handler.

    A plain mount at `/` would match every address, and respond to other methods with 405 instead
    of 404.
    """

    def __init__(self, folder: Path) -> None:
        self._files = RunnerFiles(directory=folder)
        super().__init__("/", self._files, name="mini program")

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return FULL for GET and HEAD of an existing file, else NONE."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return Match.NONE, {}
        if "//" in scope["path"]:  # StaticFiles would ignore the empty part
            return Match.NONE, {}
        _, found = self._files.lookup_path(self._files.get_path(scope))
        return super().matches(scope) if found is not None else (Match.NONE, {})


def client_route(settings: Settings) -> BaseRoute:
    """The route of the mini program, or of instructions when it is not built. Add it last."""
    folder = runner_folder(settings)
    if folder is None:
        return Route("/", _show_instructions, include_in_schema=False)
    return RunnerMount(folder)


async def _show_instructions(_: Request) -> HTMLResponse:
    return HTMLResponse(instructions_page(), headers=HEADERS)
