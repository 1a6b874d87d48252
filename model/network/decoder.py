"""D, the position decoder: from the encoded content to a picture in the style of a code.

Shapes: B batch, H x W pixels, h x w tokens, D, d or F channels of tokens, L style levels, C
channels of the style code, c channels of a style condition.
"""

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from model.config import DualTransConfig
from model.network.attention import FullAttention
from model.network.bands import BAND_TOKENS, apply_in_bands, split_into_bands
from model.network.blocks import ModulatedMlp, PlainBlock, StyledBlock
from model.network.encoder import EncodedContent
from model.network.location import PositionInjection
from model.network.noise_injection import NoiseInjection
from model.network.style_control import StyleCodes
from model.network.tokens import (
    PatchEmbedding,
    TokenUpsample,
    instance_normalise,
    token_statistics,
)

_HALO = 4  # tokens at 1/4


class PositionDecoder(nn.Module):
    """D: from 1/16 to 1/1 by bilinear upsampling and token-wise Linears, with style at every grid.

    Differs from the paper: detail re-enters from the encoder at 1/8 and 1/4, and from overlapping
    patches of the photo at 1/2 and 1/1; see model/README.md, decision 3.
    """

    def __init__(self, config: DualTransConfig) -> None:
        """One level vector each for 1/16, 1/8 and 1/4; the grids 1/2 and 1/1 share that of 1/4."""
        super().__init__()
        dims, code = config.dims, config.code_dim
        self.adaptive = config.modulation == "adaptive"
        condition = 2 * code + 1 if self.adaptive else 0
        self.locate = PositionInjection(dims[2], dims[0], config.position)
        self.token_projections = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(code), nn.Linear(code, dim)) for dim in dims if config.slots
        )
        self.noise_injections = nn.ModuleList(
            NoiseInjection(dim, code) for dim in dims if self.adaptive
        )
        self.sixteenth_blocks = _blocks(config, 2, condition)
        self.upsample_eighth = TokenUpsample(dims[2], dims[1])
        self.skip_eighth = StyledSkip(dims[1], dims[1], condition)
        self.eighth_blocks = _blocks(config, 1, condition)
        self.upsample_quarter = TokenUpsample(dims[1], dims[0])
        self.skip_quarter = StyledSkip(dims[0], dims[0], condition)
        self.quarter_blocks = _blocks(config, 0, condition)
        self.upsample_half = TokenUpsample(dims[0], config.half_dim)
        self.detail_half = PhotoDetail(4, 2, config.half_dim, code)
        self.half_blocks = nn.ModuleList(
            ModulatedMlp(config.half_dim, config.mlp_ratio, condition)
            for _ in range(config.half_blocks)
        )
        self.upsample_full = TokenUpsample(config.half_dim, config.full_dim)
        self.detail_full = PhotoDetail(3, 1, config.full_dim, code)
        self.full_blocks = nn.ModuleList(
            ModulatedMlp(config.full_dim, config.mlp_ratio, condition)
            for _ in range(config.full_blocks)
        )
        self.colour = nn.Linear(config.full_dim, 3)
        if not self.adaptive:
            self.gains = nn.ModuleList([nn.Linear(code, dims[2]), nn.Linear(code, dims[1])])

    def forward(
        self,
        content: EncodedContent,
        photo: Float[Tensor, "B 3 H W"],
        content_code: StyleCodes,
        style_code: StyleCodes,
    ) -> Float[Tensor, "B 3 H W"]:
        """Return the picture D(E(x), tau) in fp32; values may lie outside [-1, 1].

        `content_code` is the style code of the photo itself, tau(x); `style_code` is tau. The code
        offset is their difference. The condition of a grid is [level vector; offset; length of the
        offset]. If both codes are equal, offset and length are zero, and nothing moves the result
        away from the photo.
        """
        offset = style_code.levels - content_code.levels
        conditions = torch.cat([style_code.levels, offset, offset_length(offset)], dim=-1)
        quarter, eighth, sixteenth = conditions.unbind(1)
        projected = [project(style_code.tokens) for project in self.token_projections]
        style_tokens = projected or [None] * 3

        tokens = self.locate(content.bottleneck, content.location)
        if self.adaptive:
            tokens = self._add_noise(instance_normalise(tokens), 2, offset)
        else:
            tokens = self._apply_gain(tokens, 0, style_code.levels[:, 2])
        for block in self.sixteenth_blocks:
            tokens = block(tokens, sixteenth, style_tokens[2])

        tokens = self.upsample_eighth(tokens)
        if not self.adaptive:
            tokens = self._apply_gain(tokens, 1, style_code.levels[:, 1])
        tokens = self.skip_eighth(tokens, content.eighth, eighth)
        tokens = self._add_noise(tokens, 1, offset)
        for block in self.eighth_blocks:
            tokens = block(tokens, eighth, style_tokens[1])

        tokens = self.skip_quarter(self.upsample_quarter(tokens), content.quarter, quarter)
        tokens = self._add_noise(tokens, 0, offset)
        for block in self.quarter_blocks:
            tokens = block(tokens, quarter, style_tokens[0])
        return self._to_picture_in_bands(tokens, photo, offset[:, 0], quarter)

    def _to_picture_in_bands(
        self,
        tokens: Float[Tensor, "B h w F"],
        photo: Float[Tensor, "B 3 H W"],
        offset: Float[Tensor, "B C"],
        condition: Float[Tensor, "B c"],
    ) -> Float[Tensor, "B 3 H W"]:
        """Return the picture from tokens at 1/4, one band of rows at a time.

        From 1/4 on, tokens depend only on their neighbours: a row of the picture depends on 12 px
        around it, and the halo of 4 tokens is 16 px.
        """
        rows = max(1, BAND_TOKENS // (tokens.shape[0] * tokens.shape[2]))
        parts = []
        for band in split_into_bands(tokens.shape[1], rows, _HALO):
            part = self._to_picture(
                tokens[:, band.top : band.bottom],
                photo[:, :, 4 * band.top : 4 * band.bottom],
                offset,
                condition,
            )
            inner = slice(4 * (band.first - band.top), 4 * (band.last - band.top))
            parts.append(part[:, :, inner].float())
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim=2)

    def _to_picture(
        self,
        tokens: Float[Tensor, "B h w F"],
        photo: Float[Tensor, "B 3 H W"],
        offset: Float[Tensor, "B C"],
        condition: Float[Tensor, "B c"],
    ) -> Float[Tensor, "B 3 H W"]:
        tokens = self.upsample_half(tokens) + self.detail_half(photo, offset)
        for block in self.half_blocks:
            tokens = block(tokens, condition)
        tokens = self.upsample_full(tokens) + self.detail_full(photo, offset)
        for block in self.full_blocks:
            tokens = block(tokens, condition)
        return rearrange(self.colour(tokens), "b h w c -> b c h w")

    def _add_noise(self, tokens: Tensor, grid: int, offset: Float[Tensor, "B L C"]) -> Tensor:
        if not self.adaptive:
            return tokens
        noisy: Tensor = self.noise_injections[grid](tokens, offset[:, grid])
        return noisy

    def _apply_gain(self, tokens: Tensor, index: int, level: Float[Tensor, "B C"]) -> Tensor:
        """Return the paper's E(x) * tau: one gain per channel, the same at every position."""
        scaled: Tensor = tokens * rearrange(1 + self.gains[index](level), "b d -> b 1 1 d")
        return scaled


