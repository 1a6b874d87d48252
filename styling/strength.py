"""The style strength: from 0 (the photo) through 1 (the style as trained) to 1.5 (exaggerated).

The paper calls it the control factor and writes τ; the API field and the options are named `tau`.
"""

from typing import Annotated, Final

from pydantic import Field

MIN_STRENGTH: Final = 0.0
MAX_STRENGTH: Final = 1.5
DEFAULT_STRENGTH: Final = 1.0
STRENGTH_STEP: Final = 0.05
"""The smallest change that a slider offers."""

Strength = Annotated[float, Field(ge=MIN_STRENGTH, le=MAX_STRENGTH, allow_inf_nan=False)]
"""A style strength in its range: 0 returns the photo, 1 applies the style as trained."""


def checked_strength(value: float) -> Strength:
    """Return `value` unchanged.

    Raises:
        ValueError: `value` is not in the range 0 to 1.5. It is never clamped.
    """
    if not MIN_STRENGTH <= value <= MAX_STRENGTH:
        raise ValueError(
            f"the style strength is {value:g}; it must be from {MIN_STRENGTH:g} to {MAX_STRENGTH:g}"
        )
    return value
