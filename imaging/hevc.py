"""Checks that the HEVC data of a HEIC picture is whole; see ISO/IEC 14496-15, 8.3, and ITU-T H.265.

The decoder accepts missing data: it paints the affected part of the picture green or grey.
"""

from typing import Final

_IMPOSSIBLE: Final = b"\0\0\0"  # never in a NAL unit, but in a download that was interrupted
_LENGTH_BYTES_AT: Final = 21  # lengthSizeMinusOne: the lowest 2 bits of this byte of hvcC


def read_length_bytes(configuration: bytes) -> int:
    """How many bytes the length of a NAL unit has, 1 to 4, as the content of a box hvcC states."""
    return (configuration[_LENGTH_BYTES_AT:][:1] or b"\3")[0] % 4 + 1


def is_whole(data: bytes, length_bytes: int) -> bool:
    """Whether the data consists of whole NAL units without gaps.

    Args:
        data: of one item: NAL units, each after its length.
        length_bytes: how many bytes a length has, 1 to 4.
    """
    at = 0
    while at < len(data):
        start = at + length_bytes
        at = start + int.from_bytes(data[at:start], "big")
        if at == start or at > len(data) or _IMPOSSIBLE in data[start:at]:
            return False
    return at > 0
