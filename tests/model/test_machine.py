"""What is asked of the machine, it answers."""

from collections.abc import Iterator

import pytest
import torch

from model import machine
from model.machine import available_memory_bytes, fastest_precision, reuse_freed_memory


@pytest.fixture
def timed_anew() -> Iterator[None]:
    machine._multiplies_bf16_faster.cache_clear()
    yield
    machine._multiplies_bf16_faster.cache_clear()


def test_the_free_memory_is_told_in_bytes():
    free = available_memory_bytes()

    assert free is None or free > 2**20


@pytest.mark.parametrize(("bf16_seconds", "fast"), [(0.5, "bf16"), (1.7, "fp32")])
def test_a_cpu_that_knows_bf16_takes_what_it_multiplies_faster(
    monkeypatch: pytest.MonkeyPatch, timed_anew: None, bf16_seconds: float, fast: str
):
    seconds = {torch.bfloat16: bf16_seconds, torch.float32: 1.0}
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    monkeypatch.setattr(machine, "_product_seconds", seconds.__getitem__)

    assert fastest_precision(torch.device("cpu")) == fast


def test_a_cpu_without_bf16_takes_fp32(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)

    assert fastest_precision(torch.device("cpu")) == "fp32"


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_a_product_takes_time(dtype: torch.dtype):
    assert 0 < machine._product_seconds(dtype) < 10


def test_large_blocks_may_be_kept_twice():
    reuse_freed_memory()
    reuse_freed_memory()
