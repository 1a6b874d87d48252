"""The pictures that the compact network is trained on: crops of photos, artworks and paintings.

Held-out photos and artworks are left out.

Shapes: K crops.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8
from PIL import Image
from tqdm import tqdm

from imaging.color import to_rgb
from imaging.decode import open_picture
from model.held_out import ARTWORK_PREFIXES, PHOTO_PREFIXES
from model.inference import Stylizer
from model.perceptual_training.crops import random_crop, random_part, stacked
from model.perceptual_training.paintings import Painter
from model.training.data import find_pictures

_PICTURE_SCALES = (0.2, 3.0)
_PAINTING_SCALES = (0.5, 1.5)
_CROPS_PER_PAINTING = 3
"""Of each kind: at other scales, and as they are painted."""
_PAINTED_STYLES = 160
_PICTURES, _RECORD = "pictures.npy", "pictures.json"


@dataclass(frozen=True)
class PictureSetOptions:
    """What the picture set consists of."""

    photos: Sequence[Path]
    """Folders."""
    artworks: Sequence[Path]
    """Folders."""
    photo_crops: int
    artwork_crops: int
    paintings: int
    """Each gives six crops."""
    seed: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the counts and the seed, for a record."""
        return {
            "photo_crops": self.photo_crops,
            "artwork_crops": self.artwork_crops,
            "paintings": self.paintings,
            "seed": self.seed,
        }


@dataclass(frozen=True)
class PictureSet:
    """The crops, and how they were made."""

    crops: UInt8[np.ndarray, "K 128 128 3"]
    record: dict[str, Any]


def load_picture_set(folder: Path, options: PictureSetOptions) -> PictureSet | None:
    """Return the stored set; None if there is none.

    Raises:
        ValueError: it was made with other options.
    """
    pictures, record = folder / _PICTURES, folder / _RECORD
    if not (pictures.exists() and record.exists()):
        return None
    stored = json.loads(record.read_text())
    if {name: stored.get(name) for name in options.to_dict()} != options.to_dict():
        raise ValueError(f"{pictures} was made with other options; choose another --work")
    return PictureSet(np.load(pictures, mmap_mode="r"), stored)


def save_picture_set(folder: Path, pictures: PictureSet) -> None:
    """Write the set, then its record; without the record the set is made again."""
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / _PICTURES, pictures.crops)
    (folder / _RECORD).write_text(json.dumps(pictures.record) + "\n")


def make_picture_set(stylizer: Stylizer, options: PictureSetOptions) -> PictureSet:
    """Return the crops in random order.

    Raises:
        ValueError: a folder does not exist or has fewer than two pictures.
    """
    random = np.random.default_rng(options.seed)
    photos = find_pictures(options.photos, held_out=PHOTO_PREFIXES)
    artworks = find_pictures(options.artworks, held_out=ARTWORK_PREFIXES)
    crops = [
        random_crop(picture, _PICTURE_SCALES, random)
        for kind, paths, count in (
            ("photos", photos, options.photo_crops),
            ("artworks", artworks, options.artwork_crops),
        )
        for picture in _drawn(kind, paths, count, random)
    ]
    if options.paintings:
        styles = list(
            _drawn("styles", artworks, min(_PAINTED_STYLES, max(2, len(artworks))), random)
        )
        painter = Painter(stylizer, styles)
        for photo in _drawn("paintings", photos, options.paintings, random):
            painting = painter.paint(photo, random)
            for _ in range(_CROPS_PER_PAINTING):
                crops.append(random_crop(painting, _PAINTING_SCALES, random))
                crops.append(random_part(painting, random))
    record = {**options.to_dict(), "generator": stylizer.model_version}
    return PictureSet(stacked(crops)[random.permutation(len(crops))], record)


def _drawn(
    kind: str, paths: Sequence[Path], count: int, random: np.random.Generator
) -> Iterator[Image.Image]:
    """Yield `count` RGB pictures; every picture is used before one is used again."""
    rounds = -(-count // len(paths))
    order = [index for _ in range(rounds) for index in random.permutation(len(paths))]
    for index in tqdm(order[:count], desc=kind):
        yield to_rgb(open_picture(paths[index]))
