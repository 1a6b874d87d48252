"""Abstract pictures that the project draws itself: their styles need no one's leave."""

import numpy as np
from PIL import Image, ImageDraw

_PAPER = (236, 228, 212)
_FINE = 3  # drawn so many times larger and reduced: smooth edges
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
    """Tilted rectangles of flat colour on grained paper, `side` px square."""
    chance = np.random.default_rng(seed)
    picture = Image.new("RGB", (side * _FINE, side * _FINE), _PAPER)
    pen = ImageDraw.Draw(picture)
    for _ in range(26):
        middle = chance.uniform(0.05, 0.95, 2) * side * _FINE
        half = np.array([chance.uniform(0.05, 0.3), chance.uniform(0.008, 0.09)]) * side * _FINE
        angle = chance.choice([-0.5, 1.07]) + chance.normal(0, 0.06)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half @ turn.T + middle
        colour = _PLANES[int(chance.integers(len(_PLANES)))]
        pen.polygon([(float(x), float(y)) for x, y in corners], fill=colour)
    return _grained(picture.resize((side, side), Image.Resampling.LANCZOS), chance)


def draw_concentric_circles(side: int = 384, *, seed: int = 0) -> Image.Image:
    """A chessboard of concentric circles in brushed colours, `side` px square."""
    chance = np.random.default_rng(seed)
    picture = Image.new("RGB", (side * _FINE, side * _FINE), _PAPER)
    pen = ImageDraw.Draw(picture)
    cells = 4
    cell = side * _FINE / cells
    for row in range(cells):
        for column in range(cells):
            colours = chance.permutation(len(_RINGS))
            left, top = column * cell, row * cell
            pen.rectangle((left, top, left + cell, top + cell), fill=_RINGS[colours[0]])
            middle = np.array([left, top]) + cell / 2 + chance.normal(0, cell * 0.02, 2)
            for ring, index in enumerate(colours[1:6]):
                radius = cell * (0.48 - 0.088 * ring) * chance.uniform(0.96, 1.04)
                x, y = middle
                box = (x - radius, y - radius, x + radius, y + radius)
                pen.ellipse(box, fill=_RINGS[index])
    return _grained(picture.resize((side, side), Image.Resampling.LANCZOS), chance)


def _grained(picture: Image.Image, chance: np.random.Generator) -> Image.Image:
    """The tooth of paper and the streaks of a brush."""
    pixels = np.asarray(picture, dtype=np.float64)
    height, width = pixels.shape[:2]
    tooth = chance.normal(0, 5, (height, width, 1))
    streaks = np.repeat(chance.normal(0, 5, (height, width // 12, 1)), 12, axis=1)
    streaks = np.pad(streaks, ((0, 0), (0, width - streaks.shape[1]), (0, 0)), mode="edge")
    return Image.fromarray((pixels + tooth + streaks).round().clip(0, 255).astype(np.uint8))
