"""A window of stained glass: leaded pieces of coloured glass against the light."""

import numpy as np
from jaxtyping import Bool, Int
from PIL import Image

from art.sources.canvas import (
    SCALE,
    SIDE_PX,
    Field,
    blend,
    clouds,
    coordinates,
    cover,
    finished,
    jittered_cells,
    palette,
    rgb,
)

_GLASS = palette(
    (
        (18, 34, 120),
        (34, 80, 176),
        (70, 150, 200),
        (24, 120, 92),
        (120, 168, 60),
        (240, 190, 60),
        (232, 120, 40),
        (190, 28, 44),
        (120, 24, 88),
        (238, 226, 190),
    )
)
_LEAD_WIDTH = 0.0045
_SUN_RADIUS = 0.075
_HILLS = 40  # number of the first row of pieces in the hills


def draw_stained_glass(side: int = SIDE_PX, *, seed: int = 3) -> Image.Image:
    """Draw a sun above hills in leaded glass, `side` x `side` px."""
    rng = np.random.default_rng(seed)
    large = side * SCALE
    x, y = coordinates(large)
    right, below = x - 0.62, y - 0.34
    radius, angle = np.hypot(right, below), np.arctan2(below, right) / (2 * np.pi) + 0.5
    ridge = 0.66 + 0.10 * np.sin(5 * x + 0.6) + 0.03 * np.sin(13 * x)
    hills = y > ridge
    sun = radius < _SUN_RADIUS
    # Rings of pieces around the sun, and layers of pieces in the hills.
    sky = jittered_cells(angle, radius * 0.8, 20, 0.33, rng)
    ground = jittered_cells(x, (y - ridge) * 1.5, 12, 0.4, rng)
    column = np.where(hills, ground.column, sky.column)
    row = np.where(hills, ground.row + _HILLS, sky.row)
    reach = np.minimum(sky.inside * 2 * np.pi * radius.clip(0.05, 1), sky.inside * 2)
    inside = np.minimum(np.where(hills, ground.inside, reach), np.abs(y - ridge) * 0.8)
    inside = np.where(sun, _SUN_RADIUS - radius, np.minimum(inside, radius - _SUN_RADIUS))

    piece = np.where(sun, 0, (column * 71 + row * 113) % 997)
    chance = rng.uniform(0, 1, 997).astype(np.float32)[piece]
    colour = _GLASS[np.where(sun, 9, _glass(hills, row, chance))]

    tone = rng.normal(0, 1, 997).astype(np.float32)[(piece * 3) % 997]
    turn = rng.integers(0, 2, 997)[piece].astype(bool)
    streaks = np.where(turn, clouds(large, (0.006, 0.09), rng), clouds(large, (0.09, 0.006), rng))
    seeds = (clouds(large, 0.003, rng) - 2.1).clip(0, 1)
    glow = 0.95 + 0.10 * tone + 0.12 * streaks + 0.1 * clouds(large, 0.06, rng) + 0.5 * seeds
    glow = glow * (0.72 + 0.4 * (1 - np.exp(-inside / 0.012)))
    pixels = colour * glow[..., None]
    pixels = blend(pixels, (255, 250, 226), 0.28 * np.exp(-((radius / 0.22) ** 2)))
    lead = inside - _LEAD_WIDTH * (1 + 0.15 * clouds(large, 0.02, rng))
    shine = np.exp(-(((inside - 0.0012) / 0.0012) ** 2)) * (clouds(large, 0.012, rng) > 0)
    came = rgb((24, 24, 28)) + 60 * shine[..., None]
    return finished(blend(pixels, came, cover(lead)), grain=2.5, rng=rng)


def _glass(
    hills: Bool[np.ndarray, "H W"], row: Int[np.ndarray, "H W"], chance: Field
) -> Int[np.ndarray, "H W"]:
    """Return which glass each pixel has; the rings of the sky and the layers of hills differ."""
    sky = np.select(
        [row < 2, row < 4, row < 7, row < 10],
        [
            5 + 4 * (chance > 0.7),
            6 - (chance > 0.6),
            7 + (chance > 0.7) - (chance < 0.3),
            8 - 6 * (chance > 0.5),
        ],
        (chance * 3).astype(int),
    )
    ground = np.select(
        [row < _HILLS + 1, row < _HILLS + 2],
        [4 - (chance > 0.6), 3 + (chance > 0.7)],
        3 - (chance * 3).astype(int),
    )
    return np.where(hills, ground, sky).astype(int)
