"""A pop-art print: flat colours, halftone dots, and black brush outlines."""

import numpy as np
from PIL import Image

from art.sources.canvas import (
    SCALE,
    SIDE_PX,
    Field,
    Pixels,
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

    shifted = [np.roll(field, round(_OFFSET * large), 1) for field in (outer, inner, core, smoke)]
    pixels = _colours(x, y, radius, rays, [cover(field) for field in shifted], shifted[3])

    ink = _outlines((outer, inner, core), smoke, 0.0042 + 0.0028 * clouds(large, 0.09, rng))
    speed = cover(np.abs(rays) * 0.02 - 0.0025 * (radius - 0.35).clip(0, 1) * 4)
    ink = np.maximum(ink, speed * cover(-outer) * cover(-smoke))
    worn = (clouds(large, 0.003, rng) - 1.9).clip(0, 1)
    pixels = blend(pixels, _INK, ink * (1 - worn))
    pulp = 1 + 0.018 * clouds(large, 0.004, rng) + 0.02 * clouds(large, 0.2, rng)
    return finished(pixels * pulp[..., None], grain=4, rng=rng)


def _colours(
    x: Field, y: Field, radius: Field, rays: Field, covers: list[Field], smoke: Field
) -> Pixels:
    """Return the flat colours and dots of the rays, the three stars and the smoke."""
    outer, inner, core, puffs = covers
    behind = cover(-rays * 0.02)
    layers = (
        (_BLUE, behind * _halftone(x, y, 0.35 + 0.9 * radius, 0.26)),
        (_RED, (1 - behind) * _halftone(x, y, 0.75 - 0.55 * radius, 1.3)),
        (_PAPER, outer),
        (_RED, outer * _halftone(x, y, 1.5 - 3.6 * (radius - 0.2), 1.3)),
        (_YELLOW, inner),
        (_RED, inner * _halftone(x, y, (radius - 0.1) * 3.2, 1.3)),
        (_PAPER, core),
        (_PAPER, puffs),
        (_PINK, puffs * (y > 0.5)),
        (_BLUE, puffs * _halftone(x, y, (0.5 + smoke * 9).clip(0, 1) * 0.9, 0.26)),
    )
    pixels = sheet(len(x), _PAPER)
    for ink, share in layers:
        pixels = blend(pixels, ink, share)
    return pixels


def _outlines(stars: tuple[Field, Field, Field], smoke: Field, half_width: Field) -> Field:
    """Return the brush lines around the stars, and around the smoke in front of them."""
    outer, inner, core = (np.abs(star) for star in stars)
    nearest = np.minimum.reduce([outer * 0.8, inner * 0.7, core * 0.7])
    around_stars = cover(nearest - half_width) * (1 - cover(smoke))
    return np.maximum(around_stars, cover(np.abs(smoke) - half_width))


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
