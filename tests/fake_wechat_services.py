"""A local server in place of WeChat's subscribe messages, content check and cloud.

It accepts the fields, limits and field orders of WeChat's documentation and refuses all others.
Its pushes are signed, and encrypted in safe mode, as WeChat's documentation describes.
"""

import base64
import hashlib
import json
import re
import secrets
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from threading import Lock
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from pydantic import SecretStr

from tests.fake_wechat import APPID, SECRET, error_response, run_http_server

PUSH_TOKEN = "a-token-of-the-console"
AES_KEY = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"
CLOUD_ENV = "works-4a89da"
ORIGINAL_ID = "gh_38cc49f9733b"
MAX_OPENID = 128
MAX_URL = 2048
MAX_PATH_BYTES = 850  # of a key in COS
MAX_FILES = 50
MESSAGE_FIELDS: dict[str, type] = {
    "touser": str,
    "template_id": str,
    "page": str,
    "lang": str,
    "data": dict,
}

ADD = re.compile(r'db\.collection\("([\w-]+)"\)\.add\(')
WHERE = re.compile(r'db\.collection\("([\w-]+)"\)\.where\(')


class Refusal(Exception):  # noqa: N818  # an errcode is a normal response of WeChat
    """The call returns this errcode."""

    def __init__(self, errcode: int) -> None:
        self.errcode = errcode


