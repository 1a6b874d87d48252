"""The training photos that the codes of the presets are fitted on."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import numpy as np
from PIL import Image

from imaging.decode import open_picture
from model.held_out import PHOTO_PREFIXES
from model.training.data import find_pictures


def draw_training_photos(folders: Sequence[Path], count: int) -> list[Image.Image]:
    """Return `count` photos of the folders, an equal number of each, drawn with a fixed seed.

    Pictures that evaluations use are left out.

    Raises:
        ValueError: a folder does not exist or has no such picture.
    """
    pictures = []
    for folder in folders:
        paths = find_pictures([folder], held_out=PHOTO_PREFIXES)
        drawn = np.random.default_rng(0).permutation(len(paths))[: count // len(folders)]
        pictures.append([open_picture(paths[index]) for index in drawn])
    return list(chain.from_iterable(zip(*pictures, strict=False)))
