"""Solid things told by their distance: turned on a wheel, bent from a rod, cut from a sheet.

N points of three coordinates (x right, y up, z towards the eye); r distance from a turning axis.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Float, Int

from art.noise import fp32, fractal_noise, noise, smoothstep

Points = Float[np.ndarray, "N 3"]
Values = Float[np.ndarray, " N"]
Line = Float[np.ndarray, "M 2"]
_CELLS = 128
_MARGIN = 0.1  # more than half of any rod's thickness
_CLOSE = 0.08  # nearer to its bounding ball than this, a solid is measured itself


@dataclass(frozen=True)
class Solid:
    """One thing on the table."""

    material: str
    centre: tuple[float, float, float]
    radius: float
    """Of a ball around `centre` that holds the solid."""
    distance: Callable[[Points], Values]
    """Signed distance of points to its surface, or less."""
    own: Callable[[Points], Points]
    """From the scene to the solid's own coordinates, in which its material lies."""


def nearest(solids: Sequence[Solid], points: Points) -> tuple[Values, Int[np.ndarray, " N"]]:
    """Distance to the nearest solid (or less, far from it) and which one it is."""
    best = np.full(len(points), 1e3, dtype=np.float32)
    which = np.zeros(len(points), dtype=np.intp)
    for index, solid in enumerate(solids):
        gap = np.linalg.norm(points - fp32(solid.centre), axis=1) - np.float32(solid.radius)
        candidate = np.maximum(gap, np.float32(_CLOSE))
        close = np.flatnonzero((gap < _CLOSE) & (gap < best))
        if close.size:
            candidate[close] = solid.distance(points[close])
        which[candidate < best] = index
        np.minimum(best, candidate, out=best)
    return best, which


def placed(
    material: str,
    distance: Callable[[Points], Values],
    *,
    at: tuple[float, float, float],
    radius: float,
    middle: float = 0.0,
    turn: float = 0.0,
    tilt: float = 0.0,
    scale: float = 1.0,
) -> Solid:
    """A shape set into the scene.

    Args:
        material: how it looks.
        distance: of the shape in its own coordinates.
        at: where its origin stands.
        radius: of the ball around its point (0, `middle`, 0) that holds the shape.
        middle: height of the ball's centre over the origin.
        turn: radians about the upright axis.
        tilt: radians by which it leans, before the turn.
        scale: size.
    """
    lean = np.array([[np.cos(tilt), -np.sin(tilt), 0], [np.sin(tilt), np.cos(tilt), 0], [0, 0, 1]])
    around = np.array(
        [[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]]
    )
    stand = (around @ lean).astype(np.float32)  # columns: the shape's axes in the scene
    origin, size = fp32(at), np.float32(scale)

    def own(points: Points) -> Points:
        return np.asarray((points - origin) @ stand / size)

    centre = stand @ fp32([0, middle * scale, 0]) + origin
    return Solid(
        material,
        (float(centre[0]), float(centre[1]), float(centre[2])),
        radius * scale,
        lambda points: distance(own(points)) * size,
        own,
    )


def turned(profile: Line) -> Callable[[Points], Values]:
    """A solid of revolution; `profile`: (r, y) from the axis round to the axis again."""
    table = _Outline(_smoothed(profile), closed=True)
    return lambda points: table.read(np.hypot(points[:, 0], points[:, 2]), points[:, 1])


def rod(way: Line, thickness: float, flatness: float = 1.0) -> Callable[[Points], Values]:
    """A rod along a line of (x, y), `flatness` times as broad (along z) as it is thick."""
    table = _Outline(_smoothed(way), closed=False)

    def distance(points: Points) -> Values:
        across = table.read(points[:, 0], points[:, 1])
        return np.asarray(
            (np.hypot(across * flatness, points[:, 2]) - thickness * flatness) / flatness
        )

    return distance


def leaf(length: float, width: float, bend: float) -> Callable[[Points], Values]:
    """A leaf along x from its stalk at 0, folded along its rib and bent down."""

    def distance(points: Points) -> Values:
        x, y, z = points.T
        along = np.clip(x / length, 0, 1)
        half = width * np.sin(np.pi * along**0.75).clip(min=0) ** 0.85 + 0.004
        blade = y + bend * along**2 - 0.35 * np.abs(z) + 0.03 * np.sin(along * 9) * (z / width)
        rim = np.maximum(np.abs(z) - half, np.maximum(-x, x - length))
        return np.asarray(np.maximum(np.abs(blade) * 0.8 - 0.004, rim * 0.6))

    return distance


