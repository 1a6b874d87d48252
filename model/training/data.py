"""Training data: picture files in folders, and the batch of crops of any step.

Shapes: B pairs per step of P photos and B style crops, R replayed style crops, H x W px of a crop.
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
"""Different crops per artwork; few enough to cache their VGG-19 statistics."""
_STRENGTH_RANGE = (0.05, 1.5)
_BATCHES_AHEAD = 4
_REPLAY_STEPS = 100  # last steps whose style crops are replayed
_MAX_UNREADABLE = 20  # files in a row


@dataclass(frozen=True)
class Batch:
    """The input of one step; pictures are in [-1, 1].

    Each photo is paired with B / P consecutive styles, so that the content encoder and VGG-19
    process it once.
    """

    photos: Float[Tensor, "P 3 H W"]
    styles: Float[Tensor, "B 3 h w"]
    style_keys: list[int]
    """Identifiers of the style crops: equal keys have equal crops."""
    strength: Float[Tensor, " B"]
    """0: the photo's content code; 1: the style code; up to 1.5: beyond the style code."""
    replayed: Float[Tensor, "R 3 h w"]
    """Style crops of earlier steps, for the probe head only."""
    replayed_keys: list[int]

    @property
    def styles_per_photo(self) -> int:
        """Number of styles that each photo is paired with."""
        return len(self.styles) // len(self.photos)

    def to(self, device: torch.device) -> "Batch":
        """Return the batch on another device."""
        return Batch(
            self.photos.to(device),
            self.styles.to(device),
            self.style_keys,
            self.strength.to(device),
            self.replayed.to(device),
            self.replayed_keys,
        )


