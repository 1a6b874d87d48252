"""Renders a still life: a clay pot, fruit and a cloth beside a window.

N points or rays. One scene unit is about 20 cm; x right, y up, z towards the camera; the table is
the plane y = 0.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from PIL import Image

from art.camera import develop
from art.noise import fp32, fractal_noise, smoothstep
from art.still_life.materials import (
    Surface,
    empty_surface,
    plaster_surface,
    surface_of,
    wood_surface,
)
from art.still_life.objects import still_life_solids
from art.still_life.ray_marching import light_visibility, march
from art.still_life.solids import Points, Solid, Values, nearest_solid

Colours = Float[np.ndarray, "N 3"]
Hits = Int[np.ndarray, " N"]
"""What a ray reaches: the index of a solid, `_TABLE` or `_WALL`."""

_TABLE, _WALL = -1, -2

CAMERA = fp32([0.25, 2.05, 6.4])
_TARGET = fp32([0.06, 0.62, 0.0])
_TANGENT = 0.205  # of half the vertical angle of view
_SUBPIXEL_OFFSETS = fp32([(-0.36, -0.12), (-0.12, 0.36), (0.12, -0.36), (0.36, 0.12), (0, 0)])
_WALL_Z = -1.7
_SUN = fp32([-5.2, 4.3, 3.4])
_WINDOW_X = -3.4  # the plane of the window
_SUNLIGHT = fp32([1.0, 0.90, 0.76]) * 2.9
_SKY = fp32([0.66, 0.78, 1.0]) * 0.40
_ROOM = fp32([1.0, 0.80, 0.60]) * 0.16


def draw_still_life(width: int = 640, height: int = 480, *, seed: int = 0) -> Image.Image:
    """Draw the still life at `width` x `height` px. The result is deterministic.

    `seed` changes the fruit, the wood grain, the cloth and the light.
    """
    scene = Scene(still_life_solids(seed), seed)
    columns, rows = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    positions = np.stack([columns.ravel(), rows.ravel()], -1)
    colours, hits = scene.trace(_directions(positions, width, height))
    edges = _edges(colours.reshape(height, width, 3), hits.reshape(height, width))
    subpixels = (positions[edges] + _SUBPIXEL_OFFSETS[:, None]).reshape(-1, 2)
    samples, _ = scene.trace(_directions(subpixels, width, height))
    colours[edges] = samples.reshape(len(_SUBPIXEL_OFFSETS), -1, 3).mean(0)
    return develop(colours.reshape(height, width, 3), exposure=0.7, seed=seed)


@dataclass(frozen=True)
class Scene:
    """Solids on a table before a wall, lit through a window."""

    solids: list[Solid]
    seed: int

    def trace(self, directions: Points) -> tuple[Colours, Hits]:
        """Return the light that reaches the camera along each ray, and what the ray reaches."""
        origins = np.broadcast_to(CAMERA, directions.shape)
        background = np.minimum(
            _plane_distance(origins, directions, 1, 0.0),
            _plane_distance(origins, directions, 2, _WALL_Z),
        )
        t = march(self.solids, origins, directions, background)
        is_solid = t < background
        points = origins + directions * np.where(is_solid, t, background)[:, None]
        hits = np.where(points[:, 1] < 1e-3, _TABLE, _WALL)
        hits[is_solid] = nearest_solid(self.solids, points[is_solid])[1]
        return self._shade(self._surface(points, hits), points, directions), hits

    def _surface(self, points: Points, hits: Hits) -> Surface:
        """Return the surface at the points, computed material by material."""
        surface = empty_surface(len(points))
        for hit in np.unique(hits):
            indices = np.flatnonzero(hits == hit)
            surface.assign(indices, self._surface_of(int(hit), points[indices]))
        return surface

    def _surface_of(self, hit: int, points: Points) -> Surface:
        if hit == _TABLE:
            return wood_surface(points, self.seed)
        if hit == _WALL:
            return plaster_surface(points, self.seed)
        solid = self.solids[hit]
        normals = surface_normals(solid, points)
        return surface_of(solid.material, solid.to_local(points), normals, self.seed, solid)

    def _shade(self, surface: Surface, points: Points, directions: Points) -> Colours:
        """Return diffuse light and specular reflections, as seen along the ray directions."""
        normals, origins = surface.normals, points + surface.normals * np.float32(0.012)
        to_sun = _SUN - points
        to_sun /= np.linalg.norm(to_sun, axis=1, keepdims=True)
        sunlit = light_visibility(self.solids, origins, to_sun)
        sunlit *= _through_window(points, to_sun, 0.10) * _through_leaves(points, self.seed)
        openness = self._openness(points, normals)
        lambert = np.clip((normals * to_sun).sum(1), 0, 1)
        diffuse = _diffuse_light(points, normals, lambert * sunlit, openness)
        facing = -(normals * directions).sum(1)
        fresnel = surface.gloss * (0.04 + 0.96 * np.clip(1 - facing, 0, 1) ** 5)
        mirrored = directions + 2 * facing[:, None] * normals
        window = _through_window(points, mirrored, surface.blur) * (0.25 + 0.75 * sunlit)
        specular = window[:, None] * fp32([1.0, 0.95, 0.88]) * 7 + _SKY * np.clip(
            0.4 + mirrored[:, 1:2], 0.1, 1
        )
        return surface.albedo * diffuse + (fresnel * openness)[:, None] * specular

    def _openness(self, points: Points, normals: Points) -> Values:
        """Return the ambient occlusion: 1 in the open, less in gaps and next to other surfaces."""
        occlusion = np.zeros(len(points), dtype=np.float32)
        for reach in (0.05, 0.13, 0.27, 0.5):
            shifted = points + normals * np.float32(reach)
            distance, _index = nearest_solid(self.solids, shifted)
            distance = np.minimum(distance, np.maximum(shifted[:, 1], 0) + 0.01)
            distance = np.minimum(distance, shifted[:, 2] - _WALL_Z)
            occlusion += np.maximum(reach - distance, 0) / np.float32(reach) * np.float32(0.25)
        return np.clip(1 - 0.95 * occlusion, 0, 1)


def _diffuse_light(points: Points, normals: Points, sun: Values, openness: Values) -> Colours:
    """Return sunlight, skylight from the window side, and light from room and table."""
    window_side = 0.55 - 0.45 * normals[:, 0] * 0.8 + 0.2 * normals[:, 1]
    table = np.clip(0.5 - 0.5 * normals[:, 1], 0, 1) * np.exp(-np.maximum(points[:, 1], 0) * 1.2)
    return np.asarray(
        sun[:, None] * _SUNLIGHT
        + (openness * window_side)[:, None] * _SKY
        + openness[:, None] * _ROOM
        + (table * openness)[:, None] * fp32([0.34, 0.20, 0.11])
    )


# Geometry


def _directions(positions: Float[np.ndarray, "N 2"], width: int, height: int) -> Points:
    """Return the ray directions from the camera through positions in the picture, in px."""
    forward = (_TARGET - CAMERA) / np.linalg.norm(_TARGET - CAMERA)
    right = np.cross(forward, [0, 1, 0])
    right /= np.linalg.norm(right)
    down = np.cross(forward, right)
    scale = 2 * _TANGENT / min(height, width * 0.78)
    across = (positions[:, :1] - width / 2) * scale
    below = (positions[:, 1:] - height / 2) * scale
    rays = forward + across * right + below * down
    return np.asarray(rays / np.linalg.norm(rays, axis=1, keepdims=True), dtype=np.float32)


def _plane_distance(origins: Points, directions: Points, axis: int, level: float) -> Values:
    """Return the distance along each ray to a plane across `axis`; 1000 if it points away."""
    with np.errstate(divide="ignore"):
        t = (np.float32(level) - origins[:, axis]) / directions[:, axis]
    return np.where(t > 0, t, np.float32(1e3)).astype(np.float32)


def surface_normals(solid: Solid, points: Points) -> Points:
    """Return unit normals: the gradient of the distance function, from four samples."""
    corners = fp32([[1, -1, -1], [-1, -1, 1], [-1, 1, -1], [1, 1, 1]])
    gradient = sum(c * solid.distance(points + c * np.float32(0.004))[:, None] for c in corners)
    return np.asarray(
        gradient / (np.linalg.norm(gradient, axis=1, keepdims=True) + 1e-9), np.float32
    )


def _through_window(points: Points, directions: Points, blur: Values | float) -> Values:
    """Return the share (0 to 1) of light that the points receive through the window panes."""
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (np.float32(_WINDOW_X) - points[:, 0]) / directions[:, 0]
    t = np.where(np.isfinite(t) & (t > 0), t, 0)
    y = points[:, 1] + directions[:, 1] * t
    z = points[:, 2] + directions[:, 2] * t
    visible = (t > 0).astype(np.float32)
    for value, low, high, bar in ((y, 0.75, 4.4, 2.7), (z, -0.9, 3.5, 1.35)):
        visible = visible * _between(value, low, high, blur)
        visible = visible * (1 - 0.8 * _between(value, bar - 0.05, bar + 0.05, blur))
    return visible


def _through_leaves(points: Points, seed: int) -> Values:
    """Return the share of sunlight that passes a tree outside the window, in soft patches."""
    right, up = fp32([0.55, 0.0, -0.83]), fp32([0.40, 0.80, 0.45])
    crown = np.stack([points @ right, points @ up, np.zeros(len(points))], -1).astype(np.float32)
    cover = fractal_noise(crown * np.float32(2.6), 4, seed=seed + 5, gain=0.6)
    opening = np.exp(-np.square(crown[:, 0] / 1.1) - np.square((crown[:, 1] - 0.6) / 0.9))
    return 1 - 0.55 * smoothstep(-0.02, 0.16, cover - 0.30 * opening)


def _between(value: Values, low: float, high: float, blur: Values | float) -> Values:
    """Return 1 between `low` and `high`, with soft edges of width `blur`."""
    rise = np.clip((value - low) / blur + 0.5, 0, 1) - np.clip((value - high) / blur + 0.5, 0, 1)
    return np.asarray(rise, dtype=np.float32)


# Anti-aliasing


def _edges(
    colours: Float[np.ndarray, "H W 3"], hits: Int[np.ndarray, "H W"]
) -> Int[np.ndarray, " E"]:
    """Return the flat indices of pixels at the edges of objects and of shadows."""
    luma = np.sqrt(np.clip(colours.mean(-1), 0, 1))
    is_edge = np.zeros(hits.shape, dtype=bool)
    for axis in (0, 1):
        differs = (np.diff(hits, axis=axis) != 0) | (np.abs(np.diff(luma, axis=axis)) > 0.07)
        upper = [slice(None)] * 2
        lower = [slice(None)] * 2
        upper[axis], lower[axis] = slice(1, None), slice(None, -1)
        is_edge[tuple(upper)] |= differs
        is_edge[tuple(lower)] |= differs
    return np.flatnonzero(is_edge)