def crumpled(seed: int, width: float, depth: float) -> Callable[[Points], Values]:
    """A cloth of `width` by `depth`, thrown down flat with its folds, its middle at the origin."""
    u, v = (np.linspace(-0.5, 0.5, _CELLS) * (side + 0.4) for side in (width, depth))
    x, z = (part.ravel().astype(np.float32) for part in np.meshgrid(u, v, indexing="ij"))
    places = np.stack([x, z * 0, z], -1)
    drift = fractal_noise(places * np.float32(0.8), 3, seed=seed + 81)
    heights = 0.016 + 0.02 * np.abs(fractal_noise(places * np.float32(2.3), 3, seed=seed + 82))
    chance = np.random.default_rng([seed, 8])
    for angle in chance.normal(0.5, 0.7, 9):
        middle_x, middle_z = chance.uniform(-0.45, 0.45, 2) * (width, depth)
        along = (x - middle_x) * np.cos(angle) + (z - middle_z) * np.sin(angle)
        across = (z - middle_z) * np.cos(angle) - (x - middle_x) * np.sin(angle) + 0.35 * drift
        breadth = chance.uniform(0.035, 0.08) * (1 + 0.6 * np.abs(along))
        fold = np.exp(-np.square(across / breadth) - np.square(along / chance.uniform(0.3, 0.7)))
        heights += np.float32(chance.uniform(0.05, 0.12)) * fold
    wavy_x = np.abs(x + 0.05 * noise(places * 2.3, seed + 85)) - width / 2
    wavy_z = np.abs(z + 0.05 * noise(places * 2.3, seed + 86)) - depth / 2
    rim = np.maximum(wavy_x, wavy_z)
    heights = 0.006 + heights * (0.3 + 0.7 * smoothstep(0.0, -0.2, rim))
    top, side = (_Grid(part, fp32([u[0], v[0]]), fp32([u[-1], v[-1]])) for part in (heights, rim))

    def distance(points: Points) -> Values:
        x, y, z = points.T
        return np.asarray(np.maximum((y - top.read(x, z)) * 0.6, side.read(x, z) * 0.7))

    return distance


def joined(*parts: Callable[[Points], Values], blend: float) -> Callable[[Points], Values]:
    """Parts that grow into each other over `blend`."""

    def distance(points: Points) -> Values:
        total = parts[0](points)
        for part in parts[1:]:
            other = part(points)
            reach = np.maximum(blend - np.abs(total - other), 0) / blend
            total = np.minimum(total, other) - reach * reach * blend / 4
        return total

    return distance


def line(text: str) -> Line:
    """Points from "x y, x y, ..."."""
    return np.array([[float(number) for number in pair.split()] for pair in text.split(",")])


def _smoothed(points: Line) -> Float[np.ndarray, "P 2"]:
    """Catmull-Rom through the points, eight pieces between two."""
    knots = np.concatenate([points[:1], points, points[-1:]])
    t = np.linspace(0, 1, 8, endpoint=False)[:, None]
    before, a, b, after = (knots[i : len(knots) - 3 + i, None] for i in range(4))
    turn = 2 * before - 5 * a + 4 * b - after
    bend = 3 * a - before - 3 * b + after
    curve = (a + 0.5 * ((b - before) * t + turn * t**2 + bend * t**3)).reshape(-1, 2)
    return np.concatenate([curve, points[-1:]])


class _Grid:
    """Values on a rectangle of a plane, read between its points."""

    def __init__(
        self, values: Values, low: Float[np.ndarray, "2"], high: Float[np.ndarray, "2"]
    ) -> None:
        self.values = values.astype(np.float32)
        self.low, self.high = fp32(low), fp32(high)
        self.step = (self.high - self.low) / np.float32(_CELLS - 1)

    def read(self, u: Values, v: Values) -> Values:
        """Bilinear; beyond the rim its last value."""
        x = np.clip((u - self.low[0]) / self.step[0], 0, _CELLS - 1.001)
        y = np.clip((v - self.low[1]) / self.step[1], 0, _CELLS - 1.001)
        column, row = x.astype(np.int64), y.astype(np.int64)
        x, y = x - column, y - row
        index = column * _CELLS + row
        left = self.values[index] * (1 - y) + self.values[index + 1] * y
        right = self.values[index + _CELLS] * (1 - y) + self.values[index + _CELLS + 1] * y
        return np.asarray(left * (1 - x) + right * x, dtype=np.float32)


class _Outline:
    """Distances to a line in a plane, computed once; signed where it closes over the axis u = 0."""

    def __init__(self, way: Line, *, closed: bool) -> None:
        low, high = way.min(0) - _MARGIN, way.max(0) + _MARGIN
        if closed:
            low[0] = 0.0
        axes = [np.linspace(a, b, _CELLS) for a, b in zip(low, high, strict=True)]
        places = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 2)
        self.low, self.high = low.astype(np.float32), high.astype(np.float32)
        self.grid = _Grid(_distance_to_line(way, places, closed=closed), low, high)

    def read(self, u: Values, v: Values) -> Values:
        """Outside the grid the way to it and its margin, which is less than the distance."""
        out_u = np.maximum(np.maximum(self.low[0] - u, u - self.high[0]), 0)
        out_v = np.maximum(np.maximum(self.low[1] - v, v - self.high[1]), 0)
        outside = np.hypot(out_u, out_v)
        return np.where(outside > 0, np.hypot(outside, _MARGIN), self.grid.read(u, v))


def _distance_to_line(
    way: Line, places: Float[np.ndarray, "N 2"], *, closed: bool
) -> Float[np.ndarray, " N"]:
    distance = np.full(len(places), np.inf)
    inside = np.zeros(len(places), dtype=bool)
    for a, b in pairwise(way):
        step, to = b - a, places - a
        share = np.clip(to @ step / max(float(step @ step), 1e-12), 0, 1)
        distance = np.minimum(distance, np.square(to - share[:, None] * step).sum(1))
        crosses = (a[1] > places[:, 1]) != (b[1] > places[:, 1])
        with np.errstate(divide="ignore", invalid="ignore"):
            inside ^= crosses & (to[:, 0] < step[0] * to[:, 1] / step[1])
    distance = np.sqrt(distance)
    return np.where(inside, -distance, distance) if closed else distance
