"""Layers between pixels, tokens and grids: the inputs of each Linear, and no visible grid."""

import pytest
import torch

from model.network.tokens import (
    PatchEmbedding,
    TokenMerge,
    TokenUpsample,
    instance_normalise,
    token_statistics,
    with_neighbours,
)
from tests.model.samples import tensor


@pytest.mark.parametrize(("patch", "stride"), [(8, 4), (4, 2), (3, 1)], ids=str)
def test_patches_overlap_and_are_centred_on_their_token(patch: int, stride: int):
    embedding, picture = PatchEmbedding(patch, stride, 5), tensor(32, 48)

    tokens = embedding(picture)

    begin = stride * 4 - (patch - stride) // 2
    window = picture[0, :, begin : begin + patch, begin : begin + patch]
    assert tokens.shape == (1, 32 // stride, 48 // stride, 5)
    torch.testing.assert_close(tokens[0, 4, 4], embedding.project(window.flatten()))


def test_a_block_of_four_tokens_is_merged_into_one():
    merge, tokens = TokenMerge(2, 3), torch.randn(1, 4, 6, 2)

    merged = merge(tokens)

    block = torch.cat([tokens[0, 2, 4], tokens[0, 2, 5], tokens[0, 3, 4], tokens[0, 3, 5]])
    torch.testing.assert_close(merged[0, 1, 2], merge.project(block))


def test_a_flat_map_stays_flat_when_upsampled():
    upsample = TokenUpsample(3, 4)

    upsampled = upsample(torch.ones(1, 5, 7, 3))

    assert upsampled.shape == (1, 10, 14, 4)
    torch.testing.assert_close(upsampled, upsampled[:, :1, :1].expand(1, 10, 14, 4))


def test_upsampling_is_bilinear():
    upsample = TokenUpsample(1, 1)
    tokens = torch.tensor([0.0, 4.0]).reshape(1, 1, 2, 1)

    upsampled = upsample(tokens)

    low, high = upsample.project(tokens).flatten().tolist()
    expected = [low + share * (high - low) for share in (0, 0.25, 0.75, 1)]
    assert upsampled[0, 0, :, 0].tolist() == pytest.approx(expected, abs=1e-6)


def test_a_token_gets_a_quarter_of_its_channels_from_each_neighbour():
    tokens = torch.arange(9.0).reshape(1, 3, 3, 1).expand(1, 3, 3, 4)  # rows 0 1 2, 3 4 5, 6 7 8

    shifted = with_neighbours(tokens.contiguous())

    assert shifted[0, 1, 1].tolist() == [4, 4, 4, 4, 3, 5, 1, 7]  # left, right, above, below
    # A token replaces its missing neighbours
    assert shifted[0, 0, 0].tolist() == [0, 0, 0, 0, 0, 1, 0, 3]


def test_statistics_are_per_channel_over_the_map():
    tokens = torch.tensor([[[[1.0, 5.0], [3.0, 5.0]]]])

    mean, deviation = token_statistics(tokens)

    assert mean.flatten().tolist() == [2.0, 5.0]
    assert deviation.flatten().tolist() == pytest.approx([1.0, 1e-5**0.5], rel=1e-4)


def test_normalised_tokens_do_not_depend_on_scale_and_shift():
    tokens = torch.randn(1, 6, 6, 3)

    same = instance_normalise(tokens * torch.tensor([2.0, 0.5, 9.0]) + 7.0)

    torch.testing.assert_close(same, instance_normalise(tokens), rtol=1e-3, atol=1e-3)
