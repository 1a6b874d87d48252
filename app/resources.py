"""Everything that routes need and that is created once per process."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from core.db.engine import Database
from core.metrics import ServiceMetrics
from core.picture_urls import PictureURLSigner
from core.queue import Queue
from core.settings import Settings
from core.storage import Storage

if TYPE_CHECKING:  # the features import this module
    from app.accounts.rate_limits import UploadLimiter
    from app.accounts.tokens import TokenSigner
    from app.pictures.reader import PictureReader
    from app.styles.presets import Presets
    from app.stylizations.subscriptions import StatusPoller, StreamLimiter
    from app.stylizations.throughput import ThroughputMeter
    from core.wechat.client import WeChat


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What `app.main` creates from the settings; connections open when they are first used."""

    settings: Settings
    database: Database
    storage: Storage
    queue: Queue
    wechat: "WeChat"
    metrics: ServiceMetrics
    token_signer: "TokenSigner"
    picture_signer: PictureURLSigner
    picture_reader: "PictureReader"
    upload_limiter: "UploadLimiter"
    presets: "Presets"
    throughput_meter: "ThroughputMeter"
    status_poller: "StatusPoller"
    stream_limiter: "StreamLimiter"

    def close(self) -> None:
        """Close the connections."""
        self.database.close()
        self.queue.close()
        self.wechat.close()


def _resources(request: Request) -> Resources:
    resources: Resources = request.app.state.resources
    return resources


OpenResources = Annotated[Resources, Depends(_resources)]


def request_id_of(request: Request) -> str:
    """The id that the middleware gave this request; empty without the middleware."""
    return str(getattr(request.state, "request_id", ""))


def client_url(request: Request, settings: Settings) -> str:
    """The base URL that this client uses, without a trailing slash.

    `DUALTRANS_PUBLIC_URL` if it is set, else the URL of the request, which is also correct behind
    the port mapping of a container.
    """
    return (settings.public_url or str(request.base_url)).rstrip("/")
