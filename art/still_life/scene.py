"""A still life that the project renders itself: a clay pot, fruit and a cloth by a window.

N points or rays. Distances are in units of about 20 cm; x right, y up, z towards the eye; the
table is at y = 0.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from PIL import Image

from art.camera import developed
from art.noise import fp32, fractal_noise, smoothstep
from art.still_life.materials import Surface, bare_surface, look_of, wall, wood
from art.still_life.objects import still_life_solids
from art.still_life.ray_marching import march, march_shadow
from art.still_life.solids import Points, Solid, Values, nearest

Colours = Float[np.ndarray, "N 3"]
Kinds = Int[np.ndarray, " N"]
"""Which solid, or the table or the wall."""

_TABLE, _WALL = -1, -2

_EYE = fp32([0.25, 2.05, 6.4])
_AIM = fp32([0.06, 0.62, 0.0])
_TANGENT = 0.205  # of half the angle of view, upright
_INSIDE_A_PIXEL = fp32([(-0.36, -0.12), (-0.12, 0.36), (0.12, -0.36), (0.36, 0.12), (0, 0)])
_WALL_Z = -1.7
_LIGHT = fp32([-5.2, 4.3, 3.4])
_WINDOW_X = -3.4  # the plane of the window that the light falls through
_DAYLIGHT = fp32([1.0, 0.90, 0.76]) * 2.9
_SKY = fp32([0.66, 0.78, 1.0]) * 0.40
_ROOM = fp32([1.0, 0.80, 0.60]) * 0.16


def draw_still_life(width: int = 640, height: int = 480, *, seed: int = 0) -> Image.Image:
    """The picture of `width` x `height` px; the same numbers give the same picture.

    `seed` turns and changes the fruit, the grain, the cloth and the light.
    """
    scene = Scene(still_life_solids(seed), seed)
    columns, rows = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    places = np.stack([columns.ravel(), rows.ravel()], -1)
    colours, kinds = scene.seen(_rays(places, width, height))
    edges = _edges(colours.reshape(height, width, 3), kinds.reshape(height, width))
    closer = (places[edges] + _INSIDE_A_PIXEL[:, None]).reshape(-1, 2)
    several, _ = scene.seen(_rays(closer, width, height))
    colours[edges] = several.reshape(len(_INSIDE_A_PIXEL), -1, 3).mean(0)
    return developed(colours.reshape(height, width, 3), exposure=0.7, seed=seed)


@dataclass(frozen=True)
class Scene:
    """What stands where, and how it is lit."""

    solids: list[Solid]
    seed: int

    def seen(self, rays: Points) -> tuple[Colours, Kinds]:
        """Light that comes along rays from the eye, and a number for what each of them meets."""
        starts = np.broadcast_to(_EYE, rays.shape)
        flat = np.minimum(_to_plane(starts, rays, 1, 0.0), _to_plane(starts, rays, 2, _WALL_Z))
        way = march(self.solids, starts, rays, flat)
        hit = way < flat
        points = starts + rays * np.where(hit, way, flat)[:, None]
        kinds = np.where(points[:, 1] < 1e-3, _TABLE, _WALL)
        kinds[hit] = nearest(self.solids, points[hit])[1]
        return self._lit(self._surface(points, kinds), points, rays), kinds

    def _surface(self, points: Points, kinds: Kinds) -> Surface:
        """What is seen at points, kind by kind."""
        surface = bare_surface(len(points))
        for kind in np.unique(kinds):
            mine = np.flatnonzero(kinds == kind)
            here = points[mine]
            if kind == _TABLE:
                surface.lay(mine, wood(here, self.seed))
            elif kind == _WALL:
                surface.lay(mine, wall(here, self.seed))
            else:
                solid = self.solids[kind]
                normals = _normals(solid, here)
                look = look_of(solid.material, solid.own(here), normals, self.seed, solid)
                surface.lay(mine, look)
        return surface

    def _lit(self, surface: Surface, points: Points, rays: Points) -> Colours:
        """Daylight through the window, the sky, the room's own light, and mirror images."""
        normals, start = surface.normals, points + surface.normals * np.float32(0.012)
        to_light = _LIGHT - points
        to_light /= np.linalg.norm(to_light, axis=1, keepdims=True)
        shadow = march_shadow(self.solids, start, to_light)
        shadow *= _through_window(points, to_light, 0.10) * _through_leaves(points, self.seed)
        lambert = np.clip((normals * to_light).sum(1), 0, 1)
        openness = self._openness(points, normals)
        window_side = 0.55 - 0.45 * normals[:, 0] * 0.8 + 0.2 * normals[:, 1]
        ground = np.clip(0.5 - 0.5 * normals[:, 1], 0, 1) * np.exp(
            -np.maximum(points[:, 1], 0) * 1.2
        )
        light = (
            (lambert * shadow)[:, None] * _DAYLIGHT
            + (openness * window_side)[:, None] * _SKY
            + openness[:, None] * _ROOM
            + (ground * openness)[:, None] * fp32([0.34, 0.20, 0.11])
        )
        facing = -(normals * rays).sum(1)
        mirrored = rays + 2 * facing[:, None] * normals
        fresnel = surface.gloss * (0.04 + 0.96 * np.clip(1 - facing, 0, 1) ** 5)
        window = _through_window(points, mirrored, surface.blur) * (0.25 + 0.75 * shadow)
        shine = window[:, None] * fp32([1.0, 0.95, 0.88]) * 7 + _SKY * np.clip(
            0.4 + mirrored[:, 1:2], 0.1, 1
        )
        return surface.colours * light + (fresnel * openness)[:, None] * shine

    def _openness(self, points: Points, normals: Points) -> Values:
        """How much of the room is seen from a point: less in gaps and where things stand."""
        covered = np.zeros(len(points), dtype=np.float32)
        for reach in (0.05, 0.13, 0.27, 0.5):
            out = points + normals * np.float32(reach)
            distance = np.minimum(nearest(self.solids, out)[0], np.maximum(out[:, 1], 0) + 0.01)
            distance = np.minimum(distance, out[:, 2] - _WALL_Z)
            covered += np.maximum(reach - distance, 0) / np.float32(reach) * np.float32(0.25)
        return np.clip(1 - 0.95 * covered, 0, 1)


