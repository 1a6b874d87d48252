"""Health, readiness, and the limits in force. None of these needs a key."""

from fastapi import APIRouter, Response

from app.error_schemas import answers
from app.ops.schemas import ConfigRead, HealthRead, ReadinessRead, TauRange
from app.ops.service import readiness
from app.pictures import FORMAT_NAMES
from app.resources import OpenResources
from app.shared.errors import NotReady

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


@router.get("/v1/config", summary="See the limits in force")
def read_config(resources: OpenResources, response: Response) -> ConfigRead:
    """What a client needs to know before it uploads."""
    settings = resources.settings
    response.headers["Cache-Control"] = "public, max-age=300"
    return ConfigRead(
        max_upload_mb=round(settings.max_upload_bytes / 2**20, 3),
        max_picture_megapixels=settings.max_picture_pixels / 1e6,
        min_side_px=settings.min_side_px,
        result_max_side_px=settings.result_max_side_px,
        max_aspect_ratio=settings.result_max_side_px // settings.min_side_px,
        formats=list(FORMAT_NAMES),
        tau=TauRange(),
        uploads_per_minute=settings.uploads_per_minute,
        max_queued=settings.max_queued_per_owner,
        original_days=settings.original_days,
        result_days=settings.result_days,
        url_lifetime_seconds=settings.url_lifetime_seconds,
    )
