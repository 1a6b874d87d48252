"""What the stylizations room gives over HTTP."""

import math
from datetime import datetime
from typing import Final

from pydantic import BaseModel, Field

from app.error_schemas import FailureRead, failure_kind
from app.media.dependencies import PictureAddresses
from app.media.signatures import Variant
from app.shared.errors import Language
from app.shared.tables import Picture, Status, Stylization
from app.styles.presets import Words

POLL_RUNNING_MS: Final = 700
POLL_QUEUED_MS: Final = 1500
POLL_PER_PLACE_MS: Final = 300
POLL_LONGEST_MS: Final = 5000
PROGRESS: Final = {Status.QUEUED: 0.0, Status.RUNNING: 0.5}  # whatever has ended: 1


class StyleName(BaseModel):
    """The style as it was called when the picture was sent."""

    id: str = Field(examples=["nixi-black-pottery"])
    name: Words


class ContentRead(BaseModel):
    """The photograph as it was taken in: upright, sRGB, at the render size, without metadata."""

    url: str = Field(description="Signed; works without a header until it expires.")
    thumb_url: str = Field(description="At most 480 px on the long side; WebP.")
    width: int
    height: int


class ResultRead(ContentRead):
    """The stylized picture: a JPEG of the size of `content`."""

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
    progress: float = Field(ge=0, le=1, description="A coarse share of the way.")
    tau: float = Field(ge=0, le=1.5, description="Style strength: 0 the photograph, 1 as learned.")
    keep_color: bool = Field(description="Whether the photograph keeps its own colours.")
    style: StyleName
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
        row: Stylization,
        pictures: dict[str, Picture],
        position: int | None,
        addresses: PictureAddresses,
        language: Language,
    ) -> "StylizationRead":
        """The row as its owner sees it; `pictures` by id, `position` in the queue from 1."""
        content = pictures.get(row.picture_id)
        result = pictures.get(row.result_picture_id or "")
        place = position if row.status == Status.QUEUED else 0 if row.is_open else None
        kept = result or content
        return cls(
            id=row.id,
            status=Status(row.status),
            position=place,
            poll_after_ms=None if place is None else _poll_after_ms(place),
            progress=PROGRESS.get(Status(row.status), 1.0),
            tau=row.tau,
            keep_color=row.keep_color,
            style=StyleName(id=row.style_id, name=Words.model_validate(row.style_name)),
            created_at=row.created_at,
            started_at=row.started_at,
            finished_at=row.finished_at,
            expires_at=kept.expires_at if kept else None,
            content=_content(content, addresses),
            result=_result(result, pictures.get(row.thumb_picture_id or ""), addresses),
            error=_failure(row, language),
        )


class StylizationPage(BaseModel):
    """A part of the history, newest first."""

    items: list[StylizationRead]
    next: str | None = Field(description="For `cursor`; null when this is the last page.")


def _poll_after_ms(place: int) -> int:
    if place == 0:
        return POLL_RUNNING_MS
    return min(POLL_LONGEST_MS, POLL_QUEUED_MS + POLL_PER_PLACE_MS * place)


def _content(picture: Picture | None, addresses: PictureAddresses) -> ContentRead | None:
    if picture is None or not picture.is_available(addresses.now):
        return None
    return ContentRead(
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
