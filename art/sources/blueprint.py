"""A blueprint: white drafting lines on unevenly exposed blue paper."""

import numpy as np
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

_BLUE, _DEEP, _WHITE = (30.0, 82.0, 150.0), (14.0, 48.0, 104.0), (226.0, 236.0, 240.0)


def draw_blueprint(side: int = SIDE_PX, *, seed: int = 0) -> Image.Image:
    """Draw wheels, an arch and their measures, `side` x `side` px."""
    rng = np.random.default_rng(seed)
    large = side * SCALE
    x, y = coordinates(large)
    wash = (
        clouds(large, 0.2, rng)
        + 0.6 * clouds(large, 0.05, rng)
        + 0.5 * clouds(large, (0.3, 0.01), rng)
    )
    pixels = blend(
        sheet(large, _BLUE),
        _DEEP,
        (0.45 + 0.25 * wash).clip(0, 1),
    )
    fibre = clouds(large, (0.002, 0.008), rng) + clouds(large, (0.008, 0.002), rng)
    pixels = pixels * (1 + 0.045 * fibre)[..., None]
    folds = sum(
        np.exp(-(((axis - at + 0.002 * clouds(large, 0.1, rng)) / 0.003) ** 2))
        for axis, at in ((x, 0.335), (x, 0.672), (y, 0.51))
    )
    pixels = blend(
        pixels, (150, 182, 210), 0.35 * folds * (0.6 + 0.4 * clouds(large, 0.01, rng)).clip(0, 1)
    )
    lines = _lines(large, rng)
    chalk = (0.86 + 0.16 * clouds(large, 0.006, rng)).clip(0, 1)
    pixels = blend(pixels, (120, 165, 210), 0.5 * blurred(lines, 0.003))
    return finished(blend(pixels, _WHITE, lines * chalk), grain=3, rng=rng)


def _lines(side: int, rng: np.random.Generator) -> Field:
    drawn = Image.new("L", (side, side), 0)
    pen = _Pen(drawn, rng)
    for step in range(33):
        pen.line((step / 32, 0), (step / 32, 1), 0.0009, shade=46)
        pen.line((0, step / 32), (1, step / 32), 0.0009, shade=46)
    pen.wheel((0.30, 0.30), 0.225, teeth=36, spokes=6)
    pen.wheel((0.645, 0.185), 0.115, teeth=20, spokes=4)
    pen.wheel((0.86, 0.40), 0.10, teeth=18, spokes=3)
    for arch, left in enumerate((0.06, 0.36, 0.66)):
        pen.arch(left, 0.93, 0.27, stones=13 + 2 * (arch % 2))
    pen.line((0.02, 0.93), (0.98, 0.93), 0.004)
    pen.line((0.02, 0.585), (0.98, 0.585), 0.003)
    pen.line((0.02, 0.605), (0.98, 0.605), 0.0016)
    pen.hatch((0.02, 0.93, 0.98, 0.965))
    pen.hatch((0.02, 0.585, 0.98, 0.605))
    for left in (0.06, 0.36, 0.66):
        pen.measure((left, 0.54), (left + 0.27, 0.54))
    pen.measure((0.045, 0.075), (0.045, 0.525))
    pen.measure((0.53, 0.335), (0.76, 0.335))
    return np.asarray(drawn, dtype=np.float32) / 255


