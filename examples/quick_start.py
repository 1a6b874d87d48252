"""Render one photo in one style: `python examples/quick_start.py photo.jpg [STYLE] [TAU]`.

The field `client_key` identifies the request, so sending it again never starts a second job.
"""

import os
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import httpx

ATTEMPTS = 3


def main() -> None:
    """Upload the photo, wait for the job and save its result."""
    photo = Path(sys.argv[1])
    style = sys.argv[2] if len(sys.argv) > 2 else "nixi-black-pottery"
    tau = sys.argv[3] if len(sys.argv) > 3 else "1"
    url = os.environ.get("URL", "http://127.0.0.1:8000")
    headers = {"Authorization": f"Bearer {os.environ['KEY']}"}
    with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        job = upload(client, photo, style, tau)
        while job["status"] in ("queued", "running"):
            response = client.get(f"/v1/stylizations/{job['id']}", params={"wait": 20})
            job = response.raise_for_status().json()
        if job["status"] != "done":
            sys.exit(f"{job['status']}: {job['error']}")
        result = Path(f"result-{style}.jpg")
        result.write_bytes(client.get(job["result"]["url"]).raise_for_status().content)
    print(result)


def upload(client: httpx.Client, photo: Path, style: str, tau: str) -> dict[str, Any]:
    """Create the job, with retries. The same `client_key` returns the same job."""
    fields = {"style_id": style, "tau": tau, "client_key": str(uuid.uuid4())}
    for attempt in range(ATTEMPTS):
        try:
            response = client.post(
                "/v1/stylizations", data=fields, files={"file": (photo.name, photo.read_bytes())}
            )
        except httpx.TransportError:
            if attempt == ATTEMPTS - 1:
                raise
            time.sleep(2**attempt)
            continue
        body: dict[str, Any] = response.json()
        if response.is_success:
            return body
        if not body["error"]["retryable"] or attempt == ATTEMPTS - 1:
            sys.exit(body["error"]["message"])
        time.sleep(body["error"].get("retry_after_s") or 2**attempt)
    raise AssertionError("unreachable")


if __name__ == "__main__":
    main()
