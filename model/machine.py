"""What this machine can do: how it keeps memory, how much is free, which precision is fast."""

import ctypes
import sys
from pathlib import Path
from typing import Literal

import torch

Precision = Literal["fp32", "bf16"]

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD = -1, -2, -3  # malloc.h of glibc
_LARGEST = 2**31 - 1


def keep_large_blocks() -> None:
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


def available_bytes() -> int | None:
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


def fast_precision(device: torch.device) -> Precision:
    """bf16 where the processor multiplies it faster than fp32."""
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported() else "fp32"
    is_fast = torch.cpu._is_avx512_bf16_supported()  # noqa: SLF001  # torch has no public name
    return "bf16" if is_fast else "fp32"
