"""A small perceptual network of our own, whose weights are included.

It predicts the taps of VGG-19, so style codes can be fitted without VGG-19's weights.
`python -m model.perceptual_training` trains it.

Shapes: B batch, C channels, D channels of a tap, H x W tokens of a map or pixels of a picture.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from model.config import first_problem
from model.machine import fastest_precision
from model.perceptual.vgg import TAP_CHANNELS, PaddingMode

FORMAT = "dualtrans-perceptual-1"
COMPACT_WEIGHTS = Path(__file__).parents[1] / "weights" / "perceptual.safetensors"

_MIN_DEVIATION = 1e-3  # a channel that is always 0 can still be learned

_Channels = Annotated[int, Field(ge=1)]
_Count = Annotated[int, Field(ge=0)]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class CompactConfig:
    """The size of the network: one value for each of the maps at 1/1, 1/2, 1/4 and 1/8."""

    dims: tuple[_Channels, _Channels, _Channels, _Channels] = (16, 48, 112, 224)
    """Channels of the tokens. The tap at 1/1 does not depend on them."""
    blocks: tuple[_Count, _Count, _Count, _Count] = (1, 1, 2, 3)


_CONFIG = TypeAdapter(CompactConfig)


class NeighbourBlock(nn.Module):
    """Adds to each token a nonlinear function of its 3 x 3 neighbours.

    One linear layer reads the neighbours, and a second one reads the result at the token alone.
    """

    def __init__(self, dim: int) -> None:
        """Keep the number of channels."""
        super().__init__()
        self.neighbours = _neighbour_linear(dim, dim)
        self.token = nn.Conv2d(dim, dim, 1)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H W"]:
        """Return a map of the same shape."""
        out: Tensor = x + self.token(F.relu(self.neighbours(x)))
        return out


class TapHead(nn.Module):
    """Predicts one tap with a linear layer, in the units of the tap.

    The outputs of the layer are multiplied by the deviation of each channel of the tap, and its
    mean is added, so that all channels are learned equally fast. Both are constants.
    """

    def __init__(self, linear: nn.Conv2d) -> None:
        """Start with a mean of 0 and a deviation of 1; the training sets them."""
        super().__init__()
        self.linear = linear
        self.mean: Tensor
        self.deviation: Tensor
        self.register_buffer("mean", torch.zeros(linear.out_channels, 1, 1))
        self.register_buffer("deviation", torch.ones(linear.out_channels, 1, 1))

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B D H W"]:
        """Return the tap, which is at least 0."""
        features = self.linear(x)
        mean, deviation = self.mean.to(features.dtype), self.deviation.to(features.dtype)
        return F.relu(torch.addcmul(mean, features, deviation))

    @torch.no_grad()
    def set_units(self, tap: Float[Tensor, "B D H W"]) -> None:
        """Set the constants to mean and deviation of each channel of a tap."""
        values = rearrange(tap.float(), "b d h w -> d (b h w)")
        self.mean.copy_(values.mean(1)[:, None, None])
        self.deviation.copy_(values.std(1)[:, None, None] + _MIN_DEVIATION)


class CompactPerceptual(nn.Module):
    """Predicts the taps of VGG-19 for pictures in [-1, 1], a `PerceptualNetwork`.

    Every layer is a linear layer on neighbouring tokens, so the network accepts all sizes and
    treats all positions alike. A layer on 4 x 4 neighbours halves the map between two scales. The
    head of relu1_1 reads the picture itself, as VGG-19 does; the others read the map of their
    scale.
    """

    name: str = "compact"

    def __init__(self, config: CompactConfig | None = None) -> None:
        """Create the network with random weights; `load_compact_perceptual` reads trained ones."""
        super().__init__()
        self.config = config or CompactConfig()
        dims = self.config.dims
        self.embed = _neighbour_linear(3, dims[0], padding_mode="reflect")
        self.merges = nn.ModuleList(
            nn.Conv2d(before, after, 4, stride=2, padding=1) for before, after in pairwise(dims)
        )
        self.stages = nn.ModuleList(
            nn.Sequential(*(NeighbourBlock(dim) for _ in range(count)))
            for dim, count in zip(dims, self.config.blocks, strict=True)
        )
        first, *others = TAP_CHANNELS
        self.heads = nn.ModuleList(
            [
                TapHead(_neighbour_linear(3, first, padding_mode="reflect")),
                *(
                    TapHead(nn.Conv2d(dim, channels, 1))
                    for dim, channels in zip(dims[1:], others, strict=True)
                ),
            ]
        )
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in torch

    def cast(self, pictures: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B 3 H W"]:
        """Return the pictures in the precision and on the device of the weights."""
        return pictures.to(next(self.parameters()))

    def forward(self, pictures: Float[Tensor, "B 3 H W"]) -> list[Tensor]:
        """Return predictions of relu1_1, relu2_1, relu3_1 and relu4_1.

        They have 64, 128, 256 and 512 channels and 1/1, 1/2, 1/4 and 1/8 of the size, rounded up.
        """
        pictures = pictures.contiguous(memory_format=torch.channels_last)
        x = self.stages[0](self.embed(pictures))
        taps = [self.heads[0](pictures)]
        for merge, stage, head in zip(self.merges, self.stages[1:], self.heads[1:], strict=True):
            x = stage(merge(_with_even_sides(F.relu(x))))
            taps.append(head(F.relu(x)))
        return taps

    def set_units(self, taps: Sequence[Tensor]) -> None:
        """Set the units of each head to those of VGG-19's taps of many pictures."""
        for head, tap in zip(self.heads, taps, strict=True):
            head.set_units(tap)  # type: ignore[operator]  # a TapHead


