"""The terrain of the landscape: its height, its cover (grass, forest, rock, snow) and its light.

N points (x, y, z) or places (x, z). One unit is about 20 m; x right, y up, z away from the camera;
the lake is the plane y = 0.
"""

import numpy as np
from jaxtyping import Float

from art.noise import fp32, fractal_noise, noise, smoothstep

Places = Float[np.ndarray, "N 2"]
Points = Float[np.ndarray, "N 3"]
Values = Float[np.ndarray, " N"]
Colours = Float[np.ndarray, "N 3"]
Colour = Float[np.ndarray, "3"]

SUN = fp32([-0.66, 0.42, 0.30]) / np.float32(0.838)
"""Unit vector towards the sun, on the left."""
SUNLIGHT = fp32([1.0, 0.82, 0.58]) * 3.1
SKYLIGHT = fp32([0.42, 0.56, 0.80]) * 0.75


def shaded_terrain(points: Points, seed: int) -> Colours:
    """Return the light that the terrain reflects at points of its surface."""
    places, depth = points[:, [0, 2]], points[:, 2]
    step = 0.0022 * depth + 0.004
    level = terrain_height(places, seed)
    right = terrain_height(places + step[:, None] * fp32([1, 0]), seed) - level
    away = terrain_height(places + step[:, None] * fp32([0, 1]), seed) - level
    normals = np.stack([-right, step, -away], -1)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    sun = np.clip(normals @ SUN, 0, 1) * _sun_visibility(points, seed)
    light = sun[:, None] * SUNLIGHT + (0.45 + 0.55 * normals[:, 1:2]) * SKYLIGHT
    return np.asarray(_cover(points, normals, seed) * light)


def terrain_height(places: Places, seed: int) -> Values:
    """Return the height of terrain, forest and grass; below 0 it is the bed of the lake."""
    x, z = places.T
    ground = _bare_height(places, seed, octaves=8)
    trees = _forest(places, ground, seed)
    blades = smoothstep(7, 3, z) * (ground > 0.02)
    grass = np.stack([x * 85, z * 0, z * 38], -1)
    return np.asarray(ground + trees + 0.02 * blades * noise(grass, seed + 13), dtype=np.float32)


def _bare_height(places: Places, seed: int, octaves: int) -> Values:
    """Return the height of the ground without forest and grass."""
    x, z = places.T
    at = np.stack([x, np.zeros_like(x), z], -1)
    wander = noise(at * np.float32(0.11), seed + 1)
    rough = fractal_noise(at * np.float32(0.30), octaves, seed=seed + 2)
    bent = at + np.float32(1.6) * wander[:, None]
    ridge = (
        1
        - np.abs(fractal_noise(bent * np.float32(0.075) + 3.1, octaves, seed=seed + 3, gain=0.40))
        * 2.6
    )
    meadow = 0.30 + 0.05 * x - 0.105 * (z - 2.5) + 0.10 * rough
    shore = 0.9 * wander + 0.5 * rough
    lake = -0.5 + smoothstep(15.5, 23, z + shore * 3) * 1.3
    flank = smoothstep(
        2.6, 11, np.abs(x + 1.2 - 0.22 * z + 1.5 * shore) - 0.30 * z + 1.0
    ) * smoothstep(7, 15, z)
    hills = flank * (2.6 + 2.2 * rough) + smoothstep(20, 30, z) * (0.9 + 1.6 * rough)
    peaks = smoothstep(24, 50, z) * (np.maximum(ridge, 0) ** 1.4 * (11 + 3 * wander) + 2.4)
    peaks *= 1.1 - 0.45 * smoothstep(0.0, 26, np.abs(x + 3))
    return np.where(z < 7.5, np.maximum(meadow, lake), lake) + hills + peaks


def _forest(places: Places, ground: Values, seed: int) -> Values:
    """Return the height that the forest adds: conifers as cones, one in each grid cell."""
    z = places[:, 1]
    wood = fractal_noise(
        np.stack([places[:, 0], z * 0, z], -1) * np.float32(0.55), 3, seed=seed + 14
    )
    density = smoothstep(-0.08, 0.06, wood + 0.10) * smoothstep(0.05, 0.14, ground)
    density *= smoothstep(3.9, 2.7, ground) * smoothstep(8.5, 10, z) * smoothstep(44, 36, z)
    size = np.float32(0.15) + np.float32(0.004) * z
    total = np.zeros_like(ground)
    for layer in (0, 1):
        cells = places / np.float32(0.17) + np.float32(0.37 * layer)
        whole = np.floor(cells)
        key = np.stack([whole[:, 0], whole[:, 0] * 0 + layer, whole[:, 1]], -1)
        tall = 0.65 + 0.35 * noise(key * np.float32(1.731) + 0.5, seed + 15)
        aside = np.stack([noise(key * np.float32(2.377) + 0.4, seed + s) for s in (16, 17)], -1)
        apart = np.linalg.norm(cells - whole - 0.5 - 0.25 * aside, axis=1)
        cone = np.maximum(1 - apart / 0.36, 0) * tall
        total = np.maximum(total, cone)
    return np.asarray(total * size * 1.7 * density, dtype=np.float32)


