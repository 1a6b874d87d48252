"""An abstract picture of concentric circles."""

import numpy as np
from PIL import Image, ImageDraw

from art.sources.canvas import SCALE, SIDE_PX, clouds, finished

_COLOURS = (
    (214, 64, 44),
    (240, 164, 60),
    (250, 220, 130),
    (86, 160, 140),
    (40, 96, 152),
    (66, 44, 110),
    (232, 120, 150),
    (244, 240, 226),
)
_CELLS = 4  # across and down


def draw_concentric_circles(side: int = SIDE_PX, *, seed: int = 0) -> Image.Image:
    """Draw a grid of squares with concentric circles in brushed colours, `side` x `side` px."""
    rng = np.random.default_rng(seed)
    large = side * SCALE
    picture = Image.new("RGB", (large, large))
    pen = ImageDraw.Draw(picture)
    cell = large / _CELLS
    for row in range(_CELLS):
        for column in range(_CELLS):
            colours = rng.permutation(len(_COLOURS))
            left, top = column * cell, row * cell
            pen.rectangle((left, top, left + cell, top + cell), fill=_COLOURS[colours[0]])
            x, y = np.array([left, top]) + cell / 2 + rng.normal(0, cell * 0.02, 2)
            for ring, index in enumerate(colours[1:6]):
                radius = cell * (0.48 - 0.088 * ring) * rng.uniform(0.96, 1.04)
                pen.circle((x, y), radius, fill=_COLOURS[index])
    bristles = clouds(large, (0.0025, 0.06), rng) + clouds(large, (0.005, 0.2), rng)
    pixels = np.asarray(picture, dtype=np.float32) + 4.5 * bristles[..., None]
    return finished(pixels, grain=5, rng=rng)
