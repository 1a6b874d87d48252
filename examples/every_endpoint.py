"""Calls every endpoint of the API: `python examples/every_endpoint.py photo.jpg`.

Prints one line for each call, and in the end the endpoints of the OpenAPI schema that were not
called.
"""

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import httpx

MAX_SHOWN_CHARACTERS = 76  # of a response


class Caller:
    """Calls endpoints and records which ones were called."""

    def __init__(self, client: httpx.Client) -> None:
        """`client` sends the API key with every request."""
        self.client = client
        schema = client.get("/openapi.json").raise_for_status().json()
        self.paths: dict[str, dict[str, Any]] = schema["paths"]
        self.called: set[str] = set()

    def __call__(
        self, method: str, path: str, *, expected: int | tuple[int, ...], **options: Any
    ) -> httpx.Response:
        """Call one endpoint. Exits unless the status is the expected one, or one of them."""
        response = self.client.request(method, path, **options)
        plain_path = path.removeprefix(str(self.client.base_url).rstrip("/")).partition("?")[0]
        self.called.add(f"{method} {self._find_template(method, plain_path)}")
        print(f"{method:6} {plain_path:58} {response.status_code}  {_short(response)}")
        if response.status_code not in (expected if isinstance(expected, tuple) else (expected,)):
            sys.exit(f"expected {expected}: {response.text}")
        return response

    def _find_template(self, method: str, path: str) -> str:
        """Return the path template of the schema; the one with the fewest parameters wins."""
        matching = [
            template
            for template, methods in self.paths.items()
            if method.lower() in methods
            and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path)
        ]
        return min(matching, key=lambda template: template.count("{"))

    def not_called(self) -> list[str]:
        """Return the endpoints of the schema that were not called."""
        endpoints = {
            f"{method.upper()} {path}" for path, methods in self.paths.items() for method in methods
        }
        return sorted(endpoints - self.called)


def main() -> None:
    """Call everything. Exits with 1 when a response has an unexpected status."""
    photo = Path(sys.argv[1]).read_bytes()
    url = os.environ.get("URL", "http://127.0.0.1:8000")
    headers = {"Authorization": f"Bearer {os.environ['KEY']}"}
    with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        call = Caller(client)
        read_service(call)
        style_id = create_style(call, photo)
        picture_id, job_id = create_jobs(call, photo, style_id)
        use_notifications(call, job_id)
        use_history(call, job_id)
        share(call, job_id)
        delete_everything(call, picture_id, style_id, job_id)
        log_in(call)
        not_called = call.not_called()
    print(f"{len(call.called)} endpoints called; not called: {', '.join(not_called) or 'none'}")


def read_service(call: Caller) -> None:
    """Read the state of the service, its limits and its styles."""
    call("GET", "/healthz", expected=200)
    call("GET", "/readyz", expected=200)
    call("GET", "/v1/config", expected=200)
    call("GET", "/v1/me", expected=200)
    call("GET", "/v1/styles", expected=200)
    call("GET", "/v1/styles/nixi-black-pottery", expected=200)
    call("GET", "/v1/styles/nixi-black-pottery/preview.webp", expected=200)


def create_style(call: Caller, photo: bytes) -> str:
    """Create a style from a picture. Returns its id."""
    form = {"files": {"file": photo}, "data": {"name": "Mine"}}
    return str(call("POST", "/v1/styles", expected=201, **form).json()["id"])


def create_jobs(call: Caller, photo: bytes, style_id: str) -> tuple[str, str]:
    """Upload one photo, render it in several styles, and wait for one of the jobs."""
    # 200: the same picture was uploaded before.
    picture = call("POST", "/v1/pictures", expected=(201, 200), files={"file": photo}).json()
    form = {"files": {"file": photo}, "data": {"style_id": style_id, "tau": "0.8"}}
    call("POST", "/v1/stylizations", expected=202, **form)
    mixture = [{"id": "great-wave", "weight": 2}, {"id": "ink-landscape"}]
    body = {"picture_id": picture["id"], "styles": mixture, "output_format": "png"}
    job = call("POST", "/v1/stylizations", expected=202, json=body).json()
    looks = [{"style_id": "great-wave", "brush": brush} for brush in ("fine", "broad")]
    batch = {"picture_id": picture["id"], "looks": looks}
    second = call("POST", "/v1/stylizations/batch", expected=202, json=batch).json()["items"][1]
    call("POST", f"/v1/stylizations/{second['id']}/cancel", expected=200)
    while job["status"] in ("queued", "running"):
        job = call("GET", f"/v1/stylizations/{job['id']}?wait=20", expected=200).json()
    call("GET", job["result"]["url"], expected=200)
    # The job has ended, so the stream contains one event and closes.
    call("GET", f"/v1/stylizations/{job['id']}/events", expected=200)
    return picture["id"], job["id"]


