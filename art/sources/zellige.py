"""A wall of zellige: stars and crosses of hand-cut glazed tiles."""

import numpy as np
from PIL import Image

from art.sources.canvas import (
    SCALE,
    SIDE_PX,
    Field,
    blend,
    clouds,
    coordinates,
    finished,
    palette,
    rgb,
    wobbled,
)

_STARS_ACROSS = 4.5
_GROUT = (203.0, 190.0, 166.0)
_GLAZES = palette(
    (
        (22, 52, 128),  # cobalt
        (16, 128, 138),  # turquoise
        (235, 229, 210),  # white
        (24, 96, 66),  # green
        (214, 148, 40),  # honey
        (28, 26, 34),  # black
    )
)
_RINGS = np.array(((4, 0, 2, 1), (2, 1, 4, 0), (1, 2, 0, 3), (4, 3, 2, 0)))
"""The glazes of four kinds of stars, from the centre outwards."""
_CROSSES = np.array((1, 3, 0, 1))


def draw_zellige(side: int = SIDE_PX, *, seed: int = 0) -> Image.Image:
    """Draw eight-pointed stars and the crosses between them, `side` x `side` px."""
    rng = np.random.default_rng(seed)
    large = side * SCALE
    x, y = wobbled(*coordinates(large), 0.0012, 0.03, rng)
    glaze, piece, joint = _pieces(x * _STARS_ACROSS + 0.2, y * _STARS_ACROSS + 0.35)

    # Every piece lies a little tilted, has its own shade, and is chipped at the edge.
    shade, tilt_x, tilt_y = (rng.normal(0, 1, 4096).astype(np.float32)[piece] for _ in range(3))
    pooled = 0.6 * clouds(large, 0.02, rng) + 0.6 * clouds(large, 0.006, rng)
    chips = (clouds(large, 0.004, rng) - 1.5).clip(0, 1) * 0.006
    depth = (joint / _STARS_ACROSS - 0.0014 - chips).astype(np.float32)
    colour = _GLAZES[glaze] * (1 + 0.13 * shade + 0.06 * pooled)[..., None]
    edge = np.exp(-depth.clip(0, None) / 0.0035)
    colour = colour * (1 - 0.35 * edge)[..., None]
    angle = tilt_x * (x - 0.5) + tilt_y * (y - 0.5) + 0.25 * shade
    sheen = 0.5 * np.exp(-(((angle - 0.22 + 0.05 * pooled) / 0.1) ** 2))
    colour = blend(colour, (244.0, 246.0, 250.0), sheen * (1 - edge))
    grout = rgb(_GROUT) * (0.8 + 0.08 * clouds(large, 0.003, rng))[..., None]
    return finished(blend(grout, colour, (depth * large).clip(0, 1)), grain=2.5, rng=rng)


def _pieces(x: Field, y: Field) -> tuple[np.ndarray, np.ndarray, Field]:
    """Return the glaze and the number of the piece at each pixel, and the distance to its edge.

    One step of x or y is the distance between two stars.
    """
    column, row = np.floor(x).astype(int), np.floor(y).astype(int)
    right, below = x - column - 0.5, y - row - 0.5
    square = np.maximum(abs(right), abs(below)) * np.sqrt(2)
    diamond = abs(right) + abs(below)
    out = np.minimum(square, diamond)  # 0.5 on the outline of a star
    ring = np.searchsorted((0.13, 0.24, 0.38, 0.5), out)
    from_ring = np.min([abs(out - edge) for edge in (0.13, 0.24, 0.38, 0.5)], axis=0) / np.sqrt(2)

    sector = np.arctan2(below, right) / (np.pi / 4)
    from_sector = abs(sector - np.round(sector)) * (np.pi / 4) * np.hypot(right, below)
    # The third ring is cut along the rays; so are the crosses, into four arms.
    cut = np.isin(ring, (1, 3))
    joint = np.where(cut, np.minimum(from_ring, from_sector), from_ring)
    arm = abs(abs(right) - abs(below)) / np.sqrt(2)
    joint = np.where(ring == 4, np.minimum(from_ring, arm), joint)

    kind = (column + 2 * row) % 4
    cross = _CROSSES[(np.round(x) + np.round(y)).astype(int) % 4]
    glaze = np.where(ring == 4, cross, _RINGS[kind, ring.clip(0, 3)])
    part = np.where(cut | (ring == 4), np.floor(sector + 4), 0).astype(int)
    piece = (((column * 31 + row * 57) * 5 + ring) * 9 + part) % 4096
    return glaze, piece, joint.astype(np.float32)
