"""Selection of the photos and artworks to measure."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from imaging.decode import open_picture
from imaging.formats import FILE_SUFFIXES


def list_pictures(sources: Sequence[Path], prefixes: tuple[str, ...] = ("",)) -> list[Path]:
    """Return the picture files among the sources, and those directly inside folders.

    Args:
        sources: files and folders.
        prefixes: keep only file names that start with one of these.

    Raises:
        ValueError: there are no such pictures.
        OSError: a folder cannot be read.
    """
    paths = [
        path
        for source in sources
        for path in (sorted(source.iterdir()) if source.is_dir() else [source])
        if path.suffix.lower() in FILE_SUFFIXES and path.name.startswith(prefixes)
    ]
    if not paths:
        raise ValueError(f"no pictures in {', '.join(map(str, sources))}")
    return paths


def draw_pictures(
    paths: Sequence[Path], count: int, *, side: int | None, seed: int
) -> dict[str, Image.Image]:
    """Return randomly drawn pictures by name, in the order in which they were drawn.

    Args:
        paths: files from `list_pictures`.
        count: largest number of pictures to return.
        side: short side in px to resize to; None keeps the size.
        seed: seed of the draw.

    Raises:
        ValueError, OSError: a file is not a picture.
    """
    drawn = np.random.default_rng(seed).permutation(len(paths))[:count]
    pictures: dict[str, Image.Image] = {}
    for path in (paths[index] for index in drawn):
        name = path.stem if path.stem not in pictures else str(path)
        pictures[name] = resize_short_side(open_picture(path), side)
    return pictures


def resize_short_side(picture: Image.Image, side: int | None) -> Image.Image:
    """Return the picture resized with Lanczos to a short side of `side` px; unchanged for None."""
    if side is None:
        return picture
    scale = side / min(picture.size)
    size = (round(picture.width * scale), round(picture.height * scale))
    return picture.resize(size, Image.Resampling.LANCZOS)
