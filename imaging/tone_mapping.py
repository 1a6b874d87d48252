"""Tone mapping of HDR pictures for a display of standard range.

The curve is the Reference White Tone Mapping Operator of SMPTE ST 2094-50, which Chromium uses: a
straight line from black to white, and a quadratic Bézier curve from white to the peak.
"""

import math
from typing import Final

from PIL import Image, ImageMath

SDR_WHITE_NITS: Final = 203.0
"""The luminance of white in an HDR picture, as ITU-R BT.2408 recommends it."""

DEFAULT_PEAK_NITS: Final = 1000.0
"""The luminance of the brightest pixel of an HDR picture that does not state it."""

UNITS_PER_NIT: Final = 10_000
"""Files store luminances as integers in units of 1/10000 nit; nits alone in the box clli."""

_LOWEST_WHITE: Final = 0.5  # white becomes this at the default peak and above
_SHOULDER: Final = 0.65  # position of the curve's middle point between its start and the corner
_ALMOST_ZERO: Final = 1e-6  # keeps divisors above 0


def peak_nits_of(*, brightest: float, display: float) -> float:
    """The peak for tone mapping, from what a file states; 0 is not stated.

    Args:
        brightest: the luminance of the brightest pixel, in nits.
        display: the peak luminance of the display for which the picture was made, in nits.
    """
    return brightest or display or DEFAULT_PEAK_NITS


def tone_gain(brightest: Image.Image, peak_nits: float) -> Image.Image:
    """The factor, mode F, by which tone mapping multiplies all channels of a pixel.

    Args:
        brightest: the largest channel of each pixel in linear light, mode F; 1 is white of
            standard range.
        peak_nits: the luminance of the brightest pixel, which becomes white.
    """
    peak = peak_nits / SDR_WHITE_NITS
    if peak <= 1:
        return Image.new("F", brightest.size, 1.0)  # no pixel is brighter than white
    white = _mapped_white(peak)
    gain: Image.Image = ImageMath.lambda_eval(
        lambda i: (
            (i["min"](i["light"], 1.0) * white + i["above"]) / i["max"](i["light"], _ALMOST_ZERO)
        ),
        light=brightest,
        above=_mapped_highlights(brightest, peak, white),
    )
    return gain


def _mapped_white(peak: float) -> float:
    """What white of standard range becomes: the higher the peak, the darker."""
    share = min(1.0, math.log(peak) / math.log(DEFAULT_PEAK_NITS / SDR_WHITE_NITS))
    return 1 - (1 - _LOWEST_WHITE) * share


def _mapped_highlights(brightest: Image.Image, peak: float, white: float) -> Image.Image:
    """How much brighter than mapped white each pixel becomes; 0 for pixels up to white.

    The Bézier curve runs from (1, white) to (peak, 1). Its coordinates are 1 + b·t + a·t² and
    white + d·t + c·t²; the quadratic formula gives t, 0 to 1, for a brightness.
    """
    middle = (1 - _SHOULDER + _SHOULDER / white, (1 - _SHOULDER) * white + _SHOULDER)
    a, b = 1 - 2 * middle[0] + peak, 2 * (middle[0] - 1)
    c, d = white - 2 * middle[1] + 1, 2 * (middle[1] - white)
    t: Image.Image = ImageMath.lambda_eval(
        lambda i: i["above"] * 2.0 / ((i["above"] * (4 * a) + b * b) ** 0.5 + (b + _ALMOST_ZERO)),
        above=ImageMath.lambda_eval(
            lambda i: i["min"](i["max"](i["light"], 1.0), peak) - 1.0, light=brightest
        ),
    )
    mapped: Image.Image = ImageMath.lambda_eval(lambda i: (i["t"] * c + d) * i["t"], t=t)
    return mapped
