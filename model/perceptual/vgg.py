"""VGG-19, for training, evaluation and fitted style codes. Its weights are not included.

Shapes: B batch, C channels, O output channels, H x W pixels.
"""

from collections.abc import Iterator
from pathlib import Path
from pickle import UnpicklingError
from typing import Literal

import torch
import torch.nn.functional as F
from einops import reduce
from jaxtyping import Float
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from model.machine import fastest_precision

CONVOLUTIONS = {0: 64, 2: 64, 5: 128, 7: 128, 10: 256, 12: 256, 14: 256, 16: 256, 19: 512}
"""Index in VGG-19's `features` -> output channels, up to relu4_1."""
POOLED_AFTER = (2, 7, 16)
TAPS = (0, 5, 10, 19)
"""relu1_1, relu2_1, relu3_1, relu4_1: the layers whose outputs are used."""
TAP_CHANNELS = tuple(CONVOLUTIONS[index] for index in TAPS)

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)


# Frozen convolutions, also of the AdaIN decoder

PaddingMode = Literal["reflect", "zeros"]
"""How a convolution pads the border of a picture."""


def frozen_convolution(weight: Float[Tensor, "O C 3 3"], bias: Float[Tensor, " O"]) -> nn.Conv2d:
    """Return a 3 x 3 convolution in fp32 without padding; its weights cannot be trained."""
    layer = nn.Conv2d(weight.shape[1], weight.shape[0], 3)
    layer.weight.data = weight.float().contiguous(memory_format=torch.channels_last)
    layer.bias.data = bias.float()  # type: ignore[union-attr]  # bias=True
    return layer.requires_grad_(requires_grad=False)


def convolve_padded(
    layer: nn.Module, x: Float[Tensor, "B C H W"], padding_mode: PaddingMode
) -> Float[Tensor, "B O H W"]:
    """Apply a `frozen_convolution` with a border of 1 px, so that H and W do not change."""
    if padding_mode == "zeros":
        return F.conv2d(x, layer.weight, layer.bias, padding=1)  # type: ignore[arg-type]  # tensors
    out: Tensor = layer(F.pad(x, (1, 1, 1, 1), mode="reflect"))
    return out


# The network


class Vgg19(nn.Module):
    """Frozen VGG-19 up to relu4_1 on pictures in [-1, 1], a `PerceptualNetwork`."""

    name: str = "vgg19"

    def __init__(
        self, weights: dict[str, Tensor], *, padding_mode: PaddingMode = "reflect"
    ) -> None:
        """Create the network; `load_vgg` reads the weights from a file.

        Args:
            weights: features.N.weight and features.N.bias for N in CONVOLUTIONS, for RGB in [0, 1].
            padding_mode: the normalised weights were made with "reflect", and reported figures use
                it. "zeros" (after the first layer) is five times as fast on a CPU; training uses it
                for results and targets alike.
        """
        super().__init__()
        self.padding_mode = padding_mode
        self.layers = nn.ModuleDict()
        for index in CONVOLUTIONS:
            self.layers[str(index)] = frozen_convolution(
                weights[f"features.{index}.weight"], weights[f"features.{index}.bias"]
            )

    def cast(self, pictures: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B 3 H W"]:
        """Return the pictures in the precision and on the device of the weights."""
        return pictures.to(next(self.parameters()))

    def forward(self, pictures: Float[Tensor, "B 3 H W"]) -> list[Tensor]:
        """Return relu1_1, relu2_1, relu3_1 and relu4_1 at 1/1, 1/2, 1/4 and 1/8 of the size."""
        x = ((pictures + 1) / 2).contiguous(memory_format=torch.channels_last)
        taps = []
        for index in CONVOLUTIONS:
            padding_mode = self.padding_mode if index else "reflect"
            x = convolve_padded(self.layers[str(index)], x, padding_mode)
            x = F.relu(x, inplace=True)
            if index in TAPS:
                taps.append(x)
            if index in POOLED_AFTER:
                x = F.max_pool2d(x, 2, ceil_mode=True)
        return taps


def load_vgg(path: Path, *, padding_mode: PaddingMode = "reflect") -> Vgg19:
    """Load the normalised weights or torchvision's VGG-19 (.pth or safetensors).

    Raises:
        ValueError: the file does not contain VGG-19 up to relu4_1.
    """
    try:
        if path.suffix == ".safetensors":
            weights = load_file(path)
        else:
            weights = torch.load(path, map_location="cpu", weights_only=True)
    except (SafetensorError, UnpicklingError, RuntimeError, EOFError, LookupError) as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(f"{path} contains no weights: {reason}") from error
    for name, shape in _shapes_by_name():
        tensor = weights.get(name) if isinstance(weights, dict) else None
        if not isinstance(tensor, Tensor) or tensor.shape != shape:
            raise ValueError(f"{path}: {name} of {shape[0]} channels is missing")
    if "features.21.weight" in weights:  # only torchvision's file has it; it expects ImageNet scale
        weights = _rescaled_to_unit_range(weights)
    return Vgg19(weights, padding_mode=padding_mode)


def _shapes_by_name() -> Iterator[tuple[str, tuple[int, ...]]]:
    inputs = 3
    for index, outputs in CONVOLUTIONS.items():
        yield f"features.{index}.weight", (outputs, inputs, 3, 3)
        yield f"features.{index}.bias", (outputs,)
        inputs = outputs


def save_vgg(vgg: Vgg19, path: Path) -> None:
    """Write the layers up to relu4_1 as safetensors, 14 MB, atomically; `load_vgg` reads them."""
    tensors = {
        f"features.{name}": tensor.contiguous() for name, tensor in vgg.layers.state_dict().items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_bytes(save(tensors))
    partial.replace(path)


def load_fast_vgg(path: Path, device: torch.device) -> Vgg19:
    """Load VGG-19 for gradients: zero padding, and bf16 where the device computes it faster.

    Raises:
        ValueError: as `load_vgg`.
    """
    vgg = load_vgg(path, padding_mode="zeros").to(device)
    return vgg.bfloat16() if fastest_precision(device) == "bf16" else vgg


def _rescaled_to_unit_range(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Fold ImageNet's mean and deviation into the first layer, so that it expects [0, 1]."""
    mean, deviation = torch.tensor(IMAGENET_MEAN), torch.tensor(IMAGENET_DEVIATION)
    weight = weights["features.0.weight"] / deviation[None, :, None, None]
    bias = weights["features.0.bias"] - reduce(
        weight * mean[None, :, None, None], "o i h w -> o", "sum"
    )
    return {**weights, "features.0.weight": weight, "features.0.bias": bias}
