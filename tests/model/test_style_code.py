"""Style codes: storing, reading and mixing them, and the presets file."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save, save_file

from model.config import CONFIGS, DualTransConfig
from model.network.style_control import STYLE_LEVELS
from model.style_code import StyleCode, read_presets


def code(value: float = 0.0, version: str = "v1") -> StyleCode:
    return StyleCode(torch.full((3, 8), value), torch.full((4, 8), -value), version)


def test_a_code_is_restored_from_its_bytes():
    read = StyleCode.from_bytes(code(0.5).to_bytes())

    assert read.model_version == "v1"
    assert torch.equal(read.levels, torch.full((3, 8), 0.5))
    assert torch.equal(read.tokens, torch.full((4, 8), -0.5))


def test_a_code_stored_by_the_first_version_is_read():
    tensors = {"levels": torch.full((3, 8), 0.5), "slots": torch.full((4, 8), -0.5)}
    metadata = {"format": "dualtrans-style-code-1", "model_version": "v1"}

    read = StyleCode.from_bytes(save({k: v.half() for k, v in tensors.items()}, metadata))

    assert torch.equal(read.levels, tensors["levels"])
    assert torch.equal(read.tokens, tensors["slots"])


def test_a_code_without_style_tokens_is_restored_too():
    read = StyleCode.from_bytes(StyleCode(torch.ones(3, 8), torch.ones(0, 8), "v1").to_bytes())

    assert read.tokens.shape == (0, 8)


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS.keys())
def test_the_code_of_every_configuration_takes_at_most_12_kb(config: DualTransConfig):
    levels, tokens = (
        torch.zeros(STYLE_LEVELS, config.code_dim),
        torch.zeros(config.slots, config.code_dim),
    )

    assert len(StyleCode(levels, tokens, "v1").to_bytes()) <= 12_000


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        b"no code",
        b"\xff" * 100,
        code().to_bytes()[:-20],
        save({"levels": torch.zeros(3, 8)}),
        save({"levels": torch.zeros(3, 8)}, {"format": "dualtrans-style-code-1"}),
        save(
            {"levels": torch.zeros(3, 8), "slots": torch.zeros(4, 8)},
            {"format": "dualtrans-style-code-1"},
        ),
    ],
    ids=[
        "empty",
        "text",
        "noise",
        "truncated",
        "other tensors",
        "without tokens",
        "without version",
    ],
)
def test_bytes_that_are_not_a_style_code_are_refused_with_their_number(blob: bytes):
    with pytest.raises(ValueError, match=f"{len(blob)} bytes are not a"):
        StyleCode.from_bytes(blob)


def test_a_mixture_is_the_weighted_mean():
    mixed = StyleCode.mix([code(0.0), code(4.0)], [3.0, 1.0])

    assert mixed.levels[0, 0].item() == pytest.approx(1.0)
    assert mixed.tokens[0, 0].item() == pytest.approx(-1.0)
    assert mixed.model_version == "v1"


def test_a_weight_of_0_ignores_the_style():
    mixed = StyleCode.mix([code(2.0), code(9.0)], [1.0, 0.0])

    assert torch.equal(mixed.levels, code(2.0).levels)


def test_codes_and_weights_must_have_the_same_number():
    with pytest.raises(ValueError, match="2 codes and 1 weights"):
        StyleCode.mix([code(), code()], [1.0])


def test_an_empty_mixture_is_refused():
    with pytest.raises(ValueError, match="0 codes and 0 weights"):
        StyleCode.mix([], [])


@pytest.mark.parametrize(
    "weights", [[0.0, 0.0], [-1.0, 2.0], [float("nan"), 1.0], [1.0, float("inf")]], ids=str
)
def test_weights_that_are_not_shares_are_refused_with_the_numbers(weights: list[float]):
    with pytest.raises(ValueError, match=r"weights \[.*\] are not shares"):
        StyleCode.mix([code(), code()], weights)


def test_codes_of_two_model_versions_cannot_be_mixed():
    with pytest.raises(ValueError, match=r"2 model versions: \['v1', 'v2'\]"):
        StyleCode.mix([code(), code(version="v2")], [1.0, 1.0])


# Presets


def presets_file(folder: Path) -> Path:
    path = folder / "presets.safetensors"
    tensors = {"ink.levels": torch.ones(3, 8), "ink.slots": torch.ones(4, 8)}
    save_file({k: v.half() for k, v in tensors.items()}, path, {"model_version": "v1"})
    return path


def test_presets_are_read_by_their_ids(tmp_path: Path):
    presets = read_presets(presets_file(tmp_path), "v1")

    assert list(presets) == ["ink"]
    assert torch.equal(presets["ink"].levels, torch.ones(3, 8))
    assert presets["ink"].model_version == "v1"


def test_presets_of_another_model_version_are_refused_with_both_versions(tmp_path: Path):
    with pytest.raises(ValueError, match="is of model v1, these weights are v2"):
        read_presets(presets_file(tmp_path), "v2")
