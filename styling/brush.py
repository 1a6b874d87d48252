"""The brush size: how large the strokes of a result are, compared with those of the artwork."""

from enum import StrEnum


class Brush(StrEnum):
    """The size of the strokes. `medium` is that of the artwork, relative to the picture."""

    FINE = "fine"
    MEDIUM = "medium"
    BROAD = "broad"

    @property
    def scale(self) -> float:
        """The size of the strokes relative to `medium`."""
        return _SCALES[self]


_SCALES = {Brush.FINE: 1 / 1.6, Brush.MEDIUM: 1.0, Brush.BROAD: 1.6}

DEFAULT_BRUSH = Brush.MEDIUM
