"""A pop-art print: flat colours, halftone dots, and black brush outlines."""

import numpy as np
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
    sheet,
    wobbled,
)

_PAPER, _INK = (243.0, 234.0, 212.0), (22.0, 18.0, 24.0)
_RED, _YELLOW, _BLUE, _PINK = (
    (222.0, 38.0, 44.0),
    (250.0, 206.0, 40.0),
    (28.0, 112.0, 186.0),
    (244.0, 150.0, 150.0),
)
_DOTS = 68  # across the picture
_OFFSET = 0.003  # of the colours from the outlines, as on a cheap press


def draw_pop_print(side: int = SIDE_PX, *, seed: int = 0) -> Image.Image:
    """Draw an explosion between clouds of smoke, as in a comic, `side` x `side` px."""
    rng = np.random.default_rng(seed)
    large = side * SCALE
    x, y = wobbled(*coordinates(large), 0.0015, 0.05, rng)
    right, below = x - 0.47, y - 0.46
    radius, angle = np.hypot(right, below), np.arctan2(below, right)
    rays = np.sin(angle * 15 + 0.4 * np.sin(radius * 9))
    outer = radius - _star(angle, 17, 0.30, 0.47, rng)
    inner = radius - _star(angle + 0.2, 13, 0.15, 0.28, rng)
    core = radius - _star(angle + 0.1, 11, 0.06, 0.12, rng)
    smoke = _smoke(x, y, rng)

    pixels = sheet(large, _PAPER)
    shifted = [np.roll(field, round(_OFFSET * large), 1) for field in (outer, inner, core, smoke)]
    behind = cover(-rays * 0.02)
    pixels = blend(pixels, _BLUE, behind * _halftone(x, y, 0.35 + 0.9 * radius, 0.26))
    pixels = blend(pixels, _RED, (1 - behind) * _halftone(x, y, 0.75 - 0.55 * radius, 1.3))
    pixels = blend(pixels, _PAPER, cover(shifted[0]))
    pixels = blend(
        pixels, _RED, cover(shifted[0]) * _halftone(x, y, 1.5 - 3.6 * (radius - 0.2), 1.3)
    )
    pixels = blend(pixels, _YELLOW, cover(shifted[1]))
    pixels = blend(pixels, _RED, cover(shifted[1]) * _halftone(x, y, (radius - 0.1) * 3.2, 1.3))
    pixels = blend(pixels, _PAPER, cover(shifted[2]))
    pixels = blend(pixels, _PAPER, cover(shifted[3]))
    shade = (0.5 + shifted[3] * 9).clip(0, 1) * 0.9
    pixels = blend(pixels, _PINK, cover(shifted[3]) * (y > 0.5) * 1.0)
    pixels = blend(pixels, _BLUE, cover(shifted[3]) * _halftone(x, y, shade, 0.26))

    brush = 0.0042 + 0.0028 * clouds(large, 0.09, rng)
    outline = np.minimum.reduce([np.abs(outer) * 0.8, np.abs(inner) * 0.7, np.abs(core) * 0.7])
    ink = np.maximum(cover(outline - brush) * (1 - cover(smoke)), cover(np.abs(smoke) - brush))
    speed = cover(np.abs(rays) * 0.02 - 0.0025 * (radius - 0.35).clip(0, 1) * 4)
    ink = np.maximum(ink, speed * cover(-outer) * cover(-smoke))
    worn = (clouds(large, 0.003, rng) - 1.9).clip(0, 1)
    pixels = blend(pixels, _INK, ink * (1 - worn))
    pulp = 1 + 0.018 * clouds(large, 0.004, rng) + 0.02 * clouds(large, 0.2, rng)
    return finished(pixels * pulp[..., None], grain=4, rng=rng)


def _star(angle: Field, points: int, inner: float, outer: float, rng: np.random.Generator) -> Field:
    """Return the radius of a jagged star in every direction."""
    turns = (angle / (2 * np.pi) + 0.5) % 1 * points
    tip = np.floor(turns).astype(int) % points
    reach = rng.uniform(0.75, 1.1, points)[tip] * (outer - inner)
    return inner + reach * (1 - np.abs(2 * (turns - np.floor(turns)) - 1))


def _smoke(x: Field, y: Field, rng: np.random.Generator) -> Field:
    """Return the distance to puffs of smoke along the lower and the upper border."""
    distance = np.full_like(x, 1)
    for puff in range(26):
        top = puff % 3 == 0
        centre_x = rng.uniform(-0.05, 1.05)
        centre_y = rng.uniform(-0.06, 0.08) if top else rng.uniform(0.84, 1.08)
        size = rng.uniform(0.05, 0.10)
        distance = np.minimum(distance, np.hypot(x - centre_x, y - centre_y) - size)
    return distance


def _halftone(x: Field, y: Field, tone: Field, turn: float) -> Field:
    """Return a screen of dots that cover `tone` of the paper, turned by an angle in radians."""
    across = (x * np.cos(turn) + y * np.sin(turn)) * _DOTS
    down = (y * np.cos(turn) - x * np.sin(turn)) * _DOTS
    from_centre = np.hypot(across - np.round(across), down - np.round(down))
    return cover((from_centre - 0.72 * np.sqrt(tone.clip(0, 1))) / _DOTS)
