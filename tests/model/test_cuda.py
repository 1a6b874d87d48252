"""The same pictures from a CUDA device: one, eight, and eight that do not fit at once."""

from collections.abc import Iterator

import pytest
import torch

from art.still_life.scene import draw_still_life
from model.inference import Stylizer
from model.metrics import psnr

pytestmark = pytest.mark.gpu


@pytest.fixture(scope="module")
def stylizer() -> Stylizer:
    return Stylizer.load(device="cuda")


@pytest.fixture
def little_memory() -> Iterator[None]:
    """A share of the device in which a large batch does not fit."""
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction(min(1.0, 3 * 2**30 / total))
    yield
    torch.cuda.set_per_process_memory_fraction(1.0)


@pytest.mark.parametrize("count", [1, 8])
def test_a_batch_on_cuda_looks_like_one_picture_on_the_cpu(stylizer, count):
    photograph = draw_still_life(256, 192)
    code = stylizer.preset("great-wave")
    on_cpu = Stylizer.load(device="cpu", precision="fp32").stylize(photograph, code)

    painted = stylizer.stylize_batch([photograph] * count, [code] * count, [1.0] * count)

    assert len(painted) == count
    assert min(psnr(picture, on_cpu) for picture in painted) > 30


@pytest.mark.usefixtures("little_memory")
def test_a_batch_that_does_not_fit_is_halved_until_it_does(stylizer):
    photograph = draw_still_life(320, 240).resize((1600, 1200))
    code = stylizer.preset("great-wave")

    painted = stylizer.stylize_batch([photograph] * 8, [code] * 8, [1.0] * 8)

    assert [picture.size for picture in painted] == [(1600, 1200)] * 8
