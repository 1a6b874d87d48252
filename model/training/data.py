"""Pictures for training: folders of any layout, and the crops of any step.

B pairs a step, of P photographs and B style crops; R style crops rehearsed; H x W px of a crop.
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

from imaging.formats import FILE_SUFFIXES
from model.pictures import to_tensor

STYLE_VARIANTS = 4
"""Crops of one artwork that training meets; few enough to keep their VGG statistics."""
_STRENGTHS = (0.05, 1.5)
_PICTURES_AHEAD = 4
_RECENT = 100  # steps whose style crops are rehearsed
_BROKEN_TRIES = 20


@dataclass(frozen=True)
class Batch:
    """What one step sees; pictures in [-1, 1].

    A photograph is painted in B / P styles, one pair after another: E and VGG-19 look at it once.
    """

    content: Float[Tensor, "P 3 H W"]
    style: Float[Tensor, "B 3 h w"]
    style_keys: list[int]
    """Names of the style crops: equal keys are equal crops."""
    strength: Float[Tensor, " B"]
    """0: paint with the photograph's own code; 1: with the style's; to 1.5: bolder than that."""
    rehearsed: Float[Tensor, "R 3 h w"]
    """Style crops of earlier steps: codes are to tell them once more, nothing is painted."""
    rehearsed_keys: list[int]

    @property
    def repeats(self) -> int:
        """Styles that a photograph is painted in."""
        return len(self.style) // len(self.content)

    def on(self, device: torch.device) -> "Batch":
        """The same on another device."""
        return Batch(
            self.content.to(device),
            self.style.to(device),
            self.style_keys,
            self.strength.to(device),
            self.rehearsed.to(device),
            self.rehearsed_keys,
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
        if path.suffix.lower() in FILE_SUFFIXES
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
    rehearsed: list[Image.Image]
    rehearsed_keys: list[int]

    def batch(self) -> Batch:
        style = _stack(self.style)
        return Batch(
            _stack(self.content),
            style,
            self.style_keys,
            torch.from_numpy(self.strength).float(),
            _stack(self.rehearsed) if self.rehearsed else style[:0],
            self.rehearsed_keys,
        )


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
        repeats: int = 1,
        rehearsed: int = 0,
        sides: Sequence[int] = (),
    ) -> None:
        """`crop` is the side of a square crop in px, a multiple of 32.

        `batch` pairs a step are of `batch` / `repeats` photographs. These may be of other `sides`,
        one drawn for each step; larger ones are fewer, about as many pixels in all. Statistics of
        strokes are means over a picture, so a style crop serves photographs of any side.

        Raises:
            ValueError: `repeats` does not divide `batch`.
        """
        if batch % repeats:
            raise ValueError(f"{batch} pairs a step do not split into {repeats} a photograph")
        self.content, self.style = list(content), list(style)
        self.batch, self.crop, self.seed = batch, crop, seed
        self.repeats, self.rehearsed = repeats, rehearsed
        self.sides = tuple(sides) or (crop,)

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

        Every second batch has a photograph under its own code (identity), and every second one a
        pair (of 12 or more pairs two, and so on) at a strength between 0.05 and 1.5.
        """
        return self._draw(step).batch()

    def _draw(self, step: int) -> "_Drawn":
        chance = np.random.default_rng([self.seed, step])
        keys = self._keys(step)
        pairs = len(keys)
        height, width = _shape(self._side(step), chance)
        contents = []
        for slot in range(pairs // self.repeats):
            pool = self.style if slot == 0 and chance.random() < 0.3 else self.content
            contents.append(_crop(_open(pool, chance), chance, height, width))
        strength = np.ones(pairs)
        if chance.random() < 0.5:
            strength[0] = 0.0
        weaker = 1 + pairs // 12  # beside the first
        if pairs > weaker and chance.random() < 0.5:
            strength[-weaker:] = chance.uniform(_STRENGTHS[0], _STRENGTHS[1], weaker)
        again = self._rehearsed_keys(step, chance)
        return _Drawn(
            contents,
            [self.style_crop(key) for key in keys],
            keys,
            strength,
            [self.style_crop(key) for key in again],
            again,
        )

    def _side(self, step: int) -> int:
        """Of the photographs of a step, in px."""
        chance = np.random.default_rng([self.seed, 3, step])
        return self.sides[int(chance.integers(len(self.sides)))]

    def _keys(self, step: int) -> list[int]:
        """The style crops of a step, one a pair, told without a look at any picture."""
        chance = np.random.default_rng([self.seed, 2, step])
        photographs = self.batch // self.repeats * (self.crop / self._side(step)) ** 2
        pairs = self.repeats * max(1, round(photographs))
        return chance.integers(len(self.style) * STYLE_VARIANTS, size=pairs).tolist()

    def _rehearsed_keys(self, step: int, chance: np.random.Generator) -> list[int]:
        """Style crops of the last steps: VGG-19's statistics of them are at hand."""
        if not step:
            return []
        earlier = chance.integers(max(0, step - _RECENT), step, size=self.rehearsed).tolist()
        crops = (self._keys(one) for one in earlier)
        return [keys[int(chance.integers(len(keys)))] for keys in crops]

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


def _shape(side: int, chance: np.random.Generator) -> tuple[int, int]:
    """Mostly square; one step in five 3 : 4 or 4 : 3, so that no grid is learned by heart."""
    tall, low = side * 5 // 4 // 16 * 16, side * 7 // 8 // 16 * 16
    shapes = [(side, side)] * 8 + [(tall, low), (low, tall)]
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
