"""Colours that a file describes without an ICC profile, and their conversion to sRGB.

The description is primaries and a transfer function. PNG stores them in gAMA, cHRM and cICP; AVIF
and HEIC store them in an nclx box or in the coded data. The code points are those of ITU-T H.273,
tables 2 and 3.
"""

import math
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, TypeAlias

from PIL import Image, ImageMath

from imaging.primaries import Primaries, Vector, times, transposed
from imaging.tone_mapping import DEFAULT_PEAK_NITS, SDR_WHITE_NITS, tone_gain

_Channels: TypeAlias = tuple[Image.Image, ...]


# Transfer functions


@dataclass(frozen=True)
class PowerCurve:
    """(scale · value + offset) ^ exponent; slope · value for values below slope_until."""

    exponent: float
    scale: float = 1.0
    offset: float = 0.0
    slope: float = 0.0
    slope_until: float = 0.0

    def to_linear(self, value: float) -> float:
        """The linear light of an encoded value of 0 to 1; 1 is white."""
        if value < self.slope_until:
            return self.slope * value
        return float((self.scale * value + self.offset) ** self.exponent)


@dataclass(frozen=True)
class PerceptualQuantizer:
    """PQ of SMPTE ST 2084, for HDR; `peak_nits` is the luminance of the brightest pixel."""

    peak_nits: float = DEFAULT_PEAK_NITS

    def to_linear(self, value: float) -> float:
        """The linear light of an encoded value of 0 to 1; 1 is white of standard range."""
        root = value ** (1 / 78.84375)
        ratio = max(root - 0.8359375, 0.0) / (18.8515625 - 18.6875 * root)
        return float(10_000 * ratio ** (1 / 0.1593017578125)) / SDR_WHITE_NITS


@dataclass(frozen=True)
class HybridLogGamma:
    """HLG of ITU-R BT.2100, for HDR; `peak_nits` is the luminance of the brightest pixel."""

    peak_nits: float = DEFAULT_PEAK_NITS

    def to_linear(self, value: float) -> float:
        """The linear light of the scene, 0 to 1, of an encoded value of 0 to 1."""
        if value <= 0.5:
            return value * value / 3
        return (math.exp((value - 0.55991073) / 0.17883277) + 0.28466892) / 12


Transfer: TypeAlias = PowerCurve | PerceptualQuantizer | HybridLogGamma


# Encodings


@dataclass(frozen=True)
class ColorEncoding:
    """The colour space of the values of an RGB picture."""

    primaries: Primaries
    transfer: Transfer

    @classmethod
    def from_cicp(
        cls, primaries: int, transfer: int, *, peak_nits: float = DEFAULT_PEAK_NITS
    ) -> "ColorEncoding | None":
        """The encoding of two code points of ITU-T H.273; None for sRGB and for unknown ones.

        Args:
            primaries: for example 1 for BT.709, 9 for BT.2020, 12 for Display P3.
            transfer: for example 1 for BT.709, 8 for linear, 13 for sRGB, 16 for PQ, 18 for HLG.
            peak_nits: the luminance of the brightest pixel; only PQ and HLG use it.
        """
        known_primaries = _PRIMARIES_OF_CICP.get(primaries)
        known_transfer = _transfer_of_cicp(transfer, peak_nits)
        if known_primaries is None or known_transfer is None:
            return None
        encoding = cls(known_primaries, known_transfer)
        return None if encoding == SRGB else encoding


_D65: Final = (0.3127, 0.3290)

SRGB_PRIMARIES: Final = Primaries((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), _D65)
SRGB_CURVE: Final = PowerCurve(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
SRGB: Final = ColorEncoding(SRGB_PRIMARIES, SRGB_CURVE)

_BT601_PRIMARIES: Final = Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65)
_BT2020_PRIMARIES: Final = Primaries((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), _D65)
_BT2020_LUMINANCE: Final = (0.2627, 0.6780, 0.0593)  # of red, green and blue
_EQUAL_ENERGY: Final = (1 / 3, 1 / 3)

_PRIMARIES_OF_CICP: Final = {
    1: SRGB_PRIMARIES,  # also BT.709
    4: Primaries((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), (0.310, 0.316)),  # NTSC of 1953
    5: Primaries((0.64, 0.33), (0.29, 0.60), (0.15, 0.06), _D65),  # PAL
    6: _BT601_PRIMARIES,
    7: _BT601_PRIMARIES,  # of SMPTE 240M
    8: Primaries((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), (0.310, 0.316)),  # film
    9: _BT2020_PRIMARIES,
    10: Primaries((1.0, 0.0), (0.0, 1.0), (0.0, 0.0), _EQUAL_ENERGY),  # CIE XYZ
    11: Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351)),  # DCI-P3
    12: Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), _D65),  # Display P3
    22: Primaries((0.630, 0.340), (0.295, 0.605), (0.155, 0.077), _D65),  # EBU 3213
}

_BT1886: Final = PowerCurve(2.4)  # of displays; Chromium uses it for all standards of television
_CURVE_OF_CICP: Final = {
    1: _BT1886,  # BT.709
    4: PowerCurve(2.2),
    5: PowerCurve(2.8),
    6: _BT1886,  # BT.601
    7: PowerCurve(1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4, 4 * 0.0228),  # SMPTE 240M
    8: PowerCurve(1.0),  # linear
    11: _BT1886,  # xvYCC
    13: SRGB_CURVE,
    14: _BT1886,  # BT.2020 of 10 bits
    15: _BT1886,  # BT.2020 of 12 bits
    17: PowerCurve(2.6, (52.37 / 48) ** (1 / 2.6)),  # DCI
}
_PQ_IN_CICP: Final = 16
_HLG_IN_CICP: Final = 18


