"""AdaIN as a first teacher: its pictures tell the generator roughly where to go, many steps early.

B batch, C channels, H x W pixels, F statistics. The teacher's weights are not shipped.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from jaxtyping import Float
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from model.losses import instance_normalised
from model.perceptual import TAP_CHANNELS

_LAYERS = 9
_RISES_AFTER = (0, 4, 6)  # nearest x2
RIM_PX = 16  # what zero padding spoils: not to be learnt from


class AdainTeacher(nn.Module):
    """The decoder of AdaIN (Huang, Belongie; 2017) on the relu4_1 a step has at hand."""

    def __init__(self, weights: dict[str, Tensor]) -> None:
        """Nine 3 x 3 convolutions, conv0 to conv8."""
        super().__init__()
        self.layers = nn.ModuleList()
        for index in range(_LAYERS):
            weight = weights[f"conv{index}.weight"]
            layer = nn.Conv2d(weight.shape[1], weight.shape[0], 3, padding=1)
            layer.weight.data = weight.float().contiguous(memory_format=torch.channels_last)
            layer.bias.data = weights[f"conv{index}.bias"].float()  # type: ignore[union-attr]
            self.layers.append(layer)
        self.requires_grad_(requires_grad=False)

    @torch.no_grad()
    def forward(
        self,
        content: Float[Tensor, "B C h w"],
        style: Float[Tensor, "B F"],
        strength: Float[Tensor, " B"],
    ) -> Float[Tensor, "B 3 H W"]:
        """relu4_1 of photographs and statistics of styles, as `perceptual` tells them.

        The rim of RIM_PX of the pictures is poor.
        """
        channels = TAP_CHANNELS[-1]
        mean, deviation = (part[:, :, None, None] for part in style[:, -2 * channels :].chunk(2, 1))
        moved = instance_normalised(content) * deviation + mean
        x = torch.lerp(content.float(), moved, strength[:, None, None, None]).to(content.dtype)
        x = x.contiguous(memory_format=torch.channels_last)
        for index, layer in enumerate(self.layers):
            x = layer(x)
            if index < _LAYERS - 1:
                x = F.relu(x)
            if index in _RISES_AFTER:
                x = F.interpolate(x, scale_factor=2.0, mode="nearest")
        return x.float().clamp(0, 1) * 2 - 1


def load_teacher(path: Path) -> AdainTeacher:
    """Read the decoder's weights.

    Raises:
        ValueError: the file holds no AdaIN decoder.
    """
    try:
        return AdainTeacher(load_file(path))
    except (KeyError, SafetensorError) as error:
        raise ValueError(f"{path} holds no AdaIN decoder: {error}") from error
