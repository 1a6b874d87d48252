"""Style codes: storing, reading and mixing them, and the presets file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save, save_file

from model.config import CONFIGS, DualTransConfig
from model.inference import VIEW_SIDES_PX
from model.network.style_control import STYLE_LEVELS
from model.style_code import (
    StyleCode,
    StyleView,
    read_preset_records,
    read_presets,
    write_presets,
)


def view(value: float, side_px: float = 256) -> StyleView:
    return StyleView(side_px, torch.full((3, 8), value), torch.full((4, 8), -value))


def code(values: dict[float, float] | float = 0.0, version: str = "v1") -> StyleCode:
    """A code with one value for each side, or with one value for the side of 256 px."""
    by_side = values if isinstance(values, dict) else {256: values}
    return StyleCode(tuple(view(value, side) for side, value in by_side.items()), version)


def values_of(one: StyleCode | StyleView) -> dict[float, Any]:
    """The approximate value for each side; the inverse of `code`."""
    views = one.views if isinstance(one, StyleCode) else (one,)
    for each in views:
        assert torch.equal(each.tokens, -each.levels[:1, :1].expand_as(each.tokens))
    return {each.side_px: pytest.approx(each.levels[0, 0].item()) for each in views}


# Views


@pytest.mark.parametrize(
    ("side_px", "value"),
    [(50, 1.0), (128, 1.0), (256, 3.0), (512, 5.0), (1024, -1.0), (2000, -1.0)],
)
def test_the_vectors_of_a_view_are_those_of_its_side_or_of_the_nearest_side(
    side_px: float, value: float
):
    views = code({128: 1.0, 256: 3.0, 512: 5.0, 1024: -1.0})

    assert torch.equal(views.at(side_px).levels, torch.full((3, 8), value))
    assert torch.equal(views.at(side_px).tokens, torch.full((4, 8), -value))


@pytest.mark.parametrize(
    ("side_px", "value"), [(128 * 2**0.5, 2.0), (128 * 2**0.25, 1.5), (256 * 2**0.5, 4.0)]
)
def test_between_two_views_the_vectors_are_interpolated_over_the_logarithm_of_the_side(
    side_px: float, value: float
):
    views = code({128: 1.0, 256: 3.0, 512: 5.0})

    assert values_of(views.at(side_px)) == {side_px: value}


@pytest.mark.parametrize("side_px", [1, 256, 4000])
def test_a_code_of_one_view_has_the_same_vectors_for_every_side(side_px: float):
    assert torch.equal(code(3.0).at(side_px).levels, torch.full((3, 8), 3.0))


# Stored codes


def test_a_code_is_restored_from_its_bytes():
    read = StyleCode.from_bytes(code({128: 0.5, 256.5: 0.25}).to_bytes())

    assert read.model_version == "v1"
    assert read.sides_px == (128, 256.5)
    assert values_of(read) == {128: 0.5, 256.5: 0.25}


def test_a_code_of_the_first_format_is_read_as_one_view_of_256_px():
    tensors = {"levels": torch.full((3, 8), 0.5), "slots": torch.full((4, 8), -0.5)}
    metadata = {"format": "dualtrans-style-code-1", "model_version": "v1"}

    read = StyleCode.from_bytes(save({k: v.half() for k, v in tensors.items()}, metadata))

    assert values_of(read) == {256: 0.5}
    assert read.model_version == "v1"


def test_a_code_without_style_tokens_is_restored_too():
    without = StyleCode((StyleView(256, torch.ones(3, 8), torch.ones(0, 8)),), "v1")

    read = StyleCode.from_bytes(without.to_bytes())

    assert read.views[0].tokens.shape == (0, 8)


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS.keys())
def test_a_view_of_every_configuration_takes_at_most_12_kb(config: DualTransConfig):
    levels, tokens = (
        torch.zeros(STYLE_LEVELS, config.code_dim),
        torch.zeros(config.slots, config.code_dim),
    )
    views = tuple(StyleView(side, levels, tokens) for side in VIEW_SIDES_PX)

    assert len(StyleCode(views, "v1").to_bytes()) <= 12_000 * len(VIEW_SIDES_PX)


FORMAT_1 = {"format": "dualtrans-style-code-1", "model_version": "v1"}
FORMAT_2 = {"format": "dualtrans-style-code-2", "model_version": "v1", "view_sides_px": "128 256"}


def stored(metadata: dict[str, str], levels: tuple[int, ...], tokens: tuple[int, ...]) -> bytes:
    return save({"levels": torch.zeros(levels), "slots": torch.zeros(tokens)}, metadata)


@pytest.mark.parametrize(
    ("blob", "reason"),
    [
        (b"", ""),
        (b"no code", ""),
        (b"\xff" * 100, ""),
        (code().to_bytes()[:-20], ""),
        (save({"levels": torch.zeros(3, 8)}), "they have no 'format'"),
        (stored(FORMAT_2 | {"format": "other"}, (2, 3, 8), (2, 4, 8)), "their format is 'other'"),
        (save({"levels": torch.zeros(3, 8)}, FORMAT_1), "they have no 'slots'"),
        (
            stored({"format": FORMAT_1["format"]}, (3, 8), (4, 8)),
            "they have no 'model_version'",
        ),
        (
            stored({**FORMAT_1, "format": FORMAT_2["format"]}, (2, 3, 8), (2, 4, 8)),
            "they have no 'view_sides_px'",
        ),
        (
            stored(FORMAT_2, (3, 3, 8), (3, 4, 8)),
            r"the tensors of 2 views have the shapes \[3, 3, 8\] and \[3, 4, 8\]",
        ),
        (
            stored(FORMAT_2, (2, 3, 8), (2, 4, 6)),
            r"the tensors of 2 views have the shapes \[2, 3, 8\] and \[2, 4, 6\]",
        ),
        (stored(FORMAT_2, (2, 8), (2, 4, 8)), r"the shapes \[2, 8\] and \[2, 4, 8\]"),
        *(
            (
                stored(FORMAT_2 | {"view_sides_px": sides}, (2, 3, 8), (2, 4, 8)),
                f"the sides of the views are '{sides}'",
            )
            for sides in ("", "256 128", "256 256", "0 256", "-1 256", "256 inf", "nan 256")
        ),
        (
            stored(FORMAT_2 | {"view_sides_px": "small large"}, (2, 3, 8), (2, 4, 8)),
            "could not convert string to float: 'small'",
        ),
    ],
)
def test_bytes_that_are_not_a_style_code_are_refused_with_their_number_and_the_reason(
    blob: bytes, reason: str
):
    with pytest.raises(ValueError, match=f"{len(blob)} bytes are not a style code: .*{reason}"):
        StyleCode.from_bytes(blob)


# Mixtures


def test_a_mixture_is_the_weighted_mean():
    mixed = StyleCode.mix([code(0.0), code(4.0)], [3.0, 1.0])

    assert values_of(mixed) == {256: 1.0}
    assert mixed.model_version == "v1"


def test_a_mixture_of_codes_with_different_views_has_the_views_of_all():
    codes = [code({128: 1.0, 512: 5.0}), code(9.0)]

    mixed = StyleCode.mix(codes, [1.0, 1.0])

    assert values_of(mixed) == {128: 5.0, 256: 6.0, 512: 7.0}


def test_a_weight_of_0_ignores_the_style():
    mixed = StyleCode.mix([code(2.0), code(9.0)], [1.0, 0.0])

    assert values_of(mixed) == {256: 2.0}


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


@pytest.fixture
def presets_file(tmp_path: Path) -> Path:
    codes = {"wave": code({128: 1.0, 512: 5.0}), "ink": code(2.0)}
    write_presets(codes, tmp_path / "presets", "v1", {"ink": {"steps": 300, "style": 0.04}})
    return tmp_path / "presets"


def test_presets_are_read_by_their_ids(presets_file: Path):
    presets = read_presets(presets_file, "v1")

    assert list(presets) == ["ink", "wave"]
    assert values_of(presets["ink"]) == {256: 2.0}
    assert values_of(presets["wave"]) == {128: 1.0, 512: 5.0}
    assert presets["ink"].model_version == "v1"


def test_the_record_of_a_preset_states_its_views_and_how_its_code_was_made(presets_file: Path):
    assert read_preset_records(presets_file) == {
        "ink": {"view_sides_px": "256", "steps": 300, "style": 0.04},
        "wave": {"view_sides_px": "128 512"},
    }


def test_presets_of_another_model_version_are_refused_with_both_versions(presets_file: Path):
    with pytest.raises(ValueError, match="is of model v1, these weights are v2"):
        read_presets(presets_file, "v2")


def test_a_presets_file_without_codes_is_refused(tmp_path: Path):
    save_file({"ink.levels": torch.ones(3, 8)}, tmp_path / "presets", {"model_version": "v1"})

    with pytest.raises(ValueError, match="presets contains no style codes with views"):
        read_presets(tmp_path / "presets", "v1")


@pytest.mark.parametrize("read", [lambda path: read_presets(path, "v1"), read_preset_records])
def test_a_file_that_is_no_presets_file_is_refused(tmp_path: Path, read: Callable[[Path], object]):
    (tmp_path / "presets").write_bytes(b"no safetensors")

    with pytest.raises(ValueError, match="presets contains no style codes"):
        read(tmp_path / "presets")
