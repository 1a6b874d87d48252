"""Every call of the API, one after the other: `python examples/every_endpoint.py photo.jpg`.

Prints a line a call, and in the end which of the calls that the service describes were not made.
"""

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import httpx

SHORT = 76  # characters of an answer that are shown


class Walk:
    """Calls the service and notes what it has called."""

    def __init__(self, client: httpx.Client) -> None:
        """The client holds the address and the key."""
        self.client = client
        paths: dict[str, dict[str, Any]] = (
            client.get("/openapi.json").raise_for_status().json()["paths"]
        )
        self.described = paths
        self.called: set[str] = set()

    def __call__(
        self, method: str, path: str, *, means: int | tuple[int, ...], **given: Any
    ) -> httpx.Response:
        """One call, which is to answer with this status, or with one of these."""
        answer = self.client.request(method, path, **given)
        bare = path.removeprefix(str(self.client.base_url).rstrip("/")).partition("?")[0]
        self.called.add(f"{method} {self._described_as(method, bare)}")
        print(f"{method:6} {bare:58} {answer.status_code}  {_short(answer)}")
        if answer.status_code not in (means if isinstance(means, tuple) else (means,)):
            sys.exit(f"{means} was expected: {answer.text}")
        return answer

    def _described_as(self, method: str, path: str) -> str:
        """The path with its braces, the one with the fewest of them."""
        fitting = [
            template
            for template, methods in self.described.items()
            if method.lower() in methods
            and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path)
        ]
        return min(fitting, key=lambda template: template.count("{"))

    def not_called(self) -> list[str]:
        """What the service describes and nobody has called."""
        all_ = {f"{m.upper()} {path}" for path, ms in self.described.items() for m in ms}
        return sorted(all_ - self.called)


def main() -> None:
    """Walk; exits with 1 when an answer is another than it should be."""
    photo = Path(sys.argv[1]).read_bytes()
    url = os.environ.get("URL", "http://127.0.0.1:8000")
    headers = {"Authorization": f"Bearer {os.environ['KEY']}"}
    with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        walk = Walk(client)
        look_around(walk)
        style_id = add_a_style(walk, photo)
        picture_id, job_id = order(walk, photo, style_id)
        be_told(walk, job_id)
        use_the_history(walk, job_id)
        share(walk, job_id)
        clear_up(walk, picture_id, style_id, job_id)
        log_in(walk)
        left = walk.not_called()
    print(f"{len(walk.called)} calls of the API made; not called: {', '.join(left) or 'none'}")


def look_around(walk: Walk) -> None:
    """What the service is and offers."""
    walk("GET", "/healthz", means=200)
    walk("GET", "/readyz", means=200)
    walk("GET", "/v1/config", means=200)
    walk("GET", "/v1/me", means=200)
    walk("GET", "/v1/styles", means=200)
    walk("GET", "/v1/styles/nixi-black-pottery", means=200)
    walk("GET", "/v1/styles/nixi-black-pottery/preview", means=200)


def add_a_style(walk: Walk, photo: bytes) -> str:
    """A style of one's own."""
    form = {"files": {"file": photo}, "data": {"name": "Mine"}}
    return str(walk("POST", "/v1/styles", means=201, **form).json()["id"])


def order(walk: Walk, photo: bytes, style_id: str) -> tuple[str, str]:
    """One upload, several looks; follow the first to its end."""
    # 200: the very same picture is here already.
    picture = walk("POST", "/v1/pictures", means=(201, 200), files={"file": photo}).json()
    form = {"files": {"file": photo}, "data": {"style_id": style_id, "tau": "0.8"}}
    walk("POST", "/v1/stylizations", means=202, **form)
    mixture = [{"id": "great-wave", "weight": 2}, {"id": "ink-landscape"}]
    wish = {"picture_id": picture["id"], "styles": mixture, "output_format": "png"}
    job = walk("POST", "/v1/stylizations", means=202, json=wish).json()
    looks = [{"style_id": "great-wave", "tau": tau} for tau in (0.3, 1.2)]
    batch = {"picture_id": picture["id"], "looks": looks}
    second = walk("POST", "/v1/stylizations/batch", means=202, json=batch).json()["items"][1]
    walk("POST", f"/v1/stylizations/{second['id']}/cancel", means=200)
    while job["status"] in ("queued", "running"):
        job = walk("GET", f"/v1/stylizations/{job['id']}?wait=20", means=200).json()
    walk("GET", job["result"]["url"], means=200)
    walk(
        "GET", f"/v1/stylizations/{job['id']}/events", means=200
    )  # has ended: one event, and closed
    return picture["id"], job["id"]