def find_pictures(
    folders: Sequence[Path],
    *,
    held_out: Sequence[str] = (),
    only: Sequence[str] = ("",),
    at_least: int = 2,
) -> list[Path]:
    """Return all picture files under the folders and their subfolders, sorted.

    Args:
        folders: flat like MS-COCO, or with subfolders like WikiArt.
        held_out: exclude file names that start with one of these.
        only: include only file names that start with one of these.
        at_least: smallest number of pictures.

    Raises:
        ValueError: a folder does not exist, or there are too few pictures.
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
class _PictureBatch:
    """A batch of Pillow pictures, prepared in a thread and converted in the main thread.

    Each thread that calls torch starts its own pool of workers, and the pools compete for the
    cores: a step took twice as long.
    """

    photos: list[Image.Image]
    styles: list[Image.Image]
    style_keys: list[int]
    strength: NDArray[np.float64]
    replayed: list[Image.Image]
    replayed_keys: list[int]

    def to_tensors(self) -> Batch:
        styles = _stack(self.styles)
        return Batch(
            _stack(self.photos),
            styles,
            self.style_keys,
            torch.from_numpy(self.strength).float(),
            _stack(self.replayed) if self.replayed else styles[:0],
            self.replayed_keys,
        )


class Pairs:
    """Endless batches that depend only on the seed and the step, for exact resumption."""

    def __init__(
        self,
        photos: Sequence[Path],
        artworks: Sequence[Path],
        *,
        batch: int,
        crop: int,
        seed: int,
        styles_per_photo: int = 1,
        replayed: int = 0,
        sides: Sequence[int] = (),
    ) -> None:
        """Prepare batches from the files.

        Args:
            photos: picture files.
            artworks: picture files.
            batch: pairs per step, of `batch` / `styles_per_photo` photos.
            crop: side in px of a square style crop, a multiple of 32.
            seed: seed of all random choices.
            styles_per_photo: styles that each photo is paired with.
            replayed: style crops of earlier steps in each batch.
            sides: sides of photos in px, one drawn per step; default: `crop`. A step with larger
                photos has fewer of them, so that the number of pixels stays about the same. The
                style crops keep their size, because their statistics are means over the picture.

        Raises:
            ValueError: `styles_per_photo` does not divide `batch`.
        """
        if batch % styles_per_photo:
            raise ValueError(
                f"{batch} pairs per step cannot be divided into {styles_per_photo} per photo"
            )
        self.photos, self.artworks = list(photos), list(artworks)
        self.batch, self.crop, self.seed = batch, crop, seed
        self.styles_per_photo, self.replayed = styles_per_photo, replayed
        self.sides = tuple(sides) or (crop,)

    def batches(self, first: int, last: int, threads: int = 2) -> Iterator[Batch]:
        """Yield the batches of the steps `first` to `last` - 1; threads decode some ahead."""
        with ThreadPoolExecutor(threads) as pool:
            ahead: list[Future[_PictureBatch]] = []
            for step in range(first, last):
                if not ahead:
                    ahead = [pool.submit(self._draw, step)]
                while len(ahead) < _BATCHES_AHEAD and step + len(ahead) < last:
                    ahead.append(pool.submit(self._draw, step + len(ahead)))
                yield ahead.pop(0).result().to_tensors()

    def batch_of(self, step: int) -> Batch:
        """Return the batch of a step.

        Most pairs have strength 1. Every second batch, on average, has one pair with strength 0,
        and every second batch has pairs with a strength between 0.05 and 1.5: one, and one more
        per 12 pairs.
        """
        return self._draw(step).to_tensors()

    def _draw(self, step: int) -> _PictureBatch:
        random = np.random.default_rng([self.seed, step])
        keys = self._style_keys(step)
        pairs = len(keys)
        height, width = _draw_shape(self._photo_side(step), random)
        photos = []
        for index in range(pairs // self.styles_per_photo):
            pool = self.artworks if index == 0 and random.random() < 0.3 else self.photos
            photos.append(_crop(_open_random(pool, random), random, height, width))
        strength = np.ones(pairs)
        if random.random() < 0.5:
            strength[0] = 0.0
        other_strengths = 1 + pairs // 12
        if pairs > other_strengths and random.random() < 0.5:
            strength[-other_strengths:] = random.uniform(*_STRENGTH_RANGE, other_strengths)
        replayed_keys = self._replayed_keys(step, random)
        return _PictureBatch(
            photos,
            [self.style_crop(key) for key in keys],
            keys,
            strength,
            [self.style_crop(key) for key in replayed_keys],
            replayed_keys,
        )

    def _photo_side(self, step: int) -> int:
        """Return the side in px of the photos of a step."""
        random = np.random.default_rng([self.seed, 3, step])
        return self.sides[int(random.integers(len(self.sides)))]

    def _style_keys(self, step: int) -> list[int]:
        """Return the keys of a step's style crops, one per pair, without reading pictures."""
        random = np.random.default_rng([self.seed, 2, step])
        photos = self.batch // self.styles_per_photo * (self.crop / self._photo_side(step)) ** 2
        pairs = self.styles_per_photo * max(1, round(photos))
        return random.integers(len(self.artworks) * STYLE_VARIANTS, size=pairs).tolist()

    def _replayed_keys(self, step: int, random: np.random.Generator) -> list[int]:
        """Return keys of style crops of the last steps, whose statistics are cached."""
        if not step:
            return []
        first = max(0, step - _REPLAY_STEPS)
        earlier_steps = random.integers(first, step, size=self.replayed).tolist()
        keys_by_step = (self._style_keys(earlier) for earlier in earlier_steps)
        return [keys[int(random.integers(len(keys)))] for keys in keys_by_step]

    def style_crop(self, key: int) -> Image.Image:
        """Return the crop with this key: part of an artwork, maybe rotated and recoloured."""
        random = np.random.default_rng([self.seed, 1, key])
        picture = _open_or_replace(self.artworks, key // STYLE_VARIANTS, random)
        crop = _crop(picture, random, self.crop, self.crop)
        if random.random() < 0.25:
            crop = crop.transpose(Image.Transpose.ROTATE_90)
        if random.random() < 0.3:
            crop = _recolour(crop, random)
        return crop


def _draw_shape(side: int, random: np.random.Generator) -> tuple[int, int]:
    """Return height and width in px.

    One step in five is taller or wider than square, so that the network learns no fixed grid.
    """
    long, short = side * 5 // 4 // 16 * 16, side * 7 // 8 // 16 * 16
    shapes = [(side, side)] * 8 + [(long, short), (short, long)]
    return shapes[int(random.integers(len(shapes)))]


def _stack(pictures: Sequence[Image.Image]) -> Float[Tensor, "B 3 H W"]:
    return torch.stack([to_tensor(picture) for picture in pictures])


def _open_random(pool: Sequence[Path], random: np.random.Generator) -> Image.Image:
    return _open_or_replace(pool, int(random.integers(len(pool))), random)


def _open_or_replace(pool: Sequence[Path], index: int, random: np.random.Generator) -> Image.Image:
    """Return the picture at the index, or a random one if it is unreadable."""
    for _ in range(_MAX_UNREADABLE):
        try:
            with Image.open(pool[index]) as file:
                file.draft("RGB", (512, 512))
                return file.convert("RGB")
        except (OSError, ValueError, Image.DecompressionBombError):
            index = int(random.integers(len(pool)))
    raise ValueError(
        f"{_MAX_UNREADABLE} pictures in a row cannot be read; the last one is {pool[index]}"
    )


def _crop(
    picture: Image.Image, random: np.random.Generator, height: int, width: int
) -> Image.Image:
    """Return a random box of the picture, resized to the crop and mirrored half of the time.

    The box covers 0.15 to 1 of the largest possible area, and at most 2.5 times the crop's side.
    For a crop of 128 px from a picture of 256 px, small boxes are enlarged and large ones reduced,
    so that strokes of every size occur.
    """
    scale = min(picture.width / width, picture.height / height)
    share = min(float(np.sqrt(random.uniform(0.15, 1.0))), 2.5 / scale)
    box_width, box_height = width * scale * share, height * scale * share
    left = random.uniform(0, picture.width - box_width)
    top = random.uniform(0, picture.height - box_height)
    box = (left, top, left + box_width, top + box_height)
    crop = picture.resize((width, height), Image.Resampling.BICUBIC, box=box)
    if random.random() < 0.5:
        crop = crop.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return crop


def _recolour(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """Rotate the hue; scale saturation and brightness."""
    hue, saturation, value = picture.convert("HSV").split()
    hue_shift = int(random.integers(256))
    saturation_factor = float(random.uniform(0.6, 1.4))
    brightness_factor = float(random.uniform(0.8, 1.2))
    return Image.merge(
        "HSV",
        (
            hue.point(lambda v: (v + hue_shift) % 256),
            saturation.point(lambda v: min(255, int(v * saturation_factor))),
            value.point(lambda v: min(255, int(v * brightness_factor))),
        ),
    ).convert("RGB")
