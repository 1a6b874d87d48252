"""The discriminators, both Transformers. They are used in training only.

D_s separates artworks from results; D_f separates E(x) from E(G).

Shapes: B batch, H x W pixels or tokens, D channels, G grids.
"""

import torch
import torch.nn.functional as F
from einops import rearrange, repeat
from jaxtyping import Float
from torch import Tensor, nn

from model.config import DualTransConfig
from model.network.attention import attend, build_attention
from model.network.blocks import Block
from model.network.tokens import PatchEmbedding, TokenMerge

_BLOCKS = 2  # per grid, in both discriminators


class AttentionPool(nn.Module):
    """Pools a token map to one vector with a learned class token, which has no position."""

    def __init__(self, dim: int, heads: int) -> None:
        """`heads` divides `dim`."""
        super().__init__()
        self.heads = heads
        self.class_token = nn.Parameter(torch.randn(dim))
        self.norm = nn.LayerNorm(dim)
        self.key_value = nn.Linear(dim, 2 * dim)

    def forward(self, tokens: Float[Tensor, "B H W D"]) -> Float[Tensor, "B D"]:
        """Return the attention output of the class token."""
        sources = self.key_value(rearrange(self.norm(tokens), "b h w d -> b (h w) d"))
        keys, values = rearrange(sources, "b n (t k c) -> t b k n c", t=2, k=self.heads)
        queries = repeat(
            self.class_token.to(keys.dtype), "(k c) -> b k 1 c", b=keys.shape[0], k=self.heads
        )
        return rearrange(attend(queries, keys, values), "b k 1 c -> b (k c)")


class StyleDiscriminator(nn.Module):
    """D_s of Eq. 1: a TransGAN-type discriminator with one logit each at 1/4, 1/8 and 1/16.

    As in TransGAN's multi-scale discriminator, every grid gets overlapping patches of the picture
    (scaled to 1, 1/2 and 1/4), concatenated with the merged tokens of the finer grid. The two finer
    grids use window attention, the coarsest one full attention. Each logit judges
    strokes of a different size.
    """

    def __init__(self, config: DualTransConfig) -> None:
        """Channels, heads and windows are those of the generator's encoder."""
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
        """Return one logit per grid, high for artworks.

        Pictures are in [-1, 1]; their sides are multiples of 16.
        """
        logits = []
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
            logits.append(self.logit_heads[grid](self.pools[grid](tokens)))
            picture = F.avg_pool2d(picture, 2)
        return torch.cat(logits, dim=-1).float()


class FeatureDiscriminator(nn.Module):
    """D_f of Eq. 8: decides whether bottleneck tokens were encoded from a photo or a result."""

    def __init__(self, config: DualTransConfig) -> None:
        """Channels and heads are those of the generator's bottleneck."""
        super().__init__()
        dim, heads = config.dims[2], config.heads[2]
        self.norm = nn.LayerNorm(dim)
        self.blocks = nn.ModuleList(_block(config, 2, index) for index in range(_BLOCKS))
        self.pool = AttentionPool(dim, heads)
        self.logit_head = nn.Linear(dim, 1)

    def forward(self, tokens: Float[Tensor, "B H W D"]) -> Float[Tensor, "B 1"]:
        """Return one logit, high for E(x)."""
        tokens = self.norm(tokens)
        for block in self.blocks:
            tokens = block(tokens)
        logit: Tensor = self.logit_head(self.pool(tokens))
        return logit.float()


def _block(config: DualTransConfig, grid: int, index: int) -> Block:
    attention = build_attention(
        config.dims[grid],
        config.heads[grid],
        window=None if grid == 2 else config.window,
        shift=config.window // 2 * (index % 2),
        key_side=config.key_sides[-1],
    )
    return Block(config.dims[grid], attention, config.mlp_ratio)
