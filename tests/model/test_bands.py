"""Processing a map in bands gives the same values as processing it whole."""

from dataclasses import replace

import pytest
import torch

from model.config import TINY
from model.network import bands, decoder
from model.network.bands import Band, apply_in_bands
from model.network.tokens import with_neighbours
from tests.model.samples import tensor, tiny_generator


def test_bands_cover_every_row_once_and_include_their_halo():
    assert list(bands.split_into_bands(7, 3, 1)) == [
        Band(0, 3, 0, 4),
        Band(3, 6, 2, 7),
        Band(6, 7, 5, 7),
    ]


def test_a_function_that_reads_neighbours_gives_the_same_values_in_bands():
    tokens = torch.randn(2, 9, 4, 8)

    banded = apply_in_bands(with_neighbours, tokens, halo=1, tokens=16)

    assert torch.equal(banded, with_neighbours(tokens))


def test_a_small_map_is_processed_in_one_band():
    calls: list[int] = []

    apply_in_bands(lambda rows: calls.append(1) or rows, torch.randn(1, 8, 8, 2))

    assert calls == [1]


@pytest.mark.parametrize(("height", "width"), [(160, 96), (96, 352), (208, 64)])
@pytest.mark.parametrize("tokens", [64, 640])
def test_a_result_computed_in_bands_equals_one_computed_whole(
    height: int, width: int, tokens: int, monkeypatch: pytest.MonkeyPatch
):
    deep = replace(TINY, encoder_blocks=(2, 2, 1), decoder_blocks=(3, 2, 1), half_blocks=2)
    generator = tiny_generator(replace(deep, full_blocks=2))
    photo, style = tensor(height, width), tensor(64, 64, seed=1)
    with torch.inference_mode():
        content_code = generator.encode_style(tensor(64, 64))
        style_code = generator.encode_style(style)
        whole = generator(photo, content_code, style_code)
        monkeypatch.setattr(bands, "BAND_TOKENS", tokens)
        monkeypatch.setattr(decoder, "BAND_TOKENS", tokens)
        banded = generator(photo, content_code, style_code)

    torch.testing.assert_close(banded, whole, rtol=0, atol=1e-5)  # 2/255 would be acceptable
