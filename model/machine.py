"""What this machine can do: how it keeps memory, how much is free, which precision is fast."""

import ctypes
import sys
import time
from functools import cache
from pathlib import Path
from typing import Literal

import torch
import torch.nn.functional as F

Precision = Literal["fp32", "bf16"]

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD = -1, -2, -3  # malloc.h of glibc
_LARGEST = 2**31 - 1


def reuse_freed_memory() -> None:
    """Let freed arrays be used again instead of going back to the system.

    glibc maps every array above 32 MB anew, and a picture's token maps are of that size: touching
    fresh pages took longer than the arithmetic (a forward pass of 512 px: 0.48 s, and 0.30 s with
    this). Elsewhere than on glibc nothing happens.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGEST)
        mallopt(_M_TRIM_THRESHOLD, _LARGEST)
        mallopt(_M_TOP_PAD, 64 * 2**20)


def available_memory_bytes() -> int | None:
    """What this process may still take, by the system and by its container; None: unknown."""
    meminfo = Path("/proc/meminfo")
    if not meminfo.exists():
        return None
    fields = dict(line.split(":", 1) for line in meminfo.read_text().splitlines())
    free = int(fields["MemAvailable"].split()[0]) * 1024
    limit, used = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")
    if limit.exists() and used.exists() and (text := limit.read_text().strip()) != "max":
        free = min(free, int(text) - int(used.read_text()))
    return free


def fastest_precision(device: torch.device) -> Precision:
    """bf16 where the processor multiplies it faster than fp32.

    On a CPU that knows bf16 both are timed, once in a process: a virtual machine may keep AMX from
    its guests, and what is left of bf16 took 1.7 times as long as fp32 on such a Xeon.
    """
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported() else "fp32"
    knows = torch.cpu._is_avx512_bf16_supported()  # noqa: SLF001  # torch has no public name
    return "bf16" if knows and _multiplies_bf16_faster() else "fp32"


@cache
def _multiplies_bf16_faster() -> bool:
    """Turn by turn, so that a busy moment meets both; the best of each counts."""
    pairs = [(_product_seconds(torch.bfloat16), _product_seconds(torch.float32)) for _ in range(8)]
    return min(bf16 for bf16, _ in pairs) < min(fp32 for _, fp32 in pairs)


def _product_seconds(dtype: torch.dtype) -> float:
    """Of a product of the size that an MLP at 1/16 of a picture of 512 px has."""
    tokens, weight = torch.ones(1024, 192, dtype=dtype), torch.ones(384, 192, dtype=dtype)
    began = time.perf_counter()
    F.linear(tokens, weight)
    return time.perf_counter() - began
