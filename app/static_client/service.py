"""Finds what there is to show: the runner of the mini program where it is built, else words."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Final

from core.settings import MINIPROGRAM_SOURCES, RUNNER_START_PAGE, Settings, runner_folder

WORDS: Final = Path(__file__).with_name("words.html")
STEPS: Final = Path(__file__).with_name("steps.html")
CONTENT_TYPES: Final = {  # of a runner's files; the tables of operating systems differ
    ".css": "text/css; charset=utf-8",
    ".gif": "image/gif",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True)
class Shown:
    """One file as a browser gets it."""

    content: bytes
    content_type: str

    @property
    def etag(self) -> str:
        """Changes with the content."""
        return f'"{hashlib.sha256(self.content).hexdigest()[:32]}"'


def find_shown(settings: Settings, name: str) -> Shown | None:
    """What stands at `/name`, if anything; at `/` itself it is the start page.

    The name is compared with what lies in the folder and never joined to it, so it leads nowhere
    else, whatever it says.
    """
    folder = runner_folder(settings)
    if folder is None:
        return _words() if name == "" else None
    wanted = name or RUNNER_START_PAGE
    content_type = CONTENT_TYPES.get(Path(wanted).suffix)
    if content_type is None:
        return None
    files = (file for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    found = next((file for file in files if file.relative_to(folder).as_posix() == wanted), None)
    return None if found is None else Shown(found.read_bytes(), content_type)


def _words() -> Shown:
    """A page without the runner: how to see it where it can be built, and else where one is."""
    can_be_built = (MINIPROGRAM_SOURCES / "package.json").is_file()
    steps = STEPS.read_text(encoding="utf-8") if can_be_built else ""
    page = Template(WORDS.read_text(encoding="utf-8")).substitute(steps=steps)
    return Shown(page.encode(), CONTENT_TYPES[".html"])
