"""A local server in place of WeChat's logins, access tokens and mini program codes.

It follows WeChat's documentation: it serves one mini program, accepts the login codes that a test
has issued, issues access tokens by the rules of `stable_token`, and validates requests as strictly
as the real server. Tests can make it fail.
"""

import json
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydantic import SecretStr

from tests.factories import jpeg

APPID = "wx0123456789abcdef"
SECRET = "0123456789abcdef0123456789abcdef"
SESSION_KEY = "tiihtNczf5v6AKRyjwEUhQ=="
TOKEN_SECONDS = 7200
CODE_FIELDS = {
    *("scene", "page", "check_path", "env_version", "width"),
    *("auto_color", "line_color", "is_hyaline"),
}
CODE_PICTURE = jpeg((430, 430), (0, 0, 200))  # in place of a code; no test reads it

ERRMSGS = {
    -1: "system error",
    -1000: "system error",
    -501001: "resource system error",
    -502001: "database request fail",
    40001: "invalid credential, access_token is invalid or not latest",
    40003: "invalid openid",
    40013: "invalid appid",
    40029: "invalid code",
    40037: "invalid template_id",
    40097: "invalid args",
    40101: "missing required parameter",
    40125: "invalid appsecret",
    40129: "invalid scene",
    40163: "code been used",
    40164: "invalid ip 203.0.113.7, not in whitelist",
    40226: "code blocked",
    41001: "access_token missing",
    41002: "appid missing",
    41008: "missing code",
    41030: "invalid page",
    42001: "access_token expired",
    43002: "require POST method",
    43101: "user refuse to accept the msg",
    44002: "empty post data",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit",
    47001: "data format error",
    47003: "argument invalid",
    61010: "code is expired",
    85088: "the app has not opened tcb",
}


@dataclass
class FakeWeChat:
    """State of the server, and the calls that it has received."""

    url: str = ""
    codes: dict[str, str] = field(default_factory=dict)  # code: openid
    used: set[str] = field(default_factory=set)
    calls: Counter[str] = field(default_factory=Counter)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    failures: deque[int | str] = field(default_factory=deque)  # errcodes, "html" or "cut"
    delay_seconds: float = 0.0
    token_number: int = 1
    lock: Lock = field(default_factory=Lock)

    def settings(self) -> dict[str, Any]:
        """Settings of a service that uses this server."""
        return {
            "wechat_appid": APPID,
            "wechat_secret": SecretStr(SECRET),
            "wechat_url": self.url,
            "wechat_timeout_seconds": 2.0,
        }

    def issue_login_code(self, code: str, openid: str = "o-li") -> str:
        """Return a login code as `wx.login` returns it to this user."""
        self.codes[code] = openid
        return code

    def fail_with(self, *failures: int | str) -> None:
        """Set how the next calls fail, one value for each call."""
        self.failures.extend(failures)

    @property
    def token(self) -> str:
        """The valid access token."""
        return f"token-{self.token_number}"

    def respond(
        self, method: str, path: str, query: dict[str, str], body: Any
    ) -> dict[str, Any] | bytes:
        match path:
            case "/sns/jscode2session":
                return self._session(query)
            case "/cgi-bin/stable_token":
                return self._stable_token(method, body)
            case _:
                if query.get("access_token") != self.token:
                    return error_response(40001)
                self.bodies.append(body)
                if path == "/wxa/getwxacodeunlimit":
                    return self._code(body)
                return {"errcode": 0, "errmsg": "ok", "trace_id": "trace-1"}

    def _code(self, body: dict[str, Any]) -> dict[str, Any] | bytes:
        scene, page = body.get("scene", ""), body.get("page", "")
        if body.keys() - CODE_FIELDS or page.startswith("/") or not 0 < len(scene) <= 32:
            return error_response(40129)
        return CODE_PICTURE

    def _session(self, query: dict[str, str]) -> dict[str, Any]:
        if (errcode := _credentials_error(query)) is not None:
            return error_response(errcode)
        if query.get("grant_type") != "authorization_code" or not query.get("js_code"):
            return error_response(41008)
        code = query["js_code"]
        if code in self.used:
            return error_response(40163)
        if code not in self.codes:
            return error_response(40029)
        self.used.add(code)
        return {"session_key": SESSION_KEY, "openid": self.codes[code]}

    def _stable_token(self, method: str, body: Any) -> dict[str, Any]:
        if method != "POST":
            return error_response(43002)
        if not isinstance(body, dict) or body.get("grant_type") != "client_credential":
            return error_response(47001)
        if (errcode := _credentials_error(body)) is not None:
            return error_response(errcode)
        if body.get("force_refresh"):
            self.token_number += 1
        return {"access_token": self.token, "expires_in": TOKEN_SECONDS}


def error_response(errcode: int) -> dict[str, Any]:
    """Return the response of a call that fails with this errcode."""
    return {"errcode": errcode, "errmsg": f"{ERRMSGS[errcode]}, rid: 65a1f-0-0"}


def _credentials_error(parameters: dict[str, Any]) -> int | None:
    if not parameters.get("appid"):
        return 41002
    if parameters["appid"] != APPID:
        return 40013
    return None if parameters.get("secret") == SECRET else 40125


@contextmanager
def serve_wechat() -> Iterator[FakeWeChat]:
    """Run the server for the duration of the block."""
    fake = FakeWeChat()
    with run_http_server(_handler(fake)) as url:
        fake.url = url
        yield fake


@contextmanager
def run_http_server(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Run a local server with this handler for the duration of the block. Yields its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(fake: FakeWeChat) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def log_message(self, *_: object) -> None:
            pass

        def _serve(self) -> None:
            address = urlsplit(self.path)
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length)) if length else None
            query = {name: values[0] for name, values in parse_qs(address.query).items()}
            time.sleep(fake.delay_seconds)
            with fake.lock:
                fake.calls[address.path] += 1
                failure = fake.failures.popleft() if fake.failures else None
                if failure is None:
                    response = fake.respond(self.command, address.path, query, body)
                elif isinstance(failure, int):
                    response = error_response(failure)
                else:
                    self._fail(failure)
                    return
            data = response if isinstance(response, bytes) else json.dumps(response).encode()
            self._send(200, data)

        def _fail(self, how: str) -> None:
            if how == "html":
                self._send(502, b"<html>502 Bad Gateway</html>")
            self.close_connection = True  # "cut": the connection ends without a response

        def _send(self, status: int, data: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/plain")  # as WeChat labels its JSON
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    return Handler
