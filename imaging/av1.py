"""Reads the colours that AV1 data states; see the AV1 Bitstream Specification, 5.5."""

from typing import Final, NamedTuple

_SEQUENCE_HEADER: Final = 1  # a type of OBU
_MAX_OBUS: Final = 16  # the sequence header comes first, or after a temporal delimiter
_MAX_HEADER_BYTES: Final = 512  # with 32 operating points it has less than 400
_UNSPECIFIED: Final = 2
_SRGB_WITHOUT_CONVERSION: Final = (1, 13, 0)  # does not state its range
_HIGHEST_LEVEL_WITHOUT_TIER: Final = 7
_SELECT_PER_FRAME: Final = 2  # of screen content tools
_PROFILE_WITH_12_BITS: Final = 2
_PROFILE_WITHOUT_MONOCHROME: Final = 1


class Av1Color(NamedTuple):
    """What a sequence header states; the first three are code points of ITU-T H.273."""

    primaries: int
    transfer: int
    matrix: int
    range_bit: int | None
    """The bit, counted from the start of the data, that is 1 for full range; None without one."""


def read_color(data: bytes) -> Av1Color | None:
    """The colours stated by the first sequence header; None if there is none.

    Args:
        data: OBUs, as in the data of an item or of a sample.
    """
    try:
        start, end = _find_sequence_header(data)
        return _read_color(_Bits(data, start, end))
    except (IndexError, ValueError):
        return None


class _Bits:
    """Gives numbers of any number of bits one after another; ValueError beyond the end."""

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self._value = int.from_bytes(data[start:end], "big")
        self._left = 8 * (end - start)
        self._end = 8 * end

    @property
    def position(self) -> int:
        """The next bit, counted from the start of the data."""
        return self._end - self._left

    def number(self, bits: int) -> int:
        self._left -= bits
        if self._left < 0:
            raise ValueError("the sequence header is too short")
        return self._value >> self._left & ((1 << bits) - 1)

    def flag(self) -> bool:
        return self.number(1) == 1

    def skip(self, bits: int) -> None:
        self.number(bits)

    def skip_variable_length(self) -> None:
        """Skip a number whose length is stated by zeros before it."""
        zeros = 0
        while not self.flag():
            zeros += 1
        self.skip(zeros)


def _find_sequence_header(data: bytes) -> tuple[int, int]:
    """The start and the end of its content; ValueError or IndexError if there is none."""
    at = 0
    for _ in range(_MAX_OBUS):
        kind, has_extension, has_size = data[at] >> 3 & 15, data[at] & 4, data[at] & 2
        at += 2 if has_extension else 1
        size, at = _leb128(data, at) if has_size else (len(data) - at, at)
        end = min(at + size, len(data))
        if kind == _SEQUENCE_HEADER:
            return at, min(end, at + _MAX_HEADER_BYTES)
        at = end
    raise ValueError("no sequence header")


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    """A number in groups of 7 bits, and the position after it."""
    value = 0
    for group in range(8):
        byte = data[at + group]
        value |= (byte & 127) << (7 * group)
        if byte < 128:
            return value, at + group + 1
    raise ValueError("a number of more than 8 bytes")


def _read_color(bits: _Bits) -> Av1Color:
    profile = bits.number(3)
    bits.skip(1)  # still_picture
    is_reduced = bits.flag()
    if is_reduced:
        bits.skip(5)  # level
    else:
        _skip_operating_points(bits)
    _skip_frame_size(bits, is_reduced=is_reduced)
    _skip_tools(bits, is_reduced=is_reduced)
    return _read_color_config(bits, profile)


def _skip_operating_points(bits: _Bits) -> None:
    delay_bits = 0  # of a decoder model; 0 without one
    if bits.flag():  # timing_info_present_flag
        bits.skip(64)
        if bits.flag():  # equal_picture_interval
            bits.skip_variable_length()
        if bits.flag():  # decoder_model_info_present_flag
            delay_bits = bits.number(5) + 1
            bits.skip(42)
    has_display_delay = bits.flag()
    for _ in range(bits.number(5) + 1):
        bits.skip(12)
        if bits.number(5) > _HIGHEST_LEVEL_WITHOUT_TIER:
            bits.skip(1)
        if delay_bits and bits.flag():
            bits.skip(2 * delay_bits + 1)
        if has_display_delay and bits.flag():
            bits.skip(4)


def _skip_frame_size(bits: _Bits, *, is_reduced: bool) -> None:
    width_bits, height_bits = bits.number(4) + 1, bits.number(4) + 1
    bits.skip(width_bits + height_bits)
    if not is_reduced and bits.flag():  # frame_id_numbers_present_flag
        bits.skip(7)


def _skip_tools(bits: _Bits, *, is_reduced: bool) -> None:
    bits.skip(3)
    if not is_reduced:
        bits.skip(4)
        has_order_hint = bits.flag()
        if has_order_hint:
            bits.skip(2)
        screen_content = _SELECT_PER_FRAME if bits.flag() else bits.number(1)
        if screen_content and not bits.flag():
            bits.skip(1)
        if has_order_hint:
            bits.skip(3)
    bits.skip(3)


def _read_color_config(bits: _Bits, profile: int) -> Av1Color:
    is_high_depth = bits.flag()
    if profile == _PROFILE_WITH_12_BITS and is_high_depth:
        bits.skip(1)
    is_monochrome = profile != _PROFILE_WITHOUT_MONOCHROME and bits.flag()
    primaries, transfer, matrix = _UNSPECIFIED, _UNSPECIFIED, _UNSPECIFIED
    if bits.flag():  # color_description_present_flag
        primaries, transfer, matrix = bits.number(8), bits.number(8), bits.number(8)
    has_range = is_monochrome or (primaries, transfer, matrix) != _SRGB_WITHOUT_CONVERSION
    range_bit = bits.position if has_range else None
    bits.skip(1 if has_range else 0)  # the data must contain it
    return Av1Color(primaries, transfer, matrix, range_bit)
