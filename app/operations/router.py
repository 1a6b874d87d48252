"""Health, readiness, metrics and the configuration for clients; none of them needs a key."""

from fastapi import APIRouter, Response

from app.error_schemas import error_responses
from app.languages import ResponseLanguage
from app.operations.dependencies import ReadableMetrics
from app.operations.schemas import ConfigRead, HealthRead, ReadinessRead
from app.operations.service import metrics_text, readiness
from app.resources import OpenResources
from core.errors import NotReady
from core.metrics import CONTENT_TYPE

router = APIRouter(tags=["operation"])


@router.get("/healthz", summary="Check that the process runs")
def is_alive() -> HealthRead:
    """For supervisors: restart the process when there is no response."""
    return HealthRead()


@router.get(
    "/readyz",
    summary="Check that uploads are accepted",
    responses=error_responses(NotReady, guarded=False),
)
def is_ready(resources: OpenResources, response: Response) -> ReadinessRead:
    """For load balancers: 503 when the database or the storage is not reachable.

    `degraded` means that Redis is not reachable or no worker runs: uploads are accepted and wait.
    """
    checks = readiness(resources)
    response.headers["Cache-Control"] = "no-store"
    is_complete = checks.queue == "ok" and checks.worker == "ok"
    return ReadinessRead(status="ready" if is_complete else "degraded", checks=checks)


# Not in the OpenAPI description: the format is Prometheus's, and API clients do not read it.
@router.get("/metrics", include_in_schema=False)
def show_metrics(resources: OpenResources, metrics: ReadableMetrics) -> Response:
    """Metrics for Prometheus, with a token or from a private address; see docs/operations.md."""
    return Response(
        metrics_text(resources, metrics),
        media_type=CONTENT_TYPE,
        headers={"Cache-Control": "no-store"},
    )


@router.get("/v1/config", summary="Get the configuration", responses=error_responses(guarded=False))
def read_config(
    resources: OpenResources, language: ResponseLanguage, response: Response
) -> ConfigRead:
    """Limits, formats and texts that a client needs before it uploads."""
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Vary"] = "Accept-Language"
    return ConfigRead.of(resources.settings, language)
