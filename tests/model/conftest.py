"""Fixtures of the model's tests: a tiny generator, a random VGG-19 and generated pictures.

The import hook in tests/conftest.py checks the jaxtyping annotations of every function of `model`
that a test calls, so a wrong shape fails the test.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from model.checkpoint import save_generator
from model.inference import Stylizer
from model.network.generator import Generator
from tests.model.samples import random_vgg_weights, tiny_generator, write_pictures


@pytest.fixture(autouse=True)
def _one_thread_and_one_seed() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def generator() -> Generator:
    """A TINY generator with seeded random weights."""
    return tiny_generator()


@pytest.fixture
def weights(tmp_path: Path, generator: Generator) -> Path:
    """The weights file of a TINY generator."""
    path = tmp_path / "weights.safetensors"
    save_generator(generator, path, {"steps": 3})
    return path


@pytest.fixture
def stylizer(weights: Path) -> Stylizer:
    """A Stylizer on TINY, on the CPU, in fp32."""
    return Stylizer.load(weights, device="cpu", precision="fp32")


@pytest.fixture(scope="session")
def vgg_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of normalised VGG-19 weights with random values."""
    path = tmp_path_factory.mktemp("vgg") / "vgg19.safetensors"
    save_file(random_vgg_weights(), path)
    return path


@pytest.fixture
def content_folder(tmp_path: Path) -> Path:
    """Three photos in one flat folder, as in MS-COCO."""
    return write_pictures(tmp_path / "content", ["1.jpg", "2.jpg", "3.jpg"])


@pytest.fixture
def style_folder(tmp_path: Path) -> Path:
    """Three artworks in one folder per style, as in WikiArt."""
    names = ["Cubism/a.jpg", "Cubism/b.jpg", "Ukiyo_e/c.png"]
    return write_pictures(tmp_path / "style", names, first_seed=10)
