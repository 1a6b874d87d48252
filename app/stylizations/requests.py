"""Stylization requests: the JSON bodies, the checked form of a request, and its hash.

A request asks for one photo in one variant: a style or a mixture of styles, with a strength and
other parameters. A batch asks for several variants of one photo.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Annotated, BinaryIO, Final

from pydantic import Field, WithJsonSchema

from app.client_text import checked_line, quoted
from app.pictures.reader import sha256_of
from app.pictures.service import StoredPhoto, UploadedPhoto
from app.request_bodies import FROM_JSON, RequestBody
from app.uploads import CLIENT_KEY_FIELD, MAX_CLIENT_KEY, invalid_tau
from core.errors import AppError, InvalidValue, MissingStyle
from core.languages import LocalizedText
from imaging.formats import PictureFormat
from styling.brush import DEFAULT_BRUSH, Brush
from styling.sizes import MIN_SIDE_PX
from styling.strength import MAX_STRENGTH, MIN_STRENGTH, checked_strength

MAX_STYLES: Final = 4  # in one mixture; mixtures of more styles all look alike
MAX_VARIANTS: Final = 12  # in one batch
MAX_BATCH_KEY: Final = MAX_CLIENT_KEY - 3  # characters; each variant appends #0 to #11
MAX_TITLE: Final = 80  # characters
BRUSH_DESCRIPTION: Final = (
    "Size of the strokes. With `medium` it is that of the artwork, relative to the picture."
)
PICTURE_ID_EXAMPLE: Final = "pic_Xb2m5o3wQ1aZs8Kd0fPqLg"

LevelShare = Annotated[float, Field(ge=MIN_STRENGTH, le=MAX_STRENGTH)]
OutputFormat = Annotated[PictureFormat, FROM_JSON]
BrushSize = Annotated[Brush, FROM_JSON]
ClientKey = Annotated[str, WithJsonSchema(CLIENT_KEY_FIELD)]  # checked by `client_key_of`
BatchKey = Annotated[str, WithJsonSchema({**CLIENT_KEY_FIELD, "maxLength": MAX_BATCH_KEY})]


class StyleShareBody(RequestBody):
    """One style of a mixture."""

    id: str = Field(examples=["nixi-black-pottery"])
    weight: float = Field(
        default=1,
        gt=0,
        le=1000,
        description="Relative to the other weights: 2 and 1 are two thirds and one third.",
    )


class Levels(RequestBody):
    """Shares of `tau` for small, middle and large features of the style; 1 applies all of it."""

    colour: LevelShare = Field(default=1, description="Palette, contrast and the finest strokes.")
    texture: LevelShare = Field(default=1, description="Strokes and patterns.")
    structure: LevelShare = Field(default=1, description="Large forms.")


StyleShares = Annotated[tuple[StyleShareBody, ...], FROM_JSON, Field(max_length=MAX_STYLES)]


class VariantBody(RequestBody):
    """One variant of a photo: `style_id`, or `styles` for a mixture, and optional parameters."""

    style_id: str | None = Field(default=None, examples=["nixi-black-pottery"])
    styles: StyleShares | None = Field(
        default=None, description="A mixture of styles, instead of `style_id`."
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
    brush: BrushSize = Field(default=DEFAULT_BRUSH, description=BRUSH_DESCRIPTION)
    keep_color: bool = False
    title: str | None = Field(default=None, description=f"At most {MAX_TITLE} characters.")


class StylizationBody(VariantBody):
    """One variant of a photo that is stored already."""

    picture_id: str = Field(min_length=1, max_length=100, examples=[PICTURE_ID_EXAMPLE])
    output_format: OutputFormat = PictureFormat.JPEG
    max_side_px: int | None = Field(
        default=None, description="The maximum long side of the result."
    )
    client_key: ClientKey | None = None


class BatchBody(RequestBody):
    """Several variants of one photo."""

    picture_id: str = Field(min_length=1, max_length=100, examples=[PICTURE_ID_EXAMPLE])
    looks: Annotated[tuple[VariantBody, ...], FROM_JSON] = Field(
        min_length=1, max_length=MAX_VARIANTS, description="The variants."
    )
    output_format: OutputFormat = PictureFormat.JPEG
    max_side_px: int | None = None
    client_key: BatchKey | None = None

    def requests(self, owner_id: str, request_id: str | None = None) -> list["StylizationRequest"]:
        """Return one request for each variant; its key is the key of the batch with a number."""
        shared = self.model_dump(exclude={"looks", "client_key"})
        keys = [self.client_key and f"{self.client_key}#{n}" for n in range(len(self.looks))]
        bodies = (
            StylizationBody(**variant.model_dump(), **shared, client_key=key)
            for variant, key in zip(self.looks, keys, strict=True)
        )
        requests = []
        for position, body in enumerate(bodies):
            path = f"looks.{position}."
            with fields_below(path):
                checked = request_from(body, owner_id)
            requests.append(replace(checked, path=path, request_id=request_id))
        return requests


@contextmanager
def fields_below(path: str) -> Iterator[None]:
    """Put `path`, such as `looks.0.`, in front of the field that an error names."""
    try:
        yield
    except AppError as error:
        error.field = f"{path}{error.field}"
        raise


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
    brush: Brush
    keep_color: bool
    output_format: PictureFormat
    max_side_px: int | None
    title: str | None
    client_key: str | None
    path: str = ""  # of its fields in the body of a batch; not part of the hash
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
        if self.brush != DEFAULT_BRUSH:  # requests without a brush keep their stored hash
            parts.append(self.brush)
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
        brush=body.brush,
        keep_color=body.keep_color,
        output_format=body.output_format,
        max_side_px=body.max_side_px,
        title=checked_line(body.title, field="title", longest=MAX_TITLE) or None,
        client_key=body.client_key,
    )


def named_styles(style_id: str | None, styles: tuple[StyleShareBody, ...] | None) -> NamedStyles:
    """Return the one style of `style_id`, or the mixture of `styles`.

    Raises:
        MissingStyle: neither is given.
        InvalidValue: both are given, or a style occurs twice.
    """
    if style_id is not None and styles is not None:
        reason = LocalizedText(
            zh="style_id 与 styles 只能提供一个", en="send either style_id or styles, not both"
        )
        raise InvalidValue("styles", reason)
    if style_id:
        return NamedStyles((StyleShareBody(id=style_id),))
    if not styles:
        raise MissingStyle(field="style_id")
    if len({share.id for share in styles}) < len(styles):
        raise InvalidValue("styles", LocalizedText(zh="风格重复", en="a style occurs twice"))
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
            product = f"{tau:g} × {share:g} = {tau * share:g}"
            reason = LocalizedText(
                zh=f"乘以 tau 后为 {product}，最大 {MAX_STRENGTH:g}",
                en=f"multiplied by tau it is {product}; the limit is {MAX_STRENGTH:g}",
            )
            raise InvalidValue(f"levels.{name}", reason)
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
        reason = LocalizedText(
            zh=f"须为 {MIN_SIDE_PX} 到 {render_side_px}，收到的是 {quoted(max_side_px)}",
            en=f"it must be from {MIN_SIDE_PX} to {render_side_px}, not {quoted(max_side_px)}",
        )
        raise InvalidValue("max_side_px", reason)
    scale = min(1.0, max_side_px / max(width, height))
    size = round(width * scale), round(height * scale)
    if min(size) < MIN_SIDE_PX:
        needed = math.ceil(MIN_SIDE_PX * max(width, height) / min(width, height))
        reason = LocalizedText(
            zh=f"短边只剩 {min(size)} 像素，请至少使用 {needed}",
            en=f"the short side would have {min(size)} pixels, use at least {needed}",
        )
        raise InvalidValue("max_side_px", reason)
    return size
