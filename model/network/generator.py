"""The generator G(x, y) = D(E(x), tau(y)): encoder, style controller, decoder; no convolution.

B batch, H x W pixels, h x w tokens, D channels, C channels of a style condition.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from einops import rearrange, repeat
from jaxtyping import Float
from torch import Tensor, nn

from model.config import DualTransConfig
from model.network.bands import BAND_TOKENS, apply_in_bands, split_into_bands
from model.network.blocks import Block, FullAttention, Mlp, StyledBlock
from model.network.location import LocationInformation, PositionInjection
from model.network.noise_injection import NoiseInjection
from model.network.style_control import StyleCodes, StyleControl
from model.network.tokens import (
    PatchEmbedding,
    TokenMerge,
    TokenUpsample,
    instance_normalise,
    token_statistics,
    with_neighbours,
)

_HALO = 4  # tokens of 1/4
STRIDE = 16  # sides of a picture are padded to multiples of the coarsest grid


@dataclass(frozen=True)
class EncodedContent:
    """E(x) and what the decoder takes of x beside it; D, F, G channels at 1/16, 1/4, 1/8."""

    bottleneck: Float[Tensor, "B h w D"]
    """E(x) of the paper, at 1/16."""
    quarter: Float[Tensor, "B 4*h 4*w F"]
    eighth: Float[Tensor, "B 2*h 2*w G"]
    location: Float[Tensor, "B F n n"] | None
    """The n x n map of LIM; None where the configuration has other positions, or none."""

    def repeated(self, times: int) -> "EncodedContent":
        """Every content to be painted several times, one time after another; one has no copy."""
        parts = (self.bottleneck, self.quarter, self.eighth, self.location)
        return EncodedContent(
            *(None if p is None else repeat(p, "b ... -> (b t) ...", t=times) for p in parts)  # type: ignore[arg-type]
        )


class ContentEncoder(nn.Module):
    """E: the content Transformer with LIM."""

    def __init__(self, config: DualTransConfig) -> None:
        """Full attention at every grid, keys pooled to a few; no windows: their rims would show."""
        super().__init__()
        dims = config.dims
        self.embed = PatchEmbedding(8, 4, dims[0])
        has_lim = config.position == "lim"
        self.location = LocationInformation(dims[0], config.lim_side) if has_lim else None
        self.locate = PositionInjection(dims[0], dims[0], config.position)
        self.relocate = PositionInjection(dims[2], dims[0], config.position)
        self.merge_1, self.merge_2 = TokenMerge(dims[0], dims[1]), TokenMerge(dims[1], dims[2])
        self.quarter_blocks = _blocks(config, 0)
        self.eighth_blocks = _blocks(config, 1)
        self.sixteenth_blocks = _blocks(config, 2)

    def forward(self, picture: Float[Tensor, "B 3 H W"]) -> EncodedContent:
        """Pictures in [-1, 1], sides multiples of 16."""
        tokens = self.embed(picture)
        location = self.location(tokens) if self.location is not None else None
        quarter = _through(self.quarter_blocks, self.locate(tokens, location))
        eighth = _through(self.eighth_blocks, self.merge_1(quarter))
        sixteenth = _through(self.sixteenth_blocks, self.relocate(self.merge_2(eighth), location))
        return EncodedContent(sixteenth, quarter, eighth, location)


class PositionDecoder(nn.Module):
    """D: rises from 1/16 to 1/1 by bilinear x2 and token-wise Linear; tau steers every grid.

    Differs from the paper: detail re-enters from the encoder at 1/8 and 1/4 and from overlapping
    patches of the photograph at 1/2 and 1/1; see model/README.md, decision 3.
    """

    def __init__(self, config: DualTransConfig) -> None:
        """Three grids under a level vector each; 1/2 and 1/1 share that of 1/4."""
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
        self.sixteenth_blocks = _decoder_blocks(config, 2, condition)
        self.upsample_eighth = TokenUpsample(dims[2], dims[1])
        self.skip_eighth = StyledSkip(dims[1], dims[1], condition)
        self.eighth_blocks = _decoder_blocks(config, 1, condition)
        self.upsample_quarter = TokenUpsample(dims[1], dims[0])
        self.skip_quarter = StyledSkip(dims[0], dims[0], condition)
        self.quarter_blocks = _decoder_blocks(config, 0, condition)
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
        picture: Float[Tensor, "B 3 H W"],
        own: StyleCodes,
        tau: StyleCodes,
    ) -> Float[Tensor, "B 3 H W"]:
        """Paper: D(E(x), tau).

        `own` is the photograph's own tau, `tau` the one to paint with. The condition of a grid is
        [tau; step; length of the step], step = tau - own: with tau = own the last two are zero and
        nothing pushes the picture away from the photograph.
        """
        step = tau.levels - own.levels
        fine, middle, coarse = torch.cat([tau.levels, step, _length(step)], dim=-1).unbind(1)
        slots = [project(tau.tokens) for project in self.token_projections] or [None] * 3

        tokens = self.locate(content.bottleneck, content.location)
        if self.adaptive:
            tokens = self._grained(instance_normalise(tokens), 2, step)
        else:
            tokens = self._gain(tokens, 0, tau.levels[:, 2])
        for block in self.sixteenth_blocks:
            tokens = block(tokens, coarse, slots[2])

        tokens = self.upsample_eighth(tokens)
        if not self.adaptive:
            tokens = self._gain(tokens, 1, tau.levels[:, 1])
        tokens = self.skip_eighth(tokens, content.eighth, middle)
        tokens = self._grained(tokens, 1, step)
        for block in self.eighth_blocks:
            tokens = block(tokens, middle, slots[1])

        tokens = self.skip_quarter(self.upsample_quarter(tokens), content.quarter, fine)
        tokens = self._grained(tokens, 0, step)
        for block in self.quarter_blocks:
            tokens = block(tokens, fine, slots[0])
        return self._finished(tokens, picture, step[:, 0], fine)

    def _finished(
        self,
        tokens: Float[Tensor, "B h w F"],
        picture: Float[Tensor, "B 3 H W"],
        step: Float[Tensor, "B C"],
        fine: Float[Tensor, "B c"],
    ) -> Float[Tensor, "B 3 H W"]:
        """From 1/4 to the picture, a band of rows after another: here tokens see only neighbours.

        A row of the picture depends on 12 px around it: _HALO tokens of 4 px.
        """
        rows = max(1, BAND_TOKENS // (tokens.shape[0] * tokens.shape[2]))
        painted = []
        for band in split_into_bands(tokens.shape[1], rows, _HALO):
            part = self._finish(
                tokens[:, band.top : band.bottom],
                picture[:, :, 4 * band.top : 4 * band.bottom],
                step,
                fine,
            )
            kept = slice(4 * (band.first - band.top), 4 * (band.last - band.top))
            painted.append(part[:, :, kept].float())
        return painted[0] if len(painted) == 1 else torch.cat(painted, dim=2)

    def _finish(
        self,
        tokens: Float[Tensor, "B h w F"],
        picture: Float[Tensor, "B 3 H W"],
        step: Float[Tensor, "B C"],
        fine: Float[Tensor, "B c"],
    ) -> Float[Tensor, "B 3 H W"]:
        tokens = self.upsample_half(tokens) + self.detail_half(picture, step)
        for block in self.half_blocks:
            tokens = block(tokens, fine)
        tokens = self.upsample_full(tokens) + self.detail_full(picture, step)
        for block in self.full_blocks:
            tokens = block(tokens, fine)
        return rearrange(self.colour(tokens), "b h w c -> b c h w")

    def _grained(self, tokens: Tensor, grid: int, step: Float[Tensor, "B L C"]) -> Tensor:
        grained: Tensor = (
            self.noise_injections[grid](tokens, step[:, grid]) if self.adaptive else tokens
        )
        return grained

    def _gain(self, tokens: Tensor, index: int, tau: Float[Tensor, "B C"]) -> Tensor:
        """The paper's E(x) * tau: one gain a channel, the same at every place."""
        gained: Tensor = tokens * rearrange(1 + self.gains[index](tau), "b d -> b 1 1 d")
        return gained


