"""Sends notices to webhooks: signed as the Standard Webhooks say, and never into our own network.

A name is resolved once; every address that it stands for must be public; the connection goes to
the very address that was checked, with the name in `Host` and in the TLS handshake. So a name that
stands for something else a moment later changes nothing. Redirects are not followed, proxies of
the environment are not used, and the body of an answer is not read.
"""

import asyncio
import base64
import hmac
import json
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

import httpx

from core.db.base import now_utc
from core.db.notifications import SECRET_PREFIX
from core.errors import AppError
from core.notifications.destinations import is_public, validate_destination
from core.picture_urls import PictureURLSigner
from worker.notifications.senders import DeliveryFailed, OutgoingNotification

Resolve = Callable[[str, int], Awaitable[list[str]]]

CONNECT_SECONDS: Final = 3.0
ANSWER_SECONDS: Final = 8.0  # between two signs of life; the courier limits the whole
MOST_ADDRESSES_TRIED: Final = 2
GONE: Final = 410  # "do not call again"
PORTS: Final = {"https": 443, "http": 80}


async def resolve(host: str, port: int) -> list[str]:
    """The addresses that a name stands for, in the order in which to try them."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class WebhookSender:
    """One POST for one notification."""

    def __init__(
        self,
        *,
        signer: PictureURLSigner,
        allow_private: bool,
        resolve: Resolve = resolve,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        """`allow_private` is for development; `trusted` stands in for the usual authorities."""
        self._signer = signer
        self._allow_private = allow_private
        self._resolve = resolve
        self._trusted = trusted or httpx.create_ssl_context()

    async def send(self, outgoing: OutgoingNotification) -> None:
        """Post it.

        Raises:
            DeliveryFailed: no connection, an answer other than 2xx, or an address that is not public.
        """
        if outgoing.webhook is None or outgoing.webhook.disabled_at is not None:
            raise DeliveryFailed("its webhook was disabled", is_final=True)
        url = self._checked(outgoing.webhook.url)
        body = json.dumps(self._content(outgoing), separators=(",", ":")).encode()
        headers = {
            **signed_headers(
                outgoing.webhook.secret, outgoing.notification.id, int(time.time()), body
            ),
            "Content-Type": "application/json",
            "User-Agent": "DualTrans-Webhooks/1",
            "Host": url.netloc.decode("ascii"),
        }
        status = await self._post(url, headers, body)
        if status == GONE:
            raise DeliveryFailed("it answers 410: nothing more is wanted", ends_webhook=True)
        if 300 <= status < 400:
            raise DeliveryFailed(f"it answers {status}, and redirects are not followed")
        if not 200 <= status < 300:
            raise DeliveryFailed(f"it answers {status}")

    def _checked(self, address: str) -> httpx.URL:
        try:
            return validate_destination(address, allow_private=self._allow_private)
        except AppError as refusal:  # it was added when that was allowed
            raise DeliveryFailed(refusal.message("en")) from refusal

    def _content(self, outgoing: OutgoingNotification) -> dict[str, Any]:
        row, result = outgoing.stylization, outgoing.result
        now = now_utc()
        path = None
        if result is not None and result.is_available(now):
            path = self._signer.path(result.id, now=now, expires_at=result.expires_at)
        return {
            "id": outgoing.notification.id,
            "type": outgoing.notification.event,
            "created_at": row.finished_at and row.finished_at.isoformat(),
            "data": {
                "stylization_id": row.id,
                "status": row.status,
                "error_code": row.error_code,
                "path": f"/v1/stylizations/{row.id}",
                "result_path": path,
            },
        }

    async def _post(self, url: httpx.URL, headers: dict[str, str], body: bytes) -> int:
        host = url.raw_host.decode("ascii")
        addresses = await self._addresses(host, url.port or PORTS[url.scheme])
        reason = ""
        timeout = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
        async with httpx.AsyncClient(
            verify=self._trusted, timeout=timeout, trust_env=False, follow_redirects=False
        ) as http:
            for address in addresses[:MOST_ADDRESSES_TRIED]:
                request = http.build_request(
                    "POST",
                    url.copy_with(host=address),
                    headers=headers,
                    content=body,
                    extensions={"sni_hostname": host},
                )
                try:
                    response = await http.send(request, stream=True)
                except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                    reason = f"no connection ({type(error).__name__})"
                    continue
                except httpx.HTTPError as error:
                    raise DeliveryFailed(f"no answer ({type(error).__name__})") from error
                await response.aclose()
                return response.status_code
        raise DeliveryFailed(reason)

    async def _addresses(self, host: str, port: int) -> list[str]:
        try:
            found = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise DeliveryFailed("its name is not known") from error
        if not found:
            raise DeliveryFailed("its name is not known")
        if not self._allow_private and not all(is_public(address) for address in found):
            raise DeliveryFailed("its name stands for an address that is not public")
        return found


def signed_headers(secret: str, notice_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of the Standard Webhooks, version 1."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{notice_id}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    return {
        "webhook-id": notice_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }
