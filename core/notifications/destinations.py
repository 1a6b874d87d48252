"""Where a webhook may point: to the public Internet, and never into our own network.

The form of an address is checked when it is given. What its name stands for is checked each time
something is sent, by the one who connects to the very address that was checked.
"""

import ipaddress
import re
from typing import Final

import httpx

from core.db.notifications import MAX_URL_LENGTH
from core.errors import InvalidWebhookAddress, PrivateWebhookAddress

HOST: Final = re.compile(r"([a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?|[0-9a-f:.]+", re.ASCII)
MAX_HOST: Final = 253
GLOBAL_UNICAST: Final = ipaddress.IPv6Network("2000::/3")  # all that is routed on the Internet
# Ways to write an IPv4 address in IPv6 that lie in it; others (mapped, NAT64) lie outside.
TUNNELS: Final = (ipaddress.IPv6Network("2002::/16"), ipaddress.IPv6Network("2001::/32"))


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public Internet; what is no IP address is not."""
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
    """Whether a host, a name or an IP address, is this machine and nobody else's."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def validate_destination(text: str, *, allow_private: bool) -> httpx.URL:
    """An address as a webhook may have it.

    `allow_private` is for development: http, and this machine, are then as good.

    Raises:
        InvalidWebhookAddress: not an https address with a host and nothing secret in it.
        PrivateWebhookAddress: it names an address that is not on the public Internet.
    """
    invalid = InvalidWebhookAddress(longest=MAX_URL_LENGTH, field="url")
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        raise invalid from None
    schemes = ("https", "http") if allow_private else ("https",)
    has_more = bool(url.userinfo or url.fragment or "#" in text)
    if (
        len(str(url)) > MAX_URL_LENGTH
        or url.scheme not in schemes
        or has_more
        or not _can_be_asked(url)
    ):
        raise invalid
    if not allow_private and _is_private_by_name(url.host):
        raise PrivateWebhookAddress(host=url.host, field="url")
    return url


def _can_be_asked(url: httpx.URL) -> bool:
    """Whether a resolver takes the host and a socket the port."""
    host = url.raw_host.decode("ascii")
    has_host = len(host) <= MAX_HOST and HOST.fullmatch(host) is not None
    return has_host and (url.port is None or 0 < url.port <= 65535)


def _is_private_by_name(host: str) -> bool:
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return not is_public(name)
