"""Verifies, decrypts and parses the messages that WeChat pushes.

In plain mode a message is signed JSON or XML. In safe mode it is also encrypted with AES.
"""

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

from app.client_text import VISIBLE_ASCII
from core.db.moderation import MAX_TRACE_ID_LENGTH
from core.errors import BadRequest, Forbidden
from core.languages import LocalizedText

MAX_CLOCK_DIFFERENCE: Final = timedelta(minutes=15)  # limits the replay of a signed request
MAX_TIMESTAMP_DIGITS: Final = 12
MAX_INT: Final = 2**31 - 1  # of an INTEGER column

# Plain text in safe mode: 16 random bytes, length of the message (4 bytes), message, appid
RANDOM_BYTES: Final = 16
LENGTH_BYTES: Final = 4
CIPHER_BLOCK: Final = 16
MAX_PADDING: Final = 32  # WeChat pads to blocks of 32 bytes

NOT_DECRYPTED: Final = LocalizedText(zh="消息无法解密", en="the message cannot be decrypted")


@dataclass(frozen=True)
class PushSignature:
    """The signature parameters in the query string of a push."""

    timestamp: str
    nonce: str
    signature: str = ""  # of token, timestamp and nonce
    msg_signature: str = ""  # of these and the cipher text; in safe mode only


class Verdict(BaseModel):
    """The combined result of all of WeChat's models."""

    suggest: Literal["pass", "review", "risky"]
    label: Annotated[int, Field(ge=0, le=MAX_INT)] | None = None


class MediaCheckEvent(BaseModel):
    """The event `wxa_media_check`, version 2. A nonzero `errcode` means that the check failed."""

    event: Literal["wxa_media_check"] = Field(alias="Event")
    appid: str | None = None
    trace_id: str = Field(max_length=MAX_TRACE_ID_LENGTH, pattern=VISIBLE_ASCII)
    errcode: int = 0
    result: Verdict | None = None


class PushReader:
    """Reads pushes that are signed with our token and rejects all others.

    With `aes_key`, the EncodingAESKey of the WeChat console, only safe mode is accepted: the
    signature of plain mode does not cover the message.
    """

    def __init__(self, token: str, *, aes_key: str | None, appid: str | None) -> None:
        """Pass all three values as the WeChat console shows them."""
        self._token = token
        self._key = base64.b64decode(f"{aes_key}=") if aes_key else None
        self._appid = appid

    def verify(self, push: PushSignature, *, now: datetime) -> None:
        """Verify the signature of plain mode, which covers the query string only.

        Raises:
            Forbidden: the signature is wrong, or the timestamp differs by more than 15 minutes.
        """
        self._verify(push, push.signature, now)

    def read(self, body: bytes, push: PushSignature, *, now: datetime) -> dict[str, Any]:
        """Return the fields of a verified message.

        Raises:
            Forbidden: the signature is wrong, the timestamp differs by more than 15 minutes, or
                the message is for another mini program.
            BadRequest: the message cannot be decrypted or parsed.
        """
        if self._key is None:
            self.verify(push, now=now)
            return _fields(body)
        cipher = _fields(body).get("Encrypt")
        if not isinstance(cipher, str) or not cipher.isascii():  # base64 is ASCII
            raise Forbidden
        self._verify(push, push.msg_signature, now, cipher)
        return _fields(self._decrypt(self._key, cipher))

    def _verify(
        self, push: PushSignature, received: str, now: datetime, *signed_parts: str
    ) -> None:
        signed = "".join(sorted((self._token, push.timestamp, push.nonce, *signed_parts)))
        expected = hashlib.sha1(signed.encode()).hexdigest()  # noqa: S324  # WeChat's choice
        if not hmac.compare_digest(expected.encode(), received.encode()):
            raise Forbidden
        if not _is_recent(push.timestamp, now):
            raise Forbidden

    def _decrypt(self, key: bytes, text: str) -> bytes:
        try:
            cipher = base64.b64decode(text, validate=True)
            decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:CIPHER_BLOCK])).decryptor()
            plain = decryptor.update(cipher) + decryptor.finalize()
        except ValueError as error:
            raise BadRequest(NOT_DECRYPTED) from error
        padding = plain[-1] if plain else 0
        if not 1 <= padding <= MAX_PADDING:
            raise BadRequest(NOT_DECRYPTED)
        plain = plain[RANDOM_BYTES:-padding]
        end = LENGTH_BYTES + int.from_bytes(plain[:LENGTH_BYTES], "big")
        if self._appid is not None and plain[end:] != self._appid.encode():
            raise Forbidden
        return plain[LENGTH_BYTES:end]


def _is_recent(timestamp: str, now: datetime) -> bool:
    is_number = timestamp.isascii() and timestamp.isdigit()
    if not is_number or len(timestamp) > MAX_TIMESTAMP_DIGITS:
        return False
    return abs(now.timestamp() - int(timestamp)) <= MAX_CLOCK_DIFFERENCE.total_seconds()


def _fields(body: bytes) -> dict[str, Any]:
    """Parse JSON or XML. The WeChat console selects which of them is sent."""
    try:
        fields = _xml_fields(body) if body.lstrip().startswith(b"<") else json.loads(body)
    except (ValueError, RecursionError, expat.ExpatError) as error:
        reason = LocalizedText(
            zh="消息既不是 JSON，也不是 XML", en="the message is neither JSON nor XML"
        )
        raise BadRequest(reason) from error
    if not isinstance(fields, dict):
        raise BadRequest(LocalizedText(zh="消息须为对象", en="the message must be an object"))
    return fields


def _xml_fields(body: bytes) -> dict[str, Any]:
    """Return the children of the root by name: their text, or a dict of their own children."""
    texts: dict[tuple[str, ...], str] = defaultdict(str)
    path: list[str] = []

    def read(text: str) -> None:
        texts[tuple(path[1:])] += text

    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, _: path.append(name)
    parser.EndElementHandler = lambda _: path.pop()
    parser.CharacterDataHandler = read
    # Pushes have no DOCTYPE, and entity expansion attacks need one.
    parser.StartDoctypeDeclHandler = _reject_doctype
    parser.Parse(body, True)  # noqa: FBT003  # expat's signature
    fields: dict[str, Any] = {path[0]: text for path, text in texts.items() if len(path) == 1}
    for inner in (path for path in texts if len(path) == 2):
        if not isinstance(fields.get(inner[0]), dict):
            fields[inner[0]] = {}
        fields[inner[0]][inner[1]] = texts[inner]
    return fields


def _reject_doctype(*_: object) -> None:
    raise ValueError("a document type declaration is not allowed")
