"""Which photographs and artworks are measured, drawn by a seed and brought to one size."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from imaging.decode import open_picture
from imaging.formats import FILE_SUFFIXES


def files(named: Sequence[Path], prefixes: tuple[str, ...] = ("",)) -> list[Path]:
    """The pictures among files and in folders, whose names begin with one of the prefixes.

    Raises:
        ValueError: there are none.
        OSError: a folder cannot be read.
    """
    paths = [
        path
        for name in named
        for path in (sorted(name.iterdir()) if name.is_dir() else [name])
        if path.suffix.lower() in FILE_SUFFIXES and path.name.startswith(prefixes)
    ]
    if not paths:
        raise ValueError(f"no pictures in {', '.join(map(str, named))}")
    return paths


def drawn(
    paths: Sequence[Path], count: int, *, side: int | None, seed: int
) -> dict[str, Image.Image]:
    """So many of the pictures by name, in the order of the draw.

    Args:
        paths: of `files`.
        count: fewer are drawn where there are fewer.
        side: the short side in px that all are brought to; as they are when left out.
        seed: of the draw.

    Raises:
        ValueError, OSError: a file is no picture.
    """
    chosen = np.random.default_rng(seed).permutation(len(paths))[:count]
    pictures: dict[str, Image.Image] = {}
    for path in (paths[index] for index in chosen):
        name = path.stem if path.stem not in pictures else str(path)
        pictures[name] = sized(open_picture(path), side)
    return pictures


def sized(picture: Image.Image, side: int | None) -> Image.Image:
    """The short side brought to `side` px by Lanczos."""
    if side is None:
        return picture
    scale = side / min(picture.size)
    size = (round(picture.width * scale), round(picture.height * scale))
    return picture.resize(size, Image.Resampling.LANCZOS)
