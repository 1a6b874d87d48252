"""Patched indigo cloth with white sashiko stitches."""

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

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
    rgb,
)

_INDIGO = np.array(
    ((20, 28, 58), (28, 44, 86), (44, 68, 112), (16, 20, 40), (66, 92, 132), (34, 40, 62))
)
_THREAD = (232.0, 228.0, 214.0)
_STITCH, _GAP, _THICKNESS = 0.0135, 0.008, 0.0034


class _Patch(NamedTuple):
    box: tuple[float, float, float, float]  # left, top, right, bottom
    dye: int
    pattern: str


_PATCHES = (
    _Patch((-0.1, -0.1, 1.1, 1.1), 0, "waves"),
    _Patch((0.52, -0.1, 1.1, 0.40), 1, "hemp"),
    _Patch((-0.1, 0.30, 0.34, 0.72), 2, "circles"),
    _Patch((0.64, 0.56, 1.1, 1.1), 3, "circles"),
    _Patch((0.24, 0.80, 0.70, 1.1), 4, "lines"),
    _Patch((0.40, 0.34, 0.60, 0.52), 5, "lines"),
    _Patch((0.08, 0.04, 0.26, 0.17), 4, "lines"),
    _Patch((0.80, 0.45, 0.94, 0.62), 2, "hemp"),
)


def draw_sashiko(side: int = SIDE_PX, *, seed: int = 0) -> Image.Image:
    """Draw patches of cloth, each with a pattern of running stitches, `side` x `side` px."""
    rng = np.random.default_rng(seed)
    large = side * SCALE
    x, y = coordinates(large)
    weave = np.sin(x * 2 * np.pi * 190 + clouds(large, 0.05, rng)) * np.sin(
        y * 2 * np.pi * 190 + clouds(large, 0.05, rng)
    )
    slub = clouds(large, (0.0025, 0.06), rng) + clouds(large, (0.06, 0.0025), rng)
    faded = clouds(large, 0.1, rng) + 0.5 * clouds(large, 0.02, rng)
    light = 1 + 0.13 * weave + 0.07 * slub + 0.12 * faded
    pixels = np.zeros((large, large, 3), dtype=np.float32)
    for patch in _PATCHES:
        pixels = _with_patch(pixels, patch, light, rng)
    return finished(pixels, grain=2.5, rng=rng)


def _with_patch(pixels: Pixels, patch: _Patch, light: Field, rng: np.random.Generator) -> Pixels:
    """Return the cloth with one more patch and its stitches sewn on."""
    side = len(pixels)
    x, y = coordinates(side)
    left, top, right, bottom = patch.box
    frayed = 0.002 * clouds(side, 0.01, rng) + 0.004 * clouds(side, 0.15, rng)
    outside = np.max([left - x, x - right, top - y, y - bottom], axis=0) + frayed
    shadow = 0.55 * np.exp(-((outside.clip(0, None) / 0.008) ** 2))
    hem = 1 + 0.35 * np.exp(-(((outside + 0.006) / 0.003) ** 2))
    cloth = _INDIGO[patch.dye] * (light * hem)[..., None]
    pixels = blend(pixels * (1 - shadow)[..., None], cloth, cover(outside))
    stitches = [line for line in _PATTERNS[patch.pattern](patch.box) if len(line) > 1]
    if patch is not _PATCHES[0]:
        inset = 0.014
        corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        inward = [(inset, inset), (-inset, inset), (-inset, -inset), (inset, -inset)]
        inward.append(inward[0])
        stitches.append(np.array(corners) + inward)
    thread, shade = _sewn(stitches, side, patch.box, rng)
    pixels = pixels * (1 - 0.6 * shade)[..., None]
    twist = 0.9 + 0.12 * np.sin((x + 2 * y) * 2 * np.pi * 160)
    return blend(pixels, rgb(_THREAD) * twist[..., None], thread)