def _transfer_of_cicp(code: int, peak_nits: float) -> Transfer | None:
    if code == _PQ_IN_CICP:
        return PerceptualQuantizer(peak_nits)
    if code == _HLG_IN_CICP:
        return HybridLogGamma(peak_nits)
    return _CURVE_OF_CICP.get(code)


# Conversion

_STRIP_PIXELS: Final = 1_000_000  # are converted at once; more take more memory
_STEPS: Final = 65535  # of linear light from black to white, in the table that encodes it
_HLG_DISPLAY_NITS: Final = 1000.0  # the peak of the display for which HLG is defined
_HLG_SYSTEM_GAMMA: Final = 1.2  # of that display


def convert_to_srgb(picture: Image.Image, encoding: ColorEncoding) -> Image.Image:
    """Convert an RGB picture of 8 bits per channel to sRGB.

    Colours outside sRGB are clipped; HDR is tone-mapped.

    Args:
        picture: mode RGB.
        encoding: its colour space.
    """
    conversion = _conversion(encoding)
    converted = Image.new("RGB", picture.size)
    rows = max(1, _STRIP_PIXELS // max(1, picture.width))
    for top in range(0, picture.height, rows):
        box = (0, top, picture.width, min(top + rows, picture.height))
        converted.paste(conversion.convert(picture.crop(box)), box)
    return converted


@lru_cache(maxsize=16)
def _conversion(encoding: ColorEncoding) -> "_Conversion":
    return _Conversion(encoding)


class _Conversion:
    """The conversion of one encoding to sRGB, with its tables.

    Tone mapping multiplies all channels of a pixel by one factor, so it can follow the matrix.
    """

    def __init__(self, encoding: ColorEncoding) -> None:
        rows = encoding.primaries.matrix_to(SRGB_PRIMARIES)
        self._mixes = [_Mix(encoding.transfer, row) for row in rows]
        self._hdr_gain = None
        if not isinstance(encoding.transfer, PowerCurve):
            self._hdr_gain = _HdrGain(encoding.primaries, encoding.transfer)

    def convert(self, strip: Image.Image) -> Image.Image:
        """A part of a picture in sRGB."""
        channels = strip.split()
        linear = [mix(channels) for mix in self._mixes]
        if self._hdr_gain is not None:
            gain = self._hdr_gain(channels)
            linear = [_product(channel, gain) for channel in linear]
        return Image.merge("RGB", [_encode(channel) for channel in linear])


class _HdrGain:
    """The factor that brings a pixel of an HDR picture into standard range."""

    def __init__(
        self, primaries: Primaries, transfer: PerceptualQuantizer | HybridLogGamma
    ) -> None:
        rows = primaries.matrix_to(_BT2020_PRIMARIES)
        self._mixes = [_Mix(transfer, row) for row in rows]
        self._peak_nits = transfer.peak_nits
        self._luminance = None
        if isinstance(transfer, HybridLogGamma):
            self._luminance = _Mix(transfer, times(transposed(rows), _BT2020_LUMINANCE))

    def __call__(self, channels: _Channels) -> Image.Image:
        """The factor for each pixel, mode F."""
        red, green, blue = (mix(channels) for mix in self._mixes)
        brightest: Image.Image = ImageMath.lambda_eval(
            lambda i: i["max"](i["max"](i["r"], i["g"]), i["b"]), r=red, g=green, b=blue
        )
        if self._luminance is None:
            return tone_gain(brightest, self._peak_nits)
        display_gain = _hlg_display_gain(self._luminance(channels))
        tone_mapping = tone_gain(_product(brightest, display_gain), self._peak_nits)
        return _product(display_gain, tone_mapping)


def _hlg_display_gain(luminance: Image.Image) -> Image.Image:
    """The factor from light of the scene, 0 to 1, to light of the display; 1 is white."""
    brightness = _HLG_DISPLAY_NITS / SDR_WHITE_NITS
    gain: Image.Image = ImageMath.lambda_eval(
        lambda i: i["max"](i["y"], 0.0) ** (_HLG_SYSTEM_GAMMA - 1) * brightness, y=luminance
    )
    return gain


class _Mix:
    """The weighted sum of red, green and blue in linear light.

    One table for each channel decodes the transfer function and multiplies by the weight.
    """

    def __init__(self, transfer: Transfer, weights: Vector) -> None:
        linear = [transfer.to_linear(value / 255) for value in range(256)]
        self._tables = [[weight * light for light in linear] for weight in weights]

    def __call__(self, channels: _Channels) -> Image.Image:
        """The sum, mode F, of three channels of mode L."""
        red, green, blue = (
            channel.point(table, "F") for channel, table in zip(channels, self._tables, strict=True)
        )
        mixed: Image.Image = ImageMath.lambda_eval(
            lambda i: i["r"] + i["g"] + i["b"], r=red, g=green, b=blue
        )
        return mixed


def _product(left: Image.Image, right: Image.Image) -> Image.Image:
    product: Image.Image = ImageMath.lambda_eval(lambda i: i["a"] * i["b"], a=left, b=right)
    return product


def _encode(linear: Image.Image) -> Image.Image:
    """Linear light, mode F, as sRGB, mode L; values outside of 0 to 1 are clipped."""
    step: Image.Image = ImageMath.lambda_eval(
        lambda i: i["int"](i["light"] * float(_STEPS) + 0.5), light=linear
    )
    return step.point(_srgb_of_step(), "L")  # point clips the steps to its table


@cache
def _srgb_of_step() -> list[int]:
    return [_srgb(step / _STEPS) for step in range(_STEPS + 1)]


def _srgb(light: float) -> int:
    encoded = 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
    return round(255 * encoded)
