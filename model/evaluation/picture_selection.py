"""Selection of the photos and artworks to measure."""

from collections.abc import Mapping, Sequence
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


def draw_pictures(paths: Sequence[Path], count: int, *, seed: int) -> dict[str, Image.Image]:
    """Return randomly drawn pictures by name, in the order in which they were drawn.

    Args:
        paths: files from `list_pictures`.
        count: largest number of pictures to return.
        seed: seed of the draw.

    Raises:
        ValueError, OSError: a file is not a picture.
    """
    pictures: dict[str, Image.Image] = {}
    for path in shuffled(paths, seed)[:count]:
        name = path.stem if path.stem not in pictures else str(path)
        pictures[name] = open_picture(path)
    return pictures


def shuffled(paths: Sequence[Path], seed: int) -> list[Path]:
    """Return the files in the random order of the seed."""
    return [paths[index] for index in np.random.default_rng(seed).permutation(len(paths))]


class SizedPictures:
    """Pictures that are measured at several sizes."""

    def __init__(self, originals: Mapping[str, Image.Image], sides: Sequence[int | None]) -> None:
        """Use pictures by name at several short sides in px; None is their own size."""
        self._originals = originals
        self._largest = {} if None in sides else self._resize(max(side for side in sides if side))
        self._names: dict[int, tuple[Image.Image, str]] = {}  # by identity of the picture

    def at(self, side: int | None) -> dict[str, Image.Image]:
        """Return the pictures by name at one of the sides."""
        pictures = self._resize(side)
        for name, picture in pictures.items():
            self._names[id(picture)] = (picture, name)
        return pictures

    def largest(self, picture: Image.Image) -> Image.Image:
        """Return the largest size of a picture that `at` returned; another picture is its own.

        It is the original if the original is one of the sizes.
        """
        if id(picture) not in self._names:
            return picture
        _, name = self._names[id(picture)]
        return self._largest.get(name, self._originals[name])

    def _resize(self, side: int | None) -> dict[str, Image.Image]:
        return {name: resize_short_side(one, side) for name, one in self._originals.items()}


def resize_short_side(picture: Image.Image, side: int | None) -> Image.Image:
    """Return the picture resized with Lanczos to a short side of `side` px; unchanged for None."""
    if side is None:
        return picture
    scale = side / min(picture.size)
    size = (round(picture.width * scale), round(picture.height * scale))
    return picture.resize(size, Image.Resampling.LANCZOS)
