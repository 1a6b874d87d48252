"""The style controller: phi, a trunk of TransGAN-type blocks, and STCM, which reads tau (Eq. 3).

B batch, H x W pixels or tokens, D channels, L levels, S slots, W channels of the code.
"""

from dataclasses import dataclass
from itertools import pairwise

import torch
from einops import rearrange, repeat
from jaxtyping import Float
from torch import Tensor, nn

from model.config import DualTransConfig
from model.network.blocks import Block, attend, build_attention
from model.network.tokens import PatchEmbedding, TokenMerge, token_statistics

STYLE_LEVELS = 3
_GAIN = 5.0  # brings the variance of untrained codes over styles near 1: what the decoder reads


@dataclass(frozen=True)
class StyleCodes:
    """tau of Eq. 3: what the decoder knows of a style. Codes are mixed and moved linearly."""

    levels: Float[Tensor, "B L W"]
    """One vector a decoder grid: 0 rules 1/1 to 1/4, 1 rules 1/8, 2 the bottleneck."""
    tokens: Float[Tensor, "B S W"]
    """Style tokens for the decoder; they answer learned questions, so slots correspond."""

    def repeated(self, times: int) -> "StyleCodes":
        """Every code several times, one time after another."""
        return StyleCodes(
            *(repeat(part, "b ... -> (b t) ...", t=times) for part in (self.levels, self.tokens))
        )

    def moved_towards(
        self, towards: "StyleCodes", strength: Float[Tensor, "#B #L"]
    ) -> "StyleCodes":
        """Self + strength * (towards - self): 0 stays, 1 arrives, beyond 1 goes past.

        One strength for all levels, or one for each; the slots go with the middle one.
        """
        share = strength[:, :, None].to(self.levels.dtype)
        middle = share[:, share.shape[1] // 2, :, None]
        return StyleCodes(
            self.levels + share * (towards.levels - self.levels),
            self.tokens + middle * (towards.tokens - self.tokens),
        )


class StyleBackbone(nn.Module):
    """phi: TransGAN-type blocks at 1/4, 1/8, 1/16 of a picture; its levels are Eq. 2's phi_i."""

    def __init__(self, config: DualTransConfig) -> None:
        """Windows at the two finer grids, full attention at the coarsest."""
        super().__init__()
        dims = config.style_dims
        self.embed = PatchEmbedding(8, 4, dims[0])
        self.merges = nn.ModuleList(TokenMerge(a, b) for a, b in pairwise(dims))
        self.stages = nn.ModuleList(
            nn.ModuleList(
                Block(
                    dims[level],
                    build_attention(
                        dims[level],
                        config.style_heads[level],
                        window=config.window if level < STYLE_LEVELS - 1 else None,
                        shift=config.window // 2 * (index % 2),
                        key_side=config.key_sides[-1],
                    ),
                    config.mlp_ratio,
                )
                for index in range(config.style_blocks[level])
            )
            for level in range(STYLE_LEVELS)
        )

    def forward(self, picture: Float[Tensor, "B 3 H W"]) -> list[Tensor]:
        """Token maps: the embedding, then each level's."""
        tokens = self.embed(picture)
        maps = [tokens]
        for level, stage in enumerate(self.stages):
            if level:
                tokens = self.merges[level - 1](tokens)
            for block in stage:  # type: ignore[attr-defined]  # a ModuleList iterates
                tokens = block(tokens)
            maps.append(tokens)
        return maps


class StyleControl(nn.Module):
    """STCM: statistics of phi's levels become level vectors, learned questions become slots.

    Paper: Eq. 3. tau = SCB(phi_Block(y))
    """

    def __init__(self, config: DualTransConfig) -> None:
        """The trunk and the heads that read it."""
        super().__init__()
        self.backbone = StyleBackbone(config)
        self.side = config.style_side
        dims, code = config.style_dims, config.code_dim
        sizes = [2 * (dims[0] + dims[0]), 2 * dims[1], 2 * dims[2]]
        self.level_mlps = nn.ModuleList(
            nn.Sequential(nn.Linear(size, code), nn.GELU(), nn.Linear(code, code)) for size in sizes
        )
        self.level_linears = nn.ModuleList(nn.Linear(size, code) for size in sizes)
        self.token_count = config.slots
        if config.slots:
            self.token_queries = nn.Parameter(torch.randn(config.slots, code))
            self.token_inputs = nn.ModuleList(nn.Linear(dim, code) for dim in dims[1:])
            self.key_value = nn.Linear(code, 2 * code)
            self.token_output = nn.Linear(code, code)

    def forward(self, picture: Float[Tensor, "B 3 H W"]) -> StyleCodes:
        """Pictures in [-1, 1], sides multiples of 16, already at the size `style_side` asks for."""
        maps = self.backbone(picture)
        first = torch.cat([_described(maps[0]), _described(maps[1])], dim=-1)
        described = [first, *(_described(map_) for map_ in maps[2:])]
        levels = [
            bend(text) + straight(text)
            for bend, straight, text in zip(
                self.level_mlps, self.level_linears, described, strict=True
            )
        ]
        return StyleCodes(
            _GAIN * torch.stack(levels, dim=1).float(), _GAIN * self._style_tokens(maps[2:]).float()
        )

    def _style_tokens(self, maps: list[Tensor]) -> Float[Tensor, "B S W"]:
        if not self.token_count:
            return maps[0].new_zeros(maps[0].shape[0], 0, self.key_value_width())
        sources = torch.cat(
            [
                rearrange(source(map_), "b h w d -> b (h w) d")
                for source, map_ in zip(self.token_inputs, maps, strict=True)
            ],
            dim=1,
        )
        keys, values = rearrange(self.key_value(sources), "b n (t k c) -> t b k n c", t=2, k=4)
        questions = repeat(
            self.token_queries.to(keys.dtype), "s (k c) -> b k s c", b=keys.shape[0], k=4
        )
        seen = attend(questions, keys, values)
        answers: Tensor = self.token_output(rearrange(seen, "b k s c -> b s (k c)"))
        return answers

    def key_value_width(self) -> int:
        """W, the channels of the code."""
        return self.level_linears[0].out_features  # type: ignore[return-value]  # a Linear's int


def _described(tokens: Float[Tensor, "B H W D"]) -> Float[Tensor, "B d"]:
    """Mean and log-deviation of every channel: a change of palette or contrast is then a sum."""
    mean, deviation = token_statistics(tokens)
    return rearrange(torch.cat([mean, deviation.log()], dim=-1), "b 1 1 d -> b d")
