"""What stands on the landscape's meadow: larches, and a farmhouse of rammed earth.

N points or rays. Distances are in units of about 20 m; x right, y up, z away from the eye.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from art.landscape.terrain import SKYLIGHT, SUN, SUNLIGHT, Colours, Points, Values, land
from art.noise import fp32, fractal_noise, noise, smoothstep

Faces = Float[np.ndarray, "F 4"]
"""Half-spaces n . p <= d that hold a convex body: n and d."""

EYE_Y = 1.5
HORIZON = 0.47  # of the picture's height, from above
_TANGENT = 0.46  # of half the angle of view, upright


@dataclass(frozen=True)
class Frame:
    """A picture's pixels, and the seed of what is in them."""

    width: int
    height: int
    seed: int

    @property
    def focal_px(self) -> float:
        """Pixels that a unit of height takes at distance 1."""
        return min(self.height, self.width * 0.75) / (2 * _TANGENT)

    def rays(self) -> Points:
        """The way from the eye through every pixel, one unit deep."""
        columns, rows = np.meshgrid(np.arange(self.width) + 0.5, np.arange(self.height) + 0.5)
        across = (columns - self.width / 2) / self.focal_px
        rise = (self.height * HORIZON - rows) / self.focal_px
        return fp32(np.stack([across, rise, np.ones_like(rise)], -1).reshape(-1, 3))


@dataclass(frozen=True)
class Tree:
    """A larch before the lake, flat to the eye, with light from the left."""

    x: float
    z: float
    height: float
    seed: int

    def paint(
        self, picture: Float[np.ndarray, "H W 3"], depth: Float[np.ndarray, "H W"], frame: Frame
    ) -> None:
        """Onto what is farther away."""
        foot = float(land(fp32([[self.x, self.z]]), frame.seed)[0]) - 0.03
        across, rise, _ = frame.rays().T * np.float32(self.z)
        up = (rise + EYE_Y - foot) / self.height
        aside = (across - self.x) / self.height
        near = np.flatnonzero((up > 0) & (up < 1) & (np.abs(aside) < 0.3))
        colours, there = self._look(aside[near], up[near])
        mine = near[there & (depth.ravel()[near] > self.z)]
        picture.reshape(-1, 3)[mine] = colours[np.isin(near, mine)]
        depth.reshape(-1)[mine] = self.z

    def _look(self, u: Values, v: Values) -> tuple[Colours, Bool[np.ndarray, " N"]]:
        """Colour at u aside and v up (1 is the top), and whether there is tree."""
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
    """The larches at the edges of the meadow, the farthest first."""
    chance = np.random.default_rng([seed, 9])
    stands = [
        (-2.75, 5.9, 2.3),
        (-2.05, 5.2, 1.6),
        (2.75, 6.6, 1.5),
        (-2.6, 4.3, 2.6),
        (3.5, 6.0, 2.6),
    ]
    return [
        Tree(x + chance.normal(0, 0.12), z, height * chance.uniform(0.9, 1.15), seed * 17 + index)
        for index, (x, z, height) in enumerate(sorted(stands, key=lambda stand: -stand[1]))
    ]


class House:
    """A farmhouse of rammed earth with a shingle roof, as two convex bodies."""

    x, z, turn = 1.55, 6.1, 0.5
    width, depth, wall, ridge = 0.62, 0.46, 0.56, 0.30

    def paint(
        self, picture: Float[np.ndarray, "H W 3"], depth: Float[np.ndarray, "H W"], frame: Frame
    ) -> None:
        """Onto what is farther away."""
        foot = float(land(fp32([[self.x, self.z]]), frame.seed)[0]) - 0.08
        cos, sin = np.cos(self.turn), np.sin(self.turn)
        stand = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
        eye = (np.array([0, EYE_Y, 0]) - np.array([self.x, foot, self.z])) @ stand
        rays = frame.rays() @ stand
        for body, look in ((self._walls(), self._earth), (self._roof(), self._shingles)):
            way, face = _convex(eye, rays, body)
            hit = np.flatnonzero(way < depth.ravel())
            points = fp32(eye + rays[hit] * way[hit, None])
            normals = body[face[hit], :3]
            upright = normals @ stand.T
            sun = np.clip(upright @ SUN, 0, 1)[:, None]
            light = sun * SUNLIGHT + (0.55 + 0.35 * upright[:, 1:2]) * SKYLIGHT
            picture.reshape(-1, 3)[hit] = look(points, normals, frame.seed) * light
            depth.reshape(-1)[hit] = way[hit]

    def _walls(self) -> Faces:
        lean = 0.10  # rammed earth is thinner above
        sides = [
            [way_x, lean, way_z, reach]
            for way_x, way_z, reach in (
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
        """Whitewashed, with two framed windows on a side and splashes of rain at its foot."""
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
        """Split wood, grey and brown; the gables lie in shade."""
        stain = fractal_noise(points * 7, 4, seed=seed + 71)
        row = (points[:, 2] * 14 + 0.3 * noise(points * 28, seed + 72)) % 1
        tone = 0.75 + np.abs(row - 0.5) + 0.5 * stain
        tone = np.where(np.abs(normals[:, 0]) > 0.5, 0.4, tone)
        return np.asarray(fp32([0.16, 0.125, 0.10]) * tone[:, None])


def _convex(
    eye: Float[np.ndarray, "3"], rays: Points, faces: Faces
) -> tuple[Values, Int[np.ndarray, " N"]]:
    """How far along each ray a convex body begins, and at which of its faces."""
    enter, leave = np.full(len(rays), -np.inf), np.full(len(rays), np.inf)
    face = np.zeros(len(rays), dtype=np.intp)
    for index, (*normal, level) in enumerate(faces):
        speed = rays @ np.array(normal)
        way = (level - float(eye @ np.array(normal))) / np.where(np.abs(speed) < 1e-9, 1e-9, speed)
        later = (speed < 0) & (way > enter)
        face[later] = index
        enter = np.where(later, way, enter)
        leave = np.where(speed > 0, np.minimum(leave, way), leave)
    return np.where((enter < leave) & (enter > 0), enter, 1e3), face