class StyledSkip(nn.Module):
    """Adds encoder tokens, normalised to remove their palette and modulated by the style."""

    def __init__(self, dim: int, next_dim: int, condition_dim: int) -> None:
        """`condition_dim` is c; 0 means no style here (the paper's gain)."""
        super().__init__()
        self.project = nn.Linear(dim, next_dim)
        self.control = nn.Linear(condition_dim, 2 * next_dim) if condition_dim else None

    def forward(
        self,
        tokens: Float[Tensor, "B H W D"],
        skip: Float[Tensor, "B H W d"],
        condition: Float[Tensor, "B c"],
    ) -> Float[Tensor, "B H W D"]:
        """Return a map of the shape of `tokens`."""
        mean, deviation = token_statistics(skip)
        scale, shift = self._scale_and_shift(condition, tokens)

        def add_skip(rows: Tensor, skip_rows: Tensor) -> Tensor:
            detail = self.project(((skip_rows - mean) / deviation).to(rows.dtype))
            return rows + torch.addcmul(shift.to(detail.dtype), detail, 1 + scale.to(detail.dtype))

        return apply_in_bands(add_skip, tokens, skip)

    def _scale_and_shift(self, condition: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor]:
        if self.control is None:
            zero = tokens.new_zeros(1)
            return zero, zero
        scale, shift = rearrange(self.control(condition), "b (t d) -> t b 1 1 d", t=2)
        return scale, shift


class PhotoDetail(nn.Module):
    """Embeds overlapping patches of the photo, scaled and shifted by the code offset.

    scale = exp(A offset - c |offset|) with c > 0, shift = B offset. An offset of zero passes the
    patches unchanged, every style can suppress them, and the result is continuous in the strength.
    See model/README.md, decisions 3 and 17.
    """

    def __init__(self, patch: int, stride: int, dim: int, code_dim: int) -> None:
        """The first three arguments are those of `PatchEmbedding`; `code_dim` is C."""
        super().__init__()
        self.embed = PatchEmbedding(patch, stride, dim)
        self.control = nn.Linear(code_dim, 2 * dim, bias=False)
        nn.init.zeros_(self.control.weight)
        # At the usual offset length of 0.3 to 0.5, a fifth of the detail passes initially. Copying
        # the detail is easy to learn: where more passed, the coarser grids learned nothing.
        self.attenuation = nn.Parameter(torch.full((dim,), 4.0))

    def forward(
        self, photo: Float[Tensor, "B 3 H W"], offset: Float[Tensor, "B C"]
    ) -> Float[Tensor, "B h w D"]:
        """Return tokens at 1 / stride."""
        detail = self.embed(photo)
        exponent, shift = rearrange(self.control(offset), "b (t d) -> t b 1 1 d", t=2)
        attenuation = F.softplus(self.attenuation) * offset_length(offset)
        scale = (exponent.float() - rearrange(attenuation, "b d -> b 1 1 d")).exp()
        return torch.addcmul(shift.to(detail.dtype), detail, scale.to(detail.dtype))


def offset_length(offset: Float[Tensor, "... C"]) -> Float[Tensor, "... 1"]:
    """Return the root mean square of a code offset.

    The small constant keeps the gradient finite at zero.
    """
    return (offset.square().mean(-1, keepdim=True) + 1e-6).sqrt() - 1e-3


def _blocks(config: DualTransConfig, grid: int, condition: int) -> nn.ModuleList:
    """Return the decoder blocks at 1/4 (`grid` 0), 1/8 (1) or 1/16 (2)."""
    return nn.ModuleList(
        _block(config, grid, condition) for _ in range(config.decoder_blocks[grid])
    )


def _block(config: DualTransConfig, grid: int, condition: int) -> nn.Module:
    dim = config.dims[grid]
    attention = FullAttention(dim, config.heads[grid], config.key_sides[grid])
    if condition:
        return StyledBlock(dim, attention, config.mlp_ratio, condition)
    return PlainBlock(dim, attention, config.mlp_ratio)
