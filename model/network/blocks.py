"""Transformer blocks and token-wise MLPs, plain and modulated by the style.

Shapes: B batch, H x W tokens, D channels, C channels of the style condition, S style tokens.
"""

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from model.network.bands import apply_in_bands
from model.network.tokens import with_neighbours


class Mlp(nn.Module):
    """Two Linears with a ReLU between.

    A ReLU is non-linear at every input scale, also where no norm comes before the MLP.
    """

    def __init__(self, dim: int, ratio: int, inputs: int = 1) -> None:
        """From `inputs` x `dim` channels to `dim`; the hidden layer has `ratio` x `dim`."""
        super().__init__()
        self.widen = nn.Linear(inputs * dim, ratio * dim)
        self.narrow = nn.Linear(ratio * dim, dim)

    def forward(self, tokens: Float[Tensor, "... d"]) -> Float[Tensor, "... D"]:
        """Map d = inputs x D channels to D."""
        out: Tensor = self.narrow(F.relu(self.widen(tokens)))
        return out


class Block(nn.Module):
    """x + attention(norm x), then x + mlp(norm x). Used in the encoder and the style controller."""

    def __init__(self, dim: int, attention: nn.Module, mlp_ratio: int) -> None:
        """Pre-norm, with the given attention."""
        super().__init__()
        self.norm_1, self.attention = nn.LayerNorm(dim), attention
        self.norm_2, self.mlp = nn.LayerNorm(dim), Mlp(dim, mlp_ratio)

    def forward(self, tokens: Float[Tensor, "B H W D"]) -> Float[Tensor, "B H W D"]:
        """Return tokens of the same shape."""
        tokens = tokens + self.attention(self.norm_1(tokens))
        return apply_in_bands(lambda rows: rows + self.mlp(self.norm_2(rows)), tokens)


class StyledBlock(nn.Module):
    """A decoder block whose activations the style condition scales, shifts and gates (STCM)."""

    def __init__(self, dim: int, attention: nn.Module, mlp_ratio: int, condition_dim: int) -> None:
        """`condition_dim` is C. The applied scale and gate are 1 + the predicted values."""
        super().__init__()
        self.attention, self.mlp = attention, Mlp(dim, mlp_ratio, inputs=2)
        self.norm = nn.LayerNorm(dim, elementwise_affine=False)
        self.control = nn.Linear(condition_dim, 6 * dim)

    def forward(
        self,
        tokens: Float[Tensor, "B H W D"],
        condition: Float[Tensor, "B C"],
        style_tokens: Float[Tensor, "B S D"] | None = None,
    ) -> Float[Tensor, "B H W D"]:
        """Return tokens of the same shape. The MLP also reads the four neighbours of a token."""
        controls = rearrange(self.control(condition), "b (t d) -> t b 1 1 d", t=6)
        scale_1, shift_1, gate_1, scale_2, shift_2, gate_2 = controls.to(tokens.dtype)
        normed = torch.addcmul(shift_1, self.norm(tokens).to(tokens.dtype), 1 + scale_1)
        attended = self.attention(normed, style_tokens).to(tokens.dtype)
        tokens = torch.addcmul(tokens, 1 + gate_1, attended)

        def apply_mlp(rows: Tensor) -> Tensor:
            normed = torch.addcmul(shift_2, self.norm(rows).to(rows.dtype), 1 + scale_2)
            update = self.mlp(with_neighbours(normed)).to(rows.dtype)
            return torch.addcmul(rows, 1 + gate_2, update)

        return apply_in_bands(apply_mlp, tokens, halo=1)


class PlainBlock(Block):
    """A decoder block of the literal reading of the paper: the style does not reach it."""

    def forward(  # type: ignore[override]  # accepts the condition and ignores it
        self,
        tokens: Float[Tensor, "B H W D"],
        condition: Float[Tensor, "B C"],  # noqa: ARG002
        style_tokens: None = None,  # noqa: ARG002  # this configuration has none
    ) -> Float[Tensor, "B H W D"]:
        """Return tokens of the same shape."""
        return super().forward(tokens)


class ModulatedMlp(nn.Module):
    """x + mlp((1 + scale) x + shift). There is no norm, so flat colours keep their values."""

    def __init__(self, dim: int, ratio: int, condition_dim: int) -> None:
        """`condition_dim` is C; 0 means a plain MLP."""
        super().__init__()
        self.mlp = Mlp(dim, ratio, inputs=2)
        self.control = nn.Linear(condition_dim, 2 * dim) if condition_dim else None

    def forward(
        self, tokens: Float[Tensor, "B H W D"], condition: Float[Tensor, "B C"]
    ) -> Float[Tensor, "B H W D"]:
        """Return tokens of the same shape. The MLP also reads the four neighbours of a token."""
        modulated = tokens
        if self.control is not None:
            controls = rearrange(self.control(condition), "b (t d) -> t b 1 1 d", t=2)
            scale, shift = controls.to(tokens.dtype)
            modulated = torch.addcmul(shift, tokens, 1 + scale)
        out: Tensor = tokens + self.mlp(with_neighbours(modulated))
        return out
