"""What the drawn style pictures share: coordinates, noise, edges, cells and the final reduction.

A picture is drawn larger by `SCALE` and reduced at the end, for smooth edges. H and W are its
height and width in px. Positions and lengths are shares of the side, colours are 0 to 255.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from PIL import Image, ImageFilter

SIDE_PX = 768
"""The side of the finished pictures. A style is seen at short sides of 128 to 1024 px."""
SCALE = 2

Field = Float[np.ndarray, "H W"]
Pixels = Float[np.ndarray, "H W 3"]
Colour = tuple[float, float, float]


class Cells(NamedTuple):
    """Which cell each pixel belongs to."""

    column: Int[np.ndarray, "H W"]
    row: Int[np.ndarray, "H W"]
    inside: Field
    """Distance to the border of the cell; 0 on the border."""


def coordinates(side: int) -> tuple[Field, Field]:
    """Return x and y of every pixel, 0 to 1."""
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side
    return x, y


def clouds(
    side: int, cell: float | tuple[float, float], rng: np.random.Generator
) -> Float[np.ndarray, "S S"]:
    """Return smooth noise of mean 0 and deviation 1; `cell` is the size of its hills (h, w)."""
    height, width = (cell, cell) if isinstance(cell, float) else cell
    hills = rng.normal(0, 1, (max(2, round(1 / height)), max(2, round(1 / width))))
    picture = Image.fromarray(hills.astype(np.float32))
    field = np.asarray(picture.resize((side, side), Image.Resampling.BICUBIC))
    return (field - field.mean()) / field.std()


def wobbled(
    x: Field, y: Field, amount: float, cell: float, rng: np.random.Generator
) -> tuple[Field, Field]:
    """Return the coordinates shifted smoothly at random, so that straight lines look hand-drawn."""
    side = len(x)
    return x + amount * clouds(side, cell, rng), y + amount * clouds(side, cell, rng)


def cover(distance: Field) -> Field:
    """Return how much of each pixel a shape covers, 0 to 1; `distance` is negative inside."""
    return (0.5 - distance * len(distance)).clip(0, 1)


def rgb(values: Colour) -> Float[np.ndarray, "3"]:
    """Return a colour as an array."""
    return np.asarray(values, dtype=np.float32)


def sheet(side: int, values: Colour) -> Pixels:
    """Return a picture of one colour."""
    return np.full((side, side, 3), values, dtype=np.float32)


def blend(below: Pixels, above: Pixels | Colour, share: Field) -> Pixels:
    """Return `above` laid over `below`, as opaque as `share`."""
    return below + (np.asarray(above, dtype=np.float32) - below) * share[..., None]


def palette(colours: Sequence[Colour]) -> Float[np.ndarray, "N 3"]:
    """Return the colours as an array that a field of indices can select from."""
    return np.asarray(colours, dtype=np.float32)


def jittered_cells(
    x: Field, y: Field, count: int, jitter: float, rng: np.random.Generator
) -> Cells:
    """Divide the plane into irregular cells around the points of a jittered lattice.

    Args:
        x: position across, 0 to 1 for `count` cells; after 1 the cells repeat.
        y: position down, likewise.
        count: cells across and down.
        jitter: how far the points are moved, in lattice steps; 0 gives squares.
        rng: the source of chance.
    """
    points = rng.uniform(0.5 - jitter, 0.5 + jitter, (count + 4, count, 2)).astype(np.float32)
    across, down = x * count, y * count
    column0, row0 = np.floor(across).astype(int), np.floor(down).astype(int)
    nearest = np.full(x.shape, np.inf, dtype=np.float32)
    second = nearest.copy()
    column, row = column0.copy(), row0.copy()
    for right in (-1, 0, 1):
        for below in (-1, 0, 1):
            c, r = column0 + right, (row0 + below).clip(-2, count + 1)
            point = points[r + 2, c % count]
            distance = np.hypot(c + point[..., 0] - across, r + point[..., 1] - down)
            closer = distance < nearest
            second = np.where(closer, nearest, np.minimum(second, distance))
            nearest = np.where(closer, distance, nearest)
            column, row = np.where(closer, c % count, column), np.where(closer, r, row)
    return Cells(column, row, (second - nearest) / (2 * count))


def blurred(field: Field, radius: float) -> Field:
    """Return the field blurred; `radius` is a share of the side."""
    picture = Image.fromarray(field.astype(np.float32) * 255).convert("L")
    soft = picture.filter(ImageFilter.GaussianBlur(radius * len(field)))
    return np.asarray(soft, dtype=np.float32) / 255


def finished(pixels: Pixels, *, grain: float, rng: np.random.Generator) -> Image.Image:
    """Return the reduced picture with random grain of the deviation `grain`."""
    large = Image.fromarray(pixels.clip(0, 255).round().astype(np.uint8))
    side = len(pixels) // SCALE
    small = np.asarray(large.resize((side, side), Image.Resampling.LANCZOS), dtype=np.float32)
    noisy = small + rng.normal(0, grain, (side, side, 1))
    return Image.fromarray(noisy.clip(0, 255).round().astype(np.uint8))
