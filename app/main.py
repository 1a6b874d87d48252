"""Wires the rooms of the service together; nothing else."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

from app.accounts.rate_limits import UploadRate
from app.accounts.router import me
from app.accounts.router import router as accounts
from app.accounts.tokens import TokenSigner
from app.error_handlers import install_error_responses
from app.exports.router import router as exports
from app.middleware import RequestMiddleware, max_body_bytes
from app.moderation.router import router as moderation
from app.notifications.router import router as notices
from app.operations.router import router as ops
from app.pictures.reader import PictureReader
from app.pictures.router import router as media
from app.resources import Resources
from app.sharing.router import router as sharing
from app.static_client.router import Showcase
from app.styles.presets import Presets
from app.styles.router import router as styles
from app.stylizations.router import router as stylizations
from app.stylizations.subscriptions import StatusPoller, StreamLimiter
from app.stylizations.throughput import ThroughputMeter
from core.db.engine import open_database
from core.logs import configure_logging
from core.metrics import ServiceMetrics
from core.picture_urls import PictureURLSigner
from core.queue import open_queue
from core.settings import Settings, signing_secrets
from core.storage import open_storage
from core.wechat.client import WeChat, open_wechat

DESCRIPTION = """
Send a photograph, get it back in another style.

1. `GET /v1/styles` lists the styles; `POST /v1/styles` adds one of your own.
2. `POST /v1/stylizations` takes a photograph, a `style_id` and a strength `tau`, and gives an `id`.
3. `GET /v1/stylizations/{id}?wait=20` answers when it has ended; `result.url` is the picture.
   `GET /v1/stylizations/{id}/events` streams what becomes of it; a webhook is told of its end.

Send your key as `Authorization: Bearer …` (`dualtrans keys create NAME` makes one); a mini program
sends the token of `POST /v1/auth/wechat`. A key may do what its scopes say. Picture addresses need
no header: they are signed and expire. Errors are always
`{"error": {"code", "message", "retryable", "request_id"}}`, with `message` in Chinese or English by
`Accept-Language`. Times are ISO 8601 in UTC; ids are opaque.
"""


class DualTransAPI(FastAPI):
    """FastAPI within our own edge, which must stand outside Starlette's body limit."""

    settings: Settings
    metrics: ServiceMetrics

    def build_middleware_stack(self) -> ASGIApp:
        """Put the edge around everything."""
        return RequestMiddleware(super().build_middleware_stack(), self.settings, self.metrics)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the service; without settings it is a process of its own and reads the environment.

    Nothing is connected yet, but what must be right is checked here: the secrets, the presets.

    Usage: `uvicorn --factory app.main:create_app`.
    """
    if settings is None:
        settings = Settings()
        configure_logging(settings.log_level, settings.log_format)
    resources = Resources(
        settings, open_database(settings), open_storage(settings), open_queue(settings)
    )
    wechat = open_wechat(settings)
    app = DualTransAPI(
        title="DualTrans",
        summary="Arbitrary style transfer with Transformers.",
        description=DESCRIPTION,
        version="0.1.0",
        max_body_size=max_body_bytes(settings),
        lifespan=_closing(resources, wechat),
        generate_unique_id_function=lambda route: route.name,  # what generated clients call it
    )
    app.settings = settings
    app.metrics = app.state.metrics = ServiceMetrics()
    secrets = signing_secrets(settings)
    app.state.resources = resources
    app.state.token_signer = TokenSigner(secrets)
    app.state.picture_signer = PictureURLSigner(
        secrets, lifetime_seconds=settings.url_lifetime_seconds
    )
    app.state.wechat = wechat
    app.state.upload_rate = UploadRate(settings)
    app.state.picture_reader = PictureReader(settings, app.metrics)
    app.state.presets = Presets.load()
    app.state.throughput_meter = ThroughputMeter(resources.database)
    app.state.status_poller = StatusPoller(resources.database)
    app.state.stream_limiter = StreamLimiter(settings.max_streams_per_owner)
    install_error_responses(app, settings)
    routers = (stylizations, sharing, notices, styles, media, moderation)
    for router in (*routers, accounts, me, exports, ops):
        app.include_router(router)
    app.router.routes.append(Showcase(settings))  # last: what the API answers stays the API's
    return app


def _closing(
    resources: Resources, wechat: WeChat
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        resources.database.close()
        resources.queue.close()
        wechat.close()

    return lifespan