def use_notifications(call: Caller, job_id: str) -> None:
    """Create a webhook, and subscribe to a WeChat message, which only WeChat users can do."""
    body = {"url": "https://example.com/dualtrans", "events": ["stylization.failed"]}
    webhook = call("POST", "/v1/webhooks", expected=201, json=body).json()
    call("GET", "/v1/webhooks", expected=200)
    call("GET", f"/v1/webhooks/{webhook['id']}", expected=200)
    call("DELETE", f"/v1/webhooks/{webhook['id']}", expected=204)
    message = {"template_id": "of-wx.requestSubscribeMessage"}
    call("POST", f"/v1/stylizations/{job_id}/notify", expected=(403, 422), json=message)


def use_history(call: Caller, job_id: str) -> None:
    """Rename, search, delete, restore and export."""
    change = {"title": "Sea and ink", "favourite": True}
    call("PATCH", f"/v1/stylizations/{job_id}", expected=200, json=change)
    # For clients that cannot send PATCH.
    call("POST", f"/v1/stylizations/{job_id}", expected=200, json=change)
    call("GET", "/v1/stylizations?q=sea&favourite=true&style=great-wave", expected=200)
    call("DELETE", f"/v1/stylizations/{job_id}", expected=204)
    call("POST", f"/v1/stylizations/{job_id}/restore", expected=200)
    call("GET", "/v1/me/export", expected=200)


def share(call: Caller, job_id: str) -> None:
    """Create a poster and a link."""
    call("GET", f"/v1/stylizations/{job_id}/poster.jpg?theme=dark", expected=200)
    link = call("POST", f"/v1/stylizations/{job_id}/share", expected=201).json()
    call("GET", link["url"], expected=200)
    call("DELETE", f"/v1/stylizations/{job_id}/share", expected=204)


def delete_everything(call: Caller, picture_id: str, style_id: str, job_id: str) -> None:
    """Delete everything that was created."""
    call("DELETE", f"/v1/stylizations/{job_id}", expected=204)
    call("DELETE", f"/v1/styles/{style_id}", expected=204)
    call("DELETE", f"/v1/pictures/{picture_id}", expected=204)


def log_in(call: Caller) -> None:
    """Log in and erase the user; only if the development login is on."""
    # WeChat is not set up here.
    call("POST", "/v1/auth/wechat", expected=404, json={"code": "of-wx.login"})
    call("GET", "/v1/wechat/push", expected=(403, 404))
    call("POST", "/v1/wechat/push", expected=(403, 404))
    login = call("POST", "/v1/auth/dev", expected=(200, 404), json={"name": "example"})
    if login.is_success:
        call("POST", "/v1/auth/revoke", expected=204, headers=_headers_of(login))
        again = call("POST", "/v1/auth/dev", expected=200, json={"name": "example"})
        call("DELETE", "/v1/me", expected=202, headers=_headers_of(again))


def _headers_of(login: httpx.Response) -> dict[str, str]:
    return {"Authorization": f"Bearer {login.json()['token']}"}


def _short(response: httpx.Response) -> str:
    kind = response.headers.get("Content-Type", "")
    if not response.content:
        return ""
    if not kind.startswith("application/json"):
        return f"{kind} {len(response.content)} bytes"
    text = json.dumps(response.json(), ensure_ascii=False)
    return text if len(text) <= MAX_SHOWN_CHARACTERS else text[:MAX_SHOWN_CHARACTERS] + " …"


if __name__ == "__main__":
    main()
