"""Multi-scale rendering: the strokes are painted at one resolution and finished at larger ones.

The generator paints best at the sizes that it was trained for, and its strokes have a fixed size in
pixels. So a photo is painted at a short side of `PAINTED_SIDE_PX`, whatever the size of the result.
A larger result is this painting, enlarged, plus the details that the enlarged picture lacks:

1. The photo is rendered again at up to twice the size, and the details of this rendering that the
   smaller size cannot show are added (a Laplacian pyramid).
2. Above this second size, the details come from the luma of the photo itself. Details of a third
   rendering would have finer strokes: they made the strokes of the broad brush 10 % narrower.

So the strokes have the same size relative to the picture in every result, and a large result looks
like a small one with more detail.

Shapes: B pictures, S results, H x W pixels of the result, h x w pixels of another size.
"""

from collections.abc import Callable, Sequence
from typing import Final

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from model.contrast_placement import place_contrast
from model.pictures import luma_of
from styling.sizes import MIN_SIDE_PX

PAINTED_SIDE_PX: Final = 384
"""Short side at which the strokes of the medium brush are painted."""
RENDERED_SIDE_PX: Final = 768
"""Largest short side at which details are rendered."""
_MAX_STEP = 2.0
_MIN_STEP = 1.4

Size = tuple[int, int]
"""Height and width in px."""

Render = Callable[[Float[Tensor, "B 3 h w"]], Float[Tensor, "S 3 h w"]]
"""Paints photos of one size: each in one style (S = B), or one photo in several."""


def rendering_sizes(size: Size, brush_scale: float) -> list[Size]:
    """Return the one or two sizes at which a photo is rendered; the smaller has the strokes.

    Args:
        size: of the result, at least 64 px per side.
        brush_scale: size of the strokes relative to the medium brush.
    """
    side = min(size)
    painted = max(MIN_SIDE_PX, min(PAINTED_SIDE_PX, side) / brush_scale)
    finer = min(painted * _MAX_STEP, side, RENDERED_SIDE_PX)
    sides = [painted, finer] if painted * _MIN_STEP < finer else [painted]
    return [_scaled(size, each) for each in sides]


def render_multiscale(
    photos: Float[Tensor, "B 3 H W"],
    sizes: Sequence[Size],
    render: Render,
    strength: Float[Tensor, " S"],
) -> Float[Tensor, "S 3 H W"]:
    """Return the photos as `render` paints them, with the strokes of the first size.

    Args:
        photos: in [-1, 1].
        sizes: from `rendering_sizes`.
        render: the generator with the style codes of the photos.
        strength: style strength of each result; `place_contrast` uses it.
    """
    painted, *finer = sizes
    level = resize(photos, painted)
    result = place_contrast(render(level).float().clamp(-1, 1), level, strength)
    for size in finer:
        rendered = render(resize(photos, size)).float().clamp(-1, 1)
        result = resize(result, size) + _details(rendered, size_of(result))
    final = size_of(photos)
    if size_of(result) == final:
        return result
    enlarged = resize(result, final)
    if min(final) <= min(size_of(result)):
        return enlarged
    return enlarged + _details(luma_of(photos), size_of(result))


def size_of(pictures: Float[Tensor, "B C H W"]) -> Size:
    """Return the height and width of pictures in px."""
    return pictures.shape[2], pictures.shape[3]


def resize(pictures: Float[Tensor, "B C H W"], size: Size) -> Float[Tensor, "B C h w"]:
    """Return pictures of another size; reduced pictures are low-pass filtered."""
    if size_of(pictures) == size:
        return pictures
    return F.interpolate(pictures, size, mode="bicubic", align_corners=False, antialias=True)


def _details(pictures: Float[Tensor, "B C H W"], size: Size) -> Float[Tensor, "B C H W"]:
    """Return what the pictures lose when they are reduced to `size` and enlarged again."""
    return pictures - resize(resize(pictures, size), size_of(pictures))


def _scaled(size: Size, side_px: float) -> Size:
    scale = side_px / min(size)
    height, width = (max(MIN_SIDE_PX, round(edge * scale)) for edge in size)
    return height, width
