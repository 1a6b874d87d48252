"""Weights on disk: safetensors in fp16 with the configuration and the training record inside."""

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from model.config import DualTransConfig
from model.network.generator import Generator

FORMAT = "dualtrans-generator-1"


def save_generator(generator: Generator, path: Path, record: dict[str, Any]) -> None:
    """Write the weights in fp16; `record` tells how they were trained and is read by people."""
    tensors = {
        name: tensor.detach().to("cpu", torch.float16).contiguous()
        for name, tensor in generator.state_dict().items()
    }
    metadata = {
        "format": FORMAT,
        "version": _version_of(tensors),
        "config": json.dumps(generator.config.to_dict()),
        "record": json.dumps(record, ensure_ascii=False),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file(tensors, partial, metadata)
    partial.replace(path)


def load_generator(path: Path) -> tuple[Generator, str]:
    """Read a generator in fp32 and the version of its weights.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is none of ours, or its tensors do not fit its configuration; the
        first misfit is named.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            names = file.keys()
            tensors = {name: file.get_tensor(name) for name in names}
    except SafetensorError as error:
        raise ValueError(f"{path} is not a {FORMAT} file: {error}") from error
    if metadata.get("format") != FORMAT:
        raise ValueError(f"{path} is not a {FORMAT} file but {metadata.get('format')!r}")
    generator = Generator(DualTransConfig.from_dict(json.loads(metadata["config"])))
    _refuse_misfit(path, generator.state_dict(), tensors)
    generator.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    return generator.eval(), metadata["version"]


def training_record(path: Path) -> dict[str, Any]:
    """How the weights of a file were trained."""
    with safe_open(path, framework="pt") as file:
        record: dict[str, Any] = json.loads((file.metadata() or {}).get("record", "{}"))
    return record


def _refuse_misfit(path: Path, wanted: dict[str, Tensor], found: dict[str, Tensor]) -> None:
    for name in sorted(wanted.keys() | found.keys()):
        expected = tuple(wanted[name].shape) if name in wanted else None
        actual = tuple(found[name].shape) if name in found else None
        if expected != actual:
            raise ValueError(f"{path}: {name} is {actual}, the configuration asks for {expected}")


def _version_of(tensors: dict[str, Tensor]) -> str:
    """Twelve hexadecimal digits that change with any weight: style codes belong to one version."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].numpy().tobytes())
    return digest.hexdigest()[:12]
