"""Test data for the model: generated pictures, a tiny generator and a random VGG-19."""

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
from model.perceptual.vgg import CONVOLUTIONS


def picture(size: tuple[int, int] = (96, 64), seed: int = 0) -> Image.Image:
    """A picture of soft colour patches: 6 x 6 random pixels, enlarged."""
    random = np.random.default_rng(seed)
    small = Image.fromarray(random.integers(0, 256, (6, 6, 3), dtype=np.uint8))
    return small.resize(size, Image.Resampling.BICUBIC)


def tensor(height: int = 64, width: int = 64, seed: int = 0, batch: int = 1) -> Tensor:
    """Pictures of noise in [-1, 1]."""
    return torch.rand(batch, 3, height, width, generator=torch.manual_seed(seed)) * 2 - 1


def tiny_generator(config: DualTransConfig = TINY, seed: int = 0) -> Generator:
    """A generator with seeded random weights; those initialised to zero get random values too."""
    torch.manual_seed(seed)
    generator = Generator(config)
    for detail in (generator.decoder.detail_half, generator.decoder.detail_full):
        torch.nn.init.normal_(detail.control.weight, std=0.1)
    return generator.eval()


def random_vgg_weights() -> dict[str, Tensor]:
    """Random VGG-19 weights up to relu4_1, scaled so that the features keep their magnitude."""
    random = torch.Generator().manual_seed(0)
    weights: dict[str, Tensor] = {}
    before = 3
    for index, channels in CONVOLUTIONS.items():
        noise = torch.randn(channels, before, 3, 3, generator=random)
        weights[f"features.{index}.weight"] = noise * (2 / (9 * before)) ** 0.5
        weights[f"features.{index}.bias"] = torch.zeros(channels)
        before = channels
    return weights


def random_decoder_weights() -> dict[str, Tensor]:
    """Random weights of AdaIN's decoder, from relu4_1 to pixels."""
    random = torch.Generator().manual_seed(1)
    channels = [512, 256, 256, 256, 256, 128, 128, 64, 64, 3]
    weights: dict[str, Tensor] = {}
    for index, (before, after) in enumerate(pairwise(channels)):
        noise = torch.randn(after, before, 3, 3, generator=random)
        weights[f"conv{index}.weight"] = noise * (2 / (9 * before)) ** 0.5
        weights[f"conv{index}.bias"] = torch.full((after,), 0.1)
    return weights


def write_pictures(folder: Path, names: Sequence[str], first_seed: int = 0) -> Path:
    """Write pictures of 96 x 80 px under the folder and return it."""
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
    """The pixel values of a picture."""
    return np.asarray(one, dtype=np.float64)
