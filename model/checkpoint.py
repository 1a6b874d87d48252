"""Weights files: fp16 safetensors with configuration and training record in the metadata."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from model.config import DualTransConfig, first_problem
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
"""Module attribute in the code -> the name of that attribute in stored files.

A parameter's name is a path of attributes, such as "style.backbone.embed.project.weight"; each part
is looked up here. Weights files and training checkpoints keep the names of the first version, and
the version of the weights depends on these names. If you rename an attribute that holds parameters,
add it here.
"""
_NAMES_IN_CODE = {stored: name for name, stored in STORED_NAMES.items()}


def to_stored_names(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return a module's state dict with the parameter names of stored files."""
    return _renamed(state, STORED_NAMES)


def from_stored_names(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return a stored state dict with the parameter names of the code."""
    return _renamed(state, _NAMES_IN_CODE)


def _renamed(state: Mapping[str, Tensor], names: Mapping[str, str]) -> dict[str, Tensor]:
    return {
        ".".join(names.get(part, part) for part in name.split(".")): tensor
        for name, tensor in state.items()
    }


def save_generator(generator: Generator, path: Path, record: dict[str, Any]) -> None:
    """Write the weights in fp16, atomically.

    `record` describes the training. It is stored for people; no code reads it.
    """
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
    """Return a generator in fp32, ready for inference, and the version of its weights.

    Raises:
        FileNotFoundError: the file does not exist.
        ValueError: the file has another format, its configuration is invalid, or a tensor does not
            fit the configuration; the message names the first such value.
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
    try:
        config = DualTransConfig.from_dict(json.loads(metadata["config"]))
    except ValidationError as error:
        raise ValueError(f"{path}: the configuration is invalid: {first_problem(error)}") from error
    generator = Generator(config)
    _check_shapes(path, to_stored_names(generator.state_dict()), tensors)
    generator.load_state_dict(
        from_stored_names({name: tensor.float() for name, tensor in tensors.items()})
    )
    return generator.eval(), metadata["version"]


def read_record(path: Path) -> dict[str, Any]:
    """Return the training record of a weights file that `load_generator` can read."""
    with safe_open(path, framework="pt") as file:
        record: dict[str, Any] = json.loads((file.metadata() or {}).get("record", "{}"))
    return record


def _check_shapes(path: Path, wanted: dict[str, Tensor], found: dict[str, Tensor]) -> None:
    for name in sorted(wanted.keys() | found.keys()):
        expected = tuple(wanted[name].shape) if name in wanted else None
        actual = tuple(found[name].shape) if name in found else None
        if expected != actual:
            raise ValueError(f"{path}: {name} is {actual}, the configuration requires {expected}")


def _version_of(tensors: dict[str, Tensor]) -> str:
    """Return twelve hexadecimal digits that change with any weight.

    A style code can be used only with the weights of its version.
    """
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].numpy().tobytes())
    return digest.hexdigest()[:12]
