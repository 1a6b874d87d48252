"""Weights on disk come back as they were, or are refused by name."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from model.checkpoint import load_generator, save_generator
from model.network.generator import Generator
from tests.model.samples import tiny_generator, training_record


def rewrite(path: Path, others: dict[str, torch.Tensor], drop: str | None = None) -> None:
    """The same file with other tensors, and without one."""
    generator, version = load_generator(path)
    kept = {name: tensor for name, tensor in load_file(path).items() if name != drop}
    config = json.dumps(generator.config.to_dict())
    metadata = {"format": "dualtrans-generator-1", "version": version, "config": config}
    save_file({**kept, **others}, path, metadata)


def test_weights_come_back_to_half_precision(weights: Path, generator: Generator):
    read, _ = load_generator(weights)

    wanted = {name: tensor.half().float() for name, tensor in generator.state_dict().items()}
    assert read.config == generator.config
    assert all(torch.equal(tensor, wanted[name]) for name, tensor in read.state_dict().items())


def test_a_file_of_weights_takes_two_bytes_a_parameter(weights: Path, generator: Generator):
    parameters = sum(p.numel() for p in generator.parameters())

    assert 2 * parameters < weights.stat().st_size < 2 * parameters + 40_000


def test_a_generator_that_was_read_is_ready_to_paint(weights: Path):
    generator, _ = load_generator(weights)

    assert (generator.training, next(generator.parameters()).dtype) == (False, torch.float32)


def test_the_training_record_is_inside(weights: Path):
    assert training_record(weights) == {"steps": 3}


def test_the_same_weights_have_the_same_version(tmp_path: Path, weights: Path):
    again = tmp_path / "again.safetensors"
    save_generator(tiny_generator(), again, {"steps": 99})

    assert load_generator(again)[1] == load_generator(weights)[1]


def test_any_other_weight_has_another_version(tmp_path: Path, weights: Path, generator: Generator):
    other = tmp_path / "other.safetensors"
    with torch.no_grad():
        generator.decoder.colour.bias[0] += 1.0
    save_generator(generator, other, {})

    assert load_generator(other)[1] != load_generator(weights)[1]


def test_a_missing_weight_is_named(weights: Path):
    rewrite(weights, {}, drop="decoder.colour.bias")

    with pytest.raises(ValueError, match=r"decoder\.colour\.bias is None, .* asks for \(3,\)"):
        load_generator(weights)


def test_a_weight_too_many_is_named(weights: Path):
    rewrite(weights, {"decoder.moustache": torch.zeros(2)})

    with pytest.raises(ValueError, match=r"decoder\.moustache is \(2,\), .* asks for None"):
        load_generator(weights)


def test_a_weight_of_another_shape_is_named_with_both_shapes(weights: Path):
    rewrite(weights, {"decoder.colour.bias": torch.zeros(4)})

    with pytest.raises(ValueError, match=r"decoder\.colour\.bias is \(4,\), .* asks for \(3,\)"):
        load_generator(weights)


def test_a_file_of_other_tensors_is_refused(tmp_path: Path):
    path = tmp_path / "other.safetensors"
    save_file({"a": torch.zeros(1)}, path)

    with pytest.raises(ValueError, match="is not a dualtrans-generator-1 file but None"):
        load_generator(path)


@pytest.mark.parametrize("content", [b"", b"not weights at all", b"\xff" * 64])
def test_a_file_that_holds_no_tensors_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "weights.safetensors"
    path.write_bytes(content)

    with pytest.raises(ValueError, match=r"weights\.safetensors"):
        load_generator(path)


def test_a_file_that_was_cut_short_is_refused(weights: Path):
    weights.write_bytes(weights.read_bytes()[:-100])

    with pytest.raises(ValueError, match=r"weights\.safetensors"):
        load_generator(weights)


def test_a_missing_file_is_told_as_missing(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        load_generator(tmp_path / "nowhere.safetensors")
