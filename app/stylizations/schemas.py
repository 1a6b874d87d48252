"""What the stylizations room gives over HTTP."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from app.error_schemas import FailureRead, failure_kind
from app.pictures.urls import PictureAddresses
from app.styles.presets import Words
from app.stylizations.throughput import Pace
from app.stylizations.views import Followed
from core.db.base import now_utc
from core.db.moderation import CheckState, state_of
from core.db.pictures import Picture
from core.db.stylizations import Status, StyleShare, Stylization
from core.languages import Language
from core.picture_urls import Variant
from styling.strength import Strength

POLL_RUNNING_MS: Final = 700
POLL_QUEUED_MS: Final = 1500
POLL_PER_PLACE_MS: Final = 300
POLL_LONGEST_MS: Final = 5000
PROGRESS: Final = {Status.QUEUED: 0.0, Status.RUNNING: 0.5}  # whatever has ended: 1


class StyleName(BaseModel):
    """The style as it was called when the picture was sent."""

    id: str = Field(examples=["nixi-black-pottery"])
    name: Words


class StyleShareRead(BaseModel):
    """One style of a mixture."""

    id: str
    weight: float = Field(description="Share of the whole; all shares are 1 together.")


class LevelsRead(BaseModel):
    """Shares of `tau` for what is small, middle and large in the style."""

    colour: float
    texture: float
    structure: float


class ShownPicture(BaseModel):
    """A picture by its signed address."""

    url: str = Field(description="Signed; works without a header until it expires.")
    thumb_url: str = Field(description="At most 480 px on the long side; WebP.")
    width: int
    height: int


class ContentRead(ShownPicture):
    """The photograph as it was taken in: upright, sRGB, at the render size, without metadata."""

    id: str = Field(description="For `picture_id`: another look needs no second upload.")


class ResultRead(ShownPicture):
    """The stylized picture, in the format and at the size that were asked for."""

    format: str = Field(examples=["jpeg"])
    bytes: int = Field(description="Size of the file.")
    sha256: str = Field(description="Of the file, in hexadecimal.")


class StylizationRead(BaseModel):
    """One photograph on its way through a style, and what came of it."""

    id: str = Field(examples=["stl_Zk3vX2m5o3wQ1aZs8Kd0fA"])
    status: Status
    position: int | None = Field(
        description="1 is next while `queued`, 0 while `running`, null afterwards."
    )
    poll_after_ms: int | None = Field(
        description="When to ask again; also as `Retry-After` in seconds. Null when it has ended."
    )
    eta_s: float | None = Field(
        description=(
            "About how many seconds are left, by the pace of late and the workers there are. Null "
            "when it has ended, or when that cannot be told yet."
        )
    )
    progress: float = Field(ge=0, le=1, description="A coarse share of the way.")
    tau: Strength = Field(description="Style strength: 0 the photograph, 1 as learned.")
    keep_color: bool = Field(description="Whether the photograph keeps its own colours.")
    style: StyleName = Field(description="Of a mixture: its first style's id, and all names.")
    styles: list[StyleShareRead] | None = Field(description="Of a mixture; else null.")
    levels: LevelsRead | None = Field(description="Null: all of them are 1.")
    title: str | None
    favourite: bool
    share_token: str | None = Field(description="While it is shared: `GET /v1/share/{token}`.")
    check: CheckState | None = Field(
        description="What the content check says once it is `done`; shared in `pass` alone."
    )
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    expires_at: datetime | None = Field(description="When the picture is forgotten; the row stays.")
    content: ContentRead | None = Field(description="Null when it has been forgotten.")
    result: ResultRead | None = Field(description="Once `done`; null when it has been forgotten.")
    error: FailureRead | None = Field(description="Once `failed`.")

    @property
    def retry_after_s(self) -> int | None:
        """`poll_after_ms` for the header `Retry-After`, in whole seconds."""
        return None if self.poll_after_ms is None else math.ceil(self.poll_after_ms / 1000)

    @classmethod
    def of(
        cls,
        followed: Followed,
        addresses: PictureAddresses,
        language: Language,
        pace: Pace | None,
    ) -> "StylizationRead":
        """The row as its owner sees it."""
        row, pictures, position = followed.row, followed.pictures, followed.position
        content = pictures.get(row.picture_id)
        result = pictures.get(row.result_picture_id or "")
        place = position if row.status == Status.QUEUED else 0 if row.is_open else None
        kept = result or content
        return cls(
            id=row.id,
            status=Status(row.status),
            position=place,
            poll_after_ms=None if place is None else _poll_after_ms(place),
            eta_s=None if pace is None or place is None else _eta_s(row, place, pace),
            progress=PROGRESS.get(Status(row.status), 1.0),
            tau=row.tau,
            keep_color=row.keep_color,
            style=StyleName(id=row.style_id, name=Words.model_validate(row.style_name)),
            styles=_shares(followed.shares),
            levels=None if row.levels is None else LevelsRead.model_validate(row.levels),
            title=row.title,
            favourite=row.favourite,
            share_token=row.share_token,
            check=state_of(row),
            created_at=row.created_at,
            started_at=row.started_at,
            finished_at=row.finished_at,
            expires_at=kept.expires_at if kept else None,
            content=_content(content, addresses),
            result=_result(result, pictures.get(row.thumb_picture_id or ""), addresses),
            error=_failure(row, language),
        )


class StylizationBatch(BaseModel):
    """What came of an order of several looks, in their order."""

    items: list[StylizationRead]


class StylizationChange(BaseModel):
    """What shall be noted; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(max_length=320)] | None = Field(
        default=None, description="At most 80 characters; an empty one takes the title away."
    )
    favourite: bool | None = Field(default=None, strict=True)


