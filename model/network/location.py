"""LIM, the Location Information Module: position told by the picture's own content (Eq. 4-6)."""

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn


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


def spread(location: Float[Tensor, "B D n n"], height: int, width: int) -> Float[Tensor, "B h w D"]:
    """The bilinear sum over a_kl of Eq. 6: the n x n map read at every token of a grid."""
    map_ = F.interpolate(location, size=(height, width), mode="bilinear", align_corners=False)
    return rearrange(map_, "b d h w -> b h w d")


class LocatedTokens(nn.Module):
    """Concatenates P_LI to the tokens and projects back (abstract: "concatenates it")."""

    def __init__(self, dim: int, location_dim: int) -> None:
        """Tokens of `dim` channels, locations of `location_dim`."""
        super().__init__()
        self.project = nn.Linear(dim + location_dim, dim)

    def forward(
        self, tokens: Float[Tensor, "B H W D"], location: Float[Tensor, "B d n n"]
    ) -> Float[Tensor, "B H W D"]:
        """E' = e + Linear([e; P_LI]): so p enters both W_q and W_k of Eq. 4."""
        placed = spread(location, tokens.shape[1], tokens.shape[2]).to(tokens.dtype)
        located: Tensor = tokens + self.project(torch.cat([tokens, placed], dim=-1))
        return located
