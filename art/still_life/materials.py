"""Materials: burnished black clay, fruit skin, leaves, linen, oak boards, lime plaster.

Every function describes N points of a surface.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from art.noise import fp32, fractal_noise, noise, smoothstep
from art.still_life.solids import Points, Solid, Values


@dataclass(frozen=True)
class Surface:
    """The properties of N surface points that the lighting uses."""

    albedo: Float[np.ndarray, "N 3"]
    """Share of red, green and blue light that is reflected diffusely, linear."""
    normals: Points
    gloss: Values
    """Strength of the specular reflection; 1 is varnish."""
    blur: Values
    """Edge width of the reflection, in scene units."""

    def assign(self, indices: Int[np.ndarray, " M"], part: "Surface") -> None:
        """Copy the M points of `part` to the given indices."""
        self.albedo[indices], self.normals[indices] = part.albedo, part.normals
        self.gloss[indices], self.blur[indices] = part.gloss, part.blur


def empty_surface(count: int) -> Surface:
    """Return a surface of `count` points, all zero."""
    albedo, normals = (np.zeros((count, 3), np.float32) for _ in range(2))
    gloss, blur = (np.zeros(count, np.float32) for _ in range(2))
    return Surface(albedo, normals, gloss, blur)


def surface_of(material: str, local: Points, normals: Points, seed: int, solid: Solid) -> Surface:
    """Return the surface of a solid at points in its local coordinates."""
    materials = {
        "clay": _clay,
        "apple": _apple,
        "pear": _pear,
        "leaf": _leaf,
        "stalk": _stalk,
        "cloth": _cloth,
    }
    offset = np.float32(np.sum(solid.centre) * 13.7)
    return materials[material](local, normals, seed, offset)


def wood_surface(points: Points, seed: int) -> Surface:
    """Return oak boards along x."""
    x, z = points[:, 0], points[:, 2] + np.float32(0.06) * points[:, 0]
    board = np.floor(z / 0.62)
    shift = board * np.float32(7.31)
    bent = fractal_noise(_at(x * 0.5 + shift, z * 2.2, shift), 3, seed=seed + 11)
    rings = z * 9 + bent * 3.2
    ring = np.abs(rings - np.floor(rings) - 0.5) * 2
    ring = smoothstep(0.0, 0.9, ring) ** 2
    fibre = fractal_noise(_at(x * 5 + shift, z * 95 + bent * 8, shift), 3, seed=seed + 12, gain=0.7)
    pores = smoothstep(0.25, 0.6, noise(_at(x * 11 + shift, z * 240, shift), seed + 13))
    stain = fractal_noise(_at(x * 1.3, z * 1.3, shift * 0), 4, seed=seed + 14)
    tone = 0.52 + 0.20 * ring + 0.16 * fibre + 0.10 * bent + 0.12 * stain - 0.20 * pores
    tone += np.float32(0.10) * noise(_at(board * 3.7, board * 0, board * 0), seed + 15)
    gap = np.abs(z / 0.62 - np.round(z / 0.62)) * 0.62
    seam = smoothstep(0.004, 0.016, gap + 0.003 * fibre)
    dark, fair = fp32([0.055, 0.026, 0.013]), fp32([0.36, 0.19, 0.09])
    albedo = dark + (fair - dark) * np.clip(tone, 0, 1)[:, None] * (0.25 + 0.75 * seam)[:, None]
    normals = np.zeros_like(points)
    normals[:, 1] = 1
    normals[:, 2] = 0.05 * fibre + 0.03 * ring
    normals[:, 0] = 0.015 * fibre
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return Surface(albedo, normals, 0.55 + 0.3 * stain * seam, 0.9 + 0.5 * np.abs(fibre))


def plaster_surface(points: Points, seed: int) -> Surface:
    """Return old lime plaster with trowel marks, stains and cracks."""
    cloud = fractal_noise(points * fp32([0.7, 0.9, 1]), 5, seed=seed + 21, gain=0.6)
    trowel = fractal_noise(points * fp32([3.1, 5.2, 1]) + cloud[:, None], 4, seed=seed + 22)
    sand = fractal_noise(points * 45, 2, seed=seed + 23)
    crack = np.abs(fractal_noise(points * fp32([1.1, 0.8, 1]), 5, seed=seed + 24, gain=0.6))
    crack = (1 - smoothstep(0.0, 0.012, crack)) * smoothstep(-0.1, 0.3, cloud)
    tone = 0.50 + 0.45 * cloud + 0.20 * trowel + 0.10 * sand - 0.35 * crack
    grey, warm = fp32([0.10, 0.15, 0.145]), fp32([0.34, 0.34, 0.27])
    albedo = grey + (warm - grey) * np.clip(tone, 0, 1)[:, None]
    normals = np.zeros_like(points)
    normals[:, 2] = 1
    normals[:, 0] = 0.22 * trowel + 0.10 * sand
    normals[:, 1] = 0.10 * cloud
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return Surface(albedo, normals, np.full_like(cloud, 0.05), np.full_like(cloud, 2.0))


def _clay(local: Points, normals: Points, seed: int, offset: np.float32) -> Surface:
    angle = np.arctan2(local[:, 2], local[:, 0])
    y = local[:, 1]
    grain = fractal_noise(local * 38 + offset, 3, seed=seed + 31)
    wheel = noise(_at(angle * 0.8, y * 75, y * 0), seed + 32)
    smoke = fractal_noise(local * 2.4 + offset, 4, seed=seed + 33)
    cuts = _incisions(angle, y)
    soot, ash = fp32([0.020, 0.018, 0.018]), fp32([0.085, 0.074, 0.066])
    tone = 0.40 + 0.55 * smoke + 0.14 * grain + 0.10 * wheel
    albedo = soot + (ash - soot) * np.clip(tone, 0, 1)[:, None]
    chip = _chips(angle, y)
    albedo = albedo * (1 - 0.6 * cuts)[:, None]
    albedo += (fp32([0.62, 0.59, 0.52]) - albedo) * chip[:, None]
    lean = 0.07 * wheel + 0.10 * grain - 0.35 * cuts
    bent = normals + np.stack([0.05 * grain, lean, 0.05 * smoke], -1)
    bent /= np.linalg.norm(bent, axis=1, keepdims=True)
    gloss = np.clip(1.25 + 0.6 * smoke + 0.3 * grain - 0.9 * cuts, 0.2, 2)
    return Surface(albedo, bent.astype(np.float32), gloss, 0.65 + 0.5 * np.abs(smoke))


def _incisions(angle: Values, y: Values) -> Values:
    """Return 1 where lines are incised into the shoulder: three rings and a zigzag."""
    rings = sum(1 - smoothstep(0.004, 0.010, np.abs(y - level)) for level in (0.60, 0.86, 0.885))
    wave = np.abs((angle * 14 / np.pi) % 2 - 1)
    zigzag = 1 - smoothstep(0.006, 0.013, np.abs(y - (0.64 + 0.17 * wave)) * 0.72)
    return np.asarray(np.clip(rings + zigzag, 0, 1), dtype=np.float32)


def _chips(angle: Values, y: Values) -> Values:
    """Return 1 where white porcelain is inlaid in the belly, as in Nixi pottery."""
    around = (angle * 14 / np.pi + 1) % 2 - 1
    offset = np.abs(around) * 0.14 + np.abs(y - 0.69) * 0.75
    return 1 - smoothstep(0.017, 0.022, offset)


def _apple(local: Points, normals: Points, seed: int, offset: np.float32) -> Surface:
    angle = np.arctan2(local[:, 2], local[:, 0])
    y = local[:, 1]
    around = np.stack([np.cos(angle), np.sin(angle), y * 0.35], -1)
    streaks = fractal_noise(around * fp32([9, 9, 3]) + offset, 4, seed=seed + 41, gain=0.65)
    sun = noise(around * 1.1 + offset, seed + 42) + local[:, 0] * 0.8
    spots = smoothstep(0.42, 0.62, fractal_noise(local * 55 + offset, 2, seed=seed + 43))
    ripe = smoothstep(-0.55, 0.45, sun + 0.75 * streaks + 0.25 - 1.6 * np.maximum(y - 0.50, 0) * 4)
    green, red = fp32([0.50, 0.43, 0.07]), fp32([0.40, 0.025, 0.018])
    albedo = green + (red - green) * ripe[:, None]
    albedo = albedo * (1 + 0.25 * streaks)[:, None]
    albedo += (fp32([0.6, 0.5, 0.25]) - albedo) * (0.4 * spots)[:, None]
    pit = 1 - smoothstep(0.02, 0.12, np.hypot(local[:, 0], local[:, 2]))
    albedo = albedo * (1 - 0.6 * pit * (y > 0.3))[:, None]
    return Surface(albedo, normals, 0.9 - 0.3 * spots, np.full_like(y, 0.35))


def _pear(local: Points, normals: Points, seed: int, offset: np.float32) -> Surface:
    y = local[:, 1]
    cloud = fractal_noise(local * 3.2 + offset, 4, seed=seed + 51)
    freckles = smoothstep(0.30, 0.55, fractal_noise(local * 75 + offset, 2, seed=seed + 52))
    russet = smoothstep(0.1, 0.5, cloud + np.maximum(0.12 - y, 0) * 5 + np.maximum(y - 0.66, 0) * 4)
    blush = smoothstep(-0.1, 0.9, local[:, 0] * 2.2 + cloud)
    green = fp32([0.42, 0.40, 0.075])
    albedo = green + (fp32([0.52, 0.20, 0.055]) - green) * (0.75 * blush)[:, None]
    brown = fp32([0.24, 0.13, 0.045])
    albedo += (brown - albedo) * (0.55 * russet + 0.5 * freckles)[:, None].clip(0, 0.8)
    bent = normals + 0.05 * freckles[:, None]
    bent /= np.linalg.norm(bent, axis=1, keepdims=True)
    return Surface(albedo, bent, 0.55 - 0.4 * russet, np.full_like(y, 0.7))


def _leaf(local: Points, normals: Points, seed: int, offset: np.float32) -> Surface:
    x, _, z = local.T
    vein = np.abs(((x - np.abs(z) * 0.9) * 15) % 1 - 0.5)
    rib = np.maximum(
        1 - smoothstep(0.004, 0.012, np.abs(z)), 0.6 * (1 - smoothstep(0.02, 0.12, vein))
    )
    cloud = fractal_noise(local * 9 + offset, 4, seed=seed + 61)
    tone = np.clip(0.45 + 0.6 * cloud, 0, 1)[:, None]
    albedo = fp32([0.05, 0.10, 0.02]) * (1 - tone) + fp32([0.17, 0.21, 0.045]) * tone
    albedo += (fp32([0.30, 0.30, 0.12]) - albedo) * (0.6 * rib)[:, None]
    return Surface(albedo, normals, 0.7 + 0.3 * cloud, np.full_like(x, 0.9))


def _stalk(local: Points, normals: Points, seed: int, offset: np.float32) -> Surface:
    bark = fractal_noise(local * 60 + offset, 2, seed=seed + 71)
    albedo = fp32([0.14, 0.085, 0.04]) * (1 + 0.6 * bark)[:, None]
    return Surface(albedo, normals, np.full_like(bark, 0.3), np.full_like(bark, 1.0))


def _cloth(local: Points, normals: Points, seed: int, offset: np.float32) -> Surface:
    """Return washed linen with a blue border."""
    x, _, z = local.T
    weave = np.sin(x * 420) * np.sin(z * 420)
    slubs = fractal_noise(_at(x * 90, z * 9, z * 0) + offset, 2, seed=seed + 91)
    slubs += fractal_noise(_at(x * 9, z * 90, z * 0) + offset, 2, seed=seed + 92)
    cloud = fractal_noise(local * 2 + offset, 3, seed=seed + 93)
    stripes = sum(
        1 - smoothstep(width, width + 0.006, np.abs(np.abs(z) - level))
        for level, width in ((0.50, 0.022), (0.44, 0.008), (0.56, 0.008))
    )
    albedo = fp32([0.62, 0.57, 0.47]) * (1 + 0.10 * slubs + 0.08 * cloud)[:, None]
    albedo += (fp32([0.07, 0.13, 0.26]) - albedo) * np.clip(stripes * 0.85, 0, 1)[:, None]
    bent = normals + np.stack([0.06 * weave + 0.06 * slubs, 0 * x, 0.06 * slubs], -1)
    bent /= np.linalg.norm(bent, axis=1, keepdims=True)
    return Surface(albedo, bent.astype(np.float32), np.full_like(x, 0.05), np.full_like(x, 2.0))


def _at(x: Values, y: Values, z: Values) -> Points:
    return np.stack([x, y, z], -1).astype(np.float32)
