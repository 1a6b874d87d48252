"""VGG-19: the files it is loaded from, and its taps."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor

from model.perceptual.vgg import (
    IMAGENET_DEVIATION,
    IMAGENET_MEAN,
    load_vgg,
    save_vgg,
)
from tests.model.samples import random_vgg_weights, tensor


def torchvision_weights() -> dict[str, Tensor]:
    """Weights in torchvision's layout, with layers beyond relu4_1 and a classifier."""
    return {
        **random_vgg_weights(),
        "features.21.weight": torch.zeros(512, 512, 3, 3),
        "classifier.0.bias": torch.zeros(3),
    }


def test_normalised_weights_expect_pictures_in_0_to_1(vgg_file: Path):
    weights, picture = load_file(vgg_file), tensor()

    first = load_vgg(vgg_file)(picture)[0]

    unit = F.pad((picture + 1) / 2, (1, 1, 1, 1), mode="reflect")
    expected = F.conv2d(unit, weights["features.0.weight"], weights["features.0.bias"]).relu()
    torch.testing.assert_close(first, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["vgg19.pth", "vgg19-torchvision.safetensors"])
def test_torchvisions_weights_expect_pictures_in_imagenets_scale(tmp_path: Path, name: str):
    weights, picture = torchvision_weights(), tensor()
    torch.save(weights, tmp_path / "vgg19.pth")
    save_file(weights, tmp_path / "vgg19-torchvision.safetensors")

    first = load_vgg(tmp_path / name)(picture)[0]

    mean, deviation = (torch.tensor(v)[:, None, None] for v in (IMAGENET_MEAN, IMAGENET_DEVIATION))
    scaled = F.pad(((picture + 1) / 2 - mean) / deviation, (1, 1, 1, 1), mode="reflect")
    expected = F.conv2d(scaled, weights["features.0.weight"], weights["features.0.bias"]).relu()
    torch.testing.assert_close(first, expected, rtol=1e-3, atol=1e-4)


def test_the_taps_have_the_channels_and_sides_of_vgg_19(vgg_file: Path):
    taps = load_vgg(vgg_file)(tensor(64, 64))

    assert [tuple(tap.shape[1:]) for tap in taps] == [
        (64, 64, 64),
        (128, 32, 32),
        (256, 16, 16),
        (512, 8, 8),
    ]


def test_zero_padding_changes_only_the_border(vgg_file: Path):
    reflected, fast = (
        load_vgg(vgg_file, padding_mode=padding_mode)(tensor(64, 64))[2]
        for padding_mode in ("reflect", "zeros")
    )

    torch.testing.assert_close(fast[..., 4:-4, 4:-4], reflected[..., 4:-4, 4:-4])
    assert not torch.equal(fast, reflected)


def test_vgg_is_frozen(vgg_file: Path):
    assert [p for p in load_vgg(vgg_file).parameters() if p.requires_grad] == []


def test_a_file_without_a_layer_is_refused_with_the_name_of_the_layer(tmp_path: Path):
    weights = random_vgg_weights()
    del weights["features.10.weight"]
    save_file(weights, tmp_path / "a.safetensors")

    with pytest.raises(ValueError, match=r"features\.10\.weight of 256 channels is missing"):
        load_vgg(tmp_path / "a.safetensors")


def test_a_layer_of_another_shape_is_refused_with_its_name(tmp_path: Path):
    weights = random_vgg_weights() | {"features.5.bias": torch.zeros(127)}
    save_file(weights, tmp_path / "a.safetensors")

    with pytest.raises(ValueError, match=r"features\.5\.bias of 128 channels is missing"):
        load_vgg(tmp_path / "a.safetensors")


def test_a_file_with_one_tensor_instead_of_named_ones_is_refused(tmp_path: Path):
    torch.save(torch.zeros(3), tmp_path / "a.pth")

    with pytest.raises(ValueError, match=r"features\.0\.weight of 64 channels is missing"):
        load_vgg(tmp_path / "a.pth")


def test_saved_layers_of_torchvisions_weights_give_the_same_features(tmp_path: Path):
    torch.save(torchvision_weights(), tmp_path / "vgg19.pth")
    original = load_vgg(tmp_path / "vgg19.pth")
    save_vgg(original, tmp_path / "new" / "small.safetensors")

    small = load_vgg(tmp_path / "new" / "small.safetensors")

    picture = tensor(64, 64)
    torch.testing.assert_close(small(picture), original(picture), rtol=0, atol=0)
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["small.safetensors"]
    assert (tmp_path / "new" / "small.safetensors").stat().st_size < 15_000_000


@pytest.mark.parametrize("name", ["a.safetensors", "a.pth"])
@pytest.mark.parametrize("content", [b"", b"no weights at all"], ids=["empty", "text"])
def test_a_file_without_weights_is_refused(tmp_path: Path, name: str, content: bytes):
    (tmp_path / name).write_bytes(content)

    with pytest.raises(ValueError, match="contains no weights"):
        load_vgg(tmp_path / name)