@dataclass
class FakeServices:
    """State of the server, and the calls that it has received."""

    url: str = ""
    token_number: int = 1
    openids: set[str] = field(default_factory=lambda: {"o-li"})  # users of the last two hours
    checks: dict[str, dict[str, Any]] = field(default_factory=dict)  # by trace_id: the request
    messages: list[dict[str, Any]] = field(default_factory=list)
    documents: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)  # by collection
    files: dict[str, bytes] = field(default_factory=dict)  # by file_id
    uploads: dict[str, dict[str, str]] = field(default_factory=dict)  # permissions by path
    calls: list[str] = field(default_factory=list)  # paths
    access_tokens: list[str | None] = field(default_factory=list)  # of the calls that need one
    queries: list[str] = field(default_factory=list)
    failures: deque[int | str | bytes] = field(default_factory=deque)  # see `fail_with`
    lock: Lock = field(default_factory=Lock)

    def settings(self, *, is_safe: bool = False) -> dict[str, Any]:
        """Settings of a service that uses this server."""
        return {
            "public_url": "https://art.example.org",
            "wechat_appid": APPID,
            "wechat_secret": SecretStr(SECRET),
            "wechat_url": self.url,
            "wechat_push_token": SecretStr(PUSH_TOKEN),
            "wechat_push_aes_key": SecretStr(AES_KEY) if is_safe else None,
            "moderation": "wechat",
        }

    def fail_with(self, *failures: int | str | bytes) -> None:
        """Set how the next calls fail, one value for each call that needs an access token.

        An errcode, "html" for status 502, "lost" for a call that succeeds without a response,
        bytes for this response, or 0 for success.
        """
        self.failures.extend(failures)

    @property
    def token(self) -> str:
        return f"token-{self.token_number}"

    # Calls

    def respond(self, path: str, query: dict[str, str], body: Any) -> dict[str, Any]:
        if not isinstance(body, dict):
            raise Refusal(44002 if body is None else 47001)
        if path == "/cgi-bin/stable_token":
            return self._stable_token(body)
        if "access_token" not in query:
            raise Refusal(41001)
        if query["access_token"] != self.token:
            raise Refusal(40001)
        calls = {
            "/cgi-bin/message/subscribe/send": self._send_message,
            "/wxa/media_check_async": self._media_check,
            "/tcb/databaseadd": self._add,
            "/tcb/databasecount": self._count,
            "/tcb/databasedelete": self._delete,
            "/tcb/uploadfile": self._permit_upload,
            "/tcb/batchdeletefile": self._delete_files,
        }
        return {"errcode": 0, "errmsg": "ok", **calls[path](body)}

    def _stable_token(self, body: dict[str, Any]) -> dict[str, Any]:
        _fields(body, {"grant_type": str, "appid": str, "secret": str}, {"force_refresh": bool})
        if body["appid"] != APPID:
            raise Refusal(40013)
        if body["secret"] != SECRET:
            raise Refusal(40125)
        self.token_number += bool(body.get("force_refresh"))
        return {"access_token": self.token, "expires_in": 7200}

    def _send_message(self, body: dict[str, Any]) -> dict[str, Any]:
        _fields(body, MESSAGE_FIELDS)
        if body["touser"] not in self.openids:
            raise Refusal(40003)
        self.messages.append(body)
        return {}

    def _media_check(self, body: dict[str, Any]) -> dict[str, Any]:
        _fields(
            body, {"media_url": str, "media_type": int, "version": int, "openid": str, "scene": int}
        )
        is_supported = body["media_type"] in (1, 2) and body["version"] == 2
        if not is_supported or body["scene"] not in (1, 2, 3, 4):
            raise Refusal(40097)
        url = body["media_url"]
        if not re.match(r"https?://", url) or len(url) > MAX_URL:
            raise Refusal(40097)
        if len(body["openid"]) > MAX_OPENID:
            raise Refusal(40003)
        if body["openid"] not in self.openids:
            raise Refusal(61010)
        trace_id = f"{secrets.token_hex(4)}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
        self.checks[trace_id] = body
        return {"trace_id": trace_id}

    def _add(self, body: dict[str, Any]) -> dict[str, Any]:
        collection, argument, rest = self._query(body, ADD)
        if rest != ")" or set(argument) != {"data"}:
            raise Refusal(40097)
        stored = self.documents.setdefault(collection, {})
        if any(document["_id"] in stored for document in argument["data"]):
            raise Refusal(-502001)
        stored.update({document["_id"]: document for document in argument["data"]})
        return {"id_list": [document["_id"] for document in argument["data"]]}

    def _count(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"count": len(self._found(body, ").count()"))}

    def _delete(self, body: dict[str, Any]) -> dict[str, Any]:
        found = self._found(body, ").remove()")
        for document_id in found:
            for documents in self.documents.values():
                documents.pop(document_id, None)
        return {"deleted": len(found)}

    def _found(self, body: dict[str, Any], end: str) -> list[str]:
        collection, argument, rest = self._query(body, WHERE)
        if rest != end or set(argument) != {"_id"} or not isinstance(argument["_id"], str):
            raise Refusal(40097)
        return [one for one in self.documents.get(collection, {}) if one == argument["_id"]]

    def _query(self, body: dict[str, Any], start: re.Pattern[str]) -> tuple[str, Any, str]:
        """Parse one statement with one literal: the collection, the literal, the text after it."""
        self._in_cloud(body, {"query": str})
        self.queries.append(body["query"])
        match = start.match(body["query"])
        if match is None:
            raise Refusal(40097)
        argument, end = json.JSONDecoder().raw_decode(body["query"], match.end())
        return match[1], argument, body["query"][end:]

    def _permit_upload(self, body: dict[str, Any]) -> dict[str, Any]:
        self._in_cloud(body, {"path": str})
        path = body["path"]
        if not path or path.startswith("/") or len(path.encode()) > MAX_PATH_BYTES:
            raise Refusal(40097)
        permission = {
            "url": f"{self.url}/cos/{path}",
            "token": secrets.token_hex(8),
            "authorization": f"q-sign-algorithm=sha1&q-signature={secrets.token_hex(8)}",
            "file_id": f"cloud://{CLOUD_ENV}.7465-{CLOUD_ENV}/{path}",
            "cos_file_id": base64.b64encode(path.encode()).decode(),
        }
        self.uploads[path] = permission
        return permission

    def receive_file(self, path: str, parts: list[tuple[str, bytes]]) -> int:
        """Receive the second step of an upload: a form whose last part is the file.

        Returns the HTTP status.
        """
        received = {name: value.decode() for name, value in parts[:-1]}
        permission = self.uploads.get(path)
        expected = permission and {
            "key": path,
            "Signature": permission["authorization"],
            "x-cos-security-token": permission["token"],
            "x-cos-meta-fileid": permission["cos_file_id"],
        }
        if permission is None or received != expected or parts[-1][0] != "file":
            return 403
        self.files[permission["file_id"]] = parts[-1][1]
        return 204

    def _delete_files(self, body: dict[str, Any]) -> dict[str, Any]:
        self._in_cloud(body, {"fileid_list": list})
        if not 0 < len(body["fileid_list"]) <= MAX_FILES:
            raise Refusal(40097)
        return {"delete_list": [self._deleted(file_id) for file_id in body["fileid_list"]]}

    def _deleted(self, file_id: str) -> dict[str, Any]:
        if self.files.pop(file_id, None) is None:
            return {"fileid": file_id, "status": -503003, "errmsg": "STORAGE_FILE_NONEXIST"}
        return {"fileid": file_id, "status": 0, "errmsg": "ok"}

    def _in_cloud(self, body: dict[str, Any], needed: dict[str, type]) -> None:
        _fields(body, {"env": str, **needed})
        if body["env"] != CLOUD_ENV:
            raise Refusal(-501001)

    # Pushes

    def push(
        self, trace_id: str, suggest: str | None = "pass", *, form: str = "json", **given: Any
    ) -> dict[str, Any]:
        """Return the push of a result as arguments for httpx. None for a failed check."""
        assert trace_id in self.checks, f"no check was requested with {trace_id!r}"
        label = {"pass": 100, "review": 20002, "risky": 20002}
        event: dict[str, Any] = {
            "ToUserName": ORIGINAL_ID,
            "FromUserName": "or9bw69jaWwJlF-6u0z3qT3KmO2k",
            "CreateTime": int(time.time()),
            "MsgType": "event",
            "Event": "wxa_media_check",
            "appid": APPID,
            "trace_id": trace_id,
            "version": 2,
        }
        if suggest is None:
            event |= {"detail": [], "errcode": -1008, "errmsg": "cannot download"}
        else:
            verdict = {"suggest": suggest, "label": label[suggest]}
            detail = {"strategy": "content_model", "errcode": 0, **verdict, "prob": 90}
            event |= {"detail": [detail], "errcode": 0, "errmsg": "ok", "result": verdict}
        return message(event, form=form, **given)


