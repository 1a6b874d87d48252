"""The generator G(x, y) = D(E(x), tau(y)): encoder, style controller and decoder; no convolution.

Shapes: B batch, H x W pixels (h x w after padding), S styles of one photo.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from model.config import DualTransConfig
from model.network.decoder import PositionDecoder
from model.network.encoder import ContentEncoder
from model.network.noise_injection import NoiseInjection
from model.network.style_control import StyleCodes, StyleControl

STRIDE = 16
"""Pixels per token of the coarsest grid. Pictures are padded to multiples of it."""


class Generator(nn.Module):
    """E, the style controller and D: all networks of a weights file."""

    def __init__(self, config: DualTransConfig) -> None:
        """Random weights; `model.checkpoint` reads trained ones."""
        super().__init__()
        self.config = config
        self.encoder = ContentEncoder(config)
        self.style = StyleControl(config)
        self.decoder = PositionDecoder(config)

    def forward(
        self,
        photo: Float[Tensor, "B 3 H W"],
        content_code: StyleCodes,
        style_code: StyleCodes,
    ) -> Float[Tensor, "B 3 H W"]:
        """Return the photos in the style of `style_code`; values may lie outside [-1, 1].

        Args:
            photo: in [-1, 1], with sides of at least 64 px.
            content_code: the style codes of the photos themselves.
            style_code: the codes to render with, usually from `content_code.moved_towards`.
        """
        height, width = photo.shape[2:]
        padded = _pad_to_stride(photo)
        result: Tensor = self.decoder(self.encoder(padded), padded, content_code, style_code)
        return result[:, :, :height, :width]

    def render_styles(
        self,
        photo: Float[Tensor, "1 3 H W"],
        content_code: StyleCodes,
        style_codes: StyleCodes,
    ) -> Float[Tensor, "S 3 H W"]:
        """Return one photo in each of several styles.

        E runs once, and D decodes all styles in one batch.
        """
        height, width = photo.shape[2:]
        padded = _pad_to_stride(photo)
        styles = len(style_codes.levels)
        results: Tensor = self.decoder(
            self.encoder(padded).repeated(styles),
            padded.expand(styles, -1, -1, -1),
            content_code.repeated(styles),
            style_codes,
        )
        return results[:, :, :height, :width]

    def encode_style(self, pictures: Float[Tensor, "B 3 H W"]) -> StyleCodes:
        """Return the style codes tau(y) of pictures in [-1, 1].

        Resize the pictures for the style controller first (`config.style_side`).
        """
        codes: StyleCodes = self.style(_pad_to_stride(pictures))
        return codes

    def shift_noise(self, random: torch.Generator) -> None:
        """Set a random origin of the noise pattern for each grid; for training."""
        for module in self.modules():
            if isinstance(module, NoiseInjection):
                module.shift_origin(random)


def _pad_to_stride(picture: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B 3 h w"]:
    """Pad the right and lower sides to multiples of the coarsest grid by reflection."""
    height, width = picture.shape[2:]
    return F.pad(picture, (0, -width % STRIDE, 0, -height % STRIDE), mode="reflect")
