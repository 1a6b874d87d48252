"""The foreground of the landscape: larches, and a farmhouse of rammed earth.

N points or rays, F faces. One unit is about 20 m; x right, y up, z away from the camera.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from art.landscape.terrain import SKYLIGHT, SUN, SUNLIGHT, Colours, Points, Values, terrain_height
from art.noise import fp32, fractal_noise, noise, smoothstep

Faces = Float[np.ndarray, "F 4"]
"""A convex body as the intersection of half-spaces n . p <= d; each row holds n and d."""

CAMERA_Y = 1.5
HORIZON = 0.47  # as a share of the picture height, from the top
_TANGENT = 0.46  # of half the vertical angle of view


@dataclass(frozen=True)
class Frame:
    """The size of a picture in px, and the seed of its content."""

    width: int
    height: int
    seed: int

    @property
    def focal_px(self) -> float:
        """Return the height in px of one unit at distance 1."""
        return min(self.height, self.width * 0.75) / (2 * _TANGENT)

    def rays(self) -> Points:
        """Return the directions from the camera through every pixel, scaled to z = 1."""
        columns, rows = np.meshgrid(np.arange(self.width) + 0.5, np.arange(self.height) + 0.5)
        across = (columns - self.width / 2) / self.focal_px
        rise = (self.height * HORIZON - rows) / self.focal_px
        return fp32(np.stack([across, rise, np.ones_like(rise)], -1).reshape(-1, 3))


@dataclass(frozen=True)
class Tree:
    """A larch, drawn as a flat shape that faces the camera and is lit from the left."""

    x: float
    z: float
    height: float
    seed: int

    def render(
        self, picture: Float[np.ndarray, "H W 3"], depth: Float[np.ndarray, "H W"], frame: Frame
    ) -> None:
        """Draw over the pixels whose depth is greater, and update their depth."""
        foot = float(terrain_height(fp32([[self.x, self.z]]), frame.seed)[0]) - 0.03
        across, rise, _ = frame.rays().T * np.float32(self.z)
        up = (rise + CAMERA_Y - foot) / self.height
        aside = (across - self.x) / self.height
        near = np.flatnonzero((up > 0) & (up < 1) & (np.abs(aside) < 0.3))
        colours, is_tree = self._appearance(aside[near], up[near])
        visible = near[is_tree & (depth.ravel()[near] > self.z)]
        picture.reshape(-1, 3)[visible] = colours[np.isin(near, visible)]
        depth.reshape(-1)[visible] = self.z

    def _appearance(self, u: Values, v: Values) -> tuple[Colours, Bool[np.ndarray, " N"]]:
        """Return colour at u across and v up (0 to 1), and whether the tree covers that point."""
        at = fp32(np.stack([u * 6, v * 9, np.full_like(u, self.seed)], -1))
        ragged = fractal_noise(at * 3, 4, seed=self.seed, gain=0.7)
        tier = ((1.35 - v) ** 1.5 * -11 + 26 * np.abs(u) + 1.3 * noise(at, self.seed + 1)) % 1
        half = 0.20 * (1 - v) ** 0.85 * (0.62 + 0.38 * tier) * smoothstep(0.10, 0.2, v)
        thin = noise(at * fp32([9, 7, 1]), self.seed + 2) < -0.55 - 2 * half
        crown = ((half - np.abs(u)) / 0.04 + 2.2 * ragged + 0.3 > 0) & (half > 0.004) & ~thin
        trunk = np.abs(u + 0.006 * np.sin(v * 9)) < 0.011 * (1.2 - v)
        light = 0.45 - 0.57 * u / (half + 0.05) + 0.45 * (tier - 0.5) + 0.6 * ragged
        light = np.clip(light, 0, 1.2)[:, None] ** 1.6
        green = fp32([0.018, 0.034, 0.016]) + light * fp32([0.20, 0.20, 0.045])
        bark = fp32([0.10, 0.075, 0.055]) * np.clip(1.2 - 18 * u, 0.3, 1.6)[:, None]
        return np.where(crown[:, None], green, bark), crown | trunk


def trees(seed: int) -> list[Tree]:
    """Return the larches at the edges of the meadow, farthest first."""
    rng = np.random.default_rng([seed, 9])
    positions = [
        (-2.75, 5.9, 2.3),
        (-2.05, 5.2, 1.6),
        (2.75, 6.6, 1.5),
        (-2.6, 4.3, 2.6),
        (3.5, 6.0, 2.6),
    ]
    return [
        Tree(x + rng.normal(0, 0.12), z, height * rng.uniform(0.9, 1.15), seed * 17 + index)
        for index, (x, z, height) in enumerate(sorted(positions, key=lambda position: -position[1]))
    ]


class House:
    """A farmhouse: walls of rammed earth and a shingle roof, each a convex body."""

    x, z, turn = 1.55, 6.1, 0.5
    width, depth, wall, ridge = 0.62, 0.46, 0.56, 0.30

    def render(
        self, picture: Float[np.ndarray, "H W 3"], depth: Float[np.ndarray, "H W"], frame: Frame
    ) -> None:
        """Draw over the pixels whose depth is greater, and update their depth."""
        foot = float(terrain_height(fp32([[self.x, self.z]]), frame.seed)[0]) - 0.08
        cos, sin = np.cos(self.turn), np.sin(self.turn)
        axes = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
        camera = (np.array([0, CAMERA_Y, 0]) - np.array([self.x, foot, self.z])) @ axes
        rays = frame.rays() @ axes
        for body, albedo in ((self._walls(), self._earth), (self._roof(), self._shingles)):
            t, face = _intersect_convex(camera, rays, body)
            hit = np.flatnonzero(t < depth.ravel())
            points = fp32(camera + rays[hit] * t[hit, None])
            normals = body[face[hit], :3]
            world_normals = normals @ axes.T
            sun = np.clip(world_normals @ SUN, 0, 1)[:, None]
            light = sun * SUNLIGHT + (0.55 + 0.35 * world_normals[:, 1:2]) * SKYLIGHT
            picture.reshape(-1, 3)[hit] = albedo(points, normals, frame.seed) * light
            depth.reshape(-1)[hit] = t[hit]

    def _walls(self) -> Faces:
        slope = 0.10  # walls of rammed earth are thinner at the top
        sides = [
            [normal_x, slope, normal_z, distance]
            for normal_x, normal_z, distance in (
                (1, 0, self.width),
                (-1, 0, self.width),
                (0, 1, self.depth),
                (0, -1, self.depth),
            )
        ]
        return np.array([*sides, [0, 1, 0, self.wall], [0, -1, 0, 0.2]])

    def _roof(self) -> Faces:
        eaves = 0.12
        rise, top = self.ridge / (self.depth + eaves), self.wall + self.ridge
        gables = [[1, 0, 0, self.width + eaves], [-1, 0, 0, self.width + eaves]]
        return np.array(
            [*gables, [0, 1, rise, top], [0, 1, -rise, top], [0, -1, 0, 0.02 - self.wall]]
        )

    def _earth(self, points: Points, normals: Points, seed: int) -> Colours:
        """Return whitewashed walls with two framed windows per side and rain stains at the foot."""
        x, y, z = points.T
        stain = fractal_noise(points * 7, 4, seed=seed + 71)
        gable = np.abs(normals[:, 0]) > 0.5
        along = np.where(gable, z / self.depth * 0.75, x / self.width * 1.5)
        across, high = np.abs((along + 0.5) % 1 - 0.5), np.abs(y - 0.33)
        colours = fp32([0.66, 0.60, 0.50]) * (0.95 + 0.25 * stain)[:, None]
        colours[(across < 0.21) & (high < 0.115)] = fp32([0.20, 0.075, 0.04])
        colours[(across < 0.15) & (high < 0.085) & (across > 0.018)] = fp32([0.03, 0.035, 0.04])
        colours[y < 0.07] *= np.float32(0.55)
        return np.asarray(colours)

    def _shingles(self, points: Points, normals: Points, seed: int) -> Colours:
        """Return split wood in grey and brown, with dark gables."""
        stain = fractal_noise(points * 7, 4, seed=seed + 71)
        row = (points[:, 2] * 14 + 0.3 * noise(points * 28, seed + 72)) % 1
        tone = 0.75 + np.abs(row - 0.5) + 0.5 * stain
        tone = np.where(np.abs(normals[:, 0]) > 0.5, 0.4, tone)
        return np.asarray(fp32([0.16, 0.125, 0.10]) * tone[:, None])


def _intersect_convex(
    origin: Float[np.ndarray, "3"], rays: Points, faces: Faces
) -> tuple[Values, Int[np.ndarray, " N"]]:
    """Return the t at which each ray enters a convex body, and the face; t is 1000 for none."""
    t_enter, t_exit = np.full(len(rays), -np.inf), np.full(len(rays), np.inf)
    face = np.zeros(len(rays), dtype=np.intp)
    for index, (*normal, level) in enumerate(faces):
        speed = rays @ np.array(normal)
        t = (level - float(origin @ np.array(normal))) / np.where(np.abs(speed) < 1e-9, 1e-9, speed)
        is_entry = (speed < 0) & (t > t_enter)
        face[is_entry] = index
        t_enter = np.where(is_entry, t, t_enter)
        t_exit = np.where(speed > 0, np.minimum(t_exit, t), t_exit)
    return np.where((t_enter < t_exit) & (t_enter > 0), t_enter, 1e3), face
