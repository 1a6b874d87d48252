"""D_s, which tells paintings from painted pictures, and D_f, which tells E(x) from E(G).

Both are Transformers: training's adversaries, never shipped.

B batch, H x W pixels or tokens, D channels, G grids.
"""

import torch
import torch.nn.functional as F
from einops import rearrange, repeat
from jaxtyping import Float
from torch import Tensor, nn

from model.config import DualTransConfig
from model.network.blocks import Block, attend, build_attention
from model.network.tokens import PatchEmbedding, TokenMerge

_BLOCKS = 2  # at every grid of either discriminator


class AttentionPool(nn.Module):
    """One learned question that reads a whole map: a class token without a place of its own."""

    def __init__(self, dim: int, heads: int) -> None:
        """`heads` divide `dim`."""
        super().__init__()
        self.heads = heads
        self.class_token = nn.Parameter(torch.randn(dim))
        self.norm = nn.LayerNorm(dim)
        self.key_value = nn.Linear(dim, 2 * dim)

    def forward(self, tokens: Float[Tensor, "B H W D"]) -> Float[Tensor, "B D"]:
        """What the question finds."""
        sources = self.key_value(rearrange(self.norm(tokens), "b h w d -> b (h w) d"))
        keys, values = rearrange(sources, "b n (t k c) -> t b k n c", t=2, k=self.heads)
        question = repeat(
            self.class_token.to(keys.dtype), "(k c) -> b k 1 c", b=keys.shape[0], k=self.heads
        )
        return rearrange(attend(question, keys, values), "b k 1 c -> b (k c)")


class StyleDiscriminator(nn.Module):
    """D_s of Eq. 1: a TransGAN-type discriminator with a verdict at 1/4, 1/8 and 1/16.

    Overlapping patches enter at every grid, of the picture at 1, 1/2 and 1/4, beside the merged
    tokens of the finer grid (TransGAN's multi-scale discriminator); windows at the two finer grids,
    full attention at the coarsest. Each grid judges strokes of its own size.
    """

    def __init__(self, config: DualTransConfig) -> None:
        """Channels, heads and windows of the generator's encoder."""
        super().__init__()
        dims = config.dims
        self.embeds = nn.ModuleList(PatchEmbedding(8, 4, dim) for dim in dims)
        self.merges = nn.ModuleList(
            TokenMerge(dims[grid], dims[grid + 1]) for grid in range(len(dims) - 1)
        )
        self.joins = nn.ModuleList(nn.Linear(2 * dim, dim) for dim in dims[1:])
        self.stages = nn.ModuleList(
            nn.ModuleList(_block(config, grid, index) for index in range(_BLOCKS))
            for grid in range(len(dims))
        )
        self.pools = nn.ModuleList(
            AttentionPool(dim, heads) for dim, heads in zip(dims, config.heads, strict=True)
        )
        self.logit_heads = nn.ModuleList(nn.Linear(dim, 1) for dim in dims)

    def forward(self, picture: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B G"]:
        """One logit a grid, high for a painting. Pictures in [-1, 1], sides multiples of 16."""
        verdicts = []
        tokens = None
        for grid, embed in enumerate(self.embeds):
            patches = embed(picture)
            if tokens is None:
                tokens = patches
            else:
                merged = self.merges[grid - 1](tokens)
                tokens = self.joins[grid - 1](torch.cat([merged, patches], dim=-1))
            for block in self.stages[grid]:  # type: ignore[attr-defined]  # a ModuleList iterates
                tokens = block(tokens)
            verdicts.append(self.logit_heads[grid](self.pools[grid](tokens)))
            picture = F.avg_pool2d(picture, 2)
        return torch.cat(verdicts, dim=-1).float()


class FeatureDiscriminator(nn.Module):
    """D_f of Eq. 8: reads bottleneck tokens and says whether a photograph lies behind them."""

    def __init__(self, config: DualTransConfig) -> None:
        """Channels and heads of the generator's bottleneck."""
        super().__init__()
        dim, heads = config.dims[2], config.heads[2]
        self.norm = nn.LayerNorm(dim)
        self.blocks = nn.ModuleList(_block(config, 2, index) for index in range(_BLOCKS))
        self.pool = AttentionPool(dim, heads)
        self.logit_head = nn.Linear(dim, 1)

    def forward(self, tokens: Float[Tensor, "B H W D"]) -> Float[Tensor, "B 1"]:
        """A logit, high for E(x)."""
        tokens = self.norm(tokens)
        for block in self.blocks:
            tokens = block(tokens)
        verdict: Tensor = self.logit_head(self.pool(tokens))
        return verdict.float()


def _block(config: DualTransConfig, grid: int, index: int) -> Block:
    attention_ = build_attention(
        config.dims[grid],
        config.heads[grid],
        window=None if grid == 2 else config.window,
        shift=config.window // 2 * (index % 2),
        key_side=config.key_sides[-1],
    )
    return Block(config.dims[grid], attention_, config.mlp_ratio)
