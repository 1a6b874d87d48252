"""Token maps in bands of rows: the same numbers in less memory, and near the cache.

B batch, H x W tokens, D channels.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from torch import Tensor

BAND_TOKENS = 2**16
"""Tokens of a band: a map of 1024 px at 1/4 is one, so training never meets a second."""


@dataclass(frozen=True)
class Band:
    """Rows `first` to `last` - 1 of a map, and the rows around them that they depend on."""

    first: int
    last: int
    top: int
    bottom: int


def split_into_bands(height: int, rows: int, halo: int) -> Iterator[Band]:
    """All rows in bands of at most `rows`, each with `halo` rows around it, inside the map."""
    for first in range(0, height, rows):
        last = min(first + rows, height)
        yield Band(first, last, max(0, first - halo), min(height, last + halo))


def apply_in_bands(
    function: Callable[..., Tensor],
    *maps: Tensor,
    halo: int = 0,
    tokens: int | None = None,
) -> Tensor:
    """`function(*maps)`, computed for one band of rows after another.

    Args:
        function: takes maps "B h W D" and gives one of as many rows; a row may depend on the input
            within `halo` rows of it.
        maps: "B H W D", of one height.
        halo: see `function`.
        tokens: of a band, at most (BAND_TOKENS).
    """
    batch, height, width = maps[0].shape[:3]
    rows = max(1, (tokens or BAND_TOKENS) // (batch * width))
    if height <= rows:
        return function(*maps)
    whole = maps[0].new_empty(0)
    for band in split_into_bands(height, rows, halo):
        part = function(*(map_[:, band.top : band.bottom] for map_ in maps))
        if not band.first:
            whole = part.new_empty(batch, height, *part.shape[2:])
        whole[:, band.first : band.last] = part[:, band.first - band.top : band.last - band.top]
    return whole
