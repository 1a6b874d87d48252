"""What can be ordered: one photograph in one look, or in several at once.

A look is a style or a mixture of some, a strength, and what else there is to choose.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, BinaryIO, Final

from pydantic import BaseModel, ConfigDict, Field

from app.pictures.reader import sha256_of
from app.uploads import MAX_CLIENT_KEY, checked_line, invalid_tau
from core.errors import InvalidValue, MissingStyle
from imaging.labels import PictureFormat
from styling.strength import MAX_STRENGTH, MIN_STRENGTH, checked_strength

MOST_STYLES: Final = 4  # in one mixture: beyond it every mixture looks the same
MOST_LOOKS: Final = 12  # in one order
LONGEST_BATCH_KEY: Final = MAX_CLIENT_KEY - 3  # each look's key adds its number: #0 to #11
MAX_TITLE: Final = 80  # characters
STYLE_ID: Final = r"^[A-Za-z0-9_-]{1,100}$"

Share = Annotated[float, Field(ge=MIN_STRENGTH, le=MAX_STRENGTH, allow_inf_nan=False)]
Words = Annotated[str, Field(max_length=4 * MAX_TITLE)]


class StyleShareOrder(BaseModel):
    """One style of a mixture."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=STYLE_ID, examples=["nixi-black-pottery"])
    weight: float = Field(
        default=1,
        gt=0,
        le=1000,
        allow_inf_nan=False,
        description="Beside the others: 2 and 1 are two thirds and one third.",
    )


class Levels(BaseModel):
    """Shares of `tau` for what is small, middle and large in a style; 1 is all of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    colour: Share = Field(default=1, description="Palette, contrast, the finest strokes.")
    texture: Share = Field(default=1, description="Strokes and patterns.")
    structure: Share = Field(default=1, description="Large forms.")


class Look(BaseModel):
    """How a photograph shall look: `style_id`, or `styles` to mix, and what else there is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    style_id: str | None = Field(default=None, pattern=STYLE_ID, examples=["nixi-black-pottery"])
    styles: tuple[StyleShareOrder, ...] | None = Field(
        default=None, max_length=MOST_STYLES, description="A mixture; in place of `style_id`."
    )
    tau: float | None = Field(
        default=None,
        description=(
            f"Style strength from 0 (the photo) to {MAX_STRENGTH:g}; 1 applies the style as "
            "trained. Absent: the style's own default. Anything else is refused, never clamped."
        ),
        examples=[0.8],
    )
    levels: Levels | None = None
    keep_color: bool = Field(default=False, strict=True)
    title: Words | None = Field(default=None, description="At most 80 characters.")


class StylizationOrder(Look):
    """A look for a picture that is here already."""

    picture_id: str = Field(min_length=1, max_length=100, examples=["pic_Xb2m5o3wQ1aZs8Kd0fPqLg"])
    output_format: PictureFormat = PictureFormat.JPEG
    max_side_px: int | None = Field(
        default=None, ge=1, strict=True, description="The result's long side at most."
    )
    client_key: str | None = Field(
        default=None, min_length=1, max_length=MAX_CLIENT_KEY, pattern="^[!-~]+$"
    )


class BatchOrder(BaseModel):
    """One picture in several looks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    picture_id: str = Field(min_length=1, max_length=100, examples=["pic_Xb2m5o3wQ1aZs8Kd0fPqLg"])
    looks: tuple[Look, ...] = Field(min_length=1, max_length=MOST_LOOKS)
    output_format: PictureFormat = PictureFormat.JPEG
    max_side_px: int | None = Field(default=None, ge=1, strict=True)
    client_key: str | None = Field(
        default=None, min_length=1, max_length=LONGEST_BATCH_KEY, pattern="^[!-~]+$"
    )

    def orders(self, owner_id: str, request_id: str | None = None) -> list["Order"]:
        """One order a look; each has a key of its own, told by the batch's."""
        common = self.model_dump(exclude={"looks", "client_key"})
        keys = [self.client_key and f"{self.client_key}#{turn}" for turn in range(len(self.looks))]
        wishes = (
            StylizationOrder(**look.model_dump(), **common, client_key=key)
            for look, key in zip(self.looks, keys, strict=True)
        )
        return [replace(order_of(wish, owner_id), request_id=request_id) for wish in wishes]


