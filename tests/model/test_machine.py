"""Free memory and the choice of precision."""

from collections.abc import Iterator

import pytest
import torch

from model import machine
from model.machine import available_memory_bytes, fastest_precision, reuse_freed_memory


@pytest.fixture
def cleared_timing_cache() -> Iterator[None]:
    machine._multiplies_bf16_faster.cache_clear()
    yield
    machine._multiplies_bf16_faster.cache_clear()


def test_the_available_memory_is_in_bytes():
    free = available_memory_bytes()

    assert free is None or free > 2**20


@pytest.mark.parametrize(("bf16_seconds", "fastest"), [(0.5, "bf16"), (1.7, "fp32")])
def test_a_cpu_with_bf16_uses_the_precision_that_multiplies_faster(
    monkeypatch: pytest.MonkeyPatch, cleared_timing_cache: None, bf16_seconds: float, fastest: str
):
    seconds = {torch.bfloat16: bf16_seconds, torch.float32: 1.0}
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    monkeypatch.setattr(machine, "_product_seconds", seconds.__getitem__)

    assert fastest_precision(torch.device("cpu")) == fastest


def test_a_cpu_without_bf16_uses_fp32(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)

    assert fastest_precision(torch.device("cpu")) == "fp32"


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_the_time_of_a_product_is_measured(dtype: torch.dtype):
    assert 0 < machine._product_seconds(dtype) < 10


def test_memory_reuse_may_be_enabled_twice():
    reuse_freed_memory()
    reuse_freed_memory()
