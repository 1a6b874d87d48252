"""Health, readiness, the numbers, and the limits in force. None of these needs a key."""

from fastapi import APIRouter, Response

from app.error_schemas import answers
from app.languages import ReaderLanguage
from app.operations.dependencies import ReadableMetrics
from app.operations.schemas import ConfigRead, HealthRead, ReadinessRead
from app.operations.service import metrics_text, readiness
from app.resources import OpenResources
from core.errors import NotReady
from core.metrics import CONTENT_TYPE

router = APIRouter(tags=["operation"])


@router.get("/healthz", summary="Is the process alive?")
def is_alive() -> HealthRead:
    """For a supervisor: restart the process when this does not answer."""
    return HealthRead()


@router.get("/readyz", summary="Can it take uploads?", responses=answers(NotReady, guarded=False))
def is_ready(resources: OpenResources, response: Response) -> ReadinessRead:
    """For a load balancer: 503 when database or storage is away.

    `degraded` means that Redis or every worker is away: uploads are taken, and wait.
    """
    checks = readiness(resources)
    response.headers["Cache-Control"] = "no-store"
    is_whole = checks.queue == "ok" and checks.worker == "ok"
    return ReadinessRead(status="ready" if is_whole else "degraded", checks=checks)


# Not in the description of the API: its form is Prometheus's, and no client of ours reads it.
@router.get("/metrics", include_in_schema=False)
def show_metrics(resources: OpenResources, metrics: ReadableMetrics) -> Response:
    """For Prometheus, by token or from a private address: see README.md."""
    return Response(
        metrics_text(resources, metrics),
        media_type=CONTENT_TYPE,
        headers={"Cache-Control": "no-store"},
    )


@router.get("/v1/config", summary="See the limits in force", responses=answers(guarded=False))
def read_config(
    resources: OpenResources, language: ReaderLanguage, response: Response
) -> ConfigRead:
    """What a client needs to know before it uploads."""
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Vary"] = "Accept-Language"
    return ConfigRead.of(resources.settings, language)
