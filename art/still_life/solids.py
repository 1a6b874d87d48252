"""Solids as signed distance functions: solids of revolution, rods, leaves, cloths.

A distance function maps N points to their signed distance from the surface, negative inside. Where
the exact distance is unknown it returns less, which is safe for ray marching. Coordinates: x right,
y up, z towards the camera; r is the distance from the axis of revolution.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Float, Int

from art.noise import fp32, fractal_noise, noise, smoothstep

Points = Float[np.ndarray, "N 3"]
Values = Float[np.ndarray, " N"]
Polyline = Float[np.ndarray, "M 2"]
Distance = Callable[[Points], Values]
_CELLS = 128  # grid points on each side of a table
_MARGIN = 0.1  # exceeds the radius of every rod
_CLOSE = 0.08  # distance to the bounding sphere below which the solid itself is evaluated


@dataclass(frozen=True)
class Solid:
    """One object of a scene."""

    material: str
    centre: tuple[float, float, float]
    radius: float
    """Of the bounding sphere around `centre`."""
    distance: Distance
    """In scene coordinates."""
    to_local: Callable[[Points], Points]
    """From scene coordinates to those of the solid, in which its material is defined."""


def nearest_solid(solids: Sequence[Solid], points: Points) -> tuple[Values, Int[np.ndarray, " N"]]:
    """Return the distance to the nearest solid (less than that far away from it) and its index."""
    best = np.full(len(points), 1e3, dtype=np.float32)
    indices = np.zeros(len(points), dtype=np.intp)
    for index, solid in enumerate(solids):
        gap = np.linalg.norm(points - fp32(solid.centre), axis=1) - np.float32(solid.radius)
        candidate = np.maximum(gap, np.float32(_CLOSE))
        close = np.flatnonzero((gap < _CLOSE) & (gap < best))
        if close.size:
            candidate[close] = solid.distance(points[close])
        indices[candidate < best] = index
        np.minimum(best, candidate, out=best)
    return best, indices


def place(
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
    """Return a shape as a solid of the scene.

    Args:
        material: a name that `materials.surface_of` knows.
        distance: distance function of the shape in local coordinates.
        at: position of the local origin.
        radius: of the bounding sphere, before scaling.
        middle: height of the centre of the bounding sphere above the local origin.
        turn: rotation about the y axis, in radians.
        tilt: rotation about the z axis before `turn`, in radians.
        scale: size factor.
    """
    tilted = np.array(
        [[np.cos(tilt), -np.sin(tilt), 0], [np.sin(tilt), np.cos(tilt), 0], [0, 0, 1]]
    )
    turned = np.array(
        [[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]]
    )
    axes = (turned @ tilted).astype(np.float32)  # columns: the local axes in the scene
    origin, size = fp32(at), np.float32(scale)

    def to_local(points: Points) -> Points:
        return np.asarray((points - origin) @ axes / size)

    centre = axes @ fp32([0, middle * scale, 0]) + origin
    return Solid(
        material,
        (float(centre[0]), float(centre[1]), float(centre[2])),
        radius * scale,
        lambda points: distance(to_local(points)) * size,
        to_local,
    )


def revolve(profile: Polyline) -> Distance:
    """Return a solid of revolution; `profile` is a list of (r, y) from the axis and back to it."""
    table = _Outline(_smoothed(profile), closed=True)
    return lambda points: table.sample(np.hypot(points[:, 0], points[:, 2]), points[:, 1])


def rod(path: Polyline, radius: float, flatness: float = 1.0) -> Distance:
    """Return a rod along a path of (x, y); along z it is `flatness` times as wide."""
    table = _Outline(_smoothed(path), closed=False)

    def distance(points: Points) -> Values:
        across = table.sample(points[:, 0], points[:, 1])
        return np.asarray(
            (np.hypot(across * flatness, points[:, 2]) - radius * flatness) / flatness
        )

    return distance


def leaf(length: float, width: float, bend: float) -> Distance:
    """Return a leaf along x with its stalk at 0, folded along the midrib and bent downwards."""

    def distance(points: Points) -> Values:
        x, y, z = points.T
        along = np.clip(x / length, 0, 1)
        half = width * np.sin(np.pi * along**0.75).clip(min=0) ** 0.85 + 0.004
        blade = y + bend * along**2 - 0.35 * np.abs(z) + 0.03 * np.sin(along * 9) * (z / width)
        edge = np.maximum(np.abs(z) - half, np.maximum(-x, x - length))
        return np.asarray(np.maximum(np.abs(blade) * 0.8 - 0.004, edge * 0.6))

    return distance


def cloth(seed: int, width: float, depth: float) -> Distance:
    """Return a flat cloth of `width` by `depth` with some folds, centred on the origin."""
    u, v = (np.linspace(-0.5, 0.5, _CELLS) * (side + 0.4) for side in (width, depth))
    x, z = (part.ravel().astype(np.float32) for part in np.meshgrid(u, v, indexing="ij"))
    points = np.stack([x, z * 0, z], -1)
    drift = fractal_noise(points * np.float32(0.8), 3, seed=seed + 81)
    heights = 0.016 + 0.02 * np.abs(fractal_noise(points * np.float32(2.3), 3, seed=seed + 82))
    rng = np.random.default_rng([seed, 8])
    for angle in rng.normal(0.5, 0.7, 9):
        middle_x, middle_z = rng.uniform(-0.45, 0.45, 2) * (width, depth)
        along = (x - middle_x) * np.cos(angle) + (z - middle_z) * np.sin(angle)
        across = (z - middle_z) * np.cos(angle) - (x - middle_x) * np.sin(angle) + 0.35 * drift
        breadth = rng.uniform(0.035, 0.08) * (1 + 0.6 * np.abs(along))
        fold = np.exp(-np.square(across / breadth) - np.square(along / rng.uniform(0.3, 0.7)))
        heights += np.float32(rng.uniform(0.05, 0.12)) * fold
    wavy_x = np.abs(x + 0.05 * noise(points * 2.3, seed + 85)) - width / 2
    wavy_z = np.abs(z + 0.05 * noise(points * 2.3, seed + 86)) - depth / 2
    edge = np.maximum(wavy_x, wavy_z)
    heights = 0.006 + heights * (0.3 + 0.7 * smoothstep(0.0, -0.2, edge))
    top, side = (_Grid(part, fp32([u[0], v[0]]), fp32([u[-1], v[-1]])) for part in (heights, edge))

    def distance(points: Points) -> Values:
        x, y, z = points.T
        return np.asarray(np.maximum((y - top.sample(x, z)) * 0.6, side.sample(x, z) * 0.7))

    return distance


def smooth_union(*parts: Distance, blend: float) -> Distance:
    """Return the union of the parts, with a smooth transition of width `blend`."""

    def distance(points: Points) -> Values:
        total = parts[0](points)
        for part in parts[1:]:
            other = part(points)
            reach = np.maximum(blend - np.abs(total - other), 0) / blend
            total = np.minimum(total, other) - reach * reach * blend / 4
        return total

    return distance


def parse_points(text: str) -> Polyline:
    """Return points from text of the form "x y, x y, ..."."""
    return np.array([[float(number) for number in pair.split()] for pair in text.split(",")])


def _smoothed(points: Polyline) -> Float[np.ndarray, "P 2"]:
    """Return a Catmull-Rom spline through the points, with eight segments between two of them."""
    knots = np.concatenate([points[:1], points, points[-1:]])
    t = np.linspace(0, 1, 8, endpoint=False)[:, None]
    before, a, b, after = (knots[i : len(knots) - 3 + i, None] for i in range(4))
    turn = 2 * before - 5 * a + 4 * b - after
    bend = 3 * a - before - 3 * b + after
    curve = (a + 0.5 * ((b - before) * t + turn * t**2 + bend * t**3)).reshape(-1, 2)
    return np.concatenate([curve, points[-1:]])


class _Grid:
    """Values on a regular grid over a rectangle, with bilinear interpolation."""

    def __init__(
        self, values: Values, low: Float[np.ndarray, "2"], high: Float[np.ndarray, "2"]
    ) -> None:
        self.values = values.astype(np.float32)
        self.low, self.high = fp32(low), fp32(high)
        self.step = (self.high - self.low) / np.float32(_CELLS - 1)

    def sample(self, u: Values, v: Values) -> Values:
        """Return interpolated values; outside the rectangle, the value at its edge."""
        x = np.clip((u - self.low[0]) / self.step[0], 0, _CELLS - 1.001)
        y = np.clip((v - self.low[1]) / self.step[1], 0, _CELLS - 1.001)
        column, row = x.astype(np.int64), y.astype(np.int64)
        x, y = x - column, y - row
        index = column * _CELLS + row
        left = self.values[index] * (1 - y) + self.values[index + 1] * y
        right = self.values[index + _CELLS] * (1 - y) + self.values[index + _CELLS + 1] * y
        return np.asarray(left * (1 - x) + right * x, dtype=np.float32)


class _Outline:
    """Precomputed distances to a polyline; `closed`: signed, and closed along the axis u = 0."""

    def __init__(self, path: Polyline, *, closed: bool) -> None:
        low, high = path.min(0) - _MARGIN, path.max(0) + _MARGIN
        if closed:
            low[0] = 0.0
        axes = [np.linspace(a, b, _CELLS) for a, b in zip(low, high, strict=True)]
        points = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 2)
        self.low, self.high = low.astype(np.float32), high.astype(np.float32)
        self.grid = _Grid(_distance_to_path(path, points, closed=closed), low, high)

    def sample(self, u: Values, v: Values) -> Values:
        """Return distances; outside the grid, a lower bound from the distance to the grid."""
        out_u = np.maximum(np.maximum(self.low[0] - u, u - self.high[0]), 0)
        out_v = np.maximum(np.maximum(self.low[1] - v, v - self.high[1]), 0)
        outside = np.hypot(out_u, out_v)
        return np.where(outside > 0, np.hypot(outside, _MARGIN), self.grid.sample(u, v))


def _distance_to_path(
    path: Polyline, points: Float[np.ndarray, "N 2"], *, closed: bool
) -> Float[np.ndarray, " N"]:
    distance = np.full(len(points), np.inf)
    is_inside = np.zeros(len(points), dtype=bool)
    for a, b in pairwise(path):
        segment, offset = b - a, points - a
        share = np.clip(offset @ segment / max(float(segment @ segment), 1e-12), 0, 1)
        distance = np.minimum(distance, np.square(offset - share[:, None] * segment).sum(1))
        crosses = (a[1] > points[:, 1]) != (b[1] > points[:, 1])
        with np.errstate(divide="ignore", invalid="ignore"):
            is_inside ^= crosses & (offset[:, 0] < segment[0] * offset[:, 1] / segment[1])
    distance = np.sqrt(distance)
    return np.where(is_inside, -distance, distance) if closed else distance
