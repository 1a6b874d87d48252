"""A linocut: a bay with mountains, cut in lines that follow the forms, in black and vermilion."""

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

_PAPER, _INK, _VERMILION = (236.0, 226.0, 204.0), (26.0, 24.0, 26.0), (206.0, 66.0, 38.0)
_SUN = (0.64, 0.24, 0.115)  # x, y, radius


def draw_linocut(side: int = SIDE_PX, *, seed: int = 1) -> Image.Image:
    """Draw a sun above mountains and waves, `side` x `side` px."""
    rng = np.random.default_rng(seed)
    large = side * SCALE
    x, y = wobbled(*coordinates(large), 0.002, 0.04, rng)
    sun = np.hypot(x - _SUN[0], y - _SUN[1]) - _SUN[2]
    crests = [_crest(large, height, rough, rng) for height, rough in ((0.44, 0.10), (0.54, 0.07))]
    wave_line = 0.66 + 0.012 * np.sin(x * 21)

    # Ink that the gouge left: where the tone is above the profile of its cuts.
    ink = _cuts(sun / 0.030, 0.56 - 0.28 * np.exp(-sun / 0.2), large, rng)
    ink = np.where(sun < 0.012, 0, ink)
    for number, crest in enumerate(crests):
        depth = y - crest
        slope = np.gradient(crest[0])[None, :] * large
        tone = (0.60 + 0.5 * slope.clip(-1, 1) + 0.25 * number - 0.9 * depth).clip(0.12, 1)
        along = (x * 0.9 + depth * (1.2 - 2.4 * (slope > 0))) / 0.016
        rock = _cuts(along, tone, large, rng)
        rock = np.where(depth < 0.007, 1, rock)
        ink = np.where(depth > 0, rock, ink)
    swell = (
        y
        + 0.020 * np.sin(x * 23 + 40 * y) * (y - 0.6) * 4
        + 0.012 * clouds(large, (0.06, 0.2), rng)
    )
    glitter = np.exp(-(((x - _SUN[0]) / 0.13) ** 2))
    sea = _cuts(
        swell / 0.021, 0.72 - 0.45 * glitter + 0.14 * clouds(large, (0.03, 0.12), rng), large, rng
    )
    ink = np.where(y > wave_line, np.where(y < wave_line + 0.006, 1, sea), ink)

    colour = cover(sun) + np.where(
        y > wave_line,
        ((glitter - 0.3 + 0.16 * clouds(large, (0.012, 0.12), rng)) * 9).clip(0, 0.9),
        0,
    )
    colour = np.maximum(
        colour,
        np.where((y < crests[0]) & (y > 0.30), cover(0.33 - y + 0.02 * clouds(large, 0.1, rng)), 0),
    )
    pixels = sheet(large, _PAPER)
    salt = (1 - 0.8 * (clouds(large, 0.003, rng) - 1.2).clip(0, 1)) * (
        0.93 + 0.05 * clouds(large, 0.05, rng)
    )
    pixels = blend(pixels, _VERMILION, np.roll(colour, 4, 1).clip(0, 1) * salt.clip(0, 1))
    salt = 1 - 0.85 * (clouds(large, 0.0025, rng) - 1.6).clip(0, 1)
    pixels = blend(pixels, _INK, ink * salt.clip(0, 1) * 0.97)
    return finished(pixels, grain=3, rng=rng)


def _crest(side: int, height: float, rough: float, rng: np.random.Generator) -> Field:
    """Return the height of a ridge in every column, as a field."""
    line = sum(clouds(side, (1.0, cell), rng)[:1] * cell for cell in (0.3, 0.12, 0.05, 0.02))
    return np.broadcast_to(height + rough * 2.4 * line, (side, side))


def _cuts(phase: Field, tone: Field, side: int, rng: np.random.Generator) -> Field:
    """Return the ink between parallel gouge cuts.

    Args:
        phase: rises by 1 from cut to cut.
        tone: share of the ink that stays.
        side: side of the picture in px.
        rng: the source of chance.
    """
    uneven = phase + 0.10 * clouds(side, 0.03, rng)
    profile = np.abs(2 * (uneven - np.floor(uneven)) - 1)  # 0 in the middle of a cut
    row = np.floor(uneven).astype(int) % 211
    ends = clouds(side, 0.028, rng) + rng.normal(0, 0.8, 211)[row]  # cuts start and stop
    kept = tone + 0.16 * ends
    return ((profile - (1 - kept)) * 9 + 0.5).clip(0, 1)
