"""What the styles room gives over HTTP."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from app.error_schemas import FailureRead, failure_kind
from app.pictures.urls import PictureAddresses
from app.styles.presets import Preset, Words
from core.db.pictures import Picture
from core.db.styles import Style, StyleStatus
from core.languages import Language
from core.picture_urls import Variant
from styling.strength import DEFAULT_STRENGTH, Strength

OWN_CATEGORY = "own"
OWN_DEFAULT_TAU = DEFAULT_STRENGTH
UNNAMED = Words(zh="我的风格", en="My style")


class StyleRead(BaseModel):
    """A style that a photograph can take on: a preset, or one's own picture."""

    id: str = Field(examples=["nixi-black-pottery"], description="For `style_id`.")
    kind: Literal["preset", "own"]
    status: StyleStatus = Field(
        description="`preparing` may be named already: the stylization waits for it."
    )
    name: Words
    category: str = Field(examples=["clay"], description="`own` for one's own.")
    credit: Words | None = Field(default=None, description="Where a preset was learned from.")
    story: Words | None = Field(
        default=None, description="Of a preset: its art, in one to three sentences."
    )
    default_tau: Strength = Field(description="The strength when none is given.")
    preview_url: str
    thumb_url: str = Field(description="At most 480 px on the long side; WebP.")
    created_at: datetime | None = Field(default=None, description="Of an own style.")
    error: FailureRead | None = Field(default=None, description="Why it is `failed`.")

    @classmethod
    def of_preset(cls, preset: Preset, addresses: PictureAddresses) -> "StyleRead":
        """A preset as this client can show it; its preview needs no key and can be cached."""
        entry = preset.entry
        preview = f"{addresses.client_url}/v1/styles/{entry.id}/preview?v={preset.preview_tag}"
        return cls(
            id=entry.id,
            kind="preset",
            status=StyleStatus.READY,
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
        cls, style: Style, picture: Picture, addresses: PictureAddresses, language: Language
    ) -> "StyleRead":
        """An own style as its owner sees it."""
        return cls(
            id=style.id,
            kind="own",
            status=StyleStatus(style.status),
            name=own_name(style),
            category=OWN_CATEGORY,
            default_tau=OWN_DEFAULT_TAU,
            preview_url=addresses.of(picture),
            thumb_url=addresses.of(picture, Variant.THUMB),
            created_at=style.created_at,
            error=_failure(style, language),
        )


class StylePage(BaseModel):
    """The presets in their order (on the first page), then one's own styles, newest first."""

    items: list[StyleRead]
    next: str | None = Field(
        default=None, description="For `cursor`; null when this is the last page."
    )


def own_name(style: Style) -> Words:
    """The name its owner gave it, the same in both languages; or one for the unnamed."""
    return Words(zh=style.name, en=style.name) if style.name else UNNAMED


def _failure(style: Style, language: Language) -> FailureRead | None:
    if style.error_code is None:
        return None
    kind = failure_kind(style.error_code)
    words = kind(attempts=style.attempts, style_id=style.id).message(language)
    return FailureRead(code=style.error_code, message=words, retryable=kind.retryable)
