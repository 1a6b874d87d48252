"""NoiseInjection: a fixed random pattern under the decoder's tokens, as paper and canvas have one.

B batch, H x W tokens, D channels, C channels of a style code.
"""

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from model.network.bands import apply_in_bands

_CHANNELS = 4
_SIDE = 128  # tokens until the pattern comes again: at 1/4 of the picture, 512 px
_SEED = 1885


class NoiseInjection(nn.Module):
    """Adds the pattern to tokens, as much of it as the style's step asks for.

    A flat sky holds nothing that strokes could begin from: what was painted into it grew from the
    blocks of its JPEG file, and showed them as a lattice. The pattern is the same for every picture
    and every size, so that the same picture is painted the same way; a step of zero adds nothing.
    """

    def __init__(self, dim: int, code_dim: int) -> None:
        """Channel by channel the step says how much; at first next to nothing."""
        super().__init__()
        self.project = nn.Linear(_CHANNELS, dim)
        self.control = nn.Linear(code_dim, dim, bias=False)
        nn.init.normal_(self.control.weight, std=0.01)
        chance = torch.Generator().manual_seed(_SEED)
        pattern = torch.randn(1, _SIDE, _SIDE, _CHANNELS, generator=chance)
        self.register_buffer("pattern", pattern, persistent=False)
        self.origin = (0, 0)

    def shift_origin(self, chance: torch.Generator) -> None:
        """Let maps begin at another place of the pattern, from now on.

        For training: crops are smaller than the pattern, and would only ever show its corner.
        """
        down, across = torch.randint(_SIDE, (2,), generator=chance).tolist()
        self.origin = (down, across)

    def forward(
        self, tokens: Float[Tensor, "B H W D"], step: Float[Tensor, "B C"]
    ) -> Float[Tensor, "B H W D"]:
        """Shape unchanged."""
        amount = rearrange(self.control(step), "b d -> b 1 1 d")

        def grained(rows: Tensor, pattern: Tensor) -> Tensor:
            grain = self.project(pattern)
            return torch.addcmul(rows, amount.to(rows.dtype), grain.to(rows.dtype))

        return apply_in_bands(grained, tokens, self._spread(*tokens.shape[1:3]))

    def _spread(self, height: int, width: int) -> Float[Tensor, "1 H W c"]:
        """The pattern laid over a map, again and again."""
        sizes = zip((height, width), self.origin, strict=True)
        down, across = ((torch.arange(size) + first) % _SIDE for size, first in sizes)
        return self.get_buffer("pattern")[:, down][:, :, across]
