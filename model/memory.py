"""How this process keeps the memory of large arrays."""

import ctypes
import sys
from pathlib import Path

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD = -1, -2, -3  # malloc.h of glibc
_LARGEST = 2**31 - 1


def keep_large_blocks() -> None:
    """Let freed arrays be used again instead of going back to the system.

    glibc maps every array above 32 MB anew, and a picture's token maps are of that size: touching fresh pages took longer than
    the arithmetic (a forward pass of 512 px: 0.48 s, and 0.30 s with this). Elsewhere than on glibc nothing happens.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGEST)
        mallopt(_M_TRIM_THRESHOLD, _LARGEST)
        mallopt(_M_TOP_PAD, 64 * 2**20)


def available_bytes() -> int | None:
    """What this process may still take: the system's free memory, or less where a container's limit says so; None: unknown."""
    meminfo = Path("/proc/meminfo")
    if not meminfo.exists():
        return None
    fields = dict(line.split(":", 1) for line in meminfo.read_text().splitlines())
    free = int(fields["MemAvailable"].split()[0]) * 1024
    limit, used = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")
    if limit.exists() and used.exists() and (text := limit.read_text().strip()) != "max":
        free = min(free, int(text) - int(used.read_text()))
    return free
