"""Noise injection: a fixed random pattern added to the decoder's tokens.

Shapes: B batch, H x W tokens, D channels, C channels of a style code, c channels of the pattern.
"""

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from model.network.bands import apply_in_bands

_CHANNELS = 4
_SIDE = 128  # tokens after which the pattern repeats: 512 px of the picture at the 1/4 grid
_SEED = 1885


class NoiseInjection(nn.Module):
    """Adds the pattern to tokens, with a weight per channel that the code offset sets.

    A flat sky has no structure from which strokes can start. Without noise, the network amplified
    the blocks of the JPEG file, and a lattice appeared. The pattern is the same for every picture
    and every size, so results are reproducible. A code offset of zero adds nothing.

    Differs from the paper: it has no noise; see model/README.md, decision 20.
    """

    def __init__(self, dim: int, code_dim: int) -> None:
        """Initial weights are small, so an untrained network adds almost nothing."""
        super().__init__()
        self.project = nn.Linear(_CHANNELS, dim)
        self.control = nn.Linear(code_dim, dim, bias=False)
        nn.init.normal_(self.control.weight, std=0.01)
        random = torch.Generator().manual_seed(_SEED)
        pattern = torch.randn(1, _SIDE, _SIDE, _CHANNELS, generator=random)
        self.register_buffer("pattern", pattern, persistent=False)
        self.origin = (0, 0)

    def shift_origin(self, random: torch.Generator) -> None:
        """Set a random row and column of the pattern at which maps start from now on.

        For training, whose crops are smaller than the pattern and would otherwise always contain
        the same corner of it.
        """
        row, column = torch.randint(_SIDE, (2,), generator=random).tolist()
        self.origin = (row, column)

    def forward(
        self, tokens: Float[Tensor, "B H W D"], code_offset: Float[Tensor, "B C"]
    ) -> Float[Tensor, "B H W D"]:
        """Return tokens of the same shape."""
        amount = rearrange(self.control(code_offset), "b d -> b 1 1 d")

        def add_noise(rows: Tensor, pattern: Tensor) -> Tensor:
            noise = self.project(pattern)
            return torch.addcmul(rows, amount.to(rows.dtype), noise.to(rows.dtype))

        return apply_in_bands(add_noise, tokens, self._tile(*tokens.shape[1:3]))

    def _tile(self, height: int, width: int) -> Float[Tensor, "1 H W c"]:
        """Return the pattern, repeated to the size of a map."""
        sizes = zip((height, width), self.origin, strict=True)
        rows, columns = ((torch.arange(size) + first) % _SIDE for size, first in sizes)
        return self.get_buffer("pattern")[:, rows][:, :, columns]
