"""From pictures to tokens and between grids, by Linear layers alone.

B batch, H x W pixels or tokens, D channels, P patch side. A token map is "B H W D".
"""

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from model.network.bands import apply_in_bands


class PatchEmbedding(nn.Module):
    """Overlapping square patches of a picture, each through one Linear.

    Differs from the paper: the patches overlap (as in TransGAN's discriminator); see
    model/README.md, decision 2.
    """

    def __init__(self, patch: int, stride: int, dim: int) -> None:
        """Patches of `patch` px every `stride` px; (patch - stride) must be even to centre them."""
        super().__init__()
        self.patch, self.stride = patch, stride
        self.project = nn.Linear(3 * patch * patch, dim)

    def forward(self, picture: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B h w D"]:
        """H and W are multiples of the stride; the rim is filled by reflection."""
        before = (self.patch - self.stride) // 2
        after = self.patch - self.stride - before
        padded = F.pad(picture, (before, after, before, after), mode="reflect")
        patches = padded.unfold(2, self.patch, self.stride).unfold(3, self.patch, self.stride)
        return apply_in_bands(
            lambda rows: self.project(rearrange(rows, "b h w c p q -> b h w (c p q)")),
            rearrange(patches, "b c h w p q -> b h w c p q"),
        )


class TokenMerge(nn.Module):
    """2 x 2 neighbouring tokens become one of the next, coarser grid."""

    def __init__(self, dim: int, next_dim: int) -> None:
        """From `dim` channels to `next_dim`."""
        super().__init__()
        self.project = nn.Linear(4 * dim, next_dim)

    def forward(self, tokens: Float[Tensor, "B H W D"]) -> Float[Tensor, "B h w d"]:
        """Halve the grid; H and W are even."""
        merged: Tensor = self.project(
            rearrange(tokens, "b (h p) (w q) d -> b h w (p q d)", p=2, q=2)
        )
        return merged


class TokenUpsample(nn.Module):
    """Token-wise Linear, then bilinear x2: no weight knows its place, so none prints a grid."""

    def __init__(self, dim: int, next_dim: int) -> None:
        """From `dim` channels to `next_dim`."""
        super().__init__()
        self.project = nn.Linear(dim, next_dim)

    def forward(self, tokens: Float[Tensor, "B H W D"]) -> Float[Tensor, "B h w d"]:
        """Double the grid."""
        channels = rearrange(self.project(tokens), "b h w d -> b d h w")
        risen = F.interpolate(channels, scale_factor=2.0, mode="bilinear", align_corners=False)
        return rearrange(risen, "b d h w -> b h w d")


def pool_tokens(tokens: Float[Tensor, "B H W D"], side: int) -> Float[Tensor, "B h w D"]:
    """Mean-pool a token map to at most `side` x `side`."""
    height, width = tokens.shape[1:3]
    size = (min(side, height), min(side, width))
    pooled = F.adaptive_avg_pool2d(rearrange(tokens, "b h w d -> b d h w"), size)
    return rearrange(pooled, "b d h w -> b h w d")


def with_neighbours(tokens: Float[Tensor, "B H W D"]) -> Float[Tensor, "B H W d"]:
    """Every token beside what its neighbours hold: d = 2 D.

    The second half is the same channels, a quarter of them from each of the four neighbours (token
    shift). It has no weights, so it knows no place in a patch; it lets a token-wise Linear answer
    to edges.
    """
    left, right, up, down = tokens.chunk(4, dim=-1)
    return torch.cat(
        [
            tokens,
            torch.cat([left[:, :, :1], left[:, :, :-1]], dim=2),
            torch.cat([right[:, :, 1:], right[:, :, -1:]], dim=2),
            torch.cat([up[:, :1], up[:, :-1]], dim=1),
            torch.cat([down[:, 1:], down[:, -1:]], dim=1),
        ],
        dim=-1,
    )


def token_statistics(
    tokens: Float[Tensor, "B H W D"], epsilon: float = 1e-5
) -> tuple[Float[Tensor, "B 1 1 D"], Float[Tensor, "B 1 1 D"]]:
    """Mean and standard deviation of every channel over the whole map, in fp32."""
    variance, mean = torch.var_mean(tokens.float(), dim=(1, 2), correction=0, keepdim=True)
    return mean, (variance + epsilon).sqrt()


def instance_normalise(tokens: Float[Tensor, "B H W D"]) -> Float[Tensor, "B H W D"]:
    """Every channel to mean 0 and deviation 1 over the picture: what is left carries no palette."""
    mean, deviation = token_statistics(tokens)
    return apply_in_bands(lambda rows: ((rows - mean) / deviation).to(tokens.dtype), tokens)