def message(
    event: dict[str, Any],
    *,
    form: str = "json",
    is_safe: bool = False,
    token: str = PUSH_TOKEN,
    appid: str = APPID,
    at: float | None = None,
) -> dict[str, Any]:
    """Return a push as WeChat signs and sends it, as arguments for httpx."""
    body = json.dumps(event) if form == "json" else f"<xml>{_xml(event)}</xml>"
    timestamp, nonce = str(int(time.time() if at is None else at)), secrets.token_hex(5)
    query = {"timestamp": timestamp, "nonce": nonce, "openid": "o-li"}
    query["signature"] = signature(token, timestamp, nonce)
    if is_safe:
        cipher = encrypt(body.encode(), appid)
        query |= {"encrypt_type": "aes"}
        query["msg_signature"] = signature(token, timestamp, nonce, cipher)
        wrapped = {"ToUserName": ORIGINAL_ID, "Encrypt": cipher}
        body = json.dumps(wrapped) if form == "json" else f"<xml>{_xml(wrapped)}</xml>"
    return {"params": query, "content": body.encode()}


def signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def encrypt(body: bytes, appid: str = APPID) -> str:
    key = base64.b64decode(AES_KEY + "=")
    plain = secrets.token_bytes(16) + len(body).to_bytes(4, "big") + body + appid.encode()
    padding = 32 - len(plain) % 32
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    encrypted_body = encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()
    return base64.b64encode(encrypted_body).decode()


def _xml(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(
            "".join(f"<{name}>{_xml(each)}</{name}>" for each in _as_list(inner))
            for name, inner in value.items()
        )
    if isinstance(value, str):
        return f"<![CDATA[{value}]]>"
    return escape(str(value))


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _fields(
    body: dict[str, Any], needed: dict[str, type], allowed: dict[str, type] | None = None
) -> None:
    known = {**needed, **(allowed or {})}
    if set(needed) - set(body):
        raise Refusal(40101)
    if any(name not in known or type(value) is not known[name] for name, value in body.items()):
        raise Refusal(40097)


class Handler(BaseHTTPRequestHandler):
    """Handles one request; `serve_wechat_services` sets the state of the server."""

    fake: ClassVar[FakeServices]

    def do_GET(self) -> None:
        self._send(200, error_response(43002))

    def do_POST(self) -> None:
        address = urlsplit(self.path)
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with self.fake.lock:
            if address.path.startswith("/cos/"):
                self._send(self.fake.receive_file(address.path[5:], self._parts(data)), None)
            else:
                self._call(address.path, address.query, data)

    def log_message(self, *_: object) -> None:
        pass

    def _call(self, path: str, query: str, data: bytes) -> None:
        self.fake.calls.append(path)
        needs_token = path != "/cgi-bin/stable_token"
        if needs_token:
            self.fake.access_tokens.append(dict(parse_qsl(query)).get("access_token"))
        failure = self.fake.failures.popleft() if self.fake.failures and needs_token else None
        if failure == "html":
            self._send(502, None)
        elif isinstance(failure, bytes):
            self._send_bytes(200, failure)
        elif isinstance(failure, int) and failure != 0:
            self._send(200, error_response(failure))
        else:
            response = self._respond(path, query, data)
            self.close_connection = True
            if failure != "lost":
                self._send(200, response)

    def _respond(self, path: str, query: str, data: bytes) -> dict[str, Any]:
        try:
            return self.fake.respond(
                path, dict(parse_qsl(query)), json.loads(data) if data else None
            )
        except Refusal as refusal:
            return error_response(refusal.errcode)
        except ValueError:
            return error_response(47001)

    def _parts(self, data: bytes) -> list[tuple[str, bytes]]:
        boundary = self.headers["Content-Type"].partition("boundary=")[2].encode()
        parts = [part[2:-2].partition(b"\r\n\r\n") for part in data.split(b"--" + boundary)[1:-1]]
        return [(head.split(b'name="')[1].split(b'"')[0].decode(), body) for head, _, body in parts]

    def _send(self, status: int, response: dict[str, Any] | None) -> None:
        self._send_bytes(status, b"" if response is None else json.dumps(response).encode())

    def _send_bytes(self, status: int, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")  # as WeChat labels its JSON
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def serve_wechat_services() -> Iterator[FakeServices]:
    """Run the server for the duration of the block."""
    fake = FakeServices()
    handler = type("BoundHandler", (Handler,), {"fake": fake})
    with run_http_server(handler) as url:
        fake.url = url
        yield fake
