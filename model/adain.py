"""AdaIN, another's arbitrary style transfer: first teacher of a training, baseline of evaluation.

Its decoder's weights are not shipped. B batch, C channels, H x W pixels, F statistics.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from jaxtyping import Float
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from model.losses import instance_normalise_features
from model.perceptual import TAP_CHANNELS, PaddingMode

_LAYERS = 9
_RISES_AFTER = (0, 4, 6)  # nearest x2
RIM_PX = 16  # what zero padding spoils: not to be learnt from


class AdainDecoder(nn.Module):
    """The decoder of AdaIN (Huang, Belongie; 2017): from relu4_1 back to a picture."""

    def __init__(
        self, weights: dict[str, Tensor], *, padding_mode: PaddingMode = "reflect"
    ) -> None:
        """Nine 3 x 3 convolutions, conv0 to conv8.

        `padding_mode`: "reflect" is how they were trained; "zeros" is faster and spoils RIM_PX
        at the border.
        """
        super().__init__()
        self.padding_mode = padding_mode
        self.layers = nn.ModuleList()
        for index in range(_LAYERS):
            weight = weights[f"conv{index}.weight"]
            layer = nn.Conv2d(weight.shape[1], weight.shape[0], 3)
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
        """relu4_1 of photographs and statistics of styles, as `perceptual` tells them."""
        channels = TAP_CHANNELS[-1]
        mean, deviation = (part[:, :, None, None] for part in style[:, -2 * channels :].chunk(2, 1))
        moved = instance_normalise_features(content) * deviation + mean
        x = torch.lerp(content.float(), moved, strength[:, None, None, None]).to(content.dtype)
        x = x.contiguous(memory_format=torch.channels_last)
        for index, layer in enumerate(self.layers):
            if self.padding_mode == "zeros":
                x = F.conv2d(x, layer.weight, layer.bias, padding=1)  # type: ignore[arg-type]
            else:
                x = layer(F.pad(x, (1, 1, 1, 1), mode="reflect"))
            if index < _LAYERS - 1:
                x = F.relu(x)
            if index in _RISES_AFTER:
                x = F.interpolate(x, scale_factor=2.0, mode="nearest")
        return x.float().clamp(0, 1) * 2 - 1


def load_adain(path: Path, *, padding_mode: PaddingMode = "reflect") -> AdainDecoder:
    """Read the decoder's weights.

    Raises:
        ValueError: the file holds no AdaIN decoder.
    """
    try:
        return AdainDecoder(load_file(path), padding_mode=padding_mode)
    except (KeyError, SafetensorError) as error:
        raise ValueError(f"{path} holds no AdaIN decoder: {error}") from error
