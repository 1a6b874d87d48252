"""The decoder of AdaIN: its results and its weights files."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from model.adain import BORDER_PX, AdainDecoder, load_adain
from model.perceptual.statistics import tap_statistics
from model.perceptual.vgg import load_vgg
from tests.model.samples import random_decoder_weights, tensor


@pytest.fixture
def decoder() -> AdainDecoder:
    return AdainDecoder(random_decoder_weights())


@pytest.mark.parametrize("size", [(64, 64), (80, 48)], ids=str)
def test_a_result_has_the_size_of_the_photo(
    decoder: AdainDecoder, vgg_file: Path, size: tuple[int, int]
):
    vgg = load_vgg(vgg_file, padding_mode="zeros")
    style = tap_statistics(vgg(tensor(64, 64, seed=1, batch=2)))

    result = decoder(vgg(tensor(*size, batch=2))[-1], style, torch.tensor([0.5, 1.0]))

    assert result.shape == (2, 3, *size)
    assert (float(result.min()) >= -1, float(result.max()) <= 1) == (True, True)


def test_at_strength_0_every_style_gives_the_same_result(decoder: AdainDecoder, vgg_file: Path):
    vgg = load_vgg(vgg_file, padding_mode="zeros")
    content = vgg(tensor(64, 64))[-1]
    styles = [tap_statistics(vgg(tensor(64, 64, seed=seed))) for seed in (1, 2)]

    first, second = (decoder(content, style, torch.zeros(1)) for style in styles)

    assert torch.equal(first, second)


def test_zero_padding_changes_only_the_border(vgg_file: Path):
    vgg = load_vgg(vgg_file)
    content, style = vgg(tensor(96, 96))[-1], tap_statistics(vgg(tensor(64, 64, seed=1)))

    one, other = (
        AdainDecoder(random_decoder_weights(), padding_mode=padding_mode)(
            content, style, torch.ones(1)
        )
        for padding_mode in ("reflect", "zeros")
    )

    inner = (..., slice(40, 56), slice(40, 56))  # nine layers at 1/8 to 1/1 reach 37 px
    torch.testing.assert_close(one[inner], other[inner], atol=1e-4, rtol=1e-4)
    assert not torch.allclose(one[..., :BORDER_PX, :], other[..., :BORDER_PX, :], atol=1e-2)


def test_the_decoder_is_frozen(decoder: AdainDecoder):
    assert [p for p in decoder.parameters() if p.requires_grad] == []


def test_a_decoder_is_read_from_its_file(tmp_path: Path):
    save_file(random_decoder_weights(), tmp_path / "decoder.safetensors")

    read = load_adain(tmp_path / "decoder.safetensors")

    assert len(read.layers) == 9


def test_a_file_without_a_decoder_is_rejected(tmp_path: Path):
    save_file({"conv0.weight": torch.zeros(1, 1, 3, 3)}, tmp_path / "a.safetensors")

    with pytest.raises(ValueError, match="does not contain an AdaIN decoder"):
        load_adain(tmp_path / "a.safetensors")


def test_a_file_without_tensors_is_rejected(tmp_path: Path):
    (tmp_path / "a.safetensors").write_bytes(b"no tensors")

    with pytest.raises(ValueError, match="does not contain an AdaIN decoder"):
        load_adain(tmp_path / "a.safetensors")