def be_told(walk: Walk, job_id: str) -> None:
    """A webhook; and a message of WeChat's, which only its users can be sent."""
    wish = {"url": "https://example.com/dualtrans", "events": ["stylization.failed"]}
    webhook = walk("POST", "/v1/webhooks", means=201, json=wish).json()
    walk("GET", "/v1/webhooks", means=200)
    walk("GET", f"/v1/webhooks/{webhook['id']}", means=200)
    walk("DELETE", f"/v1/webhooks/{webhook['id']}", means=204)
    message = {"template_id": "of-wx.requestSubscribeMessage"}
    walk("POST", f"/v1/stylizations/{job_id}/notify", means=(403, 422), json=message)


def use_the_history(walk: Walk, job_id: str) -> None:
    """Name, mark, search, delete, bring back, take away."""
    change = {"title": "Sea and ink", "favourite": True}
    walk("PATCH", f"/v1/stylizations/{job_id}", means=200, json=change)
    walk("POST", f"/v1/stylizations/{job_id}", means=200, json=change)  # where there is no PATCH
    walk("GET", "/v1/stylizations?q=sea&favourite=true&style=great-wave", means=200)
    walk("DELETE", f"/v1/stylizations/{job_id}", means=204)
    walk("POST", f"/v1/stylizations/{job_id}/restore", means=200)
    walk("GET", "/v1/me/export", means=200)


def share(walk: Walk, job_id: str) -> None:
    """Poster and link."""
    walk("GET", f"/v1/stylizations/{job_id}/poster?theme=dark", means=200)
    link = walk("POST", f"/v1/stylizations/{job_id}/share", means=201).json()
    walk("GET", link["url"], means=200)
    walk("DELETE", f"/v1/stylizations/{job_id}/share", means=204)


def clear_up(walk: Walk, picture_id: str, style_id: str, job_id: str) -> None:
    """Leave nothing."""
    walk("DELETE", f"/v1/stylizations/{job_id}", means=204)
    walk("DELETE", f"/v1/styles/{style_id}", means=204)
    walk("DELETE", f"/v1/pictures/{picture_id}", means=204)


def log_in(walk: Walk) -> None:
    """Logins. Where the development login is off, as it should be, this ends with its 404."""
    # Of WeChat nothing is set up here.
    walk("POST", "/v1/auth/wechat", means=404, json={"code": "of-wx.login"})
    walk("GET", "/v1/wechat/push", means=(403, 404))
    walk("POST", "/v1/wechat/push", means=(403, 404))
    login = walk("POST", "/v1/auth/dev", means=(200, 404), json={"name": "walker"})
    if login.is_success:
        walk("POST", "/v1/auth/revoke", means=204, headers=_as(login))
        again = walk("POST", "/v1/auth/dev", means=200, json={"name": "walker"})
        walk("DELETE", "/v1/me", means=202, headers=_as(again))


def _as(login: httpx.Response) -> dict[str, str]:
    return {"Authorization": f"Bearer {login.json()['token']}"}


def _short(answer: httpx.Response) -> str:
    kind = answer.headers.get("Content-Type", "")
    if not answer.content:
        return ""
    if not kind.startswith("application/json"):
        return f"{kind} {len(answer.content)} bytes"
    text = json.dumps(answer.json(), ensure_ascii=False)
    return text if len(text) <= SHORT else text[:SHORT] + " …"


if __name__ == "__main__":
    main()
