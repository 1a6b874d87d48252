"""Pictures for training: folders of any layout, and the crops of any step.

B pictures a step, H x W px of a crop.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from model.pictures import SUFFIXES, to_tensor

STYLE_VARIANTS = 4
"""Crops of one artwork that training meets; few enough to keep their VGG statistics."""
_PICTURES_AHEAD = 4
_BROKEN_TRIES = 20


@dataclass(frozen=True)
class Batch:
    """What one step sees; pictures in [-1, 1]."""

    content: Float[Tensor, "B 3 H W"]
    style: Float[Tensor, "B 3 h w"]
    style_keys: list[int]
    """Names of the style crops: equal keys are equal crops."""
    strength: Float[Tensor, " B"]
    """0: paint with the photograph's own code; 1: with the style's; to 1.5: bolder than that."""

    def on(self, device: torch.device) -> "Batch":
        """The same on another device."""
        return Batch(
            self.content.to(device),
            self.style.to(device),
            self.style_keys,
            self.strength.to(device),
        )


def find_pictures(
    folders: Sequence[Path],
    *,
    held_out: Sequence[str] = (),
    only: Sequence[str] = ("",),
    at_least: int = 2,
) -> list[Path]:
    """Every picture under the folders (MS-COCO's flat ones, WikiArt's tree), in a fixed order.

    Args:
        folders: searched with all their subfolders.
        held_out: prefixes of file names to leave out.
        only: prefixes of file names to take alone.
        at_least: fewer pictures than this are an error.

    Raises:
        ValueError: a folder does not exist, or too few pictures were found.
    """
    for folder in folders:
        if not folder.is_dir():
            raise ValueError(f"{folder} is not a folder")
    found = sorted(
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES
        and path.name.startswith(tuple(only))
        and not path.name.startswith(tuple(held_out))
    )
    if len(found) < at_least:
        raise ValueError(f"{len(found)} pictures in {', '.join(map(str, folders))}: too few")
    return found


@dataclass(frozen=True)
class _Drawn:
    """A batch as pictures. Threads draw it, and the training's own thread makes it numbers.

    torch in several threads starts as many teams of workers, which then wait for one another: a
    step took twice as long.
    """

    content: list[Image.Image]
    style: list[Image.Image]
    style_keys: list[int]
    strength: NDArray[np.float64]

    def batch(self) -> Batch:
        strength = torch.from_numpy(self.strength).float()
        return Batch(_stack(self.content), _stack(self.style), self.style_keys, strength)


class Pairs:
    """Endless batches, each told by the seed and its step alone, so that a run resumes exactly."""

    def __init__(
        self,
        content: Sequence[Path],
        style: Sequence[Path],
        *,
        batch: int,
        crop: int,
        seed: int,
    ) -> None:
        """`crop` is the side of a square crop in px, a multiple of 32."""
        self.content, self.style = list(content), list(style)
        self.batch, self.crop, self.seed = batch, crop, seed

    def batches(self, first: int, last: int, threads: int = 2) -> Iterator[Batch]:
        """Batches of the steps `first` to `last` - 1; decoded a little ahead in threads."""
        with ThreadPoolExecutor(threads) as pool:
            ahead: list[Future[_Drawn]] = []
            for step in range(first, last):
                if not ahead:
                    ahead = [pool.submit(self._draw, step)]
                while len(ahead) < _PICTURES_AHEAD and step + len(ahead) < last:
                    ahead.append(pool.submit(self._draw, step + len(ahead)))
                yield ahead.pop(0).result().batch()

    def batch_of(self, step: int) -> Batch:
        """The batch of a step: mostly at full strength.

        Every second batch has a photograph under its own code (identity), and every second one at a
        strength between 0.2 and 1.5.
        """
        return self._draw(step).batch()

    def _draw(self, step: int) -> "_Drawn":
        chance = np.random.default_rng([self.seed, step])
        height, width = self._shape(chance)
        contents, styles, keys = [], [], []
        for slot in range(self.batch):
            pool = self.style if slot == 0 and chance.random() < 0.3 else self.content
            contents.append(_crop(_open(pool, chance), chance, height, width))
            index = int(chance.integers(len(self.style)))
            keys.append(index * STYLE_VARIANTS + int(chance.integers(STYLE_VARIANTS)))
            styles.append(self.style_crop(keys[-1]))
        strength = np.ones(self.batch)
        if chance.random() < 0.5:
            strength[0] = 0.0
        if self.batch > 1 and chance.random() < 0.5:
            strength[1] = chance.uniform(0.2, 1.5)
        return _Drawn(contents, styles, keys, strength)

    def style_crop(self, key: int) -> Image.Image:
        """A crop of an artwork, turned, mirrored and recoloured as its key says."""
        chance = np.random.default_rng([self.seed, 1, key])
        picture = _open_at(self.style, key // STYLE_VARIANTS, chance)
        crop = _crop(picture, chance, self.crop, self.crop)
        if chance.random() < 0.25:
            crop = crop.transpose(Image.Transpose.ROTATE_90)
        if chance.random() < 0.3:
            crop = _recoloured(crop, chance)
        return crop

    def _shape(self, chance: np.random.Generator) -> tuple[int, int]:
        """Mostly square; one step in five 3 : 4 or 4 : 3, so that no grid is learned by heart."""
        tall, low = self.crop * 5 // 4 // 16 * 16, self.crop * 7 // 8 // 16 * 16
        shapes = [(self.crop, self.crop)] * 8 + [(tall, low), (low, tall)]
        return shapes[int(chance.integers(len(shapes)))]


def _stack(pictures: Sequence[Image.Image]) -> Float[Tensor, "B 3 H W"]:
    return torch.stack([to_tensor(picture) for picture in pictures])


def _open(pool: Sequence[Path], chance: np.random.Generator) -> Image.Image:
    return _open_at(pool, int(chance.integers(len(pool))), chance)


def _open_at(pool: Sequence[Path], index: int, chance: np.random.Generator) -> Image.Image:
    """A picture of the pool; an unreadable one gives way to another, told by the same chance."""
    for _ in range(_BROKEN_TRIES):
        try:
            with Image.open(pool[index]) as file:
                file.draft("RGB", (512, 512))
                return file.convert("RGB")
        except (OSError, ValueError, Image.DecompressionBombError):
            index = int(chance.integers(len(pool)))
    raise ValueError(f"{_BROKEN_TRIES} pictures in a row cannot be read, the last {pool[index]}")


def _crop(
    picture: Image.Image, chance: np.random.Generator, height: int, width: int
) -> Image.Image:
    """A random box, 0.15 to 1 of the picture and at most 2.5 crops wide, resized, maybe mirrored.

    From a picture of 256 px the small boxes are enlarged and the large ones reduced to a crop of
    128: so strokes of every size are met.
    """
    scale = min(picture.width / width, picture.height / height)
    share = min(float(np.sqrt(chance.uniform(0.15, 1.0))), 2.5 / scale)
    box_width, box_height = width * scale * share, height * scale * share
    left = chance.uniform(0, picture.width - box_width)
    top = chance.uniform(0, picture.height - box_height)
    box = (left, top, left + box_width, top + box_height)
    crop = picture.resize((width, height), Image.Resampling.BICUBIC, box=box)
    if chance.random() < 0.5:
        crop = crop.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return crop


def _recoloured(picture: Image.Image, chance: np.random.Generator) -> Image.Image:
    """Hue turned, saturation and brightness stretched."""
    hue, saturation, value = picture.convert("HSV").split()
    turn = int(chance.integers(256))
    stretch = float(chance.uniform(0.6, 1.4))
    lift = float(chance.uniform(0.8, 1.2))
    return Image.merge(
        "HSV",
        (
            hue.point(lambda v: (v + turn) % 256),
            saturation.point(lambda v: min(255, int(v * stretch))),
            value.point(lambda v: min(255, int(v * lift))),
        ),
    ).convert("RGB")
