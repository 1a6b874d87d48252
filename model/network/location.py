"""LIM, the Location Information Module: a position encoding computed from the picture (Eq. 4-6).

Shapes: B batch, H x W tokens, D channels of tokens, d channels of positions, n x n the pooled map.
"""

import torch
import torch.nn.functional as F
from einops import rearrange, repeat
from jaxtyping import Float
from torch import Tensor, nn

from model.config import Position
from model.network.bands import apply_in_bands


class LocationInformation(nn.Module):
    """The pooled location map of Eq. 6. It has the same size for every picture size.

    Paper: Eq. 6. P_LI(x, y) = sum_kl a_kl F_pos(AvgP_nxn(e))(x_k, y_l)
    e is the map of embedded patches; AvgP pools it to n x n (n = 18); F_pos is the paper's 1 x 1
    convolution, which is a Linear on tokens; a_kl are bilinear weights
    (`interpolate_location`).
    """

    def __init__(self, dim: int, side: int) -> None:
        """`side` is the paper's n."""
        super().__init__()
        self.side = side
        self.position = nn.Linear(dim, dim)

    def forward(self, tokens: Float[Tensor, "B H W D"]) -> Float[Tensor, "B D n n"]:
        """Return the n x n map F_pos(AvgP(e))."""
        pooled = F.adaptive_avg_pool2d(rearrange(tokens, "b h w d -> b d h w"), self.side)
        return rearrange(
            self.position(rearrange(pooled, "b d h w -> b h w d")), "b h w d -> b d h w"
        )


def interpolate_location(
    location: Float[Tensor, "B D n n"], height: int, width: int
) -> Float[Tensor, "B h w D"]:
    """Return the n x n map, interpolated at every token of a grid.

    Paper: Eq. 6, the sum over the bilinear weights a_kl.
    """
    map_ = F.interpolate(location, size=(height, width), mode="bilinear", align_corners=False)
    return rearrange(map_, "b d h w -> b h w d")


def sinusoidal_positions(height: int, width: int, dim: int) -> Float[Tensor, "H W D"]:
    """Return fixed sinusoidal positions, the paper's baseline for LIM; used for comparison only.

    Paper: Eq. 5. p(i) . p(j) = sum_k cos(w_k (x_j - x_i)) + cos(w_k (y_j - y_i)), k < dim / 4,
    w_k = 10000^(-2k / (dim / 4)). x and y count tokens, so the same place of a larger picture gets
    another position. `dim` is a multiple of 4.
    """
    terms = dim // 4
    frequency = 10_000.0 ** (-2 * torch.arange(terms) / terms)
    y_angles = torch.arange(height)[:, None] * frequency
    x_angles = torch.arange(width)[:, None] * frequency
    rows = repeat(torch.cat([y_angles.sin(), y_angles.cos()], dim=-1), "h d -> h w d", w=width)
    columns = repeat(torch.cat([x_angles.sin(), x_angles.cos()], dim=-1), "w d -> h w d", h=height)
    return torch.cat([columns, rows], dim=-1)


class PositionInjection(nn.Module):
    """Concatenates the position to the tokens and projects back.

    Paper: the abstract says that LIM "concatenates it"; see model/README.md, decision 5.
    """

    def __init__(self, dim: int, location_dim: int, position: Position = "lim") -> None:
        """Tokens of `dim` channels, positions of `location_dim`.

        `position`: "lim" is the paper's module; "sinusoid" and "none" (tokens unchanged) are for
        comparison.
        """
        super().__init__()
        self.position, self.location_dim = position, location_dim
        if position != "none":
            self.project = nn.Linear(dim + location_dim, dim)

    def forward(
        self, tokens: Float[Tensor, "B H W D"], location: Float[Tensor, "B d n n"] | None
    ) -> Float[Tensor, "B H W D"]:
        """Return e' = e + Linear([e; P]), so that p enters both W_q and W_k of Eq. 4."""
        if self.position == "none":
            return tokens
        positions = self._positions(tokens, location).to(tokens.dtype)

        def add_position(rows: Tensor, position: Tensor) -> Tensor:
            out: Tensor = rows + self.project(torch.cat([rows, position], dim=-1))
            return out

        return apply_in_bands(add_position, tokens, positions)

    def _positions(self, tokens: Tensor, location: Tensor | None) -> Float[Tensor, "B H W d"]:
        batch, height, width, _ = tokens.shape
        if location is not None:
            return interpolate_location(location, height, width)
        grid = sinusoidal_positions(height, width, self.location_dim).to(tokens.device)
        return repeat(grid, "h w d -> b h w d", b=batch)
