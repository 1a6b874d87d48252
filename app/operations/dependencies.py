"""Access to the metrics: with the token, or from a private address when no token is set."""

import hmac
from typing import Annotated

from fastapi import Depends, Request

from app.proxies import is_from_private_address
from app.resources import OpenResources
from core.errors import Forbidden, Unauthenticated
from core.metrics import ServiceMetrics


def _readable_metrics(request: Request, resources: OpenResources) -> ServiceMetrics:
    """The metrics of this process.

    With `DUALTRANS_METRICS_TOKEN`, a request that contains the token may read them from anywhere.
    Without it, clients with a loopback or private address that use no proxy may. Pages of other
    origins may not, even if CORS allows them: the browser that shows them may have such an address.

    Raises:
        Unauthenticated: the token is missing or wrong.
        Forbidden: no token is set, and the client's address is not private or a page has asked.
    """
    token = resources.settings.metrics_token
    if token is not None:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), token.encode()):
            raise Unauthenticated
    elif not is_from_private_address(request) or "Origin" in request.headers:
        raise Forbidden
    return resources.metrics


ReadableMetrics = Annotated[ServiceMetrics, Depends(_readable_metrics)]
