"""Renders a landscape: a lake in front of misty snow mountains, and a farmhouse.

N points or rays, W columns, H rows, K depths. One unit is about 20 m; x right, y up, z away from
the camera; the lake is the plane y = 0.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from PIL import Image

from art.camera import develop
from art.landscape.foreground import CAMERA_Y, HORIZON, Frame, House, trees
from art.landscape.terrain import (
    SKYLIGHT,
    Colours,
    Points,
    Values,
    shaded_terrain,
    terrain_height,
)
from art.noise import fp32, fractal_noise, noise, smoothstep

_NEAR_LAKE, _FAR, _STEPS = 7.0, 70.0, 900
_HAZE = fp32([0.46, 0.58, 0.74])


def draw_landscape(width: int = 640, height: int = 480, *, seed: int = 0) -> Image.Image:
    """Draw the landscape at `width` x `height` px. The result is deterministic.

    `seed` changes the mountains, the forest, the clouds and the mist.
    """
    view = View(width, height, seed)
    direct, points, depth = view.render(first_depth=view.nearest_depth(), mirrored=False)
    lake = (points[:, 1] <= 1e-4) & (depth < _FAR)
    mirror, _, _ = view.render(first_depth=_NEAR_LAKE, mirrored=True)
    direct[lake] = view.water(points[lake], np.flatnonzero(lake), mirror)
    picture = direct.reshape(height, width, 3)
    depths = depth.reshape(height, width)
    for tree in trees(seed):
        tree.render(picture, depths, view)
    House().render(picture, depths, view)
    return develop(picture, exposure=0.62, seed=seed)


class View(Frame):
    """Renders terrain, lake and sky for every pixel of a picture."""

    def nearest_depth(self) -> float:
        """Return a depth at which the meadow is still below the lower edge of the picture."""
        return 0.9 * self.focal_px / (self.height * (1 - HORIZON))

    def render(self, *, first_depth: float, mirrored: bool) -> tuple[Colours, Points, Values]:
        """Return colour, point and depth of every pixel; the terrain starts at `first_depth`.

        `mirrored` renders the reflection in the lake: the camera below the surface, upside down.
        """
        profile = self._profile(first_depth, mirrored=mirrored)
        rows = np.arange(self.height) + 0.5
        if mirrored:
            rows = 2 * self.height * HORIZON - rows
        points, is_terrain = profile.intersect(rows)
        rise = np.repeat((self.height * HORIZON - rows) / self.focal_px, self.width)
        across = np.tile(profile.slopes, self.height)
        colours = sky(fp32(np.stack([across, rise, np.ones_like(rise)], -1)), self.seed)
        colours[is_terrain] = self._ground(points[is_terrain], colours[is_terrain])
        return colours, points, np.where(is_terrain, points[:, 2], np.float32(1e3))

    def water(
        self, points: Points, pixels: Int[np.ndarray, " N"], mirror: Float[np.ndarray, "P 3"]
    ) -> Colours:
        """Return the lake: the reflection, displaced by ripples, over dark green water."""
        x, _, z = points.T
        stretched = fp32(np.stack([x * 5, x * 0, z * 22], -1))
        ripple = fractal_noise(stretched, 3, seed=self.seed + 61)
        calm = smoothstep(0.1, -0.4, noise(stretched * fp32([0.12, 1, 0.05]), self.seed + 62))
        shift = ripple * (1.2 - 0.9 * calm) * self.height / 8 / (z + 2)
        rows = np.clip(pixels // self.width + shift, 0, self.height - 1).astype(np.int64)
        reflected = mirror[rows * self.width + pixels % self.width]
        steepness = CAMERA_Y / np.hypot(CAMERA_Y, np.hypot(x, z))
        fresnel = 0.04 + 0.96 * (1 - steepness) ** 3.2
        deep = fp32([0.035, 0.075, 0.075])
        sparkle = smoothstep(0.45, 0.7, ripple) * (1 - calm) * 0.25
        mixed = reflected * (fresnel * 0.9)[:, None] + deep * (1 - fresnel)[:, None]
        return hazed(mixed + sparkle[:, None] * SKYLIGHT, points, mixed, self.seed, mist=0.6)

    def _ground(self, points: Points, behind: Colours) -> Colours:
        return hazed(shaded_terrain(points, self.seed), points, behind, self.seed)

    def _profile(self, first_depth: float, *, mirrored: bool) -> "Profile":
        depths = np.geomspace(first_depth, _FAR, _STEPS).astype(np.float32)
        slopes = fp32((np.arange(self.width) + 0.5 - self.width / 2) / self.focal_px)
        grid = np.stack(np.broadcast_arrays(depths[:, None] * slopes, depths[:, None]), -1)
        heights = terrain_height(grid.reshape(-1, 2), self.seed).reshape(_STEPS, self.width)
        lake_y = -1e3 if mirrored else 0.0  # from below, the surface of the lake is transparent
        heights = np.where(heights > 0, heights, np.float32(lake_y))
        relative = heights + CAMERA_Y if mirrored else heights - CAMERA_Y
        rows = self.height * HORIZON - relative / depths[:, None] * self.focal_px
        return Profile(depths, slopes, heights, np.minimum.accumulate(rows, axis=0))


@dataclass(frozen=True)
class Profile:
    """The terrain along every column of a picture, sampled at K depths."""

    depths: Float[np.ndarray, " K"]
    slopes: Float[np.ndarray, " W"]
    """Change of x per unit of depth, for each column."""
    heights: Float[np.ndarray, "K W"]
    rows: Float[np.ndarray, "K W"]
    """The topmost row that the terrain covers up to each depth."""

    def intersect(self, rows: Float[np.ndarray, " H"]) -> tuple[Points, Bool[np.ndarray, " N"]]:
        """Return the nearest terrain point at each row of each column, and whether there is one."""
        steps, width = self.rows.shape
        step = np.stack([np.searchsorted(-self.rows[:, c], -rows) for c in range(width)], 1)
        is_terrain = (step < steps).ravel()
        step = np.clip(step, 1, steps - 1).ravel()
        column = np.tile(np.arange(width), len(rows))
        before, after = self.rows[step - 1, column], self.rows[step, column]
        share = (before - np.repeat(rows, width)) / np.maximum(before - after, 1e-6)
        share = np.clip(share, 0, 1)
        depth = self.depths[step - 1] * (1 - share) + self.depths[step] * share
        low, high = self.heights[step - 1, column], self.heights[step, column]
        height = low * (1 - share) + high * share
        return fp32(np.stack([depth * self.slopes[column], height, depth], -1)), is_terrain


# Sky and air


def sky(rays: Points, seed: int) -> Colours:
    """Return the morning sky with clouds that are lit from the left."""
    rise = rays[:, 1] / np.linalg.norm(rays, axis=1)
    blue, pale = fp32([0.05, 0.21, 0.62]), fp32([0.86, 0.79, 0.68])
    colours = pale + (blue - pale) * (np.clip(rise, 0, 1) ** 0.55)[:, None] * 1.1
    flat = rays / np.maximum(rays[:, 1:2] + 0.13, 0.05)
    at = np.stack([flat[:, 0] * 1.5, rise * 0, flat[:, 2] * 1.25], -1).astype(np.float32)
    cover, toward = (
        fractal_noise(at + shift, 6, seed=seed + 41, gain=0.55)
        for shift in (0.0, fp32([-0.14, 0, 0.05]))
    )
    thick = smoothstep(0.0, 0.34, cover + 0.04)
    bright = np.clip(1.0 + 1.5 * (cover - toward) - 0.35 * smoothstep(0.1, 0.6, cover), 0.5, 1.35)
    white = fp32([1.05, 0.98, 0.92]) * bright[:, None] + fp32([0.0, 0.02, 0.05])
    return np.asarray(colours + (white - colours) * (0.85 * thick)[:, None], dtype=np.float32)


def hazed(lit: Colours, points: Points, behind: Colours, seed: int, mist: float = 1.0) -> Colours:
    """Return the colours with blue haze that grows with depth, and mist over the far shore."""
    depth = points[:, 2]
    air = 1 - np.exp(-np.maximum(depth - 6, 0) * 0.0105)
    drift = np.stack([points[:, 0] * 0.22, points[:, 1] * 0.9, depth * 0.05], -1).astype(np.float32)
    bank = fractal_noise(drift, 4, seed=seed + 51) * 0.8 + 0.45
    low = np.exp(-np.maximum(points[:, 1], 0) * 1.3) * smoothstep(13, 26, depth)
    veil = np.clip(low * bank * 1.1, 0, 0.85) * np.float32(mist)
    colour = _HAZE * 0.8 + behind * 0.2
    misty = lit + (colour - lit) * air[:, None]
    return np.asarray(misty + (fp32([0.80, 0.80, 0.79]) - misty) * veil[:, None], dtype=np.float32)
