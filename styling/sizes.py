"""Limits of a picture's size that the network sets."""

from typing import Final

MIN_SIDE_PX: Final = 64
"""The smallest side of a photo or style picture, in pixels: the coarsest grid needs it."""
