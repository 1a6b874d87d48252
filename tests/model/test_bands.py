"""Maps in bands: the same numbers as in one piece."""

from dataclasses import replace

import pytest
import torch

from model.config import TINY
from model.network import bands, generator
from model.network.bands import Band, apply_in_bands
from model.network.tokens import with_neighbours
from tests.model.samples import tensor, tiny_generator


def test_bands_cover_every_row_once_with_the_rows_around_them():
    assert list(bands.split_into_bands(7, 3, 1)) == [
        Band(0, 3, 0, 4),
        Band(3, 6, 2, 7),
        Band(6, 7, 5, 7),
    ]


def test_a_band_knows_the_rows_that_it_depends_on():
    tokens = torch.randn(2, 9, 4, 8)

    banded = apply_in_bands(with_neighbours, tokens, halo=1, tokens=16)

    assert torch.equal(banded, with_neighbours(tokens))


def test_a_small_map_is_one_band():
    calls: list[int] = []

    apply_in_bands(lambda rows: calls.append(1) or rows, torch.randn(1, 8, 8, 2))

    assert calls == [1]


@pytest.mark.parametrize(("height", "width"), [(160, 96), (96, 352), (208, 64)])
@pytest.mark.parametrize("tokens", [64, 640])
def test_a_picture_painted_in_bands_is_the_picture_painted_whole(
    height: int, width: int, tokens: int, monkeypatch: pytest.MonkeyPatch
):
    deep = replace(TINY, encoder_blocks=(2, 2, 1), decoder_blocks=(3, 2, 1), half_blocks=2)
    painter = tiny_generator(replace(deep, full_blocks=2))
    picture, style = tensor(height, width), tensor(64, 64, seed=1)
    with torch.inference_mode():
        own, tau = painter.encode_style(tensor(64, 64)), painter.encode_style(style)
        whole = painter(picture, own, tau)
        monkeypatch.setattr(bands, "BAND_TOKENS", tokens)
        monkeypatch.setattr(generator, "BAND_TOKENS", tokens)
        banded = painter(picture, own, tau)

    torch.testing.assert_close(banded, whole, rtol=0, atol=1e-5)  # 2/255 is asked for