def _sun_visibility(points: Points, seed: int) -> Values:
    """Return the visible share of the sun: 0 in the shadow of a mountain, 1 outside."""
    visible = np.ones(len(points), dtype=np.float32)
    for reach in (0.12, 0.35, 0.9, 2.0, 4.5, 9.0):
        towards_sun = points + SUN * np.float32(reach)
        height_above = towards_sun[:, 1] - _bare_height(towards_sun[:, [0, 2]], seed, octaves=4)
        visible = np.minimum(
            visible, smoothstep(-0.16, 0.10, height_above / np.float32(reach) + 0.03)
        )
    return visible


def _cover(points: Points, normals: Points, seed: int) -> Colours:
    """Return the albedo of the cover: grass and flowers, forest, rock, snow."""
    y, depth = points[:, 1], points[:, 2]
    bare = _bare_height(points[:, [0, 2]], seed, octaves=8)
    patch = fractal_noise(points * np.float32(1.3), 4, seed=seed + 31)
    tree = smoothstep(0.01, 0.06, y - bare) * smoothstep(8, 9, depth)
    autumn = fractal_noise(points * fp32([2.6, 0, 2.6]), 3, seed=seed + 35)
    autumn = smoothstep(0.30, 0.55, autumn)[:, None]
    needles = fp32([0.022, 0.048, 0.026]) + autumn * fp32([0.22, 0.11, 0.0])
    colours = _blended(_grass(points, patch, seed), needles, tree)
    strata = fractal_noise(points * fp32([0.7, 3.5, 0.7]), 5, seed=seed + 36)
    stone = fp32([0.155, 0.140, 0.130]) * (1 + 0.7 * strata)[:, None]
    rocky = smoothstep(2.6, 4.2, bare + 1.2 * patch) * (1 - tree)
    shore = smoothstep(0.08, 0.0, bare) * 0.7 * smoothstep(5, 6, depth)
    colours = _blended(colours, stone, np.maximum(rocky, shore))
    snow = smoothstep(4.4, 5.8, bare + 1.3 * strata + 1.0 * patch)
    snow *= smoothstep(0.30, 0.55, normals[:, 1] + 0.2 * strata)
    return _blended(colours, fp32([0.86, 0.88, 0.92]), snow)


def _grass(points: Points, patch: Values, seed: int) -> Colours:
    """Return lush and dry grass with flowers, and a path to the farmhouse."""
    x, _, z = points.T
    fine = noise(points * fp32([48, 10, 18]), seed + 32)
    dry = smoothstep(-0.25, 0.45, patch + 0.35 * noise(points * np.float32(5.1), seed + 37))
    grass = _blended(fp32([0.055, 0.095, 0.020]), fp32([0.25, 0.19, 0.06]), 0.75 * dry)
    grass = grass * (1 + 0.55 * fine * smoothstep(14, 4, z))[:, None]
    aside = np.abs(x - 0.28 * (z - 2) - 0.16 * np.sin(z * 1.7)) + 0.05 * patch + 0.02 * fine
    path = smoothstep(0.12, 0.05, aside) * smoothstep(5.9, 5.2, z)
    grass = _blended(grass, fp32([0.21, 0.155, 0.10]), 0.85 * path)
    bloom = noise(points * fp32([34, 2, 19]), seed + 33) * smoothstep(9, 3, z)
    yellow = noise(points * np.float32(0.9), seed + 34)[:, None] > 0
    petals = np.where(yellow, fp32([0.75, 0.62, 0.12]), fp32([0.62, 0.40, 0.62]))
    return _blended(grass, petals, smoothstep(0.52, 0.72, bloom + 0.15 * patch - path))


def _blended(under: Colours | Colour, over: Colours | Colour, share: Values) -> Colours:
    """Return `under` where the share is 0, `over` where it is 1."""
    return np.asarray(under + (over - under) * share[:, None], dtype=np.float32)
