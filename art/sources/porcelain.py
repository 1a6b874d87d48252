"""Cobalt painting on white porcelain: peonies on scrolling vines, under a clear glaze."""

import numpy as np
from jaxtyping import Float
from PIL import Image, ImageDraw

from art.sources.canvas import (
    SCALE,
    SIDE_PX,
    Field,
    blend,
    blurred,
    clouds,
    coordinates,
    finished,
    sheet,
)

_GLAZE, _WASH, _COBALT, _DARK = (
    (232.0, 238.0, 240.0),
    (98.0, 138.0, 200.0),
    (30.0, 62.0, 150.0),
    (14.0, 24.0, 78.0),
)
_LINE = 0.0036  # width of an outline
_FLOWERS = np.array(
    (
        (0.19, 0.17),
        (0.72, 0.14),
        (0.46, 0.45),
        (0.03, 0.55),
        (0.97, 0.46),
        (0.25, 0.80),
        (0.74, 0.77),
        (0.52, 1.05),
        (0.45, -0.09),
        (1.02, 1.02),
        (-0.08, 1.0),
        (1.05, 0.0),
    )
)

Point = Float[np.ndarray, "2"]
Points = Float[np.ndarray, "N 2"]


def draw_porcelain(side: int = SIDE_PX, *, seed: int = 0) -> Image.Image:
    """Draw flowers, leaves and tendrils in cobalt blue, `side` x `side` px."""
    rng = np.random.default_rng(seed)
    large = side * SCALE
    x, y = coordinates(large)
    brush = _Brush(large, rng)
    for start, centre in enumerate(_FLOWERS):
        near = np.argsort(np.hypot(*(_FLOWERS - centre).T))[1:5]
        for end in near[near > start]:
            brush.vine(centre, _FLOWERS[end])
    for centre in _FLOWERS:
        brush.flower(centre, rng.uniform(0.10, 0.135))
    wash, lines = brush.layers()

    # The cobalt runs in the glaze: washes pool, lines bleed, and dark spots burst through.
    pooled = 0.24 * clouds(large, 0.012, rng) + 0.2 * clouds(large, 0.035, rng)
    unevenness = 1 + 0.012 * clouds(large, 0.12, rng) + 0.008 * clouds(large, 0.01, rng)
    glaze = sheet(large, _GLAZE) * unevenness[..., None]
    pixels = blend(glaze, _WASH, 0.42 * blurred(lines, 0.006) + 0.12 * blurred(wash, 0.02))
    wash = blurred(wash, 0.0012)
    rim = (wash * 3.4 * (1 - wash)).clip(0, 1)  # colour gathers at the edge of a wash
    pixels = blend(pixels, _WASH, (wash * (1.0 + pooled)).clip(0, 1))
    pixels = blend(pixels, _COBALT, (wash**2 * (0.55 + 1.3 * pooled) + 0.25 * rim).clip(0, 1))
    ink = blurred(lines, 0.0007)
    pixels = blend(pixels, _COBALT, ink)
    spots = (clouds(large, 0.006, rng) + 0.5 * clouds(large, 0.02, rng) - 0.5).clip(0, 1)
    pixels = blend(pixels, _DARK, (spots * (ink + 0.25 * wash)).clip(0, 1))
    sheen = 0.22 * np.exp(-(((x + 0.5 * y - 0.55 + 0.03 * clouds(large, 0.2, rng)) / 0.12) ** 2))
    return finished(blend(pixels, (250.0, 252.0, 255.0), sheen), grain=2, rng=rng)


