"""Process token maps in bands of rows: the same values with less memory and better cache use.

Shapes: B batch, H x W tokens (h rows of a band), D channels.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from torch import Tensor

BAND_TOKENS = 2**16
"""Maximum number of tokens in a band. The map at 1/4 of a 1024 px picture has this many, so the
smaller pictures of training are always processed in one band."""


@dataclass(frozen=True)
class Band:
    """Rows `first` to `last` - 1 of a map; `top` to `bottom` - 1 also include their halo."""

    first: int
    last: int
    top: int
    bottom: int


def split_into_bands(height: int, rows: int, halo: int) -> Iterator[Band]:
    """Yield bands of at most `rows` rows that cover a map of `height` rows.

    Each band extends by `halo` rows on both sides, clipped to the map.
    """
    for first in range(0, height, rows):
        last = min(first + rows, height)
        yield Band(first, last, max(0, first - halo), min(height, last + halo))


def apply_in_bands(
    function: Callable[..., Tensor],
    *maps: Tensor,
    halo: int = 0,
    tokens: int | None = None,
) -> Tensor:
    """Return `function(*maps)`, computed one band of rows at a time.

    Args:
        function: takes maps "B h W D" and returns a map with as many rows. An output row may depend
            only on input rows within `halo` rows of it.
        maps: "B H W D", all with the same height.
        halo: the number of rows around a row that `function` reads.
        tokens: the maximum number of tokens in a band; the default is BAND_TOKENS.
    """
    batch, height, width = maps[0].shape[:3]
    rows = max(1, (tokens or BAND_TOKENS) // (batch * width))
    if height <= rows:
        return function(*maps)
    result = maps[0].new_empty(0)
    for band in split_into_bands(height, rows, halo):
        part = function(*(map_[:, band.top : band.bottom] for map_ in maps))
        if not band.first:
            result = part.new_empty(batch, height, *part.shape[2:])
        result[:, band.first : band.last] = part[:, band.first - band.top : band.last - band.top]
    return result