class StyledSkip(nn.Module):
    """Encoder tokens without their palette, scaled and shifted to the style's, then added."""

    def __init__(self, dim: int, next_dim: int, condition_dim: int) -> None:
        """`condition_dim` 0: no style here (the paper's gain)."""
        super().__init__()
        self.project = nn.Linear(dim, next_dim)
        self.control = nn.Linear(condition_dim, 2 * next_dim) if condition_dim else None

    def forward(
        self,
        tokens: Float[Tensor, "B H W D"],
        skip: Float[Tensor, "B H W d"],
        condition: Float[Tensor, "B C"],
    ) -> Float[Tensor, "B H W D"]:
        """Shape of `tokens`."""
        mean, deviation = token_statistics(skip)
        scale, shift = self._controls(condition, tokens)

        def added(rows: Tensor, skipped: Tensor) -> Tensor:
            detail = self.project(((skipped - mean) / deviation).to(rows.dtype))
            return rows + torch.addcmul(shift.to(detail.dtype), detail, 1 + scale.to(detail.dtype))

        return apply_in_bands(added, tokens, skip)

    def _controls(self, condition: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Scale and shift; zeros where the condition does not reach."""
        if self.control is None:
            nothing = tokens.new_zeros(1)
            return nothing, nothing
        scale, shift = rearrange(self.control(condition), "b (t d) -> t b 1 1 d", t=2)
        return scale, shift


class PhotoDetail(nn.Module):
    """Overlapping patches of the photograph; the step of the code says how much of them passes.

    A step of zero passes them as they are; scale is exp(A step - c |step|) with c > 0, so that
    every painting can shut them out, and shift is B step: a strength in between lies between.
    """

    def __init__(self, patch: int, stride: int, dim: int, code_dim: int) -> None:
        """See PatchEmbedding."""
        super().__init__()
        self.embed = PatchEmbedding(patch, stride, dim)
        self.control = nn.Linear(code_dim, 2 * dim, bias=False)
        nn.init.zeros_(self.control.weight)
        # At the length of a usual step, 0.3 to 0.5, a fifth of the detail passes from the start:
        # copying it is the easy way, and where more passed, the coarser grids learned nothing.
        self.attenuation = nn.Parameter(torch.full((dim,), 4.0))

    def forward(
        self, picture: Float[Tensor, "B 3 H W"], step: Float[Tensor, "B C"]
    ) -> Float[Tensor, "B h w D"]:
        """Tokens at 1 / stride."""
        detail = self.embed(picture)
        controls = rearrange(self.control(step), "b (t d) -> t b 1 1 d", t=2)
        closing = rearrange(F.softplus(self.attenuation) * _length(step), "b d -> b 1 1 d")
        scale = (controls[0].float() - closing).exp()
        return torch.addcmul(controls[1].to(detail.dtype), detail, scale.to(detail.dtype))


class ModulatedMlp(nn.Module):
    """x + mlp((1 + scale) x + shift), without a norm: flat colours stay what they are."""

    def __init__(self, dim: int, ratio: int, condition_dim: int) -> None:
        """`condition_dim` 0: a plain MLP."""
        super().__init__()
        self.mlp = Mlp(dim, ratio, inputs=2)
        self.control = nn.Linear(condition_dim, 2 * dim) if condition_dim else None

    def forward(
        self, tokens: Float[Tensor, "B H W D"], condition: Float[Tensor, "B C"]
    ) -> Float[Tensor, "B H W D"]:
        """Shape unchanged."""
        if self.control is None:
            steered = tokens
        else:
            controls = rearrange(self.control(condition), "b (t d) -> t b 1 1 d", t=2)
            scale, shift = controls.to(tokens.dtype)
            steered = torch.addcmul(shift, tokens, 1 + scale)
        out: Tensor = tokens + self.mlp(with_neighbours(steered))
        return out


class Generator(nn.Module):
    """E, the style controller and D: the whole of what is trained and shipped."""

    def __init__(self, config: DualTransConfig) -> None:
        """Random weights; model.checkpoint reads trained ones."""
        super().__init__()
        self.config = config
        self.encoder = ContentEncoder(config)
        self.style = StyleControl(config)
        self.decoder = PositionDecoder(config)

    def forward(
        self,
        picture: Float[Tensor, "B 3 H W"],
        own: StyleCodes,
        tau: StyleCodes,
    ) -> Float[Tensor, "B 3 H W"]:
        """Paint `picture` ([-1, 1], any sides from 64 px) with `tau`; `own` is its own code."""
        height, width = picture.shape[2:]
        whole = _filled(picture)
        painted: Tensor = self.decoder(self.encoder(whole), whole, own, tau)
        return painted[:, :, :height, :width]

    def regions(
        self,
        picture: Float[Tensor, "1 3 H W"],
        own: StyleCodes,
        taus: StyleCodes,
        shares: Float[Tensor, "R H W"],
    ) -> Float[Tensor, "1 3 H W"]:
        """Paint one picture with a tau a region, in one pass: E once, D on all of them at once.

        `shares` of the regions at every pixel sum to 1; where a mask is soft, paintings of the same
        content lie over one another, so no seam shows.
        """
        height, width = picture.shape[2:]
        whole = _filled(picture)
        times = len(shares)
        painted = self.decoder(
            self.encoder(whole).repeated(times),
            whole.expand(times, -1, -1, -1),
            own.repeated(times),
            taus,
        )[:, :, :height, :width]
        return torch.einsum("rchw,rhw->chw", painted.clamp(-1, 1), shares)[None]

    def encode_style(self, picture: Float[Tensor, "B 3 H W"]) -> StyleCodes:
        """Tau of pictures already at the style controller's size; sides are padded to its grid."""
        factors: StyleCodes = self.style(_filled(picture))
        return factors

    def shift_noise(self, chance: torch.Generator) -> None:
        """Lay the grain of every grid elsewhere, from now on: for training."""
        for module in self.modules():
            if isinstance(module, NoiseInjection):
                module.shift_origin(chance)


def _filled(picture: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B 3 h w"]:
    """Sides filled to multiples of the coarsest grid, by reflection."""
    height, width = picture.shape[2:]
    return F.pad(picture, (0, -width % STRIDE, 0, -height % STRIDE), mode="reflect")


def _length(step: Float[Tensor, "... W"]) -> Float[Tensor, "... 1"]:
    """Root mean square; the small constant keeps its gradient finite at zero."""
    return (step.square().mean(-1, keepdim=True) + 1e-6).sqrt() - 1e-3


def _through(blocks: nn.ModuleList, tokens: Float[Tensor, "B H W D"]) -> Float[Tensor, "B H W D"]:
    for block in blocks:
        tokens = block(tokens)
    return tokens


def _blocks(config: DualTransConfig, grid: int) -> nn.ModuleList:
    return nn.ModuleList(
        Block(config.dims[grid], _attention_of(config, grid), config.mlp_ratio)
        for _ in range(config.encoder_blocks[grid])
    )


def _decoder_blocks(config: DualTransConfig, grid: int, condition: int) -> nn.ModuleList:
    return nn.ModuleList(
        _block(config, config.dims[grid], _attention_of(config, grid), condition)
        for _ in range(config.decoder_blocks[grid])
    )


def _attention_of(config: DualTransConfig, grid: int) -> FullAttention:
    return FullAttention(config.dims[grid], config.heads[grid], config.key_sides[grid])


def _block(config: DualTransConfig, dim: int, attention_: nn.Module, condition: int) -> nn.Module:
    if condition:
        return StyledBlock(dim, attention_, config.mlp_ratio, condition)
    return PlainBlock(dim, attention_, config.mlp_ratio)


class PlainBlock(Block):
    """A decoder block of the paper's literal reading: the style condition does not reach it."""

    def forward(  # type: ignore[override]  # takes the condition's place and leaves it unread
        self,
        tokens: Float[Tensor, "B H W D"],
        condition: Float[Tensor, "B C"],  # noqa: ARG002
        extra: None = None,  # noqa: ARG002  # nor are there slots
    ) -> Float[Tensor, "B H W D"]:
        """Shape unchanged."""
        return super().forward(tokens)
