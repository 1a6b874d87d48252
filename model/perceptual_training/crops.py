"""Random square crops of pictures at random scales.

Shapes: K crops.
"""

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from model.pictures import resized_square

CROP_PX = 128


def random_crop(
    picture: Image.Image, scales: tuple[float, float], random: np.random.Generator
) -> Image.Image:
    """Return a random square of an RGB picture, resized to CROP_PX.

    The scale is pixels of the crop per pixel of the picture, drawn from the range so that its
    logarithm is uniform. It is raised if the square would be larger than the picture.
    """
    scale = float(np.exp(random.uniform(*np.log(scales))))
    box_px = min(CROP_PX / scale, *picture.size)
    left = random.uniform(0, picture.width - box_px)
    top = random.uniform(0, picture.height - box_px)
    return resized_square(picture, (left, top), box_px, CROP_PX)


def random_part(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """Return a random square of CROP_PX of a picture that is larger, without resizing it."""
    left = int(random.integers(0, picture.width - CROP_PX + 1))
    top = int(random.integers(0, picture.height - CROP_PX + 1))
    return picture.crop((left, top, left + CROP_PX, top + CROP_PX))


def stacked(crops: list[Image.Image]) -> UInt8[np.ndarray, "K 128 128 3"]:
    """Return crops as one array of RGB pixels."""
    return np.stack([np.asarray(crop, dtype=np.uint8) for crop in crops])
