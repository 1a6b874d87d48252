"""Response and request schemas of the stylization routes."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydantic import BaseModel, Field

from app.error_schemas import FailureRead, failure_kind
from app.languages import LocalizedTextRead
from app.pictures.urls import PictureURLs, ThumbnailURL
from app.request_bodies import RequestBody
from app.stylizations.requests import MAX_TITLE
from app.stylizations.throughput import Throughput, progress, seconds_left
from app.stylizations.views import StylizationView
from core.db.base import now_utc
from core.db.moderation import CheckState
from core.db.pictures import Picture
from core.db.stylizations import Stage, Status, StyleShare, Stylization
from core.languages import Language
from core.moderation import effective_check_state
from core.picture_urls import Variant
from styling.brush import Brush
from styling.strength import Strength

POLL_RUNNING_MS: Final = 700
POLL_QUEUED_MS: Final = 1500
POLL_PER_POSITION_MS: Final = 300
MAX_POLL_MS: Final = 5000


class StyleName(BaseModel):
    """The style and its name at the time of the request."""

    id: str = Field(examples=["nixi-black-pottery"])
    name: LocalizedTextRead


class StyleShareRead(BaseModel):
    """One style of a mixture."""

    id: str
    weight: float = Field(description="Share of the mixture; all shares add up to 1.")


class LevelsRead(BaseModel):
    """Shares of `tau` for small, middle and large features of the style."""

    colour: float
    texture: float
    structure: float


class SignedPicture(BaseModel):
    """A picture with its signed URLs."""

    url: str = Field(description="Signed; needs no header until it expires.")
    thumb_url: ThumbnailURL
    width: int
    height: int


class ContentRead(SignedPicture):
    """The photo as stored: upright, sRGB, at the render size, without metadata."""

    id: str = Field(description="Send it as `picture_id` to use the photo again.")


class ResultRead(SignedPicture):
    """The result, in the requested format and size."""

    format: str = Field(examples=["jpeg"])
    bytes: int = Field(description="Size of the file.")
    sha256: str = Field(description="SHA-256 of the file, in hexadecimal.")


class StylizationRead(BaseModel):
    """One stylization: its state, its parameters, the photo and the result."""

    id: str = Field(examples=["stl_Zk3vX2m5o3wQ1aZs8Kd0fA"])
    status: Status
    position: int | None = Field(
        description="Position in the queue: 1 is next, 0 while `running`, null after the end."
    )
    poll_after_ms: int | None = Field(
        description=(
            "Milliseconds until the next request makes sense; the header `Retry-After` has the "
            "same time in seconds. Null after the end."
        )
    )
    eta_s: float | None = Field(
        description=(
            "Estimated seconds left, from the throughput of the last minutes. Null after the end, "
            "or when there is no estimate yet."
        )
    )
    stage: Stage | None = Field(
        description=(
            "`queued`, then `loading`, `painting` and `storing` while `running`. Null after the "
            "end, or when the worker reports no stage."
        )
    )
    progress: float | None = Field(
        ge=0,
        le=1,
        description=(
            "0 while `queued`. While `running`, the estimated share of the duration that is over, "
            "from the pace of the worker's last batches: below 1, and never decreasing until the "
            "job ends or returns to the queue. Null when the worker has measured no batch yet. 1 "
            "after the end."
        ),
    )
    tau: Strength = Field(description="Style strength: 0 is the photo, 1 the style as trained.")
    brush: Brush = Field(description="Size of the strokes.")
    keep_color: bool = Field(description="Whether the result keeps the colours of the photo.")
    style: StyleName = Field(
        description="The style; for a mixture the id of its first style and the names of all."
    )
    styles: list[StyleShareRead] | None = Field(
        description="The styles of a mixture; null for one style."
    )
    levels: LevelsRead | None = Field(description="Null: all of them are 1.")
    title: str | None
    favourite: bool
    share_token: str | None = Field(
        description="Set while it is shared, for `GET /v1/share/{token}`."
    )
    check: CheckState | None = Field(
        description=(
            "State of the content check; null until the stylization is `done`. Only a result "
            "with `pass` can be shared."
        )
    )
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    expires_at: datetime | None = Field(
        description=(
            "When the result is removed, or the photo if there is no result. The stylization stays "
            "in the history."
        )
    )
    content: ContentRead | None = Field(description="The photo; null after its removal.")
    result: ResultRead | None = Field(description="Set once `done`; null after its removal.")
    error: FailureRead | None = Field(description="Set when `failed`.")

    @property
    def retry_after_s(self) -> int | None:
        """Return `poll_after_ms` in whole seconds, for the header `Retry-After`."""
        return None if self.poll_after_ms is None else math.ceil(self.poll_after_ms / 1000)

    @classmethod
    def of(
        cls,
        view: StylizationView,
        urls: PictureURLs,
        language: Language,
        throughput: Throughput | None,
    ) -> "StylizationRead":
        """Return the stylization as its owner sees it."""
        row, pictures = view.row, view.pictures
        photo = pictures.get(row.picture_id)
        result = pictures.get(row.result_picture_id or "")
        position = view.position if row.status == Status.QUEUED else 0 if row.is_open else None
        last_picture = result or photo
        return cls(
            id=row.id,
            status=Status(row.status),
            position=position,
            poll_after_ms=None if position is None else _poll_after_ms(position),
            eta_s=_eta_s(row, position, throughput),
            stage=row.stage,
            progress=_progress(row),
            tau=row.tau,
            brush=Brush(row.brush),
            keep_color=row.keep_color,
            style=StyleName(id=row.style_id, name=LocalizedTextRead.model_validate(row.style_name)),
            styles=_shares(view.shares),
            levels=None if row.levels is None else LevelsRead.model_validate(row.levels),
            title=row.title,
            favourite=row.favourite,
            share_token=row.share_token,
            check=effective_check_state(row),
            created_at=row.created_at,
            started_at=row.started_at,
            finished_at=row.finished_at,
            expires_at=last_picture.expires_at if last_picture else None,
            content=_content(photo, urls),
            result=_result(result, pictures.get(row.thumb_picture_id or ""), urls),
            error=_failure(row, language),
        )


class StylizationBatch(BaseModel):
    """The stylizations of a batch, in the order of its variants."""

    items: list[StylizationRead]


class StylizationChange(RequestBody):
    """New values of a stylization; a missing field stays unchanged."""

    title: str | None = Field(
        default=None,
        description=f"At most {MAX_TITLE} characters; an empty text removes the title.",
    )
    favourite: bool | None = None


class StylizationPage(BaseModel):
    """One page of the history, newest first."""

    items: list[StylizationRead]
    next: str | None = Field(
        description="Send it as `cursor` to get the next page; null on the last page."
    )


def _shares(shares: Sequence[StyleShare]) -> list[StyleShareRead] | None:
    total = sum(share.weight for share in shares)
    return [StyleShareRead(id=s.style_id, weight=s.weight / total) for s in shares] or None


def _poll_after_ms(position: int) -> int:
    if position == 0:
        return POLL_RUNNING_MS
    return min(MAX_POLL_MS, POLL_QUEUED_MS + POLL_PER_POSITION_MS * position)


def _eta_s(row: Stylization, position: int | None, throughput: Throughput | None) -> float | None:
    if position is None or throughput is None:
        return None
    if position > 0 or row.started_at is None:
        return round(throughput.seconds_until_done(max(position, 1)), 1)
    expected_seconds = row.expected_seconds or throughput.batch_seconds
    return round(seconds_left(_ran_seconds(row.started_at), expected_seconds=expected_seconds), 1)


def _progress(row: Stylization) -> float | None:
    if row.status != Status.RUNNING:
        return 0 if row.is_open else 1
    if row.started_at is None or not row.expected_seconds:
        return None
    return progress(_ran_seconds(row.started_at), expected_seconds=row.expected_seconds)


def _ran_seconds(started_at: datetime) -> float:
    """Return the seconds since then; 0 if the clock of the worker is ahead."""
    return max(0.0, (now_utc() - started_at).total_seconds())


def _content(photo: Picture | None, urls: PictureURLs) -> ContentRead | None:
    if photo is None or not photo.is_available(urls.now):
        return None
    return ContentRead(
        id=photo.id,
        url=urls.signed_url(photo),
        thumb_url=urls.signed_url(photo, Variant.THUMB),
        width=photo.width,
        height=photo.height,
    )


def _result(
    result: Picture | None, thumbnail: Picture | None, urls: PictureURLs
) -> ResultRead | None:
    if result is None or not result.is_available(urls.now):
        return None
    return ResultRead(
        url=urls.signed_url(result),
        thumb_url=urls.signed_url(thumbnail)
        if thumbnail
        else urls.signed_url(result, Variant.THUMB),
        width=result.width,
        height=result.height,
        format=result.format.lower(),
        bytes=result.bytes,
        sha256=result.sha256,
    )


def _failure(row: Stylization, language: Language) -> FailureRead | None:
    if row.error_code is None:
        return None
    return FailureRead(
        code=row.error_code,
        message=(row.error_message or {}).get(language, row.error_code),
        retryable=failure_kind(row.error_code).retryable,
    )
