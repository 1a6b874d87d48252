"""What the ops room gives over HTTP."""

from typing import Final, Literal

from pydantic import BaseModel, Field

from core.languages import Language, LocalizedText
from core.settings import Settings
from imaging.formats import UPLOAD_FORMAT_NAMES
from styling.sizes import MIN_SIDE_PX
from styling.strength import DEFAULT_STRENGTH, MAX_STRENGTH, MIN_STRENGTH, STRENGTH_STEP

LABEL_NOTICE: Final = LocalizedText(
    zh="按国家规定，作品角落的“{mark}”标识和文件中的信息说明它由人工智能生成，请勿去除。",
    en=(
        "As the law of China asks, the mark “{mark}” in a corner of each work, and the data in its "
        "file, say that AI made it. Please leave both in place."
    ),
)

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

    min: float = MIN_STRENGTH
    max: float = MAX_STRENGTH
    default: float = Field(
        default=DEFAULT_STRENGTH, description="A style may have its own: `default_tau`."
    )
    step: float = STRENGTH_STEP


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
    label_notice: str = Field(
        description="What to tell people of the mark on each work, by `Accept-Language`."
    )
    notice_templates: list[str] = Field(
        description="Ids of the subscribe messages that `POST …/notify` takes."
    )

    @classmethod
    def of(cls, settings: Settings, language: Language) -> "ConfigRead":
        """As the settings say it, in the reader's language."""
        notice = LABEL_NOTICE.in_language(language)
        return cls(
            max_upload_mb=round(settings.max_upload_bytes / 2**20, 3),
            max_picture_megapixels=settings.max_picture_pixels / 1e6,
            min_side_px=MIN_SIDE_PX,
            result_max_side_px=settings.result_max_side_px,
            max_aspect_ratio=settings.result_max_side_px // MIN_SIDE_PX,
            formats=list(UPLOAD_FORMAT_NAMES),
            tau=TauRange(),
            uploads_per_minute=settings.uploads_per_minute,
            max_queued=settings.max_queued_per_owner,
            original_days=settings.original_days,
            result_days=settings.result_days,
            url_lifetime_seconds=settings.url_lifetime_seconds,
            label_notice=notice.format(mark=settings.label_text),
            notice_templates=sorted(settings.wechat_templates),
        )
