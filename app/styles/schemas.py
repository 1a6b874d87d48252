"""Response schemas of the style routes."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, Field

from app.error_schemas import FailureRead, failure_kind
from app.languages import LocalizedTextRead
from app.pictures.urls import PictureURLs, ThumbnailURL
from app.styles.presets import Preset
from core.db.pictures import Picture
from core.db.styles import Style, StyleStatus
from core.languages import Language
from core.picture_urls import Variant
from styling.strength import DEFAULT_STRENGTH, Strength

OWN_CATEGORY = "own"
OWN_DEFAULT_TAU = DEFAULT_STRENGTH
DEFAULT_NAME = LocalizedTextRead(zh="我的风格", en="My style")


class Refinement(StrEnum):
    """Whether workers improve the style code of an own style after it is ready."""

    NONE = "none"
    REFINING = "refining"
    REFINED = "refined"


class StyleRead(BaseModel):
    """A style that can be applied to a photo: a preset, or one of your own styles."""

    id: str = Field(examples=["nixi-black-pottery"], description="Send it as `style_id`.")
    kind: Literal["preset", "own"]
    status: StyleStatus = Field(
        description="A style in `preparing` can be used: the stylization waits for it."
    )
    refinement: Refinement = Field(
        description="Own styles look better after their refinement, which idle workers do. "
        "`refining`: it waits or runs, and the style can be used meanwhile. `none`: presets, "
        "styles that are not `ready`, and styles that this service does not refine."
    )
    name: LocalizedTextRead
    category: str = Field(examples=["clay"], description="`own` for your own styles.")
    credit: LocalizedTextRead | None = Field(
        default=None, description="The source of a preset; null for your own styles."
    )
    story: LocalizedTextRead | None = Field(
        default=None,
        description="The art of a preset in one to three sentences; null for your own styles.",
    )
    default_tau: Strength = Field(description="The strength of a request without `tau`.")
    preview_url: str
    thumb_url: ThumbnailURL
    created_at: datetime | None = Field(default=None, description="Null for presets.")
    error: FailureRead | None = Field(default=None, description="Set when `failed`.")

    @classmethod
    def of_preset(cls, preset: Preset, urls: PictureURLs) -> "StyleRead":
        """Return a preset; its preview URL needs no key and can be cached."""
        entry = preset.entry
        preview = f"{urls.client_url}/v1/styles/{entry.id}/preview.webp?v={preset.preview_tag}"
        return cls(
            id=entry.id,
            kind="preset",
            status=StyleStatus.READY,
            refinement=Refinement.NONE,
            name=entry.name,
            category=entry.category,
            credit=entry.credit,
            story=entry.story,
            default_tau=entry.default_tau,
            preview_url=preview,
            thumb_url=preview,
        )

    @classmethod
    def of_own(
        cls,
        style: Style,
        picture: Picture,
        refinement: Refinement,
        urls: PictureURLs,
        language: Language,
    ) -> "StyleRead":
        """Return an own style as its owner sees it."""
        return cls(
            id=style.id,
            kind="own",
            status=StyleStatus(style.status),
            refinement=refinement,
            name=own_name(style),
            category=OWN_CATEGORY,
            default_tau=OWN_DEFAULT_TAU,
            preview_url=urls.signed_url(picture),
            thumb_url=urls.signed_url(picture, Variant.THUMB),
            created_at=style.created_at,
            error=_failure(style, language),
        )


class StylePage(BaseModel):
    """The presets (on the first page), then your own styles, newest first."""

    items: list[StyleRead]
    next: str | None = Field(
        default=None,
        description="Send it as `cursor` to get the next page; null on the last page.",
    )


def own_name(style: Style) -> LocalizedTextRead:
    """Return the name that the owner gave it, in both languages, or a default name."""
    return LocalizedTextRead(zh=style.name, en=style.name) if style.name else DEFAULT_NAME


def _failure(style: Style, language: Language) -> FailureRead | None:
    if style.error_code is None:
        return None
    kind = failure_kind(style.error_code)
    message = kind(attempts=style.attempts, style_id=style.id).message(language)
    return FailureRead(code=style.error_code, message=message, retryable=kind.retryable)
