"""Compares the pictures that the service decodes with those that other software shows.

Chromium shows every format except HEIC, which libvips converts. Needs the extras `app` and `heic`,
and `chromium` and `vipsthumbnail` on the PATH.

Usage: `python -m benchmarks.decoding FOLDER --output table.csv`
"""

import argparse
import base64
import csv
import functools
import io
import itertools
import json
import math
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

from PIL import Image, ImageChops, ImageStat, UnidentifiedImageError
from websockets.sync.client import ClientConnection, connect

from core.settings import Settings
from imaging.color import to_srgb
from imaging.decode import decode_pixels, open_upload
from imaging.errors import PictureError

HEIC_SUFFIXES: Final = frozenset({".heic", ".heif", ".hif"})
SUFFIXES: Final = HEIC_SUFFIXES | frozenset(
    {".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".webp", ".avif", ".avifs"}
)
DECODED_SIDE_PX: Final = 1024  # both sides decode to at most this long side
COMPARED_SIDE_PX: Final = 128  # then both are reduced to squares of at most this side
MAX_EQUAL_LEVELS: Final = 8  # mean absolute difference, of 255
TIMEOUT_SECONDS: Final = 60

DRAW: Final = """
(async () => {
  const image = new Image();
  image.src = %s;
  await image.decode();
  const scale = Math.min(1, %d / Math.max(image.naturalWidth, image.naturalHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
  canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png");
})()
"""


class Chromium:
    """A page of a headless browser, which draws one picture file at a time."""

    def __init__(self, session: ClientConnection, server_url: str) -> None:
        """Open an empty page of the server, so that its files have the same origin."""
        self._session = session
        self._server_url = server_url
        self._ids = itertools.count(1)
        self._call("Page.navigate", url=f"{server_url}/no-such-file")

    def draw(self, path: str) -> Image.Image | None:
        """Return the picture on white; None if the browser shows nothing."""
        url = json.dumps(f"{self._server_url}/{quote(path)}")
        answer = self._call(
            "Runtime.evaluate",
            expression=DRAW % (url, DECODED_SIDE_PX),
            awaitPromise=True,
            returnByValue=True,
        )
        data = answer["result"].get("value")
        if not isinstance(data, str):
            return None
        with Image.open(io.BytesIO(base64.b64decode(data.partition(",")[2]))) as drawn:
            return on_white(drawn) if drawn.getbbox() else None

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
        call_id = next(self._ids)
        self._session.send(json.dumps({"id": call_id, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._session.recv(timeout=TIMEOUT_SECONDS))
            if message.get("id") == call_id:
                result: dict[str, Any] = message["result"]
                return result


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files without a log."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: ANN401
        """Write nothing."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder on a free port of this machine for the length of the block."""
    handler = functools.partial(QuietHandler, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


@contextmanager
def running_chromium(server_url: str) -> Iterator[Chromium]:
    """Start a headless browser for the length of the block."""
    with tempfile.TemporaryDirectory() as profile:
        process = subprocess.Popen(
            [
                *("chromium", "--headless=new", "--no-sandbox", "--disable-gpu"),
                *("--force-color-profile=srgb", "--disable-dev-shm-usage"),
                *("--remote-debugging-port=0", "--remote-allow-origins=*"),
                *(f"--user-data-dir={profile}", "about:blank"),
            ],
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            with connect(page_url(process), max_size=None) as session:
                yield Chromium(session, server_url)
        finally:
            process.terminate()
            process.wait()


def page_url(process: subprocess.Popen[str]) -> str:
    """Return the address at which the page of a browser that has just started is controlled."""
    if process.stderr is None:
        raise ValueError("stderr of the browser must be a pipe")
    line = next(line for line in process.stderr if "DevTools listening" in line)
    threading.Thread(target=process.stderr.read, daemon=True).start()  # keep the pipe empty
    port = urlsplit(line.split()[-1]).port
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as targets:
        return next(
            str(target["webSocketDebuggerUrl"])
            for target in json.load(targets)
            if target["type"] == "page"
        )


def convert_with_vips(path: Path) -> Image.Image | None:
    """Return the picture in sRGB on white; None if libvips refuses it."""
    with tempfile.TemporaryDirectory() as folder:
        converted = Path(folder) / "converted.png"
        size = f"{DECODED_SIDE_PX}x{DECODED_SIDE_PX}>"
        command = ["vipsthumbnail", str(path), "--size", size, "--export-profile", "srgb"]
        try:
            subprocess.run(
                [*command, "-o", str(converted)],
                capture_output=True,
                timeout=TIMEOUT_SECONDS,
                check=True,
            )
            with Image.open(converted) as picture:
                return on_white(picture)
        except (subprocess.SubprocessError, OSError, UnidentifiedImageError):
            return None


def on_white(picture: Image.Image) -> Image.Image:
    """Return the picture as RGB; transparent parts become white."""
    rgba = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")


def decode_as_service(path: Path, max_pixels: int) -> Image.Image | str:
    """Return the picture, or why the service refuses it. The smallest side is not checked."""
    try:
        with path.open("rb") as stream:
            opened = open_upload(stream, max_pixels=max_pixels)
            scale = min(1.0, DECODED_SIDE_PX / max(opened.size))
            width, height = (max(1, round(side * scale)) for side in opened.size)
            return to_srgb(decode_pixels(opened, (width, height)), opened.color)
    except PictureError as error:
        return f"{type(error).__name__}: {error}"


def compare(ours: Image.Image | str, theirs: Image.Image | None) -> tuple[str, str]:
    """Return the verdict on one file, and a detail: the reason, or the difference in levels."""
    if isinstance(ours, str):
        return ("refused by both" if theirs is None else "refused by the service"), ours
    if theirs is None:
        return "refused by the other", f"{ours.width} x {ours.height}"
    if not math.isclose(ours.width / ours.height, theirs.width / theirs.height, rel_tol=0.05):
        return "other proportions", f"{ours.size} and {theirs.size}"
    side = min(COMPARED_SIDE_PX, *ours.size, *theirs.size)
    squares = [picture.resize((side, side), Image.Resampling.BOX) for picture in (ours, theirs)]
    levels = ImageStat.Stat(ImageChops.difference(*squares).convert("RGB")).mean
    difference = sum(levels) / len(levels)
    return ("equal" if difference <= MAX_EQUAL_LEVELS else "different"), f"{difference:.2f}"


def picture_files(folder: Path) -> list[Path]:
    """Return all picture files below a folder."""
    files = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    return sorted(path for path in files if path.is_file())


def main() -> None:
    """Compare all files, write a row for each, and print the counts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="picture files, also in folders below it")
    parser.add_argument("--output", type=Path, required=True, help="the table, as CSV")
    options = parser.parse_args()
    max_pixels = Settings.model_fields["max_picture_pixels"].default
    counts: Counter[str] = Counter()
    with (
        serving(options.folder) as server_url,
        running_chromium(server_url) as chromium,
        options.output.open("w", newline="") as output,
    ):
        table = csv.writer(output)
        table.writerow(["file", "verdict", "detail"])
        for path in picture_files(options.folder):
            name = path.relative_to(options.folder).as_posix()
            is_heic = path.suffix.lower() in HEIC_SUFFIXES
            theirs = convert_with_vips(path) if is_heic else chromium.draw(name)
            verdict, detail = compare(decode_as_service(path, max_pixels), theirs)
            counts[verdict] += 1
            table.writerow([name, verdict, detail])
    json.dump(dict(counts.most_common()), sys.stdout)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
