"""Pictures as uint8 RGB outside the network and as floats in [-1, 1] inside, and their parts.

Shapes: B pictures, C channels, H x W pixels.
"""

import numpy as np
import torch
import torch.nn.functional as F
from einops import rearrange, reduce
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from styling.sizes import MIN_SIDE_PX


def to_tensor(picture: Image.Image) -> Float[Tensor, "3 H W"]:
    """Return an RGB picture as floats in [-1, 1]."""
    pixels = torch.from_numpy(np.array(picture, dtype=np.uint8))
    return rearrange(pixels, "h w c -> c h w").float() / 127.5 - 1


def to_picture(tensor: Float[Tensor, "3 H W"]) -> Image.Image:
    """Return floats as an RGB picture; values outside [-1, 1] are clamped."""
    pixels = ((tensor.float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return Image.fromarray(rearrange(pixels, "c h w -> h w c").contiguous().cpu().numpy())


def luma_of(pictures: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B 1 H W"]:
    """Return the luma of BT.601, in the precision of the pictures."""
    weights = pictures.new_tensor([0.299, 0.587, 0.114])
    return reduce(pictures * rearrange(weights, "c -> c 1 1"), "b c h w -> b 1 h w", "sum")


def box_mean(values: Float[Tensor, "B C H W"], side_px: int) -> Float[Tensor, "B C H W"]:
    """Return the mean of the square around each pixel; squares are cut at the border.

    `side_px` is odd.
    """
    for kernel in ((side_px, 1), (1, side_px)):
        padding = (kernel[0] // 2, kernel[1] // 2)
        values = F.avg_pool2d(values, kernel, 1, padding, count_include_pad=False)
    return values


def resized_square(
    picture: Image.Image, corner: tuple[float, float], box_px: float, side_px: int
) -> Image.Image:
    """Return a square part of a picture, resized.

    Args:
        picture: contains the part.
        corner: left and top of the part in px.
        box_px: side of the part in the picture.
        side_px: side of the result.
    """
    left, top = corner
    return picture.resize(
        (side_px, side_px),
        Image.Resampling.BICUBIC,
        box=(left, top, left + box_px, top + box_px),
    )


def check_side(picture: Image.Image) -> None:
    """Raise ValueError if a side is too small for the network."""
    if min(picture.size) < MIN_SIDE_PX:
        raise ValueError(
            f"the picture is {picture.width} x {picture.height} px, "
            f"its sides must be at least {MIN_SIDE_PX}"
        )
