"""Neon tubes on a wet brick wall at night."""

import numpy as np
from PIL import Image, ImageDraw

from art.sources.canvas import SCALE, SIDE_PX, Field, blurred, clouds, coordinates, finished, rgb

_TUBES: tuple[tuple[tuple[float, float, float], int], ...] = (
    ((255.0, 40.0, 140.0), 5),
    ((30.0, 200.0, 255.0), 5),
    ((255.0, 120.0, 30.0), 3),
    ((140.0, 70.0, 255.0), 4),
)
"""Colour and number of the signs."""
_BRICKS = (15, 34)  # across, down


def draw_neon(side: int = SIDE_PX, *, seed: int = 4) -> Image.Image:
    """Draw bent tubes, their glow on the bricks and in a puddle, `side` x `side` px."""
    rng = np.random.default_rng(seed)
    large = side * SCALE
    wall = _wall(large, rng)
    light = np.zeros((large, large, 3), dtype=np.float32)
    tubes = np.zeros_like(light)
    cores = np.zeros((large, large), dtype=np.float32)
    for colour, signs in _TUBES:
        tube = _tube(large, signs, rng)
        near, far = blurred(tube, 0.006), blurred(tube, 0.03)
        wide = blurred(tube, 0.10)
        glow = 0.55 * near + 1.5 * far + 3.2 * wide
        light += glow[..., None] * rgb(colour)
        tubes += (0.9 * tube + 0.9 * near)[..., None] * rgb(colour)
        cores += blurred(tube, 0.0012) ** 3
    ambient = rgb((7, 9, 20))
    pixels = ambient + wall[..., None] * (light * 0.75 + rgb((10, 12, 30))) + tubes
    pixels = pixels + 190 * cores[..., None].clip(0, 1)
    y = coordinates(large)[1]
    ripples = (0.012 * clouds(large, (0.008, 0.10), rng) * large).astype(int)
    horizon = int(0.80 * large)
    rows, columns = np.mgrid[0:large, 0:large]
    source = (2 * horizon - rows + 3 * ripples).clip(0, horizon - 1)
    mirrored = pixels[source, (columns + ripples).clip(0, large - 1)]
    wet = ((y - 0.80) * 60).clip(0, 1)[..., None]
    floor = mirrored * (0.62 + 0.16 * clouds(large, (0.01, 0.09), rng))[..., None]
    pixels = pixels * (1 - wet) + floor * wet
    return finished(255 * (1 - np.exp(-pixels.clip(0, None) / 190)), grain=4, rng=rng)


def _wall(side: int, rng: np.random.Generator) -> Field:
    """Return how bright the bricks and their joints reflect."""
    x, y = coordinates(side)
    x, y = x + 0.0015 * clouds(side, 0.02, rng), y + 0.0012 * clouds(side, 0.02, rng)
    across, down = x * _BRICKS[0], y * _BRICKS[1]
    row = np.floor(down).astype(int)
    across = across + 0.5 * (row % 2)
    column = np.floor(across).astype(int)
    from_joint = np.minimum(
        np.minimum(across - column, 1 - across + column) / _BRICKS[0],
        np.minimum(down - row, 1 - down + row) / _BRICKS[1],
    )
    joints = np.exp(-((from_joint / 0.0022) ** 2))
    brick = rng.uniform(0.55, 1, 997)[(column * 37 + row * 91) % 997]
    rough = 1 + 0.16 * clouds(side, 0.004, rng) + 0.12 * clouds(side, 0.015, rng)
    return (0.6 * brick * rough * (1 - 0.75 * joints)).astype(np.float32)


def _tube(side: int, signs: int, rng: np.random.Generator) -> Field:
    """Return where tubes are: arcs, loops, arrows and zigzags."""
    drawn = Image.new("L", (side, side), 0)
    pen = ImageDraw.Draw(drawn)
    for _ in range(signs):
        kind = rng.integers(4)
        centre, size = rng.uniform((0.08, 0.06), (0.92, 0.72)), rng.uniform(0.05, 0.14)
        turns = np.linspace(0, 2 * np.pi, 60)
        if kind == 0:  # a ring that is not closed
            points = np.stack([np.cos(turns[4:]), np.sin(turns[4:])], 1)
        elif kind == 1:  # a wave
            points = np.stack([np.linspace(-1.6, 1.6, 60), 0.35 * np.sin(turns * 2)], 1)
        elif kind == 2:  # an arrow
            points = np.array(((-1.4, 0), (1.4, 0), (0.9, -0.5), (1.4, 0), (0.9, 0.5)))
        else:  # a flower of loops
            reach = 0.55 + 0.45 * np.cos(turns * 5)
            points = np.stack([np.cos(turns), np.sin(turns)], 1) * reach[:, None]
        angle = rng.normal(0, 0.35)
        spin = np.array(((np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))))
        for scale in (1.0, 0.8)[: rng.integers(1, 3)]:
            pixels = [
                tuple(map(float, p)) for p in ((points * size * scale) @ spin + centre) * side
            ]
            pen.line(pixels, fill=255, width=round(0.0085 * side), joint="curve")
    return np.asarray(drawn, dtype=np.float32) / 255
