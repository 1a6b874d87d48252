"""Two abstract style pictures. The project owns them, so their styles need no permission."""

import numpy as np
from PIL import Image, ImageDraw

_PAPER = (236, 228, 212)
_SCALE = 3  # drawn larger by this factor and reduced, for smooth edges
_PLANES = (
    (196, 48, 34),
    (24, 26, 34),
    (28, 78, 150),
    (232, 178, 44),
    (60, 120, 92),
    (150, 140, 128),
)
_RINGS = (
    (214, 64, 44),
    (240, 164, 60),
    (250, 220, 130),
    (86, 160, 140),
    (40, 96, 152),
    (66, 44, 110),
    (232, 120, 150),
    (244, 240, 226),
)


def draw_colour_planes(side: int = 384, *, seed: int = 0) -> Image.Image:
    """Draw tilted rectangles of flat colour on grained paper, `side` x `side` px."""
    rng = np.random.default_rng(seed)
    picture = Image.new("RGB", (side * _SCALE, side * _SCALE), _PAPER)
    pen = ImageDraw.Draw(picture)
    for _ in range(26):
        middle = rng.uniform(0.05, 0.95, 2) * side * _SCALE
        half = np.array([rng.uniform(0.05, 0.3), rng.uniform(0.008, 0.09)]) * side * _SCALE
        angle = rng.choice([-0.5, 1.07]) + rng.normal(0, 0.06)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half @ turn.T + middle
        colour = _PLANES[int(rng.integers(len(_PLANES)))]
        pen.polygon([(float(x), float(y)) for x, y in corners], fill=colour)
    return _grained(picture.resize((side, side), Image.Resampling.LANCZOS), rng)


def draw_concentric_circles(side: int = 384, *, seed: int = 0) -> Image.Image:
    """Draw a grid of squares with concentric circles in brushed colours, `side` x `side` px."""
    rng = np.random.default_rng(seed)
    picture = Image.new("RGB", (side * _SCALE, side * _SCALE), _PAPER)
    pen = ImageDraw.Draw(picture)
    cells = 4
    cell = side * _SCALE / cells
    for row in range(cells):
        for column in range(cells):
            colours = rng.permutation(len(_RINGS))
            left, top = column * cell, row * cell
            pen.rectangle((left, top, left + cell, top + cell), fill=_RINGS[colours[0]])
            middle = np.array([left, top]) + cell / 2 + rng.normal(0, cell * 0.02, 2)
            for ring, index in enumerate(colours[1:6]):
                radius = cell * (0.48 - 0.088 * ring) * rng.uniform(0.96, 1.04)
                x, y = middle
                box = (x - radius, y - radius, x + radius, y + radius)
                pen.ellipse(box, fill=_RINGS[index])
    return _grained(picture.resize((side, side), Image.Resampling.LANCZOS), rng)


def _grained(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return the picture with paper grain and brush streaks."""
    pixels = np.asarray(picture, dtype=np.float64)
    height, width = pixels.shape[:2]
    grain = rng.normal(0, 5, (height, width, 1))
    streaks = np.repeat(rng.normal(0, 5, (height, width // 12, 1)), 12, axis=1)
    streaks = np.pad(streaks, ((0, 0), (0, width - streaks.shape[1]), (0, 0)), mode="edge")
    return Image.fromarray((pixels + grain + streaks).round().clip(0, 255).astype(np.uint8))
