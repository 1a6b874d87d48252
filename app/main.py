"""Creates the service: settings to resources, routers and middleware."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import Depends, FastAPI
from starlette.types import ASGIApp

from app.accounts.rate_limits import UploadLimiter
from app.accounts.router import me
from app.accounts.router import router as accounts
from app.accounts.tokens import TokenSigner
from app.cross_origin import with_cross_origin_headers
from app.error_handlers import install_error_handlers
from app.exports.router import router as exports
from app.methods import HeadMiddleware
from app.middleware import RequestMiddleware, UploadLimitMiddleware, max_body_bytes
from app.moderation.router import router as moderation
from app.notifications.router import router as notifications
from app.operations.router import router as operations
from app.pictures.reader import PictureReader
from app.pictures.router import router as pictures
from app.resources import Resources
from app.sharing.router import router as sharing
from app.static_client.router import client_route
from app.styles.presets import included_presets
from app.styles.router import router as styles
from app.stylizations.router import router as stylizations
from app.stylizations.subscriptions import StatusPoller, StreamLimiter
from app.stylizations.throughput import ThroughputMeter
from app.url_checks import check_url
from core.db.engine import open_database
from core.logs import configure_logging
from core.metrics import ServiceMetrics
from core.picture_urls import PictureURLSigner
from core.queue import open_queue
from core.settings import Settings, signing_secrets
from core.storage import open_storage
from core.wechat.client import open_wechat

ROUTERS = (
    stylizations,
    sharing,
    notifications,
    styles,
    pictures,
    moderation,
    accounts,
    me,
    exports,
    operations,
)

DESCRIPTION = """
Send a photo and receive it in another style.

1. `GET /v1/styles` lists the styles; `POST /v1/styles` adds one of your own.
2. `POST /v1/stylizations` accepts a photo, a `style_id` and a strength `tau`, and returns an `id`.
3. `GET /v1/stylizations/{id}?wait=20` responds when the job has ended; `result.url` is the picture.
   `GET /v1/stylizations/{id}/events` streams its states, and a webhook is called when it ends.

Send your API key as `Authorization: Bearer …` (`dualtrans keys create NAME` creates one). A mini
program sends the token of `POST /v1/auth/wechat`. The scopes of a key limit what it may do. Picture
URLs need no header: they are signed and expire. Every error is
`{"error": {"code", "message", "retryable", "request_id"}}`, with `message` in Chinese or English by
`Accept-Language`. Times are ISO 8601 in UTC; ids are opaque.
"""


class DualTransAPI(FastAPI):
    """FastAPI, with the middleware that must be outside of Starlette's own body limit."""

    resources: Resources

    def build_middleware_stack(self) -> ASGIApp:
        """Wrap the whole application, so that every response has the headers of CORS."""
        settings = self.resources.settings
        app = UploadLimitMiddleware(super().build_middleware_stack(), settings)
        return RequestMiddleware(
            with_cross_origin_headers(app, settings.cors_origins), self.resources.metrics
        )


def create_app(settings: Settings | None = None) -> FastAPI:
    """Create the service. Without `settings`, read the environment and configure the logs.

    No connection is opened yet, but the secrets and the presets are checked.

    Usage: `uvicorn --factory app.main:create_app`.
    """
    if settings is None:
        settings = Settings()
        configure_logging(settings.log_level, settings.log_format)
    resources = create_resources(settings)
    app = DualTransAPI(
        title="DualTrans",
        summary="Arbitrary style transfer with Transformers.",
        description=DESCRIPTION,
        version="0.1.0",
        max_body_size=max_body_bytes(settings),
        lifespan=_lifespan(resources),
        dependencies=[Depends(check_url)],
        generate_unique_id_function=lambda route: route.name,  # method names of generated clients
    )
    app.resources = app.state.resources = resources
    app.add_middleware(HeadMiddleware)
    install_error_handlers(app, settings)
    for router in ROUTERS:
        app.include_router(router)
    app.router.routes.append(client_route(settings))  # last: API routes take precedence
    return app


def create_resources(settings: Settings) -> Resources:
    """Create everything that routes need. Connections open when they are first used."""
    database = open_database(settings)
    metrics = ServiceMetrics()
    secrets = signing_secrets(settings)
    return Resources(
        settings=settings,
        database=database,
        storage=open_storage(settings),
        queue=open_queue(settings),
        wechat=open_wechat(settings),
        metrics=metrics,
        token_signer=TokenSigner(secrets),
        picture_signer=PictureURLSigner(secrets, lifetime_seconds=settings.url_lifetime_seconds),
        picture_reader=PictureReader(settings, metrics),
        upload_limiter=UploadLimiter(settings),
        presets=included_presets(),
        throughput_meter=ThroughputMeter(database),
        status_poller=StatusPoller(database),
        stream_limiter=StreamLimiter(settings.max_streams_per_owner),
    )


def _lifespan(resources: Resources) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        resources.close()

    return lifespan
