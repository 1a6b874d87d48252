"""The decoder of AdaIN (Huang, Belongie; 2017): a teacher in training, a baseline in evaluation.

The project does not include its weights. Shapes: B batch, C channels, H x W pixels, F statistics.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from jaxtyping import Float
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from model.losses import instance_normalise_features
from model.perceptual.vgg import TAP_CHANNELS, PaddingMode, convolve_padded, frozen_convolution

_LAYERS = 9
_UPSAMPLE_AFTER = (0, 4, 6)  # layers; nearest neighbour, by 2
BORDER_PX = 16
"""Width of the border of a result that zero padding distorts; training ignores it."""


class AdainDecoder(nn.Module):
    """Decodes relu4_1 features with the statistics of a style to a picture."""

    def __init__(
        self, weights: dict[str, Tensor], *, padding_mode: PaddingMode = "reflect"
    ) -> None:
        """Use the weights of the nine 3 x 3 convolutions, conv0 to conv8.

        The weights were trained with padding mode "reflect"; "zeros" is faster and distorts a
        border of BORDER_PX.
        """
        super().__init__()
        self.padding_mode = padding_mode
        self.layers = nn.ModuleList(
            frozen_convolution(weights[f"conv{index}.weight"], weights[f"conv{index}.bias"])
            for index in range(_LAYERS)
        )

    @torch.no_grad()
    def forward(
        self,
        content: Float[Tensor, "B C h w"],
        style: Float[Tensor, "B F"],
        strength: Float[Tensor, " B"],
    ) -> Float[Tensor, "B 3 H W"]:
        """Return pictures in [-1, 1] whose sides are eight times those of `content`.

        Args:
            content: relu4_1 of the photos.
            style: statistics of the styles, from `tap_statistics`.
            strength: 0 reconstructs the photo, 1 has the full style.
        """
        channels = TAP_CHANNELS[-1]
        mean, deviation = (part[:, :, None, None] for part in style[:, -2 * channels :].chunk(2, 1))
        restyled = instance_normalise_features(content) * deviation + mean
        x = torch.lerp(content.float(), restyled, strength[:, None, None, None])
        x = x.to(content.dtype).contiguous(memory_format=torch.channels_last)
        for index, layer in enumerate(self.layers):
            x = convolve_padded(layer, x, self.padding_mode)
            if index < _LAYERS - 1:
                x = F.relu(x)
            if index in _UPSAMPLE_AFTER:
                x = F.interpolate(x, scale_factor=2.0, mode="nearest")
        return x.float().clamp(0, 1) * 2 - 1


def load_adain(path: Path, *, padding_mode: PaddingMode = "reflect") -> AdainDecoder:
    """Read the decoder's weights.

    Raises:
        ValueError: the file does not contain an AdaIN decoder.
    """
    try:
        return AdainDecoder(load_file(path), padding_mode=padding_mode)
    except (KeyError, SafetensorError) as error:
        raise ValueError(f"{path} does not contain an AdaIN decoder: {error}") from error
