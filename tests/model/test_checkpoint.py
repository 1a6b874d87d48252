"""Weights files are restored exactly to fp16, or refused with the name of the wrong tensor."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from model.checkpoint import (
    STORED_NAMES,
    from_stored_names,
    load_generator,
    save_generator,
    to_stored_names,
)
from model.config import SMALL, TINY
from model.inference import WEIGHTS
from model.network.discriminators import FeatureDiscriminator, StyleDiscriminator
from model.network.generator import Generator
from tests.model.samples import tiny_generator, training_record


def rewrite(path: Path, others: dict[str, torch.Tensor], drop: str | None = None) -> None:
    """Rewrite a weights file with added or replaced tensors, and without one."""
    generator, version = load_generator(path)
    remaining = {name: tensor for name, tensor in load_file(path).items() if name != drop}
    config = json.dumps(generator.config.to_dict())
    metadata = {"format": "dualtrans-generator-1", "version": version, "config": config}
    save_file({**remaining, **others}, path, metadata)


def test_weights_are_restored_to_fp16_precision(weights: Path, generator: Generator):
    read, _ = load_generator(weights)

    expected = {name: tensor.half().float() for name, tensor in generator.state_dict().items()}
    assert read.config == generator.config
    assert all(torch.equal(tensor, expected[name]) for name, tensor in read.state_dict().items())


def test_a_weights_file_takes_two_bytes_per_parameter(weights: Path, generator: Generator):
    parameters = sum(p.numel() for p in generator.parameters())

    assert 2 * parameters < weights.stat().st_size < 2 * parameters + 40_000


def test_a_loaded_generator_is_ready_for_inference(weights: Path):
    generator, _ = load_generator(weights)

    assert (generator.training, next(generator.parameters()).dtype) == (False, torch.float32)


def test_the_training_record_is_in_the_file(weights: Path):
    assert training_record(weights) == {"steps": 3}


@pytest.mark.parametrize("config", [{**TINY.to_dict(), "code_dim": 30}, {"name": "tiny"}])
def test_a_file_with_an_invalid_configuration_is_refused(weights: Path, config: dict[str, object]):
    metadata = {"format": "dualtrans-generator-1", "version": "1", "config": json.dumps(config)}
    save_file(load_file(weights), weights, metadata)

    with pytest.raises(ValueError, match=r"weights.*: the configuration is invalid: "):
        load_generator(weights)


def test_the_same_weights_have_the_same_version(tmp_path: Path, weights: Path):
    again = tmp_path / "again.safetensors"
    save_generator(tiny_generator(), again, {"steps": 99})

    assert load_generator(again)[1] == load_generator(weights)[1]


def test_a_changed_weight_changes_the_version(tmp_path: Path, weights: Path, generator: Generator):
    other = tmp_path / "other.safetensors"
    with torch.no_grad():
        generator.decoder.colour.bias[0] += 1.0
    save_generator(generator, other, {})

    assert load_generator(other)[1] != load_generator(weights)[1]


def test_a_missing_weight_is_named(weights: Path):
    rewrite(weights, {}, drop="decoder.colour.bias")

    with pytest.raises(ValueError, match=r"decoder\.colour\.bias is None, .* requires \(3,\)"):
        load_generator(weights)


def test_an_unexpected_weight_is_named(weights: Path):
    rewrite(weights, {"decoder.unexpected": torch.zeros(2)})

    with pytest.raises(ValueError, match=r"decoder\.unexpected is \(2,\), .* requires None"):
        load_generator(weights)


def test_a_weight_of_another_shape_is_named_with_both_shapes(weights: Path):
    rewrite(weights, {"decoder.colour.bias": torch.zeros(4)})

    with pytest.raises(ValueError, match=r"decoder\.colour\.bias is \(4,\), .* requires \(3,\)"):
        load_generator(weights)


def test_a_file_of_other_tensors_is_refused(tmp_path: Path):
    path = tmp_path / "other.safetensors"
    save_file({"a": torch.zeros(1)}, path)

    with pytest.raises(ValueError, match="is not a dualtrans-generator-1 file but None"):
        load_generator(path)


@pytest.mark.parametrize("content", [b"", b"not weights at all", b"\xff" * 64])
def test_a_file_without_tensors_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "weights.safetensors"
    path.write_bytes(content)

    with pytest.raises(ValueError, match=r"weights\.safetensors"):
        load_generator(path)


def test_a_truncated_file_is_refused(weights: Path):
    weights.write_bytes(weights.read_bytes()[:-100])

    with pytest.raises(ValueError, match=r"weights\.safetensors"):
        load_generator(weights)


def test_a_missing_file_raises_file_not_found(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        load_generator(tmp_path / "nowhere.safetensors")


# Stored parameter names


MODULES = [Generator(TINY), StyleDiscriminator(TINY), FeatureDiscriminator(TINY)]


def test_the_released_weights_have_the_stored_names_of_the_parameters():
    names = to_stored_names(Generator(SMALL).state_dict())

    assert names.keys() == load_file(WEIGHTS).keys()


def test_released_weights_are_written_back_unchanged(tmp_path: Path):
    generator, version = load_generator(WEIGHTS)

    save_generator(generator, tmp_path / "copy.safetensors", {})

    copy, released = load_file(tmp_path / "copy.safetensors"), load_file(WEIGHTS)
    assert copy.keys() == released.keys()
    assert all(torch.equal(copy[name], tensor) for name, tensor in released.items())
    assert load_generator(tmp_path / "copy.safetensors")[1] == version


def test_training_checkpoints_keep_the_names_of_the_discriminators():
    style, features = (to_stored_names(module.state_dict()) for module in MODULES[1:])

    assert {"pools.2.question", "verdicts.0.weight"} <= style.keys()
    assert {"pool.question", "verdict.bias"} <= features.keys()


@pytest.mark.parametrize("module", MODULES, ids=lambda module: type(module).__name__)
def test_stored_names_are_converted_back_to_the_names_of_the_code(module: torch.nn.Module):
    state = module.state_dict()

    assert list(from_stored_names(to_stored_names(state))) == list(state)


def test_every_entry_of_the_table_is_used():
    names = {part for module in MODULES for name in module.state_dict() for part in name.split(".")}

    assert STORED_NAMES.keys() <= names
    assert not names & set(STORED_NAMES.values())
