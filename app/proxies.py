"""Where a request comes from: this machine, a private address, or a proxy."""

import ipaddress
from typing import Final

from fastapi import Request

from core.notifications.destinations import is_loopback_host

PROXY_HEADERS: Final = frozenset({"forwarded", "x-forwarded-for", "x-real-ip"})


def is_from_this_machine(request: Request) -> bool:
    """Whether client and host name are loopback, and no proxy has forwarded the request.

    The host name counts because a foreign page in a browser on this machine can resolve its own
    name to this machine (DNS rebinding).
    """
    if request.client is None or _is_forwarded(request):
        return False
    return is_loopback_host(request.client.host) and is_loopback_host(request.url.hostname or "")


def is_from_private_address(request: Request) -> bool:
    """Whether the client has a loopback or private address and no proxy has forwarded the request.

    Behind a proxy, every client of the Internet would have the private address of the proxy.
    """
    if request.client is None or _is_forwarded(request):
        return False
    try:
        address = ipaddress.ip_address(request.client.host)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped  # the IPv4 address decides
    return address.is_loopback or address.is_private


def _is_forwarded(request: Request) -> bool:
    return not PROXY_HEADERS.isdisjoint(request.headers)
