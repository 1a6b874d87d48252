"""Which URLs a webhook may have: public ones only, to prevent server-side request forgery.

The form of a URL is validated when the webhook is created. The addresses that its host name
resolves to are checked at each delivery, by the sender, which connects to a checked address.
"""

import ipaddress
import re
from typing import Final

import httpx

from core.db.notifications import MAX_URL_LENGTH
from core.errors import InvalidWebhookAddress, PrivateWebhookAddress

HOST: Final = re.compile(r"([a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?|[0-9a-f:.]+", re.ASCII)
MAX_HOST_LENGTH: Final = 253
GLOBAL_UNICAST: Final = ipaddress.IPv6Network("2000::/3")  # all IPv6 addresses of the Internet
# 6to4 and Teredo: they embed an IPv4 address and lie inside 2000::/3. Other such forms (mapped,
# NAT64) lie outside.
TUNNELS: Final = (ipaddress.IPv6Network("2002::/16"), ipaddress.IPv6Network("2001::/32"))


def is_public(address: str) -> bool:
    """Return whether the text is an IP address of the public Internet."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if not ip.is_global or ip.is_multicast or ip.is_reserved:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return True
    return ip in GLOBAL_UNICAST and not any(ip in tunnel for tunnel in TUNNELS)


def is_loopback_host(host: str) -> bool:
    """Return whether a host name or IP address is the loopback interface of this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def validate_destination(text: str, *, allow_private: bool) -> httpx.URL:
    """Parse the URL of a webhook.

    Args:
        text: the URL as the user entered it.
        allow_private: also allow http and private hosts; for development.

    Raises:
        InvalidWebhookAddress: not an https URL with a host, or it contains credentials or a
            fragment.
        PrivateWebhookAddress: the host is a private address, or a name of a private network.
    """
    invalid = InvalidWebhookAddress(longest=MAX_URL_LENGTH, field="url")
    try:
        url = httpx.URL(text)
        host = url.host  # an internationalized name is decoded
    except (httpx.InvalidURL, UnicodeError):
        raise invalid from None
    if (
        len(str(url)) > MAX_URL_LENGTH
        or url.scheme not in (("https", "http") if allow_private else ("https",))
        or url.userinfo
        or url.fragment
        or "#" in text
        or not _has_valid_host_and_port(url)
    ):
        raise invalid
    if not allow_private and _is_private_host(host):
        raise PrivateWebhookAddress(host=host, field="url")
    return url


def _has_valid_host_and_port(url: httpx.URL) -> bool:
    host = url.raw_host.decode("ascii")
    is_host = len(host) <= MAX_HOST_LENGTH and HOST.fullmatch(host) is not None
    return is_host and (url.port is None or 0 < url.port <= 65535)


def _is_private_host(host: str) -> bool:
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return not is_public(name)
