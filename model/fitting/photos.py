"""The photos that style codes are fitted on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from imaging.color import to_rgb
from imaging.decode import open_picture
from model.network.style_control import StyleCodes
from model.pictures import check_side, resized_square, to_tensor

if TYPE_CHECKING:
    from model.inference import Stylizer

CROP_PX = 224
_PACKAGED = Path(__file__).parent / "photos"


@dataclass(frozen=True)
class FittingPhoto:
    """A photo with its content code."""

    picture: Image.Image
    content_code: StyleCodes
    """Of the whole photo, as when a photo is rendered. A batch of one."""

    def crop(self, side_px: int, random: np.random.Generator) -> Float[Tensor, "3 H W"]:
        """Return a random square of the photo as it is with a short side of `side_px`.

        The square has a side of CROP_PX, or of `side_px` if that is smaller.
        """
        crop_px = min(CROP_PX, side_px)
        box_px = crop_px * min(self.picture.size) / side_px
        left = random.uniform(0, self.picture.width - box_px)
        top = random.uniform(0, self.picture.height - box_px)
        crop = resized_square(self.picture, (left, top), box_px, crop_px)
        if random.random() < 0.5:
            crop = crop.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        return to_tensor(crop)

    def resized(self, side_px: int) -> Float[Tensor, "3 H W"]:
        """Return the photo with a short side of `side_px`."""
        scale = side_px / min(self.picture.size)
        size = (round(self.picture.width * scale), round(self.picture.height * scale))
        return to_tensor(self.picture.resize(size, Image.Resampling.BICUBIC))


def packaged_photos() -> list[Image.Image]:
    """Return the photos that the model contains, for use without training data.

    They are drawn by this project (`python -m art fitting-photos`).
    """
    return [open_picture(path) for path in sorted(_PACKAGED.glob("*.jpg"))]


def prepare_photos(stylizer: "Stylizer", photos: Sequence[Image.Image]) -> list[FittingPhoto]:
    """Return the photos with their content codes.

    Raises:
        ValueError: a side is under 64 px.
    """
    for photo in photos:
        check_side(photo)
    pictures = [to_rgb(photo) for photo in photos]
    return [FittingPhoto(picture, _content_code(stylizer, picture)) for picture in pictures]


def _content_code(stylizer: "Stylizer", picture: Image.Image) -> StyleCodes:
    codes = stylizer.content_codes([picture])
    with torch.no_grad():  # tensors of the inference mode cannot be part of a gradient
        return StyleCodes(codes.levels.float().clone(), codes.tokens.float().clone())
