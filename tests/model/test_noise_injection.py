"""The noise that the decoder adds to its tokens."""

import pytest
import torch
from torch import nn

from model.network import bands
from model.network.noise_injection import NoiseInjection

DIM, CODE = 6, 5
SIZES = ((8, 9), (20, 30))


@pytest.fixture
def injection() -> NoiseInjection:
    torch.manual_seed(0)
    injection = NoiseInjection(DIM, CODE)
    nn.init.normal_(injection.control.weight)
    return injection


def test_untrained_noise_is_weak():
    torch.manual_seed(0)
    tokens = torch.rand(1, 8, 8, DIM)

    noisy = NoiseInjection(DIM, CODE)(tokens, torch.ones(1, CODE))

    assert float((noisy - tokens).detach().abs().mean()) < 0.05


def test_a_code_offset_of_zero_adds_nothing(injection: NoiseInjection):
    tokens = torch.rand(2, 3, 4, DIM)

    assert torch.equal(injection(tokens, torch.zeros(2, CODE)), tokens)


def test_flat_tokens_become_uneven(injection: NoiseInjection):
    noisy = injection(torch.zeros(1, 8, 8, DIM), torch.ones(1, CODE))

    assert float(noisy.detach().std(dim=(1, 2)).min()) > 0.01


def test_the_pattern_is_the_same_for_every_size_and_module(injection: NoiseInjection):
    small, large = (injection(torch.zeros(1, *size, DIM), torch.ones(1, CODE)) for size in SIZES)

    assert torch.equal(small, large[:, :8, :9])
    assert torch.equal(
        injection.get_buffer("pattern"), NoiseInjection(DIM, CODE).get_buffer("pattern")
    )


def test_the_pattern_repeats_after_128_tokens(injection: NoiseInjection):
    noisy = injection(torch.zeros(1, 4, 130, DIM), torch.ones(1, CODE))

    assert torch.equal(noisy[:, :, :2], noisy[:, :, 128:])


def test_a_shifted_origin_starts_elsewhere_in_the_same_pattern(injection: NoiseInjection):
    flat, offset = torch.zeros(1, 128, 128, DIM), torch.ones(1, CODE)
    before = injection(flat, offset)

    injection.shift_origin(torch.Generator().manual_seed(3))

    row, column = injection.origin
    shifted = injection(flat, offset)
    assert (row, column) != (0, 0)
    assert torch.equal(shifted, before.roll((-row, -column), dims=(1, 2)))


def test_noise_is_the_same_in_bands(injection: NoiseInjection, monkeypatch: pytest.MonkeyPatch):
    tokens, offset = torch.rand(1, 9, 8, DIM), torch.ones(1, CODE)
    whole = injection(tokens, offset)

    monkeypatch.setattr(bands, "BAND_TOKENS", 16)

    torch.testing.assert_close(injection(tokens, offset), whole)


def test_the_pattern_is_not_part_of_the_state_dict(injection: NoiseInjection):
    assert "pattern" not in injection.state_dict()
