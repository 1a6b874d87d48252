"""A still life that the project renders itself: a clay pot with handles, fruit and a cloth on a table by a window.

N points or rays. Distances are in units of about 20 cm; x right, y up, z towards the eye; the
table is at y = 0.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from PIL import Image

from model.presets.materials import Surface, look_of, wall, wood
from model.presets.noise import fractal_noise, smoothstep
from model.presets.shapes import (
    Points,
    Solid,
    Values,
    crumpled,
    joined,
    leaf,
    nearest,
    placed,
    rod,
    turned,
)

Colours = Float[np.ndarray, "N 3"]

_EYE = np.float32([0.25, 2.05, 6.4])
_AIM = np.float32([0.06, 0.62, 0.0])
_TANGENT = 0.205  # of half the angle of view, upright
_WALL_Z = -1.7
_LIGHT = np.float32([-5.2, 4.3, 3.4])
_WINDOW_X = -3.4  # the plane of the window that the light falls through
_DAYLIGHT = np.float32([1.0, 0.90, 0.76]) * 2.9
_SKY = np.float32([0.66, 0.78, 1.0]) * 0.40
_ROOM = np.float32([1.0, 0.80, 0.60]) * 0.16


def still_life(width: int = 640, height: int = 480, *, seed: int = 0) -> Image.Image:
    """The picture; the same numbers give the same picture.

    Args:
        width, height: in px.
        seed: turns and changes the fruit, the grain, the cloth and the light.
    """
    scene = Scene(_solids(seed), seed)
    columns, rows = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    places = np.stack([columns.ravel(), rows.ravel()], -1)
    colours, kinds = scene.seen(_rays(places, width, height))
    edges = _edges(colours.reshape(height, width, 3), kinds.reshape(height, width))
    several = [colours[edges]]
    for dx, dy in ((-0.36, -0.12), (-0.12, 0.36), (0.12, -0.36), (0.36, 0.12)):
        several.append(scene.seen(_rays(places[edges] + (dx, dy), width, height))[0])
    colours[edges] = np.mean(several, axis=0)
    return _developed(colours.reshape(height, width, 3), seed)


@dataclass(frozen=True)
class Scene:
    """What stands where, and how it is lit."""

    solids: list[Solid]
    seed: int

    def seen(self, rays: Points) -> tuple[Colours, Values]:
        """Light that comes along rays from the eye, and a number for the kind of thing each meets."""
        starts = np.broadcast_to(_EYE, rays.shape)
        flat = np.minimum(_to_plane(starts, rays, 1, 0.0), _to_plane(starts, rays, 2, _WALL_Z))
        way = march(self.solids, starts, rays, flat)
        hit = way < flat
        points = starts + rays * np.where(hit, way, flat)[:, None]
        on_table = ~hit & (points[:, 1] < 1e-3)
        colours = np.zeros_like(rays)
        kinds = np.where(on_table, -1.0, -2.0).astype(np.float32)
        table = points[on_table]
        colours[on_table] = self._lit(wood(table, self.seed), table, rays[on_table])
        behind = ~hit & ~on_table
        colours[behind] = self._lit(wall(points[behind], self.seed), points[behind], rays[behind])
        which = nearest(self.solids, points[hit])[1]
        kinds[hit] = which
        for index, solid in enumerate(self.solids):
            mine = np.flatnonzero(hit)[which == index]
            if mine.size:
                normals = _normals(solid, points[mine])
                surface = look_of(
                    solid.material, solid.own(points[mine]), normals, self.seed, solid
                )
                colours[mine] = self._lit(surface, points[mine], rays[mine])
        return colours, kinds

    def _lit(self, surface: Surface, points: Points, rays: Points) -> Colours:
        """Daylight through the window, the sky, the room's own light, and what the surface mirrors."""
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
            + (ground * openness)[:, None] * np.float32([0.34, 0.20, 0.11])
        )
        facing = -(normals * rays).sum(1)
        mirrored = rays + 2 * facing[:, None] * normals
        fresnel = surface.gloss * (0.04 + 0.96 * np.clip(1 - facing, 0, 1) ** 5)
        window = _through_window(points, mirrored, surface.blur) * (0.25 + 0.75 * shadow)
        shine = window[:, None] * np.float32([1.0, 0.95, 0.88]) * 7 + _SKY * np.clip(
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


def march(solids: list[Solid], starts: Points, rays: Points, limit: Values) -> Values:
    """How far along its ray each first solid is; `limit` where there is none."""
    way, leave = _through_balls(solids, starts, rays)
    result = limit.copy()
    active = np.flatnonzero((way < leave) & (way < limit))
    way = way[active]
    for _ in range(110):
        distance, _which = nearest(solids, starts[active] + rays[active] * way[:, None])
        met = distance < 0.0012 * np.maximum(way, 1)
        result[active[met]] = way[met]
        way = way + distance * np.float32(0.85)
        going = ~met & (way < leave[active]) & (way < limit[active])
        active, way = active[going], way[going]
        if not active.size:
            break
    return result


def march_shadow(solids: list[Solid], starts: Points, rays: Points) -> Values:
    """The share of a broad light that is seen along rays: how narrowly each misses the solids."""
    way, leave = _through_balls(solids, starts, rays)
    seen = np.ones(len(starts), dtype=np.float32)
    active = np.flatnonzero(way < leave)
    chance = np.random.default_rng(
        len(starts)
    )  # uneven first steps: grain where even ones leave rings
    way = np.maximum(way[active], 0.015) + chance.uniform(0, 0.05, len(active)).astype(np.float32)
    for _ in range(90):
        distance, _which = nearest(solids, starts[active] + rays[active] * way[:, None])
        seen[active] = np.minimum(seen[active], 0.5 + 0.5 * distance / (0.08 * way + 0.004))
        way = way + np.clip(distance * 0.7, 0.02, 0.2)
        going = (seen[active] > 0) & (way < leave[active])
        active, way = active[going], way[going]
        if not active.size:
            break
    return smoothstep(0.0, 1.0, seen)


def _through_balls(solids: list[Solid], starts: Points, rays: Points) -> tuple[Values, Values]:
    """Where a ray first enters and last leaves the balls around the solids (a little widened for soft shadows)."""
    enter = np.full(len(starts), np.inf, dtype=np.float32)
    leave = np.full(len(starts), -np.inf, dtype=np.float32)
    for solid in solids:
        to = starts - np.float32(solid.centre)
        half = (to * rays).sum(1)
        root = half * half - (to * to).sum(1) + np.float32((solid.radius * 1.15) ** 2)
        reach = np.sqrt(np.maximum(root, 0))
        meets = (root > 0) & (reach > half)
        enter = np.where(meets, np.minimum(enter, np.maximum(-half - reach, 0)), enter)
        leave = np.where(meets, np.maximum(leave, reach - half), leave)
    return enter, leave


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
    corners = np.float32([[1, -1, -1], [-1, -1, 1], [-1, 1, -1], [1, 1, 1]])
    slope = sum(c * solid.distance(points + c * np.float32(0.004))[:, None] for c in corners)
    return np.asarray(slope / (np.linalg.norm(slope, axis=1, keepdims=True) + 1e-9), np.float32)


def _through_window(points: Points, ways: Points, blur: Values | float) -> Values:
    """How much of the window's panes lies where lines from points meet its plane."""
    with np.errstate(divide="ignore", invalid="ignore"):
        far = (np.float32(_WINDOW_X) - points[:, 0]) / ways[:, 0]
    far = np.where(np.isfinite(far) & (far > 0), far, 0)
    y = points[:, 1] + ways[:, 1] * far
    z = points[:, 2] + ways[:, 2] * far
    open_ = np.float32(1)
    for value, low, high, bar in ((y, 0.75, 4.4, 2.7), (z, -0.9, 3.5, 1.35)):
        open_ = (
            open_
            * smooth_gate(value, low, high, blur)
            * (1 - 0.8 * smooth_gate(value, bar - 0.05, bar + 0.05, blur))
        )
    return np.asarray(open_ * (far > 0), dtype=np.float32)


def _through_leaves(points: Points, seed: int) -> Values:
    """Sunlight through a tree before the window: soft patches that wander over wall and table."""
    right, up = np.float32([0.55, 0.0, -0.83]), np.float32([0.40, 0.80, 0.45])
    crown = np.stack([points @ right, points @ up, np.zeros(len(points))], -1).astype(np.float32)
    cover = fractal_noise(crown * np.float32(2.6), 4, seed=seed + 5, gain=0.6)
    aim = np.exp(-np.square(crown[:, 0] / 1.1) - np.square((crown[:, 1] - 0.6) / 0.9))
    return 1 - 0.66 * smoothstep(-0.02, 0.16, cover - 0.30 * aim)


def smooth_gate(value: Values, low: float, high: float, blur: Values | float) -> Values:
    """1 between `low` and `high`, with soft edges of width `blur`."""
    rise = np.clip((value - low) / blur + 0.5, 0, 1) - np.clip((value - high) / blur + 0.5, 0, 1)
    return np.asarray(rise, dtype=np.float32)


# What stands on the table


def _solids(seed: int) -> list[Solid]:
    chance = np.random.default_rng([seed, 7])
    turn = chance.uniform(-0.5, 0.5)
    lid = turned(
        [
            (0, 1.255),
            (0.3, 1.255),
            (0.37, 1.26),
            (0.385, 1.28),
            (0.33, 1.32),
            (0.2, 1.375),
            (0.09, 1.4),
            (0.055, 1.43),
            (0.07, 1.47),
            (0.105, 1.5),
            (0.085, 1.54),
            (0.03, 1.56),
            (0, 1.56),
        ]
    )
    body = turned(
        [
            (0, 0),
            (0.3, 0),
            (0.36, 0.0),
            (0.37, 0.035),
            (0.345, 0.075),
            (0.42, 0.16),
            (0.55, 0.32),
            (0.635, 0.52),
            (0.62, 0.7),
            (0.52, 0.87),
            (0.405, 0.985),
            (0.365, 1.06),
            (0.37, 1.13),
            (0.41, 1.2),
            (0.44, 1.235),
            (0.43, 1.255),
            (0.38, 1.245),
            (0.33, 1.15),
            (0.33, 1.05),
            (0.45, 0.85),
            (0.56, 0.6),
            (0.4, 0.2),
            (0, 0.1),
        ]
    )
    ear = [(0.38, 1.13), (0.53, 1.2), (0.69, 1.13), (0.76, 0.95), (0.73, 0.77), (0.6, 0.66)]
    handles = [rod(ear, 0.048, 1.5), rod([(-x, y) for x, y in ear], 0.048, 1.5)]
    pot = joined(body, *handles, blend=0.06)
    apple = turned(
        [
            (0, 0.06),
            (0.07, 0.03),
            (0.15, 0.0),
            (0.24, 0.06),
            (0.33, 0.22),
            (0.345, 0.36),
            (0.28, 0.51),
            (0.18, 0.575),
            (0.09, 0.565),
            (0.03, 0.5),
            (0, 0.47),
        ]
    )
    pear = turned(
        [
            (0, 0.03),
            (0.1, 0.0),
            (0.22, 0.05),
            (0.3, 0.2),
            (0.28, 0.36),
            (0.19, 0.52),
            (0.14, 0.65),
            (0.11, 0.74),
            (0.05, 0.785),
            (0, 0.775),
        ]
    )
    stalk = rod([(0.0, 0.46), (0.01, 0.56), (0.04, 0.66), (0.09, 0.72)], 0.016)
    pear_stalk = rod([(0.0, 0.76), (0.02, 0.84), (0.06, 0.9)], 0.016)
    spin = chance.uniform(0, 6.3, 6)
    fruit = [
        placed("apple", apple, at=(-1.02, 0.05, 0.62), radius=0.5, middle=0.3, turn=spin[0]),
        placed("stalk", stalk, at=(-1.02, 0.05, 0.62), radius=0.2, middle=0.6, turn=spin[0]),
        placed(
            "apple", apple, at=(-1.6, 0.02, 0.1), radius=0.5, middle=0.3, turn=spin[1], scale=0.94
        ),
        placed(
            "stalk", stalk, at=(-1.6, 0.02, 0.1), radius=0.2, middle=0.6, turn=spin[1], scale=0.94
        ),
        placed("pear", pear, at=(1.28, 0.0, 0.2), radius=0.55, middle=0.39, turn=spin[2]),
        placed("stalk", pear_stalk, at=(1.28, 0.0, 0.2), radius=0.15, middle=0.83, turn=spin[2]),
        placed("pear", pear, at=(0.62, 0.295, 1.0), radius=0.55, middle=0.39, turn=-0.5, tilt=1.75),
        placed(
            "stalk",
            pear_stalk,
            at=(0.62, 0.295, 1.0),
            radius=0.15,
            middle=0.83,
            turn=-0.5,
            tilt=1.75,
        ),
    ]
    leaves = [
        placed(
            "leaf",
            leaf(0.62, 0.15, 0.10),
            at=(-0.62, 0.13, 1.02),
            radius=0.68,
            turn=-0.35,
            tilt=-0.03,
        ),
        placed(
            "leaf", leaf(0.5, 0.13, 0.12), at=(-0.62, 0.12, 1.06), radius=0.58, turn=-2.3, tilt=0.02
        ),
    ]
    return [
        placed("clay", pot, at=(0.12, 0, -0.25), radius=1.0, middle=0.64, turn=0.35 + turn * 0.4),
        placed("clay", lid, at=(0.12, 0, -0.25), radius=0.42, middle=1.4),
        *fruit,
        *leaves,
        placed("cloth", crumpled(seed, 1.9, 1.25), at=(-1.15, 0, 0.95), radius=1.25, turn=0.32),
    ]


# From light to picture


def _edges(colours: Float[np.ndarray, "H W 3"], kinds: Float[np.ndarray, "H W"]) -> np.ndarray:
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


def _developed(light: Float[np.ndarray, "H W 3"], seed: int) -> Image.Image:
    """Exposure, a film's soft shoulder, a darker rim and a little grain."""
    height, width = light.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    light = light * (1 - 0.22 * smoothstep(0.3, 1.9, x * x + y * y))[..., None]
    light = np.clip(light * 0.7, 0, None)
    film = light * (2.51 * light + 0.03) / (light * (2.43 * light + 0.59) + 0.14)
    grain = np.random.default_rng([seed, 3]).normal(0, 0.008, (height, width, 1))
    shown = np.clip(film, 0, 1) ** (1 / 2.2) + grain
    return Image.fromarray((shown.clip(0, 1) * 255).round().astype(np.uint8))
