"""Attention in windows and over whole token maps.

Shapes: B batch, H x W tokens, D channels, K heads of c channels, N queries, M keys, S style tokens.
"""

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from model.network.bands import apply_in_bands
from model.network.tokens import pool_tokens

MAX_MATMUL_KEYS = 256
"""Up to this number of keys the score matrix fits the CPU cache."""


def attend(
    queries: Float[Tensor, "B K N c"],
    keys: Float[Tensor, "B K M c"],
    values: Float[Tensor, "B K M c"],
) -> Float[Tensor, "B K N c"]:
    """Return softmax(q k^T / sqrt(c)) v.

    On a CPU with few keys, plain matrix products are used: the backward pass of the fused kernel
    takes eight times as long there in bf16.
    """
    if queries.device.type != "cpu" or keys.shape[2] > MAX_MATMUL_KEYS:
        return F.scaled_dot_product_attention(queries, keys, values)
    scores = (queries * queries.shape[-1] ** -0.5) @ keys.mT
    return scores.softmax(dim=-1) @ values


class WindowAttention(nn.Module):
    """Attention inside windows, without position encoding, as in TransGAN.

    Used in phi and D_s only: they produce no picture in which the window borders could show.
    """

    def __init__(self, dim: int, heads: int, window: int, shift: int) -> None:
        """Windows of `window` x `window` tokens, moved by `shift` tokens.

        Alternating shifts from block to block connect neighbouring windows.
        """
        super().__init__()
        self.heads, self.window, self.shift = heads, window, shift
        self.project_in = nn.Linear(dim, 3 * dim)
        self.project_out = nn.Linear(dim, dim)

    def forward(self, tokens: Float[Tensor, "B H W D"]) -> Float[Tensor, "B H W D"]:
        """Return tokens of the same shape, for any H and W.

        The border is padded by reflection, so no mask is needed.
        """
        batch, height, width, _ = tokens.shape
        padded = self._pad(self.project_in(tokens))
        queries, keys, values = rearrange(
            padded,
            "b (i p) (j q) (t k c) -> t (b i j) k (p q) c",
            p=self.window,
            q=self.window,
            t=3,
            k=self.heads,
        )
        joined = rearrange(
            attend(queries, keys, values),
            "(b i j) k (p q) c -> b (i p) (j q) (k c)",
            b=batch,
            i=padded.shape[1] // self.window,
            p=self.window,
        )
        out: Tensor = self.project_out(
            joined[:, self.shift : self.shift + height, self.shift : self.shift + width]
        )
        return out

    def _pad(self, tokens: Float[Tensor, "B H W d"]) -> Float[Tensor, "B h w d"]:
        """Pad `shift` tokens before, and after up to a multiple of the window."""
        for axis in (1, 2):
            size = tokens.shape[axis]
            after = -(size + self.shift) % self.window
            if self.shift or after:
                left = tokens.narrow(axis, 0, self.shift).flip(axis)
                right = tokens.narrow(axis, size - after, after).flip(axis)
                tokens = torch.cat([left, tokens, right], dim=axis)
        return tokens


class FullAttention(nn.Module):
    """Attention over the whole map. Keys are pooled, so the cost is linear in the tokens."""

    def __init__(self, dim: int, heads: int, key_side: int) -> None:
        """Pool the keys to at most `key_side` x `key_side`.

        There is no position encoding here: LIM has already added the position to the tokens.
        """
        super().__init__()
        self.heads, self.key_side = heads, key_side
        self.query = nn.Linear(dim, dim)
        self.key_value = nn.Linear(dim, 2 * dim)
        self.project_out = nn.Linear(dim, dim)

    def forward(
        self, tokens: Float[Tensor, "B H W D"], style_tokens: Float[Tensor, "B S D"] | None = None
    ) -> Float[Tensor, "B H W D"]:
        """Attend to the pooled map and to the style tokens.

        Paper: Eq. 4. A_ij = ((e_i + p_i) W_q) . ((e_j + p_j) W_k) / sqrt(channels)
        """
        sources = rearrange(pool_tokens(tokens, self.key_side), "b h w d -> b (h w) d")
        if style_tokens is not None:
            sources = torch.cat([sources, style_tokens.to(sources.dtype)], dim=1)
        keys, values = rearrange(
            self.key_value(sources), "b n (t k c) -> t b k n c", t=2, k=self.heads
        )
        return apply_in_bands(lambda rows: self._attend_rows(rows, keys, values), tokens)

    def _attend_rows(
        self,
        tokens: Float[Tensor, "B H W D"],
        keys: Float[Tensor, "B K M c"],
        values: Float[Tensor, "B K M c"],
    ) -> Float[Tensor, "B H W D"]:
        height, width = tokens.shape[1:3]
        queries = rearrange(self.query(tokens), "b h w (k c) -> b k (h w) c", k=self.heads)
        attended = attend(queries, keys, values)
        out: Tensor = self.project_out(
            rearrange(attended, "b k (h w) c -> b h w (k c)", h=height, w=width)
        )
        return out


def build_attention(
    dim: int, heads: int, *, window: int | None, shift: int, key_side: int
) -> WindowAttention | FullAttention:
    """Return window attention if `window` is given, else full attention."""
    if window is None:
        return FullAttention(dim, heads, key_side)
    return WindowAttention(dim, heads, window, shift)
