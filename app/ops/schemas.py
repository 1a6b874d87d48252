"""What the ops room gives over HTTP."""

from typing import Literal

from pydantic import BaseModel, Field

CheckResult = Literal["ok", "away"]


class HealthRead(BaseModel):
    """The process answers; nothing else is said."""

    status: Literal["ok"] = "ok"


class Checks(BaseModel):
    """What the service stands on."""

    database: CheckResult = Field(description="Takes a write.")
    storage: CheckResult = Field(description="Has room for pictures.")
    queue: CheckResult = Field(description="Redis answers; without it workers wake up later.")
    worker: CheckResult = Field(description="Some worker gave a sign of life within 30 s.")


class ReadinessRead(BaseModel):
    """`degraded` still takes uploads, but they may wait."""

    status: Literal["ready", "degraded"]
    checks: Checks


class TauRange(BaseModel):
    """What a strength slider offers."""

    min: float = 0.0
    max: float = 1.5
    default: float = Field(default=1.0, description="A style may have its own: `default_tau`.")
    step: float = 0.05


class ConfigRead(BaseModel):
    """The limits in force, for clients to check before they upload."""

    max_upload_mb: float = Field(description="MiB (2^20 bytes) a file.")
    max_picture_megapixels: float
    min_side_px: int
    result_max_side_px: int = Field(description="The render size: no result has a longer side.")
    max_aspect_ratio: int = Field(description="Long side to short side.")
    formats: list[str] = Field(examples=[["JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIC"]])
    tau: TauRange
    uploads_per_minute: int = Field(description="Of one key.")
    max_queued: int = Field(description="Stylizations that may wait at once, of one owner.")
    original_days: float = Field(
        description=(
            "How long a photograph is kept as it was taken in; at 1024 px it stays as long as its "
            "result."
        )
    )
    result_days: float = Field(description="How long a result is kept.")
    url_lifetime_seconds: int = Field(description="How long a picture's address holds.")
