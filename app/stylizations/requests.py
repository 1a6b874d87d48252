"""Stylization requests: the JSON bodies, the checked form of a request, and its hash.

A request asks for one photo in one variant: a style or a mixture of styles, with a strength and
other parameters. A batch asks for several variants of one photo.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, BinaryIO, Final

from pydantic import BaseModel, ConfigDict, Field

from app.pictures.reader import sha256_of
from app.pictures.service import StoredPhoto, UploadedPhoto
from app.uploads import MAX_CLIENT_KEY, checked_line, invalid_tau
from core.errors import InvalidValue, MissingStyle
from imaging.formats import PictureFormat
from styling.sizes import MIN_SIDE_PX
from styling.strength import MAX_STRENGTH, MIN_STRENGTH, checked_strength

MAX_STYLES: Final = 4  # in one mixture; mixtures of more styles all look alike
MAX_VARIANTS: Final = 12  # in one batch
MAX_BATCH_KEY: Final = MAX_CLIENT_KEY - 3  # characters; each variant appends #0 to #11
MAX_TITLE: Final = 80  # characters
STYLE_ID: Final = r"^[A-Za-z0-9_-]{1,100}$"
PICTURE_ID_EXAMPLE: Final = "pic_Xb2m5o3wQ1aZs8Kd0fPqLg"

LevelShare = Annotated[float, Field(ge=MIN_STRENGTH, le=MAX_STRENGTH, allow_inf_nan=False)]
Title = Annotated[str, Field(max_length=4 * MAX_TITLE)]
"""`checked_line` enforces MAX_TITLE after it has removed blanks around the title."""


class StyleShareBody(BaseModel):
    """One style of a mixture."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=STYLE_ID, examples=["nixi-black-pottery"])
    weight: float = Field(
        default=1,
        gt=0,
        le=1000,
        allow_inf_nan=False,
        description="Relative to the other weights: 2 and 1 are two thirds and one third.",
    )


class Levels(BaseModel):
    """Shares of `tau` for small, middle and large features of the style; 1 applies all of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    colour: LevelShare = Field(default=1, description="Palette, contrast and the finest strokes.")
    texture: LevelShare = Field(default=1, description="Strokes and patterns.")
    structure: LevelShare = Field(default=1, description="Large forms.")


class VariantBody(BaseModel):
    """One variant of a photo: `style_id`, or `styles` for a mixture, and optional parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    style_id: str | None = Field(default=None, pattern=STYLE_ID, examples=["nixi-black-pottery"])
    styles: tuple[StyleShareBody, ...] | None = Field(
        default=None,
        max_length=MAX_STYLES,
        description="A mixture of styles, instead of `style_id`.",
    )
    tau: float | None = Field(
        default=None,
        description=(
            f"Style strength from {MIN_STRENGTH:g} (the photo) to {MAX_STRENGTH:g}; 1 applies the "
            "style as trained. Default: the style's own `default_tau`. A value outside the range "
            "is refused, never clamped."
        ),
        examples=[0.8],
    )
    levels: Levels | None = None
    keep_color: bool = Field(default=False, strict=True)
    title: Title | None = Field(default=None, description=f"At most {MAX_TITLE} characters.")


class StylizationBody(VariantBody):
    """One variant of a photo that is stored already."""

    picture_id: str = Field(min_length=1, max_length=100, examples=[PICTURE_ID_EXAMPLE])
    output_format: PictureFormat = PictureFormat.JPEG
    max_side_px: int | None = Field(
        default=None, ge=1, strict=True, description="The maximum long side of the result."
    )
    client_key: str | None = Field(
        default=None, min_length=1, max_length=MAX_CLIENT_KEY, pattern="^[!-~]+$"
    )


