"""The pace of this worker, from which it estimates how long a batch takes."""

from collections import deque
from typing import Final

MEASURED_BATCHES: Final = 32


class Pace:
    """The seconds per rendered pixel of the last batches, from their claim to their last result.

    Large batches count more than small ones, whose duration is mostly overhead.
    """

    def __init__(self) -> None:
        """Nothing is measured yet."""
        self._batches: deque[tuple[int, float]] = deque(maxlen=MEASURED_BATCHES)

    def record(self, pixels: int, seconds: float) -> None:
        """Add a batch with this number of rendered pixels, for all photos together."""
        self._batches.append((pixels, seconds))

    def expected_seconds(self, pixels: int) -> float | None:
        """Return the estimated duration of a batch with this number of rendered pixels.

        None before the first measurement.
        """
        if not self._batches:
            return None
        measured_pixels, measured_seconds = map(sum, zip(*self._batches, strict=True))
        return pixels * measured_seconds / measured_pixels
