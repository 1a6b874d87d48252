"""Serves the browser version of the mini program at `/`."""

import os
import stat
from pathlib import Path, PurePath
from typing import Final

from anyio.to_thread import run_sync
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.byte_responses import Conditions, bytes_response
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

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Respond with the file, a part of it, or 304 when the client has it."""
        if scope["method"] != "GET":
            raise HTTPException(405)
        return await run_sync(self._read_file, path, Headers(scope=scope))

    def _read_file(self, path: str, headers: Headers) -> Response:
        full_path, found = self.lookup_path(path)
        if found is None:  # it was deleted after the route was chosen
            raise HTTPException(404)
        return bytes_response(
            Conditions(headers.get("If-None-Match"), headers.get("Range"), headers.get("If-Range")),
            Path(full_path).read_bytes,
            etag=f'"{found.st_mtime_ns:x}-{found.st_size:x}"',
            media_type=MEDIA_TYPES[PurePath(full_path).suffix],
            headers=HEADERS,
        )


class RunnerMount(Mount):
    """Matches only files that exist, so that unknown addresses still reach the error handler.

    A plain mount at `/` would match every address, and respond to `POST` with 405 instead of 404.
    """

    def __init__(self, folder: Path) -> None:
        self._files = RunnerFiles(directory=folder)
        super().__init__("/", self._files, name="mini program")

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return FULL for GET of an existing file, PARTIAL for its other methods, else NONE."""
        if scope["type"] != "http" or "//" in scope["path"]:  # StaticFiles would ignore "//"
            return Match.NONE, {}
        _, found = self._files.lookup_path(self._files.get_path(scope))
        if found is None or not stat.S_ISREG(found.st_mode):
            return Match.NONE, {}
        match, child_scope = super().matches(scope)
        return (match if scope["method"] == "GET" else Match.PARTIAL), child_scope


def client_route(settings: Settings) -> BaseRoute:
    """The route of the mini program, or of instructions when it is not built. Add it last."""
    folder = runner_folder(settings)
    if folder is None:
        return Route("/", _show_instructions, include_in_schema=False)
    return RunnerMount(folder)


async def _show_instructions(_: Request) -> HTMLResponse:
    return HTMLResponse(instructions_page(), headers=HEADERS)
