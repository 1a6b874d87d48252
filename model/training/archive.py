"""A checkpoint in a third of its size, to be kept where the next machine finds it.

Weights in fp16 and the optimiser's state in bf16, compressed: rounding moves a weight by less than
a step does. Whoever goes on from the same pack goes on the same way.
"""

import lzma
from io import BytesIO
from pathlib import Path
from typing import Any

import torch

_PRESET = 1  # of xz: random digits give little, whatever the effort


def pack(state: dict[str, Any], path: Path) -> None:
    """Write a checkpoint's state, whole or not at all."""
    rounded = {
        name: _rounded(part, torch.bfloat16 if name == "optimiser" else torch.float16)
        for name, part in state.items()
    }
    buffer = BytesIO()
    torch.save(rounded, buffer)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_bytes(lzma.compress(buffer.getvalue(), preset=_PRESET))
    partial.replace(path)


def unpack(path: Path) -> BytesIO:
    """What `pack` wrote, for `torch.load`.

    Raises:
        ValueError: the file is no pack.
    """
    try:
        return BytesIO(lzma.decompress(path.read_bytes()))
    except lzma.LZMAError as error:
        raise ValueError(f"{path} is no packed checkpoint: {error}") from error


def widened(state: Any) -> Any:  # noqa: ANN401  # whatever a checkpoint holds
    """Every number of a pack as fp32 again."""
    return _rounded(state, torch.float32)


def _rounded(part: Any, kind: torch.dtype) -> Any:  # noqa: ANN401
    if isinstance(part, torch.Tensor):
        return part.to(kind) if part.is_floating_point() else part
    if isinstance(part, dict):
        return {name: _rounded(value, kind) for name, value in part.items()}
    if isinstance(part, (list, tuple)):
        return type(part)(_rounded(value, kind) for value in part)
    return part
