"""The wall of a black pot as a style picture: burnished clay, cut lines, white porcelain let in.

Drawn by the project after what is told of the craft of Nixi, since no photograph of it was to be
had; a wall that fills the picture says more of the clay than pots on a photographer's pale ground.

S side in px.
"""

import numpy as np
from jaxtyping import Float
from PIL import Image, ImageDraw, ImageFilter

_FINE = 3  # drawn so many times larger and reduced: smooth edges
_CLAY, _SHEEN = np.array((20.0, 18.0, 19.0)), np.array((215.0, 204.0, 194.0))
_FIRE_MARK = np.array((7.0, 2.0, -1.0))  # where the flame was, black turns to red
_PORCELAIN = np.array((236.0, 230.0, 216.0))
_LARGE_CHIPS, _SMALL_CHIPS, _ZIGZAGS = (0.12, 0.64), (0.38, 0.90), (0.25, 0.51, 0.77)
_BESIDE = 0.045  # from a row of chips to the lines along it
_LINE, _ZIGZAG_LINE, _ZIGZAG = 0.005, 0.007, 0.022
_PER_ROW, _PER_ZIGZAG = 9, 12

Points = list[tuple[float, float]]


def draw_black_pottery(side: int = 512, *, seed: int = 0) -> Image.Image:
    """Bands of inlaid diamonds and zigzags round a dark wall, `side` px square."""
    chance = np.random.default_rng(seed)
    large = side * _FINE
    light, marks = _light(large, chance)
    wall = _CLAY + (_SHEEN - _CLAY) * light + _FIRE_MARK * marks.clip(0, 2)
    cuts = _softened(_cuts(large), 0.6)
    shifted = np.roll(cuts, (large // 170, large // 340), (0, 1))  # the lit edge of a cut
    wall = wall * (1 - 0.75 * cuts) + 60 * (shifted - cuts).clip(0, 1)
    chips = _softened(_chips(large, chance), 0.5)
    porcelain = _PORCELAIN * (0.86 + 0.14 * light) + 6 * _clouds(large, (1 / 192, 1 / 192), chance)
    wall = wall * (1 - chips) + porcelain * chips + chance.normal(0, 5, (large, large, 1))
    picture = Image.fromarray(wall.clip(0, 255).astype(np.uint8))
    return picture.resize((side, side), Image.Resampling.LANCZOS)


def _light(
    side: int, chance: np.random.Generator
) -> tuple[Float[np.ndarray, "S S 1"], Float[np.ndarray, "S S 1"]]:
    """How bright the wall is, and where the fire marked it.

    The sheen of a belly, streaked by the stone that polished it.
    """
    down, across = np.mgrid[0:side, 0:side, 0:1][:2] / side
    sheen = (
        0.35 * np.exp(-(((across - 0.28) / 0.13) ** 2))
        + 0.22 * np.exp(-(((across - 0.78) / 0.1) ** 2))
        + 0.1 * np.exp(-(((down - 0.5) / 0.5) ** 2))
    )
    streaks = 0.35 * _clouds(side, (1 / 256, 1 / 10), chance) + 0.25 * _clouds(
        side, (1 / 512, 1 / 26), chance
    )
    marks = _clouds(side, (1 / 11, 1 / 11), chance)
    light = 0.1 + sheen * (1 + 0.22 * streaks) + 0.03 * streaks + 0.05 * marks
    return light.clip(0, 1), marks


def _chips(side: int, chance: np.random.Generator) -> Image.Image:
    """White where porcelain is: single diamonds, and small ones in threes."""
    drawn = Image.new("L", (side, side), 0)
    pen = ImageDraw.Draw(drawn)
    places = [(index / _PER_ROW, row) for row in _LARGE_CHIPS for index in range(_PER_ROW + 1)]
    for x, y in places:
        _diamond(pen, (x, y), (0.022, 0.028), side, chance)
    places = [((index + 0.5) / _PER_ROW, row) for row in _SMALL_CHIPS for index in range(_PER_ROW)]
    for x, y in places:
        for right, below in ((0, -0.014), (-0.02, 0.014), (0.02, 0.014)):
            _diamond(pen, (x + right, y + below), (0.011, 0.014), side, chance)
    return drawn


def _diamond(
    pen: ImageDraw.ImageDraw,
    middle: tuple[float, float],
    half: tuple[float, float],
    side: int,
    chance: np.random.Generator,
) -> None:
    """Broken by hand: no two are alike."""
    corners = np.array([(0, -1), (1, 0), (0, 1), (-1, 0)]) + chance.normal(0, 0.1, (4, 2))
    points: Points = [(float(x), float(y)) for x, y in (corners * half + middle) * side]
    pen.polygon(points, fill=int(chance.uniform(205, 255)))


def _cuts(side: int) -> Image.Image:
    """White where lines are cut: along the rows of chips, and zigzags between them."""
    drawn = Image.new("L", (side, side), 0)
    pen = ImageDraw.Draw(drawn)
    for row in (*_LARGE_CHIPS, *_SMALL_CHIPS):
        for y in (row - _BESIDE, row + _BESIDE):
            pen.line(((0, y * side), (side, y * side)), fill=255, width=int(_LINE * side))
    for row in _ZIGZAGS:
        points: Points = [
            (index * side / _PER_ZIGZAG, (row + (-1) ** index * _ZIGZAG) * side)
            for index in range(-1, _PER_ZIGZAG + 2)
        ]
        pen.line(points, fill=255, width=int(_ZIGZAG_LINE * side), joint="curve")
    return drawn


def _softened(drawn: Image.Image, radius: float) -> Float[np.ndarray, "S S 1"]:
    soft = drawn.filter(ImageFilter.GaussianBlur(_FINE * radius))
    return np.asarray(soft, dtype=np.float64)[..., None] / 255


def _clouds(
    side: int, cell: tuple[float, float], chance: np.random.Generator
) -> Float[np.ndarray, "S S 1"]:
    """Smooth noise of mean 0, about one hill in `cell` (height, width; shares of a side)."""
    hills = chance.normal(0, 1, [round(1 / length) for length in cell]).astype(np.float32)
    return np.asarray(Image.fromarray(hills).resize((side, side), Image.Resampling.BICUBIC))[
        ..., None
    ]
