"""Reads what WeChat pushes: its signature, its cipher (safe mode), its JSON or XML."""

import base64
import hashlib
import hmac
import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal
from xml.parsers import expat

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from pydantic import BaseModel, Field

from core.db.moderation import MAX_TRACE_ID
from core.errors import BadRequest, Forbidden

FRESH: Final = timedelta(minutes=15)  # either way; an address that was seen holds no longer
MAX_TIMESTAMP_DIGITS: Final = 12
MAX_INT: Final = 2**31 - 1  # of a column

# The plain text of safe mode: 16 random bytes, the length in 4 bytes, the message, the appid
RANDOM_BYTES: Final = 16
LENGTH_BYTES: Final = 4
CIPHER_BLOCK: Final = 16
LONGEST_PADDING: Final = 32  # WeChat pads to blocks of 32


@dataclass(frozen=True)
class Seal:
    """What stands in the address of a push."""

    timestamp: str
    nonce: str
    signature: str = ""  # of these two alone
    msg_signature: str = ""  # of the cipher as well; in safe mode


class Verdict(BaseModel):
    """The result over all of WeChat's models."""

    suggest: Literal["pass", "review", "risky"]
    label: Annotated[int, Field(ge=0, le=MAX_INT)] | None = None


class MediaCheck(BaseModel):
    """The event `wxa_media_check`, version 2. With an `errcode` nothing could be checked."""

    event: Literal["wxa_media_check"] = Field(alias="Event")
    appid: str | None = None
    trace_id: str = Field(max_length=MAX_TRACE_ID, pattern=r"^[!-~]+$")
    errcode: int = 0
    result: Verdict | None = None


class PushReader:
    """Reads pushes that carry our token's signature, and no others.

    With `aes_key`, the console's EncodingAESKey, only safe mode is taken: a plain signature
    does not cover the message.
    """

    def __init__(self, token: str, *, aes_key: str | None, appid: str | None) -> None:
        """All three as WeChat's console has them."""
        self._token = token
        self._key = base64.b64decode(f"{aes_key}=") if aes_key else None
        self._appid = appid

    def check(self, seal: Seal, *, now: datetime) -> None:
        """Check the signature of the address itself.

        Raises:
            Forbidden: it is not WeChat's, or too old.
        """
        self._check(seal, seal.signature, now)

    def read(self, body: bytes, seal: Seal, *, now: datetime) -> dict[str, Any]:
        """The message as its fields.

        Raises:
            Forbidden: it is not WeChat's, too old, or for another mini program.
            BadRequest: it cannot be read.
        """
        if self._key is None:
            self.check(seal, now=now)
            return _fields(body)
        cipher = _fields(body).get("Encrypt")
        if not isinstance(cipher, str):
            raise Forbidden
        self._check(seal, seal.msg_signature, now, cipher)
        return _fields(self._opened(self._key, cipher))

    def _check(self, seal: Seal, given: str, now: datetime, *more: str) -> None:
        signed = "".join(sorted((self._token, seal.timestamp, seal.nonce, *more)))
        ours = hashlib.sha1(signed.encode()).hexdigest()  # noqa: S324  # WeChat's choice
        if not hmac.compare_digest(ours.encode(), given.encode()):
            raise Forbidden
        if not _is_fresh(seal.timestamp, now):
            raise Forbidden

    def _opened(self, key: bytes, text: str) -> bytes:
        try:
            cipher = base64.b64decode(text, validate=True)
            opener = Cipher(algorithms.AES(key), modes.CBC(key[:CIPHER_BLOCK])).decryptor()
            plain = opener.update(cipher) + opener.finalize()
        except ValueError as error:
            raise BadRequest(reason="the cipher cannot be read") from error
        padding = plain[-1] if plain else 0
        if not 1 <= padding <= LONGEST_PADDING:
            raise BadRequest(reason="the cipher cannot be read")
        plain = plain[RANDOM_BYTES:-padding]
        end = LENGTH_BYTES + int.from_bytes(plain[:LENGTH_BYTES], "big")
        if self._appid is not None and plain[end:] != self._appid.encode():
            raise Forbidden
        return plain[LENGTH_BYTES:end]


def _is_fresh(timestamp: str, now: datetime) -> bool:
    is_number = timestamp.isascii() and timestamp.isdigit()
    if not is_number or len(timestamp) > MAX_TIMESTAMP_DIGITS:
        return False
    return abs(now.timestamp() - int(timestamp)) <= FRESH.total_seconds()


def _fields(body: bytes) -> dict[str, Any]:
    """JSON or XML, whichever the console is set to."""
    try:
        fields = _xml_fields(body) if body.lstrip().startswith(b"<") else json.loads(body)
    except (ValueError, RecursionError, expat.ExpatError) as error:
        raise BadRequest(reason="the message is neither JSON nor XML") from error
    if not isinstance(fields, dict):
        raise BadRequest(reason="the message is not an object")
    return fields


def _xml_fields(body: bytes) -> dict[str, Any]:
    """The elements below the root by name: their text, or their own elements by name."""
    texts: dict[tuple[str, ...], str] = defaultdict(str)
    path: list[str] = []

    def read(text: str) -> None:
        texts[tuple(path[1:])] += text

    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, _: path.append(name)
    parser.EndElementHandler = lambda _: path.pop()
    parser.CharacterDataHandler = read
    parser.StartDoctypeDeclHandler = _refuse_doctype  # no push has one; bombs do
    parser.Parse(body, True)  # noqa: FBT003  # expat's signature
    fields: dict[str, Any] = {path[0]: text for path, text in texts.items() if len(path) == 1}
    for inner in (path for path in texts if len(path) == 2):
        if not isinstance(fields.get(inner[0]), dict):
            fields[inner[0]] = {}
        fields[inner[0]][inner[1]] = texts[inner]
    return fields


def _refuse_doctype(*_: object) -> None:
    raise ValueError("a document type is declared")
