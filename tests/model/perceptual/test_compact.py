"""The compact perceptual network: its taps, its weights files, and the packaged weights."""

from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from model.perceptual import compact
from model.perceptual.compact import (
    COMPACT_WEIGHTS,
    CompactConfig,
    CompactPerceptual,
    load_compact_perceptual,
    save_compact_perceptual,
)
from model.perceptual.loading import load_perceptual_network
from model.perceptual.statistics import pyramid_statistics
from model.perceptual.vgg import load_vgg
from tests.model.samples import tensor, training_record

CPU = torch.device("cpu")
SMALL = CompactConfig(dims=(4, 6, 8, 10), blocks=(1, 0, 2, 1))


@pytest.fixture(autouse=True)
def _in_fp32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compact, "fastest_precision", lambda _: "fp32")


def parameters(network: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.parametrize("size", [(64, 64), (65, 71), (70, 84)])
def test_the_taps_have_the_shapes_of_those_of_vgg_19(vgg_file: Path, size: tuple[int, int]):
    pictures = tensor(*size, batch=2)

    taps = CompactPerceptual()(pictures)

    assert [tap.shape for tap in taps] == [tap.shape for tap in load_vgg(vgg_file)(pictures)]
    assert all(bool((tap >= 0).all()) for tap in taps)


def test_the_default_network_has_at_most_3_million_parameters():
    assert parameters(CompactPerceptual()) <= 3_000_000


def test_the_statistics_have_gradients_in_the_pictures():
    pictures = tensor(64, 64).requires_grad_()

    pyramid_statistics(CompactPerceptual(SMALL), pictures, 2).sum().backward()

    assert pictures.grad is not None
    assert bool((pictures.grad.abs() > 0).any())


def test_pictures_are_cast_to_the_precision_of_the_weights():
    assert CompactPerceptual(SMALL).bfloat16().cast(tensor()).dtype == torch.bfloat16


# Files


@pytest.fixture
def network() -> CompactPerceptual:
    return CompactPerceptual(SMALL)


@pytest.fixture
def file(tmp_path: Path, network: CompactPerceptual) -> Path:
    path = tmp_path / "new" / "perceptual.safetensors"
    save_compact_perceptual(network, path, {"steps": 3})
    return path


def test_a_file_of_any_size_of_the_network_is_loaded_and_frozen(
    file: Path, network: CompactPerceptual
):
    loaded = load_compact_perceptual(file, CPU)

    pictures = tensor(64, 64)
    torch.testing.assert_close(loaded(pictures), network(pictures), rtol=0.01, atol=0.002)
    assert loaded.config == SMALL
    assert not any(parameter.requires_grad for parameter in loaded.parameters())
    assert [path.name for path in file.parent.iterdir()] == ["perceptual.safetensors"]
    assert training_record(file) == {"steps": 3}


def test_it_computes_in_bf16_where_that_is_faster(file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(compact, "fastest_precision", lambda _: "bf16")

    loaded = load_compact_perceptual(file, CPU)

    assert {tap.dtype for tap in loaded(loaded.cast(tensor(64, 64)))} == {torch.bfloat16}


def test_a_missing_file_is_reported(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        load_compact_perceptual(tmp_path / "none.safetensors", CPU)


@pytest.mark.parametrize("content", [b"", b"no weights at all"], ids=["empty", "text"])
def test_a_file_with_other_content_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "other.safetensors"
    path.write_bytes(content)

    with pytest.raises(ValueError, match="is not a dualtrans-perceptual-1 file"):
        load_compact_perceptual(path, CPU)


def changed(file: Path, **metadata: str) -> Path:
    """Write the tensors of the file with other metadata to the same file."""
    with safe_open(file, framework="pt") as opened:
        metadata = {**opened.metadata(), **metadata}
    save_file(load_file(file), file, metadata)
    return file


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({"format": "dualtrans-generator-1"}, "but 'dualtrans-generator-1'"),
        ({"config": '{"dims": [4, 6, 8]}'}, "the configuration is invalid"),
        ({"config": '{"dims": [4, 6, 8, 12]}'}, "does not fit its configuration"),
    ],
    ids=["format", "invalid", "other size"],
)
def test_metadata_that_do_not_fit_are_refused(file: Path, metadata: dict[str, str], message: str):
    with pytest.raises(ValueError, match=message):
        load_compact_perceptual(changed(file, **metadata), CPU)


# The network that style codes are fitted with


def test_without_a_file_of_vgg_19_the_packaged_network_is_used(
    file: Path, vgg_file: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(compact, "COMPACT_WEIGHTS", file)

    assert load_perceptual_network(None, CPU).name == "compact"
    assert load_perceptual_network(vgg_file, CPU).name == "vgg19"


def test_the_packaged_weights_can_be_loaded():
    packaged = load_compact_perceptual(None, CPU)

    assert parameters(packaged) <= 3_000_000
    assert training_record(COMPACT_WEIGHTS) != {}
    assert COMPACT_WEIGHTS.stat().st_size < 6_100_000
