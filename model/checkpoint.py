"""Weights on disk: safetensors in fp16 with the configuration and the training record inside."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from model.config import DualTransConfig
from model.network.generator import Generator

FORMAT = "dualtrans-generator-1"

STORED_NAMES = {
    "attenuation": "closing",
    "backbone": "trunk",
    "class_token": "question",
    "level_linears": "straight",
    "level_mlps": "bend",
    "logit_head": "verdict",
    "logit_heads": "verdicts",
    "noise_injections": "grains",
    "token_inputs": "sources",
    "token_output": "answer",
    "token_projections": "slots",
    "token_queries": "questions",
    "upsample_eighth": "rise_eighth",
    "upsample_full": "rise_full",
    "upsample_half": "rise_half",
    "upsample_quarter": "rise_quarter",
}
"""Attribute of a module in the code -> its name in a parameter's name in every stored file.

Weights files and training checkpoints keep the names of the first version, and the version of the
weights is computed from these names. A parameter whose attribute is renamed gets an entry here.
"""
_NAMES_IN_CODE = {stored: name for name, stored in STORED_NAMES.items()}


def to_stored_names(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return a module's state dict under the parameter names that files use."""
    return _renamed(state, STORED_NAMES)


def from_stored_names(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return a state dict read from a file under the parameter names that the code uses."""
    return _renamed(state, _NAMES_IN_CODE)


def _renamed(state: Mapping[str, Tensor], names: Mapping[str, str]) -> dict[str, Tensor]:
    return {
        ".".join(names.get(part, part) for part in name.split(".")): tensor
        for name, tensor in state.items()
    }


def save_generator(generator: Generator, path: Path, record: dict[str, Any]) -> None:
    """Write the weights in fp16; `record` tells how they were trained and is read by people."""
    tensors = {
        name: tensor.detach().to("cpu", torch.float16).contiguous()
        for name, tensor in to_stored_names(generator.state_dict()).items()
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
    _refuse_misfit(path, to_stored_names(generator.state_dict()), tensors)
    generator.load_state_dict(
        from_stored_names({name: tensor.float() for name, tensor in tensors.items()})
    )
    return generator.eval(), metadata["version"]


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
