"""The grain under the decoder's tokens."""

import pytest
import torch
from torch import nn

from model.network import bands
from model.network.noise_injection import NoiseInjection

DIM, CODE = 6, 5
SIZES = ((8, 9), (20, 30))


@pytest.fixture
def grain() -> NoiseInjection:
    torch.manual_seed(0)
    grain = NoiseInjection(DIM, CODE)
    nn.init.normal_(grain.control.weight)
    return grain


def test_untrained_grain_is_hardly_seen():
    torch.manual_seed(0)
    tokens = torch.rand(1, 8, 8, DIM)

    grained = NoiseInjection(DIM, CODE)(tokens, torch.ones(1, CODE))

    assert float((grained - tokens).detach().abs().mean()) < 0.05


def test_a_step_of_zero_adds_nothing(grain: NoiseInjection):
    tokens = torch.rand(2, 3, 4, DIM)

    assert torch.equal(grain(tokens, torch.zeros(2, CODE)), tokens)


def test_flat_tokens_become_uneven(grain: NoiseInjection):
    grained = grain(torch.zeros(1, 8, 8, DIM), torch.ones(1, CODE))

    assert float(grained.detach().std(dim=(1, 2)).min()) > 0.01


def test_the_pattern_is_the_same_for_every_size_and_grain(grain: NoiseInjection):
    small, large = (grain(torch.zeros(1, *size, DIM), torch.ones(1, CODE)) for size in SIZES)

    assert torch.equal(small, large[:, :8, :9])
    assert torch.equal(grain.get_buffer("pattern"), NoiseInjection(DIM, CODE).get_buffer("pattern"))


def test_the_pattern_comes_again_after_128_tokens(grain: NoiseInjection):
    grained = grain(torch.zeros(1, 4, 130, DIM), torch.ones(1, CODE))

    assert torch.equal(grained[:, :, :2], grained[:, :, 128:])


def test_moved_grain_begins_elsewhere_in_the_same_pattern(grain: NoiseInjection):
    flat, step = torch.zeros(1, 128, 128, DIM), torch.ones(1, CODE)
    before = grain(flat, step)

    grain.shift_origin(torch.Generator().manual_seed(3))

    down, across = grain.origin
    moved = grain(flat, step)
    assert (down, across) != (0, 0)
    assert torch.equal(moved, before.roll((-down, -across), dims=(1, 2)))


def test_a_map_in_bands_is_grained_as_in_one_piece(
    grain: NoiseInjection, monkeypatch: pytest.MonkeyPatch
):
    tokens, step = torch.rand(1, 9, 8, DIM), torch.ones(1, CODE)
    whole = grain(tokens, step)

    monkeypatch.setattr(bands, "BAND_TOKENS", 16)

    torch.testing.assert_close(grain(tokens, step), whole)


def test_the_pattern_is_not_among_the_weights(grain: NoiseInjection):
    assert "pattern" not in grain.state_dict()
