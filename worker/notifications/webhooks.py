"""Sends notifications to webhooks, signed as Standard Webhooks defines, to public addresses only.

Protection against server-side request forgery: the host name is resolved once, every address that
it resolves to must be public, and the connection goes to an address that was checked, with the
name in `Host` and in the TLS handshake. A later change of the DNS record therefore has no effect.
Redirects are not followed, proxies of the environment are not used, and the body of a response is
not read.
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

Resolver = Callable[[str, int], Awaitable[list[str]]]

CONNECT_TIMEOUT_SECONDS: Final = 3.0
READ_TIMEOUT_SECONDS: Final = 8.0  # between two chunks; the dispatcher limits the whole attempt
MAX_ADDRESSES_TRIED: Final = 2
GONE: Final = 410
DEFAULT_PORTS: Final = {"https": 443, "http": 80}


async def resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host name, in the order in which to try them."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class WebhookSender:
    """Sends each notification as one POST request."""

    def __init__(
        self,
        *,
        signer: PictureURLSigner,
        allow_private: bool,
        resolve: Resolver = resolve,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        """Configure the sender.

        Args:
            signer: signs the path of the result in the payload.
            allow_private: allow http and private addresses; for development.
            resolve: returns the addresses of a host name.
            tls_context: the certificate authorities to trust instead of the usual ones.
        """
        self._signer = signer
        self._allow_private = allow_private
        self._resolve = resolve
        self._tls_context = tls_context or httpx.create_ssl_context()

    async def send(self, outgoing: OutgoingNotification) -> None:
        """Send a notification once.

        Raises:
            DeliveryFailed: the address is not allowed, no connection was possible, or the
                response was not 2xx.
        """
        if outgoing.webhook is None or outgoing.webhook.disabled_at is not None:
            raise DeliveryFailed("the webhook is disabled", is_final=True)
        url = self._validated(outgoing.webhook.url)
        body = json.dumps(self._payload(outgoing), separators=(",", ":")).encode()
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
            raise DeliveryFailed("responded with status 410 (Gone)", ends_webhook=True)
        if 300 <= status < 400:
            raise DeliveryFailed(f"responded with status {status}; redirects are not followed")
        if not 200 <= status < 300:
            raise DeliveryFailed(f"responded with status {status}")

    def _validated(self, address: str) -> httpx.URL:
        try:
            return validate_destination(address, allow_private=self._allow_private)
        except AppError as refusal:  # the webhook was created under other settings
            raise DeliveryFailed(refusal.message("en")) from refusal

    def _payload(self, outgoing: OutgoingNotification) -> dict[str, Any]:
        row, result = outgoing.stylization, outgoing.result
        now = now_utc()
        result_path = None
        if result is not None and result.is_available(now):
            result_path = self._signer.path(
                result.id, result.file_format, now=now, expires_at=result.expires_at
            )
        return {
            "id": outgoing.notification.id,
            "type": outgoing.notification.event,
            "created_at": row.finished_at and row.finished_at.isoformat(),
            "data": {
                "stylization_id": row.id,
                "status": row.status,
                "error_code": row.error_code,
                "path": f"/v1/stylizations/{row.id}",
                "result_path": result_path,
            },
        }

    async def _post(self, url: httpx.URL, headers: dict[str, str], body: bytes) -> int:
        """Return the status of the first address that accepts a connection."""
        host = url.raw_host.decode("ascii")
        addresses = await self._public_addresses(host, url.port or DEFAULT_PORTS[url.scheme])
        reason = ""
        timeout = httpx.Timeout(READ_TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS)
        async with httpx.AsyncClient(
            verify=self._tls_context, timeout=timeout, trust_env=False, follow_redirects=False
        ) as http:
            for address in addresses[:MAX_ADDRESSES_TRIED]:
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
                    reason = f"the connection failed ({type(error).__name__})"
                    continue
                except httpx.HTTPError as error:
                    raise DeliveryFailed(f"no response ({type(error).__name__})") from error
                await response.aclose()
                return response.status_code
        raise DeliveryFailed(reason)

    async def _public_addresses(self, host: str, port: int) -> list[str]:
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise DeliveryFailed("the host name cannot be resolved") from error
        if not addresses:
            raise DeliveryFailed("the host name cannot be resolved")
        if not self._allow_private and not all(is_public(address) for address in addresses):
            raise DeliveryFailed("the host name resolves to an address that is not public")
        return addresses


def signed_headers(
    secret: str, notification_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """Return the three headers of Standard Webhooks, version 1."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{notification_id}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    return {
        "webhook-id": notification_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }
