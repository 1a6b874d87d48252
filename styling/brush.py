"""The brush size: how large the strokes of a result are, relative to the picture."""

from enum import StrEnum


class Brush(StrEnum):
    """The size of the strokes, relative to the picture. `medium` is that of the artwork."""

    FINE = "fine"
    MEDIUM = "medium"
    BROAD = "broad"

    @property
    def scale(self) -> float:
        """The size of the strokes relative to `medium`: from 0.5 to 1.6."""
        return _SCALES[self]


_SCALES = {Brush.FINE: 0.5, Brush.MEDIUM: 1.0, Brush.BROAD: 1.6}

DEFAULT_BRUSH = Brush.MEDIUM