class StylizationPage(BaseModel):
    """A part of the history, newest first."""

    items: list[StylizationRead]
    next: str | None = Field(description="For `cursor`; null when this is the last page.")


def _shares(shares: Sequence[StyleShare]) -> list[StyleShareRead] | None:
    whole = sum(share.weight for share in shares)
    return [StyleShareRead(id=s.style_id, weight=s.weight / whole) for s in shares] or None


def _poll_after_ms(place: int) -> int:
    if place == 0:
        return POLL_RUNNING_MS
    return min(POLL_LONGEST_MS, POLL_QUEUED_MS + POLL_PER_PLACE_MS * place)


def _eta_s(row: Stylization, place: int, pace: Pace) -> float:
    if place > 0 or row.started_at is None:
        return round(pace.seconds_until_done(max(place, 1)), 1)
    ran = now_utc() - row.started_at
    return round(pace.seconds_left(ran_seconds=ran.total_seconds()), 1)


def _content(picture: Picture | None, addresses: PictureAddresses) -> ContentRead | None:
    if picture is None or not picture.is_available(addresses.now):
        return None
    return ContentRead(
        id=picture.id,
        url=addresses.of(picture),
        thumb_url=addresses.of(picture, Variant.THUMB),
        width=picture.width,
        height=picture.height,
    )


def _result(
    picture: Picture | None, thumb: Picture | None, addresses: PictureAddresses
) -> ResultRead | None:
    if picture is None or not picture.is_available(addresses.now):
        return None
    return ResultRead(
        url=addresses.of(picture),
        thumb_url=addresses.of(thumb) if thumb else addresses.of(picture, Variant.THUMB),
        width=picture.width,
        height=picture.height,
        format=picture.format.lower(),
        bytes=picture.bytes,
        sha256=picture.sha256,
    )


def _failure(row: Stylization, language: Language) -> FailureRead | None:
    if row.error_code is None:
        return None
    words = (row.error_message or {}).get(language, row.error_code)
    return FailureRead(
        code=row.error_code, message=words, retryable=failure_kind(row.error_code).retryable
    )