@dataclass(frozen=True)
class Order:
    """A photograph that shall take on a look."""

    owner_id: str
    content: BinaryIO | str  # an upload, or the id of a picture that is here
    style: BinaryIO | tuple[StyleShareOrder, ...]  # an upload, or one style, or some to be mixed
    tau: float | None  # None: the style's default
    levels: Levels | None
    keep_color: bool
    output_format: PictureFormat
    max_side_px: int | None
    title: str | None
    client_key: str | None
    request_id: str | None = None  # what brought it; a replay has another

    def fingerprint(self) -> str:
        """The same for the same request, to tell a replay from a conflict."""
        parts = [
            _named(self.content),
            [share.model_dump() for share in self.style]
            if isinstance(self.style, tuple)
            else sha256_of(self.style),
            self.tau,
            self.levels and self.levels.model_dump(),
            self.keep_color,
            self.output_format,
            self.max_side_px,
            self.title,
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def fingerprints(orders: Sequence[Order]) -> list[str]:
    """Of each order; of several that came together each is told by all, so none is left out."""
    prints = [order.fingerprint() for order in orders]
    if len(prints) == 1:
        return prints
    together = hashlib.sha256("".join(prints).encode()).hexdigest()
    return [together] * len(prints)


def order_of(given: StylizationOrder, owner_id: str) -> Order:
    """The order that a JSON body means.

    Raises:
        AppError: a value that no picture can be made with.
    """
    return Order(
        owner_id=owner_id,
        content=given.picture_id,
        style=checked_styles(given.style_id, given.styles),
        tau=checked_tau(given.tau),
        levels=given.levels,
        keep_color=given.keep_color,
        output_format=given.output_format,
        max_side_px=given.max_side_px,
        title=checked_line(given.title, name="title", longest=MAX_TITLE) or None,
        client_key=given.client_key,
    )


def checked_styles(
    style_id: str | None, styles: tuple[StyleShareOrder, ...] | None
) -> tuple[StyleShareOrder, ...]:
    """One style, or those of a mixture.

    Raises:
        MissingStyle: neither.
        InvalidValue: both, or one style twice.
    """
    if style_id is not None and styles is not None:
        reason = "style_id and styles exclude each other"
        raise InvalidValue(name="styles", reason=reason, field="styles")
    if style_id is not None:
        return (StyleShareOrder(id=style_id),)
    if not styles:
        raise MissingStyle(field="style_id")
    if len({share.id for share in styles}) < len(styles):
        raise InvalidValue(name="styles", reason="one style stands twice in it", field="styles")
    return styles


def checked_tau(tau: float | None) -> float | None:
    """A strength as it came; never clamped.

    Raises:
        InvalidTau: under 0 or over 1.5.
    """
    if tau is None:
        return None
    try:
        return checked_strength(tau)
    except ValueError as error:
        raise invalid_tau(f"{tau:g}") from error


def checked_levels(levels: Levels | None, tau: float) -> dict[str, float] | None:
    """Shares that, with tau, stay within what the model was trained for; all at 1 are none.

    Raises:
        InvalidValue: tau times a share is over 1.5.
    """
    if levels is None or levels == Levels():
        return None
    shares: dict[str, float] = levels.model_dump()
    for name, share in shares.items():
        if tau * share > MAX_STRENGTH:
            reason = f"tau {tau:g} times {share:g} is {tau * share:g}, more than {MAX_STRENGTH:g}"
            raise InvalidValue(name=name, reason=reason, field="levels")
    return shares


def render_size(
    width: int, height: int, *, max_side_px: int | None, limits: tuple[int, int]
) -> tuple[int, int]:
    """The size of a result: that of the photograph, or less where less is asked for.

    `limits`: the smallest side of a picture, and the long side at which the service renders.

    Raises:
        InvalidValue: the wish is outside the limits, or a short side would be under the smallest.
    """
    if max_side_px is None:
        return width, height
    smallest, largest = limits
    if not smallest <= max_side_px <= largest:
        reason = f"a number from {smallest} to {largest} is expected, not {max_side_px}"
        raise InvalidValue(name="max_side_px", reason=reason, field="max_side_px")
    scale = min(1.0, max_side_px / max(width, height))
    size = round(width * scale), round(height * scale)
    if min(size) < smallest:
        needed = math.ceil(smallest * max(width, height) / min(width, height))
        reason = f"the short side would be {min(size)} px; ask for at least {needed}"
        raise InvalidValue(name="max_side_px", reason=reason, field="max_side_px")
    return size


def _named(content: BinaryIO | str) -> str:
    return content if isinstance(content, str) else sha256_of(content)
