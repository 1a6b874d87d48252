"""The style controller: phi, a backbone of TransGAN-type blocks, and STCM, which computes tau.

Shapes: B batch, H x W pixels or tokens, D channels, L style levels, S style tokens, W channels of
the style code.
"""

from dataclasses import dataclass
from itertools import pairwise

import torch
from einops import rearrange, repeat
from jaxtyping import Float
from torch import Tensor, nn

from model.config import TOKEN_HEADS, DualTransConfig
from model.network.attention import attend, build_attention
from model.network.blocks import Block
from model.network.tokens import PatchEmbedding, TokenMerge, token_statistics

STYLE_LEVELS = 3
_CODE_GAIN = 5.0  # scales untrained codes so that their variance over styles is near 1
_MIN_CONTRAST = 8 / 127.5  # standard deviation of the pixels: 8 of 255 levels
_WAVE_PERIODS = 2  # per side


@dataclass(frozen=True)
class StyleCodes:
    """A batch of style codes: the control factors tau of Eq. 3.

    Codes may be mixed and interpolated linearly.
    """

    levels: Float[Tensor, "B L W"]
    """One vector per grid of the decoder: 0 controls 1/1 to 1/4, 1 controls 1/8, 2 controls 1/16
    (the bottleneck)."""
    tokens: Float[Tensor, "B S W"]
    """Style tokens, which the decoder's attention reads. Token i of every code answers the same
    learned query, so tokens of different codes correspond."""

    def repeated(self, times: int) -> "StyleCodes":
        """Return each code `times` times in a row."""
        return StyleCodes(
            *(repeat(part, "b ... -> (b t) ...", t=times) for part in (self.levels, self.tokens))
        )

    def moved_towards(self, target: "StyleCodes", strength: Float[Tensor, "#B #L"]) -> "StyleCodes":
        """Return self + strength * (target - self): 0 is self, 1 is the target, more exceeds it.

        `strength` has one value for all levels or one per level. The style tokens take the value of
        the middle level.
        """
        per_level = strength[:, :, None].to(self.levels.dtype)
        middle = per_level[:, per_level.shape[1] // 2, :, None]
        return StyleCodes(
            self.levels + per_level * (target.levels - self.levels),
            self.tokens + middle * (target.tokens - self.tokens),
        )


class StyleBackbone(nn.Module):
    """phi: TransGAN-type blocks at 1/4, 1/8 and 1/16; its token maps are the phi_i of Eq. 2."""

    def __init__(self, config: DualTransConfig) -> None:
        """Window attention at 1/4 and 1/8, full attention at 1/16."""
        super().__init__()
        dims = config.style_dims
        self.embed = PatchEmbedding(8, 4, dims[0])
        self.merges = nn.ModuleList(TokenMerge(a, b) for a, b in pairwise(dims))
        self.stages = nn.ModuleList(
            nn.ModuleList(_block(config, level, index) for index in range(count))
            for level, count in enumerate(config.style_blocks)
        )

    def forward(self, picture: Float[Tensor, "B 3 H W"]) -> list[Tensor]:
        """Return four token maps: the embedding, then the output of each of the three stages."""
        tokens = self.embed(picture)
        maps = [tokens]
        for level, stage in enumerate(self.stages):
            if level:
                tokens = self.merges[level - 1](tokens)
            for block in stage:  # type: ignore[attr-defined]  # a ModuleList iterates
                tokens = block(tokens)
            maps.append(tokens)
        return maps


def _block(config: DualTransConfig, level: int, index: int) -> Block:
    dim = config.style_dims[level]
    attention = build_attention(
        dim,
        config.style_heads[level],
        window=config.window if level < STYLE_LEVELS - 1 else None,
        shift=config.window // 2 * (index % 2),
        key_side=config.key_sides[-1],
    )
    return Block(dim, attention, config.mlp_ratio)


class StyleControl(nn.Module):
    """STCM: computes the style code of a picture.

    The statistics of phi's maps give the level vectors. Learned queries that attend to the maps at
    1/8 and 1/16 give the style tokens.
    """

    def __init__(self, config: DualTransConfig) -> None:
        """The backbone and the layers on top of it."""
        super().__init__()
        self.backbone = StyleBackbone(config)
        self.code_dim = config.code_dim
        self.token_count = config.slots
        dims, code = config.style_dims, config.code_dim
        sizes = [2 * (dims[0] + dims[0]), 2 * dims[1], 2 * dims[2]]
        self.level_mlps = nn.ModuleList(
            nn.Sequential(nn.Linear(size, code), nn.GELU(), nn.Linear(code, code)) for size in sizes
        )
        self.level_linears = nn.ModuleList(nn.Linear(size, code) for size in sizes)
        if self.token_count:
            self.token_queries = nn.Parameter(torch.randn(self.token_count, code))
            self.token_inputs = nn.ModuleList(nn.Linear(dim, code) for dim in dims[1:])
            self.key_value = nn.Linear(code, 2 * code)
            self.token_output = nn.Linear(code, code)

    def forward(self, picture: Float[Tensor, "B 3 H W"]) -> StyleCodes:
        """Return the style codes of pictures in [-1, 1].

        Sides are multiples of 16; resize the short side to at most `config.style_side` px first.

        Paper: Eq. 3. tau = SCB(phi_Block(y))
        """
        embedding, *maps = self.backbone(with_minimum_contrast(picture))
        return StyleCodes(
            _CODE_GAIN * self._levels(embedding, maps).float(),
            _CODE_GAIN * self._tokens(maps[1:]).float(),
        )

    def _levels(
        self, embedding: Float[Tensor, "B h w D"], maps: list[Tensor]
    ) -> Float[Tensor, "B L W"]:
        """Level 0 reads the statistics of the embedding and of the map at 1/4."""
        finest = torch.cat([_statistics(embedding), _statistics(maps[0])], dim=-1)
        statistics = [finest, *(_statistics(map_) for map_ in maps[1:])]
        layers = zip(self.level_mlps, self.level_linears, statistics, strict=True)
        return torch.stack([mlp(input_) + linear(input_) for mlp, linear, input_ in layers], dim=1)

    def _tokens(self, maps: list[Tensor]) -> Float[Tensor, "B S W"]:
        if not self.token_count:
            return maps[0].new_zeros(maps[0].shape[0], 0, self.code_dim)
        sources = torch.cat(
            [
                rearrange(project(map_), "b h w d -> b (h w) d")
                for project, map_ in zip(self.token_inputs, maps, strict=True)
            ],
            dim=1,
        )
        keys, values = rearrange(
            self.key_value(sources), "b n (t k c) -> t b k n c", t=2, k=TOKEN_HEADS
        )
        queries = repeat(
            self.token_queries.to(keys.dtype),
            "s (k c) -> b k s c",
            b=keys.shape[0],
            k=TOKEN_HEADS,
        )
        attended = attend(queries, keys, values)
        tokens: Tensor = self.token_output(rearrange(attended, "b k s c -> b s (k c)"))
        return tokens


def with_minimum_contrast(picture: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B 3 H W"]:
    """Return the pictures; to those with nearly no contrast, a soft grey wave is added.

    The log-deviations of a flat picture are far below those of every photo and artwork, and the
    style code that an untrained input gives is arbitrary: a blue sheet was rendered red at strength
    0. The wave fills the contrast up to the minimum and has the mean 0. A picture with at least
    this contrast is returned unchanged.
    """
    with torch.no_grad():  # the gradient of a root is infinite at 0
        variance = picture.var(dim=(2, 3), correction=0, keepdim=True).mean(dim=1, keepdim=True)
        amplitude = (_MIN_CONTRAST**2 - variance).clamp_min(0).sqrt()
    rows, columns = (_wave(side, picture) for side in picture.shape[2:])
    return picture + amplitude * rows[:, None] * columns


def _wave(side: int, like: Tensor) -> Float[Tensor, " N"]:
    """Return whole periods of a cosine with mean 0 and deviation 1."""
    positions = (torch.arange(side, device=like.device, dtype=like.dtype) + 0.5) / side
    return 2**0.5 * torch.cos(2 * torch.pi * _WAVE_PERIODS * positions)


def _statistics(tokens: Float[Tensor, "B H W D"]) -> Float[Tensor, "B d"]:
    """Return mean and log-deviation of each channel: d = 2 D.

    A change of palette or contrast adds a constant to these numbers.
    """
    mean, deviation = token_statistics(tokens)
    return rearrange(torch.cat([mean, deviation.log()], dim=-1), "b 1 1 d -> b d")