def _sewn(
    lines: list[np.ndarray],
    side: int,
    box: tuple[float, float, float, float],
    rng: np.random.Generator,
) -> tuple[Field, Field]:
    """Return where the thread of running stitches along the lines lies, and its shadow."""
    drawn = Image.new("L", (side, side), 0)
    pen = ImageDraw.Draw(drawn)
    left, top, right, bottom = box
    for line in lines:
        steps = np.hypot(*np.diff(line, axis=0).T)
        length = np.concatenate([[0], np.cumsum(steps)])
        start = rng.uniform(0, _GAP)
        while start < length[-1]:
            end = min(start + _STITCH * rng.uniform(0.75, 1.2), length[-1])
            at = np.linspace(start, end, 4)
            points = np.stack([np.interp(at, length, line[:, axis]) for axis in (0, 1)], axis=1)
            points = points + rng.normal(0, 0.0009, 2)
            start = end + _GAP * rng.uniform(0.8, 1.25)
            middle_x, middle_y = points.mean(axis=0)
            if left + 0.01 < middle_x < right - 0.01 and top + 0.01 < middle_y < bottom - 0.01:
                width = round(_THICKNESS * rng.uniform(0.8, 1.2) * side)
                pixels = [(float(px), float(py)) for px, py in points * side]
                pen.line(pixels, fill=255, width=width, joint="curve")
                for px, py in (pixels[0], pixels[-1]):
                    pen.circle((px, py), max(0, width / 2 - 1), fill=255)
    thread = np.asarray(drawn, dtype=np.float32) / 255
    moved = round(0.0018 * side)
    return thread, np.roll(thread, (moved, moved), (0, 1))


def _waves(box: tuple[float, float, float, float]) -> list[np.ndarray]:
    """Return the arcs of seigaiha, waves of concentric circles."""
    left, top, right, bottom = box
    radius = 0.085
    angles = np.linspace(np.pi, 2 * np.pi, 40)
    arcs = []
    for row in range(int((bottom - top) / (radius / 2)) + 3):
        for column in range(int((right - left) / (2 * radius)) + 3):
            x = left + (2 * column + row % 2) * radius - radius
            y = top + row * radius / 2
            for share in (1.0, 0.66, 0.33):
                arc = np.stack([np.cos(angles), np.sin(angles)], axis=1) * radius * share + (x, y)
                nearer = [
                    (x - radius, y + radius / 2),
                    (x + radius, y + radius / 2),
                    (x, y + radius),
                ]
                hidden = np.min([np.hypot(*(arc - other).T) for other in nearer], axis=0) < radius
                arcs.append(arc[~hidden])
    return arcs


def _circles(box: tuple[float, float, float, float]) -> list[np.ndarray]:
    """Return the overlapping circles of shippo."""
    left, top, right, bottom = box
    step = 0.078
    angles = np.linspace(0, 2 * np.pi, 60)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1) * step / np.sqrt(2)
    return [
        circle + np.array((left + step * column, top + step * row))
        for row in range(int((bottom - top) / step) + 2)
        for column in range(int((right - left) / step) + 2)
    ]


def _hemp(box: tuple[float, float, float, float]) -> list[np.ndarray]:
    """Return the lines of asanoha, the hemp leaf: six-pointed stars."""
    left, top, right, bottom = box
    size = 0.052
    lines = []
    for row in range(int((bottom - top) / (1.5 * size)) + 2):
        for column in range(int((right - left) / (np.sqrt(3) * size)) + 2):
            centre = (left + np.sqrt(3) * size * (column + 0.5 * (row % 2)), top + 1.5 * size * row)
            for turn in range(6):
                angles = np.pi / 6 + np.pi / 3 * np.array((turn, turn + 0.5, turn + 1))
                reach = size * np.array((1, 1 / np.sqrt(3), 1))
                tip = np.stack([np.cos(angles), np.sin(angles)], axis=1) * reach[:, None] + centre
                lines += [np.stack([np.array(centre), tip[0]]), tip]
    return lines


def _lines(box: tuple[float, float, float, float]) -> list[np.ndarray]:
    left, top, right, bottom = box
    rows = np.arange(top + 0.02, bottom, 0.0165)
    return [np.array(((left, y), (right, y))) for y in rows]


_PATTERNS = {"waves": _waves, "circles": _circles, "hemp": _hemp, "lines": _lines}
