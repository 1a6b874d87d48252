"""Who may read the numbers: who shows the token, or, where none is set, who is near."""

import hmac
import ipaddress
from typing import Annotated

from fastapi import Depends, Request

from app.accounts.dependencies import is_forwarded
from app.resources import OpenResources
from core.errors import Forbidden, Unauthenticated
from core.metrics import ServiceMetrics


def _readable_metrics(request: Request, resources: OpenResources) -> ServiceMetrics:
    """The numbers of this process.

    With `DUALTRANS_METRICS_TOKEN` whoever shows it may read them, from anywhere. Without it, a
    client with a loopback or private address that has come through no proxy: behind one, every
    client of the world would look as near as the proxy.

    Raises:
        Unauthenticated: the token is missing or another one.
        Forbidden: there is no token, and the client is not near.
    """
    token = resources.settings.metrics_token
    if token is not None:
        shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(shown.encode(), token.encode()):
            raise Unauthenticated
    elif not _is_near(request):
        raise Forbidden
    metrics: ServiceMetrics = request.app.state.metrics
    return metrics


ReadableMetrics = Annotated[ServiceMetrics, Depends(_readable_metrics)]


def _is_near(request: Request) -> bool:
    if request.client is None or is_forwarded(request):
        return False
    try:
        address = ipaddress.ip_address(request.client.host)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped  # as such it would count as private, whatever it is
    return address.is_loopback or address.is_private
