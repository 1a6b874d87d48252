"""Attention of the network, compared with Eq. 4 written out for one query."""

import pytest
import torch
from torch import Tensor

from model.network.attention import MAX_MATMUL_KEYS, FullAttention, WindowAttention, attend
from model.network.tokens import pool_tokens


def attention_of_one(query: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """Softmax(q k / sqrt(c)) v, for a single query."""
    scores = torch.stack([query @ key for key in keys]) / len(query) ** 0.5
    shares = scores.exp() / scores.exp().sum()
    return (shares[:, None] * values).sum(0)


def mirrored(place: int, size: int) -> int:
    """The index of the token that pads position `place` outside a map of `size` tokens."""
    if place < 0:
        return -place - 1
    return place if place < size else 2 * size - 1 - place


def window_reference(layer: WindowAttention, tokens: Tensor, at: tuple[int, int]) -> Tensor:
    """The layer's output for one token of the first picture, computed step by step."""
    side, (height, width) = layer.window, tokens.shape[1:3]
    down, right = (at[0] + layer.shift) // side, (at[1] + layer.shift) // side
    members = [
        tokens[
            0,
            mirrored(down * side + row - layer.shift, height),
            mirrored(right * side + column - layer.shift, width),
        ]
        for row in range(side)
        for column in range(side)
    ]
    index = (at[0] + layer.shift) % side * side + (at[1] + layer.shift) % side
    query, keys, values = layer.project_in(torch.stack(members)).chunk(3, dim=-1)
    heads = [
        attention_of_one(q[index], k, v)
        for q, k, v in zip(
            *(part.chunk(layer.heads, dim=-1) for part in (query, keys, values)), strict=True
        )
    ]
    return layer.project_out(torch.cat(heads))


@pytest.mark.parametrize("keys", [5, MAX_MATMUL_KEYS + 1])
def test_attend_returns_values_weighted_by_the_softmax_of_scaled_products(keys: int):
    q, k, v = torch.randn(1, 2, 3, 8), torch.randn(1, 2, keys, 8), torch.randn(1, 2, keys, 8)

    attended = attend(q, k, v)

    torch.testing.assert_close(attended[0, 1, 2], attention_of_one(q[0, 1, 2], k[0, 1], v[0, 1]))


@pytest.mark.parametrize(
    "style_tokens", [None, torch.randn(1, 3, 8)], ids=["without style tokens", "with style tokens"]
)
@pytest.mark.parametrize("key_side", [8, 2], ids=["every key", "pooled keys"])
def test_eq_4_full_attention_attends_to_the_whole_map(key_side: int, style_tokens: Tensor | None):
    layer, tokens = FullAttention(8, 2, key_side), torch.randn(1, 4, 6, 8)

    attended = layer(tokens, style_tokens)

    sources = pool_tokens(tokens, key_side)[0].flatten(0, 1)
    sources = sources if style_tokens is None else torch.cat([sources, style_tokens[0]])
    keys, values = layer.key_value(sources).chunk(2, dim=-1)
    query = layer.query(tokens[0, 3, 1])
    heads = [attention_of_one(query[h], keys[:, h], values[:, h]) for h in HEADS_OF_FOUR]
    torch.testing.assert_close(attended[0, 3, 1], layer.project_out(torch.cat(heads)))


HEADS_OF_FOUR = (slice(0, 4), slice(4, 8))


def test_keys_are_pooled_to_the_means_of_equal_rectangles():
    tokens = torch.arange(8.0).reshape(1, 2, 4, 1)  # rows 0 1 2 3 and 4 5 6 7

    pooled = pool_tokens(tokens, 2)

    assert pooled.flatten().tolist() == [0.5, 2.5, 4.5, 6.5]


def test_a_map_smaller_than_the_pool_is_unchanged():
    tokens = torch.randn(1, 3, 2, 4)

    pooled = pool_tokens(tokens, 32)

    torch.testing.assert_close(pooled, tokens)


@pytest.mark.parametrize("shift", [0, 2], ids=["no shift", "shifted"])
@pytest.mark.parametrize("size", [(8, 8), (5, 11), (4, 4)], ids=str)
@pytest.mark.parametrize("at", [(0, 0), (3, 2), (-1, -1)], ids=["first", "inside", "last"])
def test_a_token_attends_to_its_window_padded_by_reflection(
    size: tuple[int, int], shift: int, at: tuple[int, int]
):
    layer, tokens = WindowAttention(8, 2, window=4, shift=shift), torch.randn(1, *size, 8)

    attended = layer(tokens)

    place = (at[0] % size[0], at[1] % size[1])
    expected = window_reference(layer, tokens, place)
    torch.testing.assert_close(attended[0, place[0], place[1]], expected, rtol=1e-4, atol=1e-5)


def test_a_window_without_shift_does_not_depend_on_its_neighbour():
    layer, tokens = WindowAttention(8, 2, window=4, shift=0), torch.randn(1, 4, 8, 8)
    changed = tokens.clone()
    changed[:, :, 4:] = 0

    difference = (layer(tokens) - layer(changed)).abs()

    assert difference[:, :, :4].max().item() == 0.0


def test_a_shifted_window_depends_on_tokens_across_the_border():
    layer, tokens = WindowAttention(8, 2, window=4, shift=2), torch.randn(1, 4, 8, 8)
    changed = tokens.clone()
    changed[:, :, 4:] = 0

    difference = (layer(tokens) - layer(changed)).abs()

    assert difference[:, :, 2:4].min().item() > 0.0


def test_eq_4_full_attention_of_a_flat_map_is_flat_so_no_grid_appears():
    layer = FullAttention(8, 2, key_side=2)
    flat = torch.randn(1, 1, 1, 8).expand(1, 9, 9, 8)

    attended = layer(flat, torch.randn(1, 3, 8))

    torch.testing.assert_close(attended, attended[:, :1, :1].expand_as(attended))
