"""Results on a CUDA device: one photo, eight, and eight that do not fit into memory at once."""

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
    """Limit the process to a share of the device memory that a large batch exceeds."""
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction(min(1.0, 3 * 2**30 / total))
    yield
    torch.cuda.set_per_process_memory_fraction(1.0)


@pytest.mark.parametrize("count", [1, 8])
def test_a_batch_on_cuda_is_close_to_one_photo_on_the_cpu(stylizer, count):
    photo = draw_still_life(256, 192)
    code = stylizer.preset("great-wave")
    on_cpu = Stylizer.load(device="cpu", precision="fp32").stylize(photo, code)

    results = stylizer.stylize_batch([photo] * count, [code] * count, [1.0] * count)

    assert len(results) == count
    assert min(psnr(picture, on_cpu) for picture in results) > 30


@pytest.mark.usefixtures("little_memory")
def test_a_batch_that_does_not_fit_is_halved_until_it_does(stylizer):
    photo = draw_still_life(320, 240).resize((1600, 1200))
    code = stylizer.preset("great-wave")

    results = stylizer.stylize_batch([photo] * 8, [code] * 8, [1.0] * 8)

    assert [picture.size for picture in results] == [(1600, 1200)] * 8
