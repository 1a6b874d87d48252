"""The surface of a black pot as a style picture: burnished clay, incised lines, inlaid porcelain.

The project draws it from descriptions of the craft, because no photo of Nixi pottery was
available. The clay fills the picture: in a photo of pots on a pale background, the background would
be part of the style.

S is the side in px.
"""

from itertools import product

import numpy as np
from jaxtyping import Float
from PIL import Image, ImageDraw, ImageFilter

_SCALE = 3  # drawn larger by this factor and reduced, for smooth edges
_CLAY, _SHEEN = np.array((20.0, 18.0, 19.0)), np.array((215.0, 204.0, 194.0))
_FIRE_MARK = np.array((7.0, 2.0, -1.0))  # added where the flame turned the black reddish
_PORCELAIN = np.array((236.0, 230.0, 216.0))
# The measures below are shares of the side; the first are the heights of the rows.
_LARGE_CHIPS, _SMALL_CHIPS, _ZIGZAGS = (0.12, 0.64), (0.38, 0.90), (0.25, 0.51, 0.77)
_LINE_OFFSET = 0.045  # from a row of chips to the lines on both sides of it
_LINE_WIDTH, _ZIGZAG_LINE_WIDTH, _ZIGZAG_HEIGHT = 0.005, 0.007, 0.022
_CHIPS_PER_ROW, _TURNS_PER_ZIGZAG = 9, 12

Points = list[tuple[float, float]]


def draw_black_pottery(side: int = 512, *, seed: int = 0) -> Image.Image:
    """Draw rows of inlaid diamonds and zigzags on dark clay, `side` x `side` px."""
    rng = np.random.default_rng(seed)
    large = side * _SCALE
    light, marks = _light(large, rng)
    clay = _CLAY + (_SHEEN - _CLAY) * light + _FIRE_MARK * marks.clip(0, 2)
    incisions = _softened(_incisions(large), 0.6)
    lit_edges = np.roll(incisions, (large // 170, large // 340), (0, 1)) - incisions
    clay = clay * (1 - 0.75 * incisions) + 60 * lit_edges.clip(0, 1)
    chips = _softened(_chips(large, rng), 0.5)
    porcelain = _PORCELAIN * (0.86 + 0.14 * light) + 6 * _clouds(large, (1 / 192, 1 / 192), rng)
    pixels = clay * (1 - chips) + porcelain * chips + rng.normal(0, 5, (large, large, 1))
    picture = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    return picture.resize((side, side), Image.Resampling.LANCZOS)


def _light(
    side: int, rng: np.random.Generator
) -> tuple[Float[np.ndarray, "S S 1"], Float[np.ndarray, "S S 1"]]:
    """Return the brightness (0 to 1) and the fire marks.

    The brightness is the sheen of a round body with streaks from polishing with a stone.
    """
    down, across = np.mgrid[0:side, 0:side, 0:1][:2] / side
    sheen = (
        0.35 * np.exp(-(((across - 0.28) / 0.13) ** 2))
        + 0.22 * np.exp(-(((across - 0.78) / 0.1) ** 2))
        + 0.1 * np.exp(-(((down - 0.5) / 0.5) ** 2))
    )
    streaks = 0.35 * _clouds(side, (1 / 256, 1 / 10), rng) + 0.25 * _clouds(
        side, (1 / 512, 1 / 26), rng
    )
    marks = _clouds(side, (1 / 11, 1 / 11), rng)
    light = 0.1 + sheen * (1 + 0.22 * streaks) + 0.03 * streaks + 0.05 * marks
    return light.clip(0, 1), marks


def _chips(side: int, rng: np.random.Generator) -> Image.Image:
    """Return a mask of the porcelain: rows of single diamonds and of three small ones."""
    drawn = Image.new("L", (side, side), 0)
    pen = ImageDraw.Draw(drawn)
    for row, index in product(_LARGE_CHIPS, range(_CHIPS_PER_ROW + 1)):
        x, y = index / _CHIPS_PER_ROW, row
        _diamond(pen, (x, y), (0.022, 0.028), side, rng)
    for row, index in product(_SMALL_CHIPS, range(_CHIPS_PER_ROW)):
        x, y = (index + 0.5) / _CHIPS_PER_ROW, row
        for right, below in ((0, -0.014), (-0.02, 0.014), (0.02, 0.014)):
            _diamond(pen, (x + right, y + below), (0.011, 0.014), side, rng)
    return drawn


def _diamond(
    pen: ImageDraw.ImageDraw,
    centre: tuple[float, float],
    half_size: tuple[float, float],
    side: int,
    rng: np.random.Generator,
) -> None:
    """Draw a diamond whose corners deviate randomly, like a broken chip."""
    corners = np.array([(0, -1), (1, 0), (0, 1), (-1, 0)]) + rng.normal(0, 0.1, (4, 2))
    points: Points = [(float(x), float(y)) for x, y in (corners * half_size + centre) * side]
    pen.polygon(points, fill=int(rng.uniform(205, 255)))


def _incisions(side: int) -> Image.Image:
    """Return a mask of the incised lines: along the rows of chips, and zigzags between."""
    drawn = Image.new("L", (side, side), 0)
    pen = ImageDraw.Draw(drawn)
    for row in (*_LARGE_CHIPS, *_SMALL_CHIPS):
        for y in (row - _LINE_OFFSET, row + _LINE_OFFSET):
            pen.line(((0, y * side), (side, y * side)), fill=255, width=int(_LINE_WIDTH * side))
    for row in _ZIGZAGS:
        points: Points = [
            (index * side / _TURNS_PER_ZIGZAG, (row + (-1) ** index * _ZIGZAG_HEIGHT) * side)
            for index in range(-1, _TURNS_PER_ZIGZAG + 2)
        ]
        pen.line(points, fill=255, width=int(_ZIGZAG_LINE_WIDTH * side), joint="curve")
    return drawn


def _softened(drawn: Image.Image, radius: float) -> Float[np.ndarray, "S S 1"]:
    soft = drawn.filter(ImageFilter.GaussianBlur(_SCALE * radius))
    return np.asarray(soft, dtype=np.float64)[..., None] / 255


def _clouds(
    side: int, cell: tuple[float, float], rng: np.random.Generator
) -> Float[np.ndarray, "S S 1"]:
    """Return smooth noise of mean 0; `cell` is its period (height, width) as shares of the side."""
    hills = rng.normal(0, 1, [round(1 / length) for length in cell]).astype(np.float32)
    return np.asarray(Image.fromarray(hills).resize((side, side), Image.Resampling.BICUBIC))[
        ..., None
    ]