def _neighbour_linear(
    inputs: int, outputs: int, *, padding_mode: PaddingMode = "zeros"
) -> nn.Conv2d:
    """Return a linear layer that reads the 3 x 3 neighbours of each token."""
    return nn.Conv2d(inputs, outputs, 3, padding=1, padding_mode=padding_mode)


def _with_even_sides(x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C h w"]:
    """Append zeros to odd sides, so that half a side is rounded up as in VGG-19."""
    height, width = x.shape[2:]
    return F.pad(x, (0, width % 2, 0, height % 2)) if height % 2 or width % 2 else x


# Files


def save_compact_perceptual(network: CompactPerceptual, path: Path, record: dict[str, Any]) -> None:
    """Write the weights in fp16, atomically.

    `record` describes the training. It is stored for people; no code reads it.
    """
    tensors = {
        name: tensor.detach().to("cpu", torch.float16).contiguous()
        for name, tensor in network.state_dict().items()
    }
    metadata = {
        "format": FORMAT,
        "config": json.dumps(asdict(network.config)),
        "record": json.dumps(record, ensure_ascii=False),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file(tensors, partial, metadata)
    partial.replace(path)


def load_compact_perceptual(path: Path | None, device: torch.device) -> CompactPerceptual:
    """Load a frozen network, in bf16 where the device computes it faster.

    Args:
        path: a file written by `save_compact_perceptual`; None: the packaged weights.
        device: where the network computes.

    Raises:
        FileNotFoundError: the file does not exist.
        ValueError: the file has another format, or its tensors do not fit its configuration.
    """
    path = path or COMPACT_WEIGHTS
    metadata, tensors = _read(path)
    network = CompactPerceptual(_config_of(path, metadata))
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{path} does not fit its configuration: {reason}") from error
    network.to(device).requires_grad_(requires_grad=False).eval()
    return network.bfloat16() if fastest_precision(device) == "bf16" else network


def _read(path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            names = file.keys()
            tensors = {name: file.get_tensor(name).float() for name in names}
    except SafetensorError as error:
        raise ValueError(f"{path} is not a {FORMAT} file: {error}") from error
    if metadata.get("format") != FORMAT:
        raise ValueError(f"{path} is not a {FORMAT} file but {metadata.get('format')!r}")
    return metadata, tensors


def _config_of(path: Path, metadata: dict[str, str]) -> CompactConfig:
    try:
        return _CONFIG.validate_json(metadata.get("config", ""))
    except ValidationError as error:
        raise ValueError(f"{path}: the configuration is invalid: {first_problem(error)}") from error
