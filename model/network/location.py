"""LIM, the Location Information Module: position told by the picture's own content (Eq. 4-6)."""

import torch
import torch.nn.functional as F
from einops import rearrange, repeat
from jaxtyping import Float
from torch import Tensor, nn

from model.config import Position
from model.network.bands import apply_in_bands


class LocationInformation(nn.Module):
    """Where a token is, whatever the picture's size.

    Paper: Eq. 6. P_LI(x, y) = sum_kl a_kl F_pos(AvgP_nxn(e))(x_k, y_l)
    e is the map of embedded patches, AvgP pools it to n x n (n = 18), F_pos is the paper's 1 x 1
    convolution, which on tokens is a Linear, and a_kl are bilinear weights to the grid that asks.
    """

    def __init__(self, dim: int, side: int) -> None:
        """`side` is the paper's n."""
        super().__init__()
        self.side = side
        self.position = nn.Linear(dim, dim)

    def forward(self, tokens: Float[Tensor, "B H W D"]) -> Float[Tensor, "B D n n"]:
        """The n x n map F_pos(AvgP(e))."""
        pooled = F.adaptive_avg_pool2d(rearrange(tokens, "b h w d -> b d h w"), self.side)
        return rearrange(
            self.position(rearrange(pooled, "b d h w -> b h w d")), "b h w d -> b d h w"
        )


def interpolate_location(
    location: Float[Tensor, "B D n n"], height: int, width: int
) -> Float[Tensor, "B h w D"]:
    """The bilinear sum over a_kl of Eq. 6: the n x n map read at every token of a grid."""
    map_ = F.interpolate(location, size=(height, width), mode="bilinear", align_corners=False)
    return rearrange(map_, "b d h w -> b h w d")


def sinusoidal_positions(height: int, width: int, dim: int) -> Float[Tensor, "H W D"]:
    """Fixed positions, which the paper names to improve on them: kept to be compared.

    Paper: Eq. 5. p(i) . p(j) = sum_k cos(w_k (x_j - x_i)) + cos(w_k (y_j - y_i)), k < dim / 4,
    w_k = 10000^(-2k / (dim / 4)); x and y count tokens, so the same place of a larger picture has
    another position. `dim` is a multiple of 4.
    """
    terms = dim // 4
    frequency = 10_000.0 ** (-2 * torch.arange(terms) / terms)
    down = torch.arange(height)[:, None] * frequency
    across = torch.arange(width)[:, None] * frequency
    rows = repeat(torch.cat([down.sin(), down.cos()], dim=-1), "h d -> h w d", w=width)
    columns = repeat(torch.cat([across.sin(), across.cos()], dim=-1), "w d -> h w d", h=height)
    return torch.cat([columns, rows], dim=-1)


class PositionInjection(nn.Module):
    """Concatenates the position to the tokens and projects back (abstract: "concatenates it")."""

    def __init__(self, dim: int, location_dim: int, position: Position = "lim") -> None:
        """Tokens of `dim` channels, locations of `location_dim`; "none" leaves tokens as they are.

        LIM is the paper's; "sinusoid" and "none" are what it is compared with.
        """
        super().__init__()
        self.position, self.location_dim = position, location_dim
        if position != "none":
            self.project = nn.Linear(dim + location_dim, dim)

    def forward(
        self, tokens: Float[Tensor, "B H W D"], location: Float[Tensor, "B d n n"] | None
    ) -> Float[Tensor, "B H W D"]:
        """E' = e + Linear([e; P]): so p enters both W_q and W_k of Eq. 4."""
        if self.position == "none":
            return tokens
        placed = self._placed(tokens, location).to(tokens.dtype)

        def located(rows: Tensor, place: Tensor) -> Tensor:
            out: Tensor = rows + self.project(torch.cat([rows, place], dim=-1))
            return out

        return apply_in_bands(located, tokens, placed)

    def _placed(self, tokens: Tensor, location: Tensor | None) -> Float[Tensor, "B H W d"]:
        batch, height, width, _ = tokens.shape
        if location is not None:
            return interpolate_location(location, height, width)
        grid = sinusoidal_positions(height, width, self.location_dim).to(tokens.device)
        return repeat(grid, "h w d -> b h w d", b=batch)
