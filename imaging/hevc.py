"""Checks that the HEVC data of a HEIC picture is whole.

The decoder accepts missing data: it paints the affected part of the picture green or grey.
"""

from typing import Final

_IMPOSSIBLE: Final = b"\0\0\0"  # HEVC data never contains it; downloads that stopped do
_LENGTH_SIZE_AT: Final = 21  # in the configuration


def length_bytes(configuration: bytes) -> int:
    """How many bytes the length of a unit has, as the content of a box hvcC states."""
    return (configuration[_LENGTH_SIZE_AT:][:1] or b"\3")[0] % 4 + 1


def is_whole(data: bytes, length_bytes: int) -> bool:
    """Whether the data consists of whole units without gaps.

    Args:
        data: of one item: units, each after its length.
        length_bytes: how many bytes a length has.
    """
    at = 0
    while at < len(data):
        start = at + length_bytes
        at = start + int.from_bytes(data[at:start], "big")
        if at == start or at > len(data) or _IMPOSSIBLE in data[start:at]:
            return False
    return at > 0
