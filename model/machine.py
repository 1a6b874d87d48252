"""The machine that the model runs on: memory reuse, free memory, device and precision."""

import ctypes
import sys
import time
from functools import cache
from pathlib import Path
from typing import Literal

import torch
import torch.nn.functional as F

Precision = Literal["fp32", "bf16"]

# Memory

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD = -1, -2, -3  # from malloc.h of glibc
_MAX_INT = 2**31 - 1


def reuse_freed_memory() -> None:
    """Make glibc reuse the memory of freed arrays instead of returning it to the system.

    By default glibc requests new memory pages for every array above 32 MB, and the token maps of a
    picture have that size. The first access to these pages took longer than the arithmetic: a
    forward pass of 512 px took 0.48 s, and 0.30 s with this setting. Without glibc the function
    does nothing.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _MAX_INT)
        mallopt(_M_TRIM_THRESHOLD, _MAX_INT)
        mallopt(_M_TOP_PAD, 64 * 2**20)


def available_memory_bytes() -> int | None:
    """Return how much memory this process may still allocate, or None if that is unknown.

    It is the smaller of what the system has free and what the container's limit leaves.
    """
    meminfo = Path("/proc/meminfo")
    if not meminfo.exists():
        return None
    fields = dict(line.split(":", 1) for line in meminfo.read_text().splitlines())
    free = int(fields["MemAvailable"].split()[0]) * 1024
    limit, used = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")
    if limit.exists() and used.exists() and (text := limit.read_text().strip()) != "max":
        free = min(free, int(text) - int(used.read_text()))
    return free


# Device and precision


def choose_device(name: str | None) -> torch.device:
    """Return the named device, or a GPU if there is one and no name is given.

    Raises:
        ValueError: the name is not cpu, cuda or cuda with an index, or there is no such GPU.
    """
    try:
        device = torch.device(name or ("cuda" if torch.cuda.is_available() else "cpu"))
    except RuntimeError as error:
        raise ValueError(f"device is {name!r}, it must be cpu, cuda or cuda:1") from error
    if device.type not in {"cpu", "cuda"}:
        raise ValueError(f"device is {name!r}, it must be cpu, cuda or cuda:1")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise ValueError(
            f"device is {name!r}, but this machine has {torch.cuda.device_count()} CUDA devices"
        )
    return device


def choose_precision(name: str | None, device: torch.device) -> Precision:
    """Return the named precision, or the faster one if no name is given.

    Raises:
        ValueError: the name is not fp32 or bf16.
    """
    if name not in {None, "fp32", "bf16"}:
        raise ValueError(f"precision is {name!r}, it must be fp32 or bf16")
    if name is not None:
        return "fp32" if name == "fp32" else "bf16"
    return fastest_precision(device)


def fastest_precision(device: torch.device) -> Precision:
    """Return bf16 if the processor multiplies it faster than fp32.

    On a CPU that supports bf16, both are timed once per process: a virtual machine may hide AMX
    from its guests, and without AMX bf16 took 1.7 times as long as fp32 on such a Xeon.
    """
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported() else "fp32"
    has_bf16 = torch.cpu._is_avx512_bf16_supported()  # noqa: SLF001  # torch has no public name
    return "bf16" if has_bf16 and _multiplies_bf16_faster() else "fp32"


@cache
def _multiplies_bf16_faster() -> bool:
    """Compare the best of eight runs each, alternating so that other load affects both."""
    pairs = [(_product_seconds(torch.bfloat16), _product_seconds(torch.float32)) for _ in range(8)]
    return min(bf16 for bf16, _ in pairs) < min(fp32 for _, fp32 in pairs)


def _product_seconds(dtype: torch.dtype) -> float:
    """Time the matrix product of an MLP at 1/16 of a 512 px picture."""
    tokens, weight = torch.ones(1024, 192, dtype=dtype), torch.ones(384, 192, dtype=dtype)
    began = time.perf_counter()
    F.linear(tokens, weight)
    return time.perf_counter() - began
