"""Transformer blocks: attention in windows and over whole maps, and the MLP between.

B batch, H x W tokens, D channels, K heads, S extra tokens (style slots), C style condition.
"""

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from model.network.bands import apply_in_bands
from model.network.tokens import pool_tokens, with_neighbours

# Attention

MAX_MATMUL_KEYS = 256  # below this the score matrix fits the cache


def attend(
    queries: Float[Tensor, "B K N c"],
    keys: Float[Tensor, "B K M c"],
    values: Float[Tensor, "B K M c"],
) -> Float[Tensor, "B K N c"]:
    """softmax(q k^T / sqrt(c)) v.

    Written out for few keys on a CPU: the fused kernel's bf16 backward pass takes eight times as
    long there.
    """
    if queries.device.type != "cpu" or keys.shape[2] > MAX_MATMUL_KEYS:
        return F.scaled_dot_product_attention(queries, keys, values)
    scores = (queries * queries.shape[-1] ** -0.5) @ keys.mT
    return scores.softmax(dim=-1) @ values


class WindowAttention(nn.Module):
    """Attention inside windows, where a grid cannot show: in phi and in D_s, as TransGAN has it.

    A place in the window has no name here.
    """

    def __init__(self, dim: int, heads: int, window: int, shift: int) -> None:
        """`shift` tokens of offset let neighbouring windows meet in every second block."""
        super().__init__()
        self.heads, self.window, self.shift = heads, window, shift
        self.project_in = nn.Linear(dim, 3 * dim)
        self.project_out = nn.Linear(dim, dim)

    def forward(self, tokens: Float[Tensor, "B H W D"]) -> Float[Tensor, "B H W D"]:
        """Any H and W: the rim is filled by its mirror image, which needs no mask."""
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
        for axis in (1, 2):
            size = tokens.shape[axis]
            after = -(size + self.shift) % self.window
            before = tokens.narrow(axis, 0, self.shift).flip(axis)
            behind = tokens.narrow(axis, size - after, after).flip(axis)
            tokens = (
                torch.cat([before, tokens, behind], dim=axis) if self.shift or after else tokens
            )
        return tokens


class FullAttention(nn.Module):
    """Attention over the whole map; keys pooled to at most `key_side` a side, so cost is linear."""

    def __init__(self, dim: int, heads: int, key_side: int) -> None:
        """No position here: LIM has put it into the tokens (Eq. 4)."""
        super().__init__()
        self.heads, self.key_side = heads, key_side
        self.query = nn.Linear(dim, dim)
        self.key_value = nn.Linear(dim, 2 * dim)
        self.project_out = nn.Linear(dim, dim)

    def forward(
        self, tokens: Float[Tensor, "B H W D"], extra: Float[Tensor, "B S D"] | None = None
    ) -> Float[Tensor, "B H W D"]:
        """Paper: Eq. 4. A_ij = ((e_i + p_i) W_q) . ((e_j + p_j) W_k) / sqrt(channels)."""
        sources = rearrange(pool_tokens(tokens, self.key_side), "b h w d -> b (h w) d")
        if extra is not None:
            sources = torch.cat([sources, extra.to(sources.dtype)], dim=1)
        keys, values = rearrange(
            self.key_value(sources), "b n (t k c) -> t b k n c", t=2, k=self.heads
        )
        return apply_in_bands(lambda rows: self._seen(rows, keys, values), tokens)

    def _seen(
        self,
        tokens: Float[Tensor, "B H W D"],
        keys: Float[Tensor, "B K M c"],
        values: Float[Tensor, "B K M c"],
    ) -> Float[Tensor, "B H W D"]:
        height, width = tokens.shape[1:3]
        queries = rearrange(self.query(tokens), "b h w (k c) -> b k (h w) c", k=self.heads)
        seen = attend(queries, keys, values)
        out: Tensor = self.project_out(
            rearrange(seen, "b k (h w) c -> b h w (k c)", h=height, w=width)
        )
        return out


class Mlp(nn.Module):
    """Two Linears with a ReLU between: it bends at every scale, also where no norm comes before."""

    def __init__(self, dim: int, ratio: int, inputs: int = 1) -> None:
        """The hidden layer is `ratio` times as wide; `inputs` x `dim` channels come in."""
        super().__init__()
        self.widen = nn.Linear(inputs * dim, ratio * dim)
        self.narrow = nn.Linear(ratio * dim, dim)

    def forward(self, tokens: Float[Tensor, "... d"]) -> Float[Tensor, "... D"]:
        """Inputs x D channels to D."""
        out: Tensor = self.narrow(F.relu(self.widen(tokens)))
        return out


def build_attention(
    dim: int, heads: int, *, window: int | None, shift: int, key_side: int
) -> WindowAttention | FullAttention:
    """Window attention where `window` is given, else full attention."""
    if window is None:
        return FullAttention(dim, heads, key_side)
    return WindowAttention(dim, heads, window, shift)


# Blocks


class Block(nn.Module):
    """x + attention(norm x), then x + mlp(norm x): the block of encoder and style controller."""

    def __init__(self, dim: int, attention_: nn.Module, mlp_ratio: int) -> None:
        """Pre-norm."""
        super().__init__()
        self.norm_1, self.attention = nn.LayerNorm(dim), attention_
        self.norm_2, self.mlp = nn.LayerNorm(dim), Mlp(dim, mlp_ratio)

    def forward(self, tokens: Float[Tensor, "B H W D"]) -> Float[Tensor, "B H W D"]:
        """Shape unchanged."""
        tokens = tokens + self.attention(self.norm_1(tokens))
        return apply_in_bands(lambda rows: rows + self.mlp(self.norm_2(rows)), tokens)


class StyledBlock(nn.Module):
    """A block scaled, shifted and gated by the style condition: STCM's hand on the decoder."""

    def __init__(self, dim: int, attention_: nn.Module, mlp_ratio: int, condition_dim: int) -> None:
        """`condition_dim` channels of condition; scale, shift and gate start as 1, 0 and 1."""
        super().__init__()
        self.attention, self.mlp = attention_, Mlp(dim, mlp_ratio, inputs=2)
        self.norm = nn.LayerNorm(dim, elementwise_affine=False)
        self.control = nn.Linear(condition_dim, 6 * dim)

    def forward(
        self,
        tokens: Float[Tensor, "B H W D"],
        condition: Float[Tensor, "B C"],
        extra: Float[Tensor, "B S D"] | None = None,
    ) -> Float[Tensor, "B H W D"]:
        """Shape unchanged."""
        controls = rearrange(self.control(condition), "b (t d) -> t b 1 1 d", t=6)
        scale_1, shift_1, gate_1, scale_2, shift_2, gate_2 = controls.to(tokens.dtype)
        normed = torch.addcmul(shift_1, self.norm(tokens).to(tokens.dtype), 1 + scale_1)
        tokens = torch.addcmul(tokens, 1 + gate_1, self.attention(normed, extra).to(tokens.dtype))

        def answered(rows: Tensor) -> Tensor:
            normed = torch.addcmul(shift_2, self.norm(rows).to(rows.dtype), 1 + scale_2)
            answer = self.mlp(with_neighbours(normed)).to(rows.dtype)
            return torch.addcmul(rows, 1 + gate_2, answer)

        return apply_in_bands(answered, tokens, halo=1)
