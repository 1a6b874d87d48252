"""What the model's tests look at: pictures made of numbers, a small generator, a random VGG-19."""

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors import safe_open
from torch import Tensor

from model.config import TINY, DualTransConfig
from model.network.generator import Generator
from model.perceptual import CONVOLUTIONS


def picture(size: tuple[int, int] = (96, 64), seed: int = 0) -> Image.Image:
    """Soft patches of colour: a random 6 x 6 px picture, enlarged."""
    chance = np.random.default_rng(seed)
    small = Image.fromarray(chance.integers(0, 256, (6, 6, 3), dtype=np.uint8))
    return small.resize(size, Image.Resampling.BICUBIC)


def tensor(height: int = 64, width: int = 64, seed: int = 0, batch: int = 1) -> Tensor:
    """Pictures of noise in [-1, 1]."""
    return torch.rand(batch, 3, height, width, generator=torch.manual_seed(seed)) * 2 - 1


def tiny_generator(config: DualTransConfig = TINY, seed: int = 0) -> Generator:
    """Seeded random weights; what starts at zero is moved off it, as training would."""
    torch.manual_seed(seed)
    generator = Generator(config)
    for detail in (generator.decoder.detail_half, generator.decoder.detail_full):
        torch.nn.init.normal_(detail.control.weight, std=0.1)
    return generator.eval()


def random_vgg_weights() -> dict[str, Tensor]:
    """A VGG-19 up to relu4_1 that has learned nothing; its features keep their size."""
    chance = torch.Generator().manual_seed(0)
    weights: dict[str, Tensor] = {}
    before = 3
    for index, channels in CONVOLUTIONS.items():
        noise = torch.randn(channels, before, 3, 3, generator=chance)
        weights[f"features.{index}.weight"] = noise * (2 / (9 * before)) ** 0.5
        weights[f"features.{index}.bias"] = torch.zeros(channels)
        before = channels
    return weights


def random_decoder_weights() -> dict[str, Tensor]:
    """AdaIN's decoder, untaught: from relu4_1 back to pixels."""
    chance = torch.Generator().manual_seed(1)
    channels = [512, 256, 256, 256, 256, 128, 128, 64, 64, 3]
    weights: dict[str, Tensor] = {}
    for index, (before, after) in enumerate(pairwise(channels)):
        noise = torch.randn(after, before, 3, 3, generator=chance)
        weights[f"conv{index}.weight"] = noise * (2 / (9 * before)) ** 0.5
        weights[f"conv{index}.bias"] = torch.full((after,), 0.1)
    return weights


def write_pictures(folder: Path, names: Sequence[str], first_seed: int = 0) -> Path:
    """Pictures of 96 x 80 px under the folder."""
    for seed, name in enumerate(names, first_seed):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        picture((96, 80), seed).save(folder / name)
    return folder


def training_record(path: Path) -> dict[str, Any]:
    """The training record in a weights file."""
    with safe_open(path, framework="pt") as file:
        record: dict[str, Any] = json.loads((file.metadata() or {}).get("record", "{}"))
    return record


def pixels(one: Image.Image) -> np.ndarray:
    """A picture's numbers, to be compared."""
    return np.asarray(one, dtype=np.float64)