class _Brush:
    """Paints outlines and washes; both vary in strength, as the brush empties."""

    def __init__(self, side: int, rng: np.random.Generator) -> None:
        self._side, self._rng = side, rng
        self._wash, self._lines = Image.new("L", (side, side)), Image.new("L", (side, side))

    def layers(self) -> tuple[Field, Field]:
        """Return the washes and the lines, 0 to 1."""
        wash, lines = (np.asarray(layer, np.float32) / 255 for layer in (self._wash, self._lines))
        return wash, lines

    def vine(self, start: Point, end: Point) -> None:
        """Paint a stem with a swing, with leaves and curled tendrils on both sides."""
        along = np.linspace(0, 1, 80)[:, None]
        across = np.array((start[1] - end[1], end[0] - start[0]))
        swing = self._rng.choice((-0.22, 0.22))
        stem = start + (end - start) * along + across * swing * np.sin(2 * np.pi * along)
        self._stroke(stem, 1.5 * _LINE)
        for at in range(12, 72, 5):
            direction = stem[at + 1] - stem[at - 1]
            heading = np.arctan2(direction[1], direction[0])
            turn = 1 if at % 2 else -1
            if at % 3 == 0:
                self._tendril(stem[at], heading, turn)
            else:
                self._leaf(stem[at], heading + turn * self._rng.uniform(0.6, 1.1))

    def flower(self, centre: Point, radius: float) -> None:
        """Paint rings of lobed petals, the inner ones over the outer ones."""
        for share, petals in ((1.0, 9), (0.74, 8), (0.5, 6), (0.28, 5)):
            start = self._rng.uniform(0, 6)
            for petal in range(petals):
                heading = start + 2 * np.pi * petal / petals + self._rng.normal(0, 0.06)
                self._petal(centre, heading, radius * share, 4.2 * radius * share / petals)
        angles = np.linspace(0, 2 * np.pi, 24)
        self._shape(_around(centre, angles, np.full(24, radius * 0.1)), 255)

    def _petal(self, centre: Point, heading: float, reach: float, width: float) -> None:
        across = np.linspace(-1, 1, 25)
        lobes = 1 - 0.13 * np.abs(np.sin(1.5 * np.pi * across)) - 0.3 * np.abs(across) ** 4
        side = np.cos(heading), np.sin(heading)
        tip = np.stack([reach * lobes, across * width], 1)
        turned = tip @ np.array((side, (-side[1], side[0]))) + centre
        self._shape(
            np.concatenate([[centre], turned]), int(self._rng.uniform(60, 235)), white_to=0.35
        )
        for vein in (-0.45, 0.0, 0.45):
            line = np.array(((0.55 * reach, vein * 0.6 * width), (0.86 * reach, vein * width)))
            self._stroke(line @ np.array((side, (-side[1], side[0]))) + centre, 0.6 * _LINE)

    def _leaf(self, foot: Point, heading: float) -> None:
        along = np.linspace(0, 1, 20)
        length, width = self._rng.uniform(0.05, 0.095), self._rng.uniform(0.013, 0.022)
        bend = self._rng.normal(0, 0.25) * length * along**2
        turn = np.array(((np.cos(heading), np.sin(heading)), (-np.sin(heading), np.cos(heading))))
        edges = [
            np.stack([length * along, bend + side * width * np.sin(np.pi * along**0.75)], 1)
            for side in (1, -1)
        ]
        outline = np.concatenate([edges[0], edges[1][::-1]]) @ turn + foot
        self._shape(outline, int(self._rng.uniform(130, 255)))
        self._stroke(np.stack([length * along, bend], 1) @ turn + foot, 0.7 * _LINE)

    def _tendril(self, foot: Point, heading: float, turn: int) -> None:
        angles = np.linspace(0, 4.6, 50)
        size = self._rng.uniform(0.018, 0.030)
        headings = heading + turn * (angles**1.35) * 0.85
        steps = (
            np.stack([np.cos(headings), np.sin(headings)], 1)
            * size
            * 0.1
            * np.linspace(1.6, 0.5, 50)[:, None]
        )
        curl = foot + np.cumsum(steps, axis=0)
        self._stroke(curl, _LINE)
        self._dot(curl[-1], 1.6 * _LINE)

    def _shape(self, outline: Points, strength: int, white_to: float = 0) -> None:
        """Paint a shape that covers what is behind it; its middle part may stay white."""
        points = _pixels(outline, self._side)
        for layer in (self._wash, self._lines):
            ImageDraw.Draw(layer).polygon(points, fill=0)
        ImageDraw.Draw(self._wash).polygon(points, fill=strength)
        if white_to:
            middle = outline[0] + (outline - outline[0]) * 0.9
            inner = _pixels(middle, self._side)
            ImageDraw.Draw(self._wash).polygon(inner, fill=int(strength * white_to))
            root = outline[0] + (outline - outline[0]) * 0.55
            ImageDraw.Draw(self._wash).polygon(_pixels(root, self._side), fill=strength)
        self._stroke(np.concatenate([outline, outline[:2]]), _LINE)

    def _stroke(self, points: Points, width: float) -> None:
        """Paint a line that is thickest at a random place and thin at both ends."""
        length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
        at = np.linspace(0, length[-1], max(4, int(length[-1] * self._side / 1.5)))
        dense = np.stack([np.interp(at, length, points[:, axis]) for axis in (0, 1)], 1)
        share = np.linspace(0, 1, len(at))
        swell = 0.45 + 0.65 * np.sin(np.pi * share ** self._rng.uniform(0.6, 1.6))
        pen = ImageDraw.Draw(self._lines)
        strength = int(self._rng.uniform(190, 255))
        for (x, y), radius in zip(
            dense * self._side, 0.5 * width * self._side * swell, strict=True
        ):
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=strength)

    def _dot(self, centre: Point, radius: float) -> None:
        x, y = centre * self._side
        r = radius * self._side
        ImageDraw.Draw(self._lines).ellipse((x - r, y - r, x + r, y + r), fill=255)


def _around(
    centre: Point, angles: Float[np.ndarray, " N"], radius: Float[np.ndarray, " N"]
) -> Points:
    return np.stack([np.cos(angles), np.sin(angles)], 1) * radius[:, None] + centre


def _pixels(points: Points, side: int) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in points * side]
