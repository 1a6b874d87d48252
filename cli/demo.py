"""Send a photo to the running service and save the result."""

import argparse
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx

from core.errors import SetupError
from core.settings import Settings, development_key_path
from styling.brush import DEFAULT_BRUSH, Brush

WAIT_SECONDS = 20  # long poll: the service responds earlier when the status changes
TIMEOUT_SECONDS = 60.0
FINAL_STATUSES = ("done", "failed", "cancelled")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the photo, the style and the address of the service."""
    parser.add_argument("photo", type=Path, help="a JPEG, PNG or WebP file")
    parser.add_argument("--style", default="nixi-black-pottery", help="id of a style")
    parser.add_argument("--tau", default="1.0", help="style strength, 0 to 1.5 (default: 1.0)")
    parser.add_argument(
        "--brush",
        choices=[brush.value for brush in Brush],
        default=DEFAULT_BRUSH.value,
        help="size of the strokes (default: %(default)s)",
    )
    parser.add_argument("--keep-color", action="store_true", help="keep the colours of the photo")
    parser.add_argument(
        "-o", "--output", type=Path, help="result file (default: PHOTO-STYLE.jpg in this folder)"
    )
    parser.add_argument("--url", help="address of the service (default: this machine)")
    parser.add_argument("--key", help="API key (default: the key of `dualtrans serve` here)")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Upload the photo, wait for the job and save its result."""
    output = options.output or Path(f"{options.photo.stem}-{options.style}.jpg")
    key = options.key or _development_key(settings)
    url = options.url or settings.base_url
    headers = {"Authorization": f"Bearer {key}"}
    try:
        with httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT_SECONDS) as client:
            job = _upload(client, options)
            job = _wait(client, job)
            output.write_bytes(_download_result(client, job))
    except httpx.TransportError as error:
        raise SetupError(
            f"{url} is not reachable ({error}); is `dualtrans serve` running?"
        ) from error
    print(f"{output}  {job['result']['width']}x{job['result']['height']}")
    return 0


def _development_key(settings: Settings) -> str:
    path = development_key_path(settings)
    if not path.exists():
        raise SetupError("no API key: start `dualtrans serve` in this folder, or pass --key")
    return path.read_text(encoding="utf-8").strip()


def _upload(client: httpx.Client, options: argparse.Namespace) -> dict[str, Any]:
    try:
        photo = options.photo.read_bytes()
    except OSError as error:
        raise SetupError(f"{options.photo} cannot be read: {error.strerror}") from error
    fields = {
        "style_id": options.style,
        "tau": options.tau,
        "brush": options.brush,
        "keep_color": "1" if options.keep_color else "0",
    }
    files = {"file": (options.photo.name, photo)}
    return _json_of(client.post("/v1/stylizations", data=fields, files=files))


def _wait(client: httpx.Client, job: dict[str, Any]) -> dict[str, Any]:
    printed = None
    while job["status"] not in FINAL_STATUSES:
        line = f"{job['status']}, position {job['position']}"
        if line != printed:
            print(line, flush=True)
            printed = line
        job = _json_of(client.get(f"/v1/stylizations/{job['id']}", params={"wait": WAIT_SECONDS}))
    return job


def _download_result(client: httpx.Client, job: dict[str, Any]) -> bytes:
    if job["status"] != "done":
        reason = (job.get("error") or {}).get("message", "")
        raise SetupError(f"the job is {job['status']}: {reason}")
    picture = client.get(urljoin(str(client.base_url), job["result"]["url"]))
    picture.raise_for_status()
    return picture.content


def _json_of(response: httpx.Response) -> dict[str, Any]:
    if response.is_success:
        body: dict[str, Any] = response.json()
        return body
    try:
        message = response.json()["error"]["message"]
    except (ValueError, KeyError, TypeError):
        message = f"HTTP {response.status_code}"
    raise SetupError(f"the service refused the request: {message}")