class _Pen:
    """Draws lines by hand: they overshoot a little, and their pressure varies."""

    def __init__(self, picture: Image.Image, rng: np.random.Generator) -> None:
        self._draw, self._side, self._rng = ImageDraw.Draw(picture), picture.width, rng

    def line(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        width: float = 0.0022,
        shade: int = 235,
    ) -> None:
        direction = np.subtract(end, start)
        over = direction / (np.hypot(*direction) + 1e-9) * self._rng.uniform(0, 0.006)
        points = np.array((start - over, np.add(end, over))) + self._rng.normal(0, 0.0006, (2, 2))
        self._polyline(points, width, shade)

    def circle(self, centre: tuple[float, float], radius: float, width: float = 0.0022) -> None:
        self.arc(centre, radius, 0, 2 * np.pi + 0.03, width)

    def arc(
        self,
        centre: tuple[float, float],
        radius: float,
        start: float,
        end: float,
        width: float = 0.0022,
    ) -> None:
        angles = np.linspace(start, end, 120)
        self._polyline(np.stack([np.cos(angles), np.sin(angles)], 1) * radius + centre, width, 235)

    def wheel(self, centre: tuple[float, float], radius: float, *, teeth: int, spokes: int) -> None:
        """Draw a toothed wheel with its axes."""
        turns = np.arange(teeth * 4 + 1) / (teeth * 4) * 2 * np.pi
        reach = radius * np.where(np.arange(teeth * 4 + 1) % 4 < 2, 1, 0.91)
        self._polyline(
            np.stack([np.cos(turns), np.sin(turns)], 1) * reach[:, None] + centre, 0.003, 240
        )
        for share, width in ((0.8, 0.0025), (0.74, 0.0015), (0.3, 0.0025), (0.16, 0.003)):
            self.circle(centre, radius * share, width)
        for spoke in range(spokes):
            angle = 2 * np.pi * spoke / spokes + 0.2
            for side in (-0.07, 0.07):
                near = np.array((np.cos(angle + side * 2.6), np.sin(angle + side * 2.6))) * 0.3
                far = np.array((np.cos(angle + side), np.sin(angle + side))) * 0.74
                self.line(tuple(centre + near * radius), tuple(centre + far * radius), 0.002)
        for axis in (np.array((1.15, 0)), np.array((0, 1.15))):
            self._dashes(centre - axis * radius, centre + axis * radius)

    def arch(self, left: float, base: float, width: float, *, stones: int) -> None:
        """Draw an arch of wedge stones on two pillars of courses."""
        centre, outer, inner = (left + width / 2, base - 0.17), width * 0.5, width * 0.36
        self.arc(centre, outer, np.pi, 2 * np.pi, 0.003)
        self.arc(centre, inner, np.pi, 2 * np.pi, 0.003)
        for stone in range(stones + 1):
            angle = np.pi * (1 + stone / stones)
            ray = np.array((np.cos(angle), np.sin(angle)))
            self.line(tuple(centre + ray * inner), tuple(centre + ray * outer), 0.0018)
        for edge in (left, left + width * 0.86):
            for x in (edge, edge + width * 0.14):
                self.line((x, centre[1]), (x, base), 0.003)
            for course in range(7):
                y = centre[1] + (base - centre[1]) * course / 7
                self.line((edge, y), (edge + width * 0.14, y), 0.0015)
            self.hatch((edge, centre[1], edge + width * 0.14, base))

    def hatch(self, box: tuple[float, float, float, float], step: float = 0.011) -> None:
        left, top, right, bottom = box
        height = bottom - top
        for x in np.arange(left - height, right, step):
            start, end = max(x, left), min(x + height, right)
            if end > start:
                self.line((start, bottom - (start - x)), (end, bottom - (end - x)), 0.0011, 150)

    def measure(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Draw a line with arrow heads and a made-up number."""
        self.line(start, end, 0.0014, 210)
        direction = np.subtract(end, start) / np.hypot(*np.subtract(end, start))
        across = direction[::-1] * (1, -1)
        for tip, sign in ((start, 1), (end, -1)):
            for wing in (-1, 1):
                self.line(tip, tuple(tip + sign * direction * 0.014 + across * wing * 0.005), 0.002)
        middle = np.add(start, end) / 2
        for digit in range(3):
            x = middle[0] + (digit - 1) * 0.011
            points = np.array((x, middle[1] - 0.011)) + self._rng.uniform(-0.005, 0.005, (5, 2))
            self._polyline(points, 0.0014, 220)

    def _dashes(self, start: np.ndarray, end: np.ndarray) -> None:
        for share in np.arange(0, 1, 0.07):
            self._polyline(
                np.array((start + (end - start) * share, start + (end - start) * (share + 0.045))),
                0.0012,
                190,
            )

    def _polyline(self, points: np.ndarray, width: float, shade: int) -> None:
        pixels = [(float(x), float(y)) for x, y in points * self._side]
        fill = int(np.clip(shade + self._rng.normal(0, 12), 0, 255))
        self._draw.line(pixels, fill=fill, width=max(1, round(width * self._side)), joint="curve")
