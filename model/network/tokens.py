"""From pictures to tokens and between grids, with Linear layers only.

Shapes: B batch, H x W pixels or tokens (h x w after a change of grid), D channels (d after a
projection). A token map is "B H W D".
"""

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from model.config import NEIGHBOURS
from model.network.bands import apply_in_bands

# Between grids


class PatchEmbedding(nn.Module):
    """Projects overlapping square patches of a picture with one Linear.

    Differs from the paper: the patches overlap, as in TransGAN's discriminator; see
    model/README.md, decision 2.
    """

    def __init__(self, patch: int, stride: int, dim: int) -> None:
        """Patches of `patch` px every `stride` px; (patch - stride) must be even to centre them."""
        super().__init__()
        self.patch, self.stride = patch, stride
        self.project = nn.Linear(3 * patch * patch, dim)

    def forward(self, picture: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B h w D"]:
        """Return one token per stride. H and W are multiples of the stride; reflection padding."""
        before = (self.patch - self.stride) // 2
        after = self.patch - self.stride - before
        padded = F.pad(picture, (before, after, before, after), mode="reflect")
        patches = padded.unfold(2, self.patch, self.stride).unfold(3, self.patch, self.stride)
        return apply_in_bands(
            lambda rows: self.project(rearrange(rows, "b h w c p q -> b h w (c p q)")),
            rearrange(patches, "b c h w p q -> b h w c p q"),
        )


class TokenMerge(nn.Module):
    """Projects each 2 x 2 block of tokens to one token of the next coarser grid."""

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
    """Token-wise Linear, then bilinear upsampling by 2.

    All positions share the weights, so the output shows no patch grid; see model/README.md,
    decision 3.
    """

    def __init__(self, dim: int, next_dim: int) -> None:
        """From `dim` channels to `next_dim`."""
        super().__init__()
        self.project = nn.Linear(dim, next_dim)

    def forward(self, tokens: Float[Tensor, "B H W D"]) -> Float[Tensor, "B h w d"]:
        """Double the grid."""
        channels = rearrange(self.project(tokens), "b h w d -> b d h w")
        upsampled = F.interpolate(channels, scale_factor=2.0, mode="bilinear", align_corners=False)
        return rearrange(upsampled, "b d h w -> b h w d")


def pool_tokens(tokens: Float[Tensor, "B H W D"], side: int) -> Float[Tensor, "B h w D"]:
    """Mean-pool a token map to at most `side` x `side`; a smaller map is unchanged."""
    height, width = tokens.shape[1:3]
    size = (min(side, height), min(side, width))
    pooled = F.adaptive_avg_pool2d(rearrange(tokens, "b h w d -> b d h w"), size)
    return rearrange(pooled, "b d h w -> b h w d")


# On one grid


def with_neighbours(tokens: Float[Tensor, "B H W D"]) -> Float[Tensor, "B H W d"]:
    """Concatenate each token with channels of its four neighbours (token shift): d = 2 D.

    The second half holds the same D channels: a quarter of them each from the left, right, upper
    and lower neighbour. At the border, a token replaces its missing neighbour. The shift has no
    weights, so it cannot learn a position within a patch. It lets a token-wise Linear react to
    edges.
    """
    left, right, up, down = tokens.chunk(NEIGHBOURS, dim=-1)
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
    """Return mean and standard deviation of each channel over the whole map, in fp32."""
    variance, mean = torch.var_mean(tokens.float(), dim=(1, 2), correction=0, keepdim=True)
    return mean, (variance + epsilon).sqrt()


def instance_normalise(tokens: Float[Tensor, "B H W D"]) -> Float[Tensor, "B H W D"]:
    """Bring each channel to mean 0 and deviation 1 over the picture, which removes its palette."""
    mean, deviation = token_statistics(tokens)
    return apply_in_bands(lambda rows: ((rows - mean) / deviation).to(tokens.dtype), tokens)