class BatchBody(BaseModel):
    """Several variants of one photo."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    picture_id: str = Field(min_length=1, max_length=100, examples=[PICTURE_ID_EXAMPLE])
    looks: tuple[VariantBody, ...] = Field(
        min_length=1, max_length=MAX_VARIANTS, description="The variants."
    )
    output_format: PictureFormat = PictureFormat.JPEG
    max_side_px: int | None = Field(default=None, ge=1, strict=True)
    client_key: str | None = Field(
        default=None, min_length=1, max_length=MAX_BATCH_KEY, pattern="^[!-~]+$"
    )

    def requests(self, owner_id: str, request_id: str | None = None) -> list["StylizationRequest"]:
        """Return one request for each variant; its key is the key of the batch with a number."""
        shared = self.model_dump(exclude={"looks", "client_key"})
        keys = [self.client_key and f"{self.client_key}#{n}" for n in range(len(self.looks))]
        bodies = (
            StylizationBody(**variant.model_dump(), **shared, client_key=key)
            for variant, key in zip(self.looks, keys, strict=True)
        )
        return [replace(request_from(body, owner_id), request_id=request_id) for body in bodies]


@dataclass(frozen=True)
class UploadedStyle:
    """A style picture that came with the request."""

    file: BinaryIO


@dataclass(frozen=True)
class NamedStyles:
    """One style by its id, or the styles of a mixture with their weights."""

    shares: tuple[StyleShareBody, ...]


@dataclass(frozen=True)
class StylizationRequest:
    """A client's request to apply a style to a photo."""

    owner_id: str
    photo: UploadedPhoto | StoredPhoto
    style: UploadedStyle | NamedStyles
    tau: float | None  # None: the default of the style
    levels: Levels | None
    keep_color: bool
    output_format: PictureFormat
    max_side_px: int | None
    title: str | None
    client_key: str | None
    request_id: str | None = None  # of the HTTP request; not part of the hash

    def content_hash(self) -> str:
        """Return a hash that distinguishes a replay from a conflict of client keys.

        Databases store these hashes: their input must not change.
        """
        parts = [
            self.photo.picture_id
            if isinstance(self.photo, StoredPhoto)
            else sha256_of(self.photo.file),
            [share.model_dump() for share in self.style.shares]
            if isinstance(self.style, NamedStyles)
            else sha256_of(self.style.file),
            self.tau,
            self.levels and self.levels.model_dump(),
            self.keep_color,
            self.output_format,
            self.max_side_px,
            self.title,
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def request_hashes(requests: Sequence[StylizationRequest]) -> list[str]:
    """Return the hash of each request.

    The request hash of a batch covers every item, so a replay with a missing item is detected.
    """
    hashes = [request.content_hash() for request in requests]
    if len(hashes) == 1:
        return hashes
    batch_hash = hashlib.sha256("".join(hashes).encode()).hexdigest()
    return [batch_hash] * len(hashes)


def request_from(body: StylizationBody, owner_id: str) -> StylizationRequest:
    """Return the checked request of a JSON body.

    Raises:
        MissingStyle, InvalidTau, InvalidValue: a value is missing or outside its range.
    """
    return StylizationRequest(
        owner_id=owner_id,
        photo=StoredPhoto(body.picture_id),
        style=named_styles(body.style_id, body.styles),
        tau=checked_tau(body.tau),
        levels=body.levels,
        keep_color=body.keep_color,
        output_format=body.output_format,
        max_side_px=body.max_side_px,
        title=checked_line(body.title, name="title", longest=MAX_TITLE) or None,
        client_key=body.client_key,
    )


def named_styles(style_id: str | None, styles: tuple[StyleShareBody, ...] | None) -> NamedStyles:
    """Return the one style of `style_id`, or the mixture of `styles`.

    Raises:
        MissingStyle: neither is given.
        InvalidValue: both are given, or a style occurs twice.
    """
    if style_id is not None and styles is not None:
        reason = "send either style_id or styles, not both"
        raise InvalidValue(name="styles", reason=reason, field="styles")
    if style_id is not None:
        return NamedStyles((StyleShareBody(id=style_id),))
    if not styles:
        raise MissingStyle(field="style_id")
    if len({share.id for share in styles}) < len(styles):
        raise InvalidValue(name="styles", reason="a style occurs twice", field="styles")
    return NamedStyles(styles)


def checked_tau(tau: float | None) -> float | None:
    """Return the strength unchanged; it is never clamped.

    Raises:
        InvalidTau: it is outside the range of `styling.strength`.
    """
    if tau is None:
        return None
    try:
        return checked_strength(tau)
    except ValueError as error:
        raise invalid_tau(f"{tau:g}") from error


def checked_levels(levels: Levels | None, tau: float) -> dict[str, float] | None:
    """Return the shares as the row stores them; None when all of them are 1.

    Raises:
        InvalidValue: tau times a share is above the maximum strength.
    """
    if levels is None or levels == Levels():
        return None
    shares: dict[str, float] = levels.model_dump()
    for name, share in shares.items():
        if tau * share > MAX_STRENGTH:
            product = f"tau {tau:g} times {share:g} is {tau * share:g}"
            reason = f"{product}, above the maximum of {MAX_STRENGTH:g}"
            raise InvalidValue(name=name, reason=reason, field="levels")
    return shares


def render_size(
    width: int, height: int, *, max_side_px: int | None, render_side_px: int
) -> tuple[int, int]:
    """Return the size of the result in pixels: that of the photo, reduced to `max_side_px`.

    Raises:
        InvalidValue: `max_side_px` is not in `MIN_SIDE_PX` to `render_side_px`, or would make the
            short side smaller than `MIN_SIDE_PX`.
    """
    if max_side_px is None:
        return width, height
    if not MIN_SIDE_PX <= max_side_px <= render_side_px:
        reason = f"must be from {MIN_SIDE_PX} to {render_side_px}, not {max_side_px}"
        raise InvalidValue(name="max_side_px", reason=reason, field="max_side_px")
    scale = min(1.0, max_side_px / max(width, height))
    size = round(width * scale), round(height * scale)
    if min(size) < MIN_SIDE_PX:
        needed = math.ceil(MIN_SIDE_PX * max(width, height) / min(width, height))
        reason = f"the short side would be {min(size)} px; use at least {needed}"
        raise InvalidValue(name="max_side_px", reason=reason, field="max_side_px")
    return size
