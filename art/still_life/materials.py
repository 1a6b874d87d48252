"""How things look close up: burnished black clay, fruit skin, leaves, oak boards, plaster.

N points of a surface.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from art.noise import fp32, fractal_noise, noise, smoothstep
from art.still_life.solids import Points, Solid, Values


@dataclass(frozen=True)
class Surface:
    """What light needs to know of N points."""

    colours: Float[np.ndarray, "N 3"]
    """The share of red, green and blue that is scattered back, linear."""
    normals: Points
    gloss: Values
    """Strength of the mirror image, 1 as varnish."""
    blur: Values
    """Softness of the mirror image: the width of its edges, in units of the scene."""

    def lay(self, places: Int[np.ndarray, " M"], part: "Surface") -> None:
        """Set some of the points to those of another surface."""
        self.colours[places], self.normals[places] = part.colours, part.normals
        self.gloss[places], self.blur[places] = part.gloss, part.blur


def bare_surface(count: int) -> Surface:
    """Room for `count` points."""
    colours, normals = (np.zeros((count, 3), np.float32) for _ in range(2))
    gloss, blur = (np.zeros(count, np.float32) for _ in range(2))
    return Surface(colours, normals, gloss, blur)


def look_of(material: str, own: Points, normals: Points, seed: int, solid: Solid) -> Surface:
    """The surface of a solid; `own` are its points in its own coordinates."""
    looks = {
        "clay": _clay,
        "apple": _apple,
        "pear": _pear,
        "leaf": _leaf,
        "stalk": _stalk,
        "cloth": _cloth,
    }
    offset = np.float32(np.sum(solid.centre) * 13.7)
    return looks[material](own, normals, seed, offset)


def wood(points: Points, seed: int) -> Surface:
    """Oak boards that run from left to right."""
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
    colours = dark + (fair - dark) * np.clip(tone, 0, 1)[:, None] * (0.25 + 0.75 * seam)[:, None]
    normals = np.zeros_like(points)
    normals[:, 1] = 1
    normals[:, 2] = 0.05 * fibre + 0.03 * ring
    normals[:, 0] = 0.015 * fibre
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return Surface(colours, normals, 0.55 + 0.3 * stain * seam, 0.9 + 0.5 * np.abs(fibre))


def wall(points: Points, seed: int) -> Surface:
    """Old lime plaster, trowelled and stained."""
    cloud = fractal_noise(points * fp32([0.7, 0.9, 1]), 5, seed=seed + 21, gain=0.6)
    trowel = fractal_noise(points * fp32([3.1, 5.2, 1]) + cloud[:, None], 4, seed=seed + 22)
    sand = fractal_noise(points * 45, 2, seed=seed + 23)
    crack = np.abs(fractal_noise(points * fp32([1.1, 0.8, 1]), 5, seed=seed + 24, gain=0.6))
    crack = (1 - smoothstep(0.0, 0.012, crack)) * smoothstep(-0.1, 0.3, cloud)
    tone = 0.50 + 0.45 * cloud + 0.20 * trowel + 0.10 * sand - 0.35 * crack
    grey, warm = fp32([0.10, 0.15, 0.145]), fp32([0.34, 0.34, 0.27])
    colours = grey + (warm - grey) * np.clip(tone, 0, 1)[:, None]
    normals = np.zeros_like(points)
    normals[:, 2] = 1
    normals[:, 0] = 0.22 * trowel + 0.10 * sand
    normals[:, 1] = 0.10 * cloud
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return Surface(colours, normals, np.full_like(cloud, 0.05), np.full_like(cloud, 2.0))


def _clay(own: Points, normals: Points, seed: int, offset: np.float32) -> Surface:
    angle = np.arctan2(own[:, 2], own[:, 0])
    y = own[:, 1]
    grain = fractal_noise(own * 38 + offset, 3, seed=seed + 31)
    wheel = noise(_at(angle * 0.8, y * 75, y * 0), seed + 32)
    smoke = fractal_noise(own * 2.4 + offset, 4, seed=seed + 33)
    cuts = _incised(angle, y)
    soot, ash = fp32([0.020, 0.018, 0.018]), fp32([0.085, 0.074, 0.066])
    tone = 0.40 + 0.55 * smoke + 0.14 * grain + 0.10 * wheel
    colours = soot + (ash - soot) * np.clip(tone, 0, 1)[:, None]
    shard = _shards(angle, y)
    colours = colours * (1 - 0.6 * cuts)[:, None]
    colours += (fp32([0.62, 0.59, 0.52]) - colours) * shard[:, None]
    lean = 0.07 * wheel + 0.10 * grain - 0.35 * cuts
    bent = normals + np.stack([0.05 * grain, lean, 0.05 * smoke], -1)
    bent /= np.linalg.norm(bent, axis=1, keepdims=True)
    gloss = np.clip(1.25 + 0.6 * smoke + 0.3 * grain - 0.9 * cuts, 0.2, 2)
    return Surface(colours, bent.astype(np.float32), gloss, 0.65 + 0.5 * np.abs(smoke))


def _incised(angle: Values, y: Values) -> Values:
    """Lines cut into the shoulder while the clay was soft: two rings and a zigzag between them."""
    rings = sum(1 - smoothstep(0.004, 0.010, np.abs(y - level)) for level in (0.60, 0.86, 0.885))
    wave = np.abs((angle * 14 / np.pi) % 2 - 1)
    zigzag = 1 - smoothstep(0.006, 0.013, np.abs(y - (0.64 + 0.17 * wave)) * 0.72)
    return np.asarray(np.clip(rings + zigzag, 0, 1), dtype=np.float32)


def _shards(angle: Values, y: Values) -> Values:
    """Chips of white porcelain pressed into the belly, as the potters of Nixi do."""
    around = (angle * 14 / np.pi + 1) % 2 - 1
    chip = np.abs(around) * 0.14 + np.abs(y - 0.69) * 0.75
    return 1 - smoothstep(0.017, 0.022, chip)


def _apple(own: Points, normals: Points, seed: int, offset: np.float32) -> Surface:
    angle = np.arctan2(own[:, 2], own[:, 0])
    y = own[:, 1]
    around = np.stack([np.cos(angle), np.sin(angle), y * 0.35], -1)
    streaks = fractal_noise(around * fp32([9, 9, 3]) + offset, 4, seed=seed + 41, gain=0.65)
    sun = noise(around * 1.1 + offset, seed + 42) + own[:, 0] * 0.8
    spots = smoothstep(0.42, 0.62, fractal_noise(own * 55 + offset, 2, seed=seed + 43))
    ripe = smoothstep(-0.55, 0.45, sun + 0.75 * streaks + 0.25 - 1.6 * np.maximum(y - 0.50, 0) * 4)
    green, red = fp32([0.50, 0.43, 0.07]), fp32([0.40, 0.025, 0.018])
    colours = green + (red - green) * ripe[:, None]
    colours = colours * (1 + 0.25 * streaks)[:, None]
    colours += (fp32([0.6, 0.5, 0.25]) - colours) * (0.4 * spots)[:, None]
    pit = 1 - smoothstep(0.02, 0.12, np.hypot(own[:, 0], own[:, 2]))
    colours = colours * (1 - 0.6 * pit * (y > 0.3))[:, None]
    return Surface(colours, normals, 0.9 - 0.3 * spots, np.full_like(y, 0.35))


def _pear(own: Points, normals: Points, seed: int, offset: np.float32) -> Surface:
    y = own[:, 1]
    cloud = fractal_noise(own * 3.2 + offset, 4, seed=seed + 51)
    freckles = smoothstep(0.30, 0.55, fractal_noise(own * 75 + offset, 2, seed=seed + 52))
    russet = smoothstep(0.1, 0.5, cloud + np.maximum(0.12 - y, 0) * 5 + np.maximum(y - 0.66, 0) * 4)
    blush = smoothstep(-0.1, 0.9, own[:, 0] * 2.2 + cloud)
    green = fp32([0.42, 0.40, 0.075])
    colours = green + (fp32([0.52, 0.20, 0.055]) - green) * (0.75 * blush)[:, None]
    brown = fp32([0.24, 0.13, 0.045])
    colours += (brown - colours) * (0.55 * russet + 0.5 * freckles)[:, None].clip(0, 0.8)
    bent = normals + 0.05 * freckles[:, None]
    bent /= np.linalg.norm(bent, axis=1, keepdims=True)
    return Surface(colours, bent, 0.55 - 0.4 * russet, np.full_like(y, 0.7))


def _leaf(own: Points, normals: Points, seed: int, offset: np.float32) -> Surface:
    x, _, z = own.T
    vein = np.abs(((x - np.abs(z) * 0.9) * 15) % 1 - 0.5)
    rib = np.maximum(
        1 - smoothstep(0.004, 0.012, np.abs(z)), 0.6 * (1 - smoothstep(0.02, 0.12, vein))
    )
    cloud = fractal_noise(own * 9 + offset, 4, seed=seed + 61)
    tone = np.clip(0.45 + 0.6 * cloud, 0, 1)[:, None]
    colours = fp32([0.05, 0.10, 0.02]) * (1 - tone) + fp32([0.17, 0.21, 0.045]) * tone
    colours += (fp32([0.30, 0.30, 0.12]) - colours) * (0.6 * rib)[:, None]
    return Surface(colours, normals, 0.7 + 0.3 * cloud, np.full_like(x, 0.9))


def _stalk(own: Points, normals: Points, seed: int, offset: np.float32) -> Surface:
    bark = fractal_noise(own * 60 + offset, 2, seed=seed + 71)
    colours = fp32([0.14, 0.085, 0.04]) * (1 + 0.6 * bark)[:, None]
    return Surface(colours, normals, np.full_like(bark, 0.3), np.full_like(bark, 1.0))


def _cloth(own: Points, normals: Points, seed: int, offset: np.float32) -> Surface:
    """Washed linen with a blue border."""
    x, _, z = own.T
    weave = np.sin(x * 420) * np.sin(z * 420)
    slubs = fractal_noise(_at(x * 90, z * 9, z * 0) + offset, 2, seed=seed + 91)
    slubs += fractal_noise(_at(x * 9, z * 90, z * 0) + offset, 2, seed=seed + 92)
    cloud = fractal_noise(own * 2 + offset, 3, seed=seed + 93)
    stripes = sum(
        1 - smoothstep(width, width + 0.006, np.abs(np.abs(z) - level))
        for level, width in ((0.50, 0.022), (0.44, 0.008), (0.56, 0.008))
    )
    colours = fp32([0.62, 0.57, 0.47]) * (1 + 0.10 * slubs + 0.08 * cloud)[:, None]
    colours += (fp32([0.07, 0.13, 0.26]) - colours) * np.clip(stripes * 0.85, 0, 1)[:, None]
    bent = normals + np.stack([0.06 * weave + 0.06 * slubs, 0 * x, 0.06 * slubs], -1)
    bent /= np.linalg.norm(bent, axis=1, keepdims=True)
    return Surface(colours, bent.astype(np.float32), np.full_like(x, 0.05), np.full_like(x, 2.0))


def _at(x: Values, y: Values, z: Values) -> Points:
    return np.stack([x, y, z], -1).astype(np.float32)