# Rays


def _rays(places: Float[np.ndarray, "N 2"], width: int, height: int) -> Points:
    """Directions from the eye through places of the picture, in px."""
    forward = (_AIM - _EYE) / np.linalg.norm(_AIM - _EYE)
    right = np.cross(forward, [0, 1, 0])
    right /= np.linalg.norm(right)
    down = np.cross(forward, right)
    scale = 2 * _TANGENT / min(height, width * 0.78)
    across = (places[:, :1] - width / 2) * scale
    below = (places[:, 1:] - height / 2) * scale
    rays = forward + across * right + below * down
    return np.asarray(rays / np.linalg.norm(rays, axis=1, keepdims=True), dtype=np.float32)


def _to_plane(starts: Points, rays: Points, axis: int, level: float) -> Values:
    with np.errstate(divide="ignore"):
        way = (np.float32(level) - starts[:, axis]) / rays[:, axis]
    return np.where(way > 0, way, np.float32(1e3)).astype(np.float32)


def _normals(solid: Solid, points: Points) -> Points:
    corners = fp32([[1, -1, -1], [-1, -1, 1], [-1, 1, -1], [1, 1, 1]])
    slope = sum(c * solid.distance(points + c * np.float32(0.004))[:, None] for c in corners)
    return np.asarray(slope / (np.linalg.norm(slope, axis=1, keepdims=True) + 1e-9), np.float32)


def _through_window(points: Points, ways: Points, blur: Values | float) -> Values:
    """How much of the window's panes lies where lines from points meet its plane."""
    with np.errstate(divide="ignore", invalid="ignore"):
        far = (np.float32(_WINDOW_X) - points[:, 0]) / ways[:, 0]
    far = np.where(np.isfinite(far) & (far > 0), far, 0)
    y = points[:, 1] + ways[:, 1] * far
    z = points[:, 2] + ways[:, 2] * far
    seen = (far > 0).astype(np.float32)
    for value, low, high, bar in ((y, 0.75, 4.4, 2.7), (z, -0.9, 3.5, 1.35)):
        seen = seen * _between(value, low, high, blur)
        seen = seen * (1 - 0.8 * _between(value, bar - 0.05, bar + 0.05, blur))
    return seen


def _through_leaves(points: Points, seed: int) -> Values:
    """Sunlight through a tree before the window: soft patches that wander over wall and table."""
    right, up = fp32([0.55, 0.0, -0.83]), fp32([0.40, 0.80, 0.45])
    crown = np.stack([points @ right, points @ up, np.zeros(len(points))], -1).astype(np.float32)
    cover = fractal_noise(crown * np.float32(2.6), 4, seed=seed + 5, gain=0.6)
    aim = np.exp(-np.square(crown[:, 0] / 1.1) - np.square((crown[:, 1] - 0.6) / 0.9))
    return 1 - 0.55 * smoothstep(-0.02, 0.16, cover - 0.30 * aim)


def _between(value: Values, low: float, high: float, blur: Values | float) -> Values:
    """1 between `low` and `high`, with soft edges of width `blur`."""
    rise = np.clip((value - low) / blur + 0.5, 0, 1) - np.clip((value - high) / blur + 0.5, 0, 1)
    return np.asarray(rise, dtype=np.float32)


# From light to picture


def _edges(colours: Float[np.ndarray, "H W 3"], kinds: Int[np.ndarray, "H W"]) -> np.ndarray:
    """Pixels (their numbers) where things meet, or light and shade do."""
    luma = np.sqrt(np.clip(colours.mean(-1), 0, 1))
    rough = np.zeros(kinds.shape, dtype=bool)
    for axis in (0, 1):
        meets = (np.diff(kinds, axis=axis) != 0) | (np.abs(np.diff(luma, axis=axis)) > 0.07)
        ahead = [slice(None)] * 2
        behind = [slice(None)] * 2
        ahead[axis], behind[axis] = slice(1, None), slice(None, -1)
        rough[tuple(ahead)] |= meets
        rough[tuple(behind)] |= meets
    return np.flatnonzero(rough)
