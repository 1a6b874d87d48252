"""Burnished black pots, close together: the style picture of Nixi black pottery.

The project draws it from descriptions of the craft, because no photo of Nixi pottery was
available. The pots fill the picture: in a photo of pots on a pale background, the background would
be part of the style.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from PIL import Image

from art.sources.canvas import (
    SCALE,
    SIDE_PX,
    Field,
    Pixels,
    blend,
    clouds,
    coordinates,
    finished,
    rgb,
)

_CLAY, _SMOKE, _FIRE = (19.0, 16.0, 15.0), (62.0, 58.0, 56.0), (58.0, 34.0, 24.0)
_SHEEN, _PORCELAIN = (214.0, 204.0, 192.0), (238.0, 233.0, 222.0)
_LIGHT = np.array((-0.42, -0.62, 0.66))  # direction to the window: left, above, in front


class _Pot(NamedTuple):
    x: float
    y: float
    radius: float
    flatness: float  # height / width
    lean: float  # radians, clockwise
    rows: tuple[float, ...]  # latitudes of the rows of porcelain, -1 (top) to 1
    shards: int  # around the whole pot


_POTS = (
    _Pot(0.17, 0.10, 0.24, 0.92, 0.15, (0.05,), 22),
    _Pot(0.83, 0.06, 0.30, 0.88, -0.2, (0.1,), 26),
    _Pot(0.50, 0.26, 0.24, 1.05, 0.1, (-0.35, 0.2), 24),
    _Pot(0.02, 0.52, 0.27, 0.95, 0.5, (-0.3,), 24),
    _Pot(0.92, 0.53, 0.29, 0.9, -0.45, (-0.45, 0.1), 26),
    _Pot(0.38, 0.66, 0.33, 0.86, -0.12, (-0.4, 0.05), 30),
    _Pot(0.80, 0.94, 0.30, 0.95, 0.3, (-0.5,), 26),
    _Pot(0.15, 1.03, 0.29, 0.9, -0.3, (-0.5,), 24),
    _Pot(0.50, 1.12, 0.24, 0.95, 0.1, (-0.55,), 22),
)
_SEEN_FROM_ABOVE = 0.45  # radians


class _Marks(NamedTuple):
    """Marks of the hand and of the fire on the clay, about -1 to 1; the pots share them."""

    dents: Field
    strokes: Field  # of the polishing stone; down: latitude, across: longitude
    fire: Field
    tremble: Field


class _Ornament(NamedTuple):
    """How much of each pixel is ornament, 0 to 1."""

    shards: Field  # of porcelain
    gaps: Field  # the dark clay around them
    grooves: Field  # carved lines


def draw_black_pottery(side: int = SIDE_PX, *, seed: int = 0) -> Image.Image:
    """Draw a crowd of black pots with carved lines and inlaid porcelain, `side` x `side` px."""
    rng = np.random.default_rng(seed)
    large = side * SCALE
    marks = _Marks(
        dents=0.5 * clouds(large, 0.07, rng) + 0.25 * clouds(large, 0.03, rng),
        strokes=0.45 * clouds(large, (1 / 260, 1 / 16), rng)
        + 0.35 * clouds(large, (1 / 420, 1 / 26), rng),
        fire=clouds(large, 0.2, rng),
        tremble=clouds(large, 0.09, rng),
    )
    pixels = np.full((large, large, 3), 9, dtype=np.float32)
    for pot in _POTS:
        _place(pixels, pot, marks, rng)
    return finished(pixels, grain=2.2, rng=rng)


def _place(pixels: Pixels, pot: _Pot, marks: _Marks, rng: np.random.Generator) -> None:
    """Draw one more pot in front of the others, into `pixels`."""
    side = len(pixels)
    reach = 1.25 * pot.radius * max(1, pot.flatness)
    rows, columns = (
        slice(*(int(np.clip(at, 0, 1) * side) for at in (middle - reach, middle + reach)))
        for middle in (pot.y, pot.x)
    )
    dents, _, fire, tremble = (field[rows, columns] for field in marks)
    x, y = (field[rows, columns] for field in coordinates(side))
    right = np.cos(pot.lean) * (x - pot.x) + np.sin(pot.lean) * (y - pot.y)
    below = np.cos(pot.lean) * (y - pot.y) - np.sin(pot.lean) * (x - pot.x)
    right, below = right / pot.radius, below / (pot.radius * pot.flatness)
    distance = np.hypot(right, below)
    front = np.sqrt((1 - distance**2).clip(1e-4, 1))

    # The axis of the pot leans towards the viewer, so the rows of ornament are curved.
    down = np.cos(_SEEN_FROM_ABOVE) * below - np.sin(_SEEN_FROM_ABOVE) * front
    ahead = np.cos(_SEEN_FROM_ABOVE) * front + np.sin(_SEEN_FROM_ABOVE) * below
    longitude = np.arctan2(right, ahead)
    latitude = np.arcsin(down.clip(-1, 1)) * 2 / np.pi + 0.012 * tremble
    strokes = _around(marks.strokes, longitude, latitude)
    ornament = _ornament(longitude, latitude, pot, tremble, rng)

    normal = np.stack([right + 0.07 * dents, below + 0.07 * dents + 0.035 * strokes, front])
    normal = normal + 0.5 * _slope(ornament.grooves)
    normal = normal / np.linalg.norm(normal, axis=0)
    rim_light = 0.30 * distance.clip(0, 1) ** 8 * right.clip(0, 1)
    clay = _lit_clay(normal, strokes, fire, rim_light, ornament)
    shadow = 0.75 * np.exp(-((((distance - 1) * 7).clip(0, None)) ** 2))
    behind = pixels[rows, columns] * (1 - shadow)[..., None]
    body = ((1 - distance) * pot.radius * side + 0.5).clip(0, 1)
    pixels[rows, columns] = blend(behind, clay, body)


def _lit_clay(
    normal: Float[np.ndarray, "3 H W"],
    strokes: Field,
    fire: Field,
    rim_light: Field,
    ornament: _Ornament,
) -> Pixels:
    """Return the colours of the surface in the light of the window."""
    shards, gaps, grooves = ornament
    lit = np.tensordot(_LIGHT, normal, 1)
    mirrored = 2 * lit * normal[2] - _LIGHT[2]  # of the window, towards the viewer
    sheen = 0.85 * _lobe(mirrored, 26) + 0.38 * _lobe(mirrored, 6)
    sheen = (sheen * (1 + 0.12 * strokes) + rim_light) * (1 - 0.6 * grooves)

    clay = blend(np.full((*lit.shape, 3), _CLAY, dtype=np.float32), _SMOKE, 0.45 * lit.clip(0, 1))
    clay = blend(clay, _FIRE, 0.5 * (fire - 0.7).clip(0, 1))
    clay = blend(clay, _SHEEN, sheen.clip(0, 1))
    clay = blend(clay, (5.0, 4.0, 4.0), (0.75 * grooves + 0.7 * gaps).clip(0, 1))
    porcelain = rgb(_PORCELAIN) * (0.42 + 0.5 * lit.clip(0, 1) + 0.2 * sheen)[..., None]
    return blend(clay, porcelain, shards)


def _lobe(cosine: Field, sharpness: float) -> Field:
    return np.exp(sharpness * (cosine.clip(-1, 1) - 1))


def _slope(grooves: Field) -> Float[np.ndarray, "3 H W"]:
    """Return how the grooves turn the surface: their lower edges catch the light."""
    down, across = np.gradient(grooves)
    return np.stack([across, down, np.zeros_like(down)])


def _around(texture: Float[np.ndarray, "S S"], longitude: Field, latitude: Field) -> Field:
    """Return the texture wrapped around the pot."""
    side = len(texture)
    across = ((longitude / np.pi + 0.5) * side).astype(int) % side
    down = ((latitude / 2 + 0.5) * side).astype(int) % side
    return texture[down, across]


def _ornament(
    longitude: Field, latitude: Field, pot: _Pot, tremble: Field, rng: np.random.Generator
) -> _Ornament:
    """Return the ornament of a pot. Lengths are in steps from shard to shard."""
    step = 2 * np.pi / pot.shards
    scale = step * pot.radius * 0.7 * SIDE_PX * SCALE  # px
    around, index = np.modf(longitude / step + pot.shards)
    index = index.astype(int) % pot.shards
    across = around - 0.5
    shards, gaps, grooves = (np.zeros_like(longitude) for _ in range(3))
    for row in pot.rows:
        size, turn, lift, cut = (rng.normal(0, 1, pot.shards)[index] for _ in range(4))
        below = (latitude - row) * (np.pi / 2) / step
        x, y = across + 0.04 * turn + 0.14 * turn * below, below + 0.06 * lift
        half = 0.31 + 0.05 * size
        shape = np.abs(x) / half + np.abs(y) / (half * (1.3 + 0.15 * cut)) - 1
        shape = np.maximum(shape, (x * np.sign(cut) + y) / half - 0.75)  # a broken corner
        shards = np.maximum(shards, (0.5 - shape * half * scale).clip(0, 1))
        gaps = np.maximum(gaps, (0.5 - (shape - 0.2) * half * scale).clip(0, 1))
        zigzag = np.abs(below - 1.45 - 0.5 * np.abs(across))
        lines = [np.abs(below - offset - 0.03 * tremble) for offset in (-0.85, 0.85)]
        groove = np.min([*lines, zigzag], axis=0) - 0.045
        grooves = np.maximum(grooves, (0.5 - groove * scale / 3).clip(0, 1))
    return _Ornament(shards, gaps, grooves)
