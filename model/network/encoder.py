"""E, the content encoder: a Transformer with the Location Information Module (LIM).

Shapes: B batch, H x W pixels, h x w tokens, D channels at 1/16, F at 1/4, G at 1/8, n x n the
location map.
"""

from dataclasses import dataclass

from einops import repeat
from jaxtyping import Float
from torch import Tensor, nn

from model.config import DualTransConfig
from model.network.attention import FullAttention
from model.network.blocks import Block
from model.network.location import LocationInformation, PositionInjection
from model.network.tokens import PatchEmbedding, TokenMerge


@dataclass(frozen=True)
class EncodedContent:
    """E(x) and the other encoder outputs that the decoder uses."""

    bottleneck: Float[Tensor, "B h w D"]
    """E(x) of the paper, at 1/16."""
    quarter: Float[Tensor, "B 4*h 4*w F"]
    eighth: Float[Tensor, "B 2*h 2*w G"]
    """Tokens at 1/4 and 1/8, for the skip connections."""
    location: Float[Tensor, "B F n n"] | None
    """The n x n map of LIM; None if the configuration uses sinusoidal positions or none."""

    def repeated(self, times: int) -> "EncodedContent":
        """Return each content `times` times in a row, to decode it in several styles."""
        parts = (self.bottleneck, self.quarter, self.eighth, self.location)
        return EncodedContent(
            *(None if p is None else repeat(p, "b ... -> (b t) ...", t=times) for p in parts)  # type: ignore[arg-type]  # only the location may be None
        )


class ContentEncoder(nn.Module):
    """E: tokens at 1/4, 1/8 and 1/16, with the position injected at 1/4 and 1/16.

    Differs from the paper: attention pools its keys; see model/README.md, decision 9.
    """

    def __init__(self, config: DualTransConfig) -> None:
        """Full attention at every grid. There are no windows, whose borders would be visible."""
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
        """Encode pictures in [-1, 1] whose sides are multiples of 16."""
        tokens = self.embed(picture)
        location = self.location(tokens) if self.location is not None else None
        quarter = self.quarter_blocks(self.locate(tokens, location))
        eighth = self.eighth_blocks(self.merge_1(quarter))
        sixteenth = self.sixteenth_blocks(self.relocate(self.merge_2(eighth), location))
        return EncodedContent(sixteenth, quarter, eighth, location)


def _blocks(config: DualTransConfig, grid: int) -> nn.Sequential:
    """Return the encoder blocks at 1/4 (`grid` 0), 1/8 (1) or 1/16 (2)."""
    dim = config.dims[grid]
    return nn.Sequential(
        *(
            Block(
                dim,
                FullAttention(dim, config.heads[grid], config.key_sides[grid]),
                config.mlp_ratio,
            )
            for _ in range(config.encoder_blocks[grid])
        )
    )
