"""The training run of the compact network, which can be interrupted and resumed exactly.

Shapes: K crops, B crops of a step.
"""

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float, UInt8
from torch import Tensor

from model.machine import fastest_precision
from model.perceptual.compact import CompactConfig, CompactPerceptual, TapHead
from model.perceptual.vgg import Vgg19
from model.perceptual_training.distillation import TapErrors
from model.perceptual_training.first_head import fit_first_head

_VALIDATION_CROPS = 128
_UNIT_CROPS = 64
"""Crops from which the units of the taps are computed."""
_WARM_UP_STEPS = 50
_LAST_RATE = 0.02  # share of the highest rate
_DECAY = 0.99  # of the moving average of the weights
_HALVED_SHARE = 0.2


@dataclass(frozen=True)
class TrainingOptions:
    """The numbers of a run. A checkpoint is of one set of numbers."""

    config: CompactConfig
    steps: int
    batch: int = 16
    rate: float = 2e-3
    seed: int = 0


@dataclass(frozen=True)
class Validation:
    """Mean errors on crops that are not trained on, the four taps in order."""

    maps: list[float]
    statistics: list[float]
    content: float

    def to_dict(self) -> dict[str, Any]:
        """Return rounded figures for the record of a weights file."""
        return {
            "maps": [round(value, 4) for value in self.maps],
            "statistics": [round(value, 4) for value in self.statistics],
            "content": round(self.content, 4),
        }


class Training:
    """Trains a `CompactPerceptual` to predict the taps of VGG-19."""

    def __init__(
        self,
        vgg: Vgg19,
        crops: UInt8[np.ndarray, "K 128 128 3"],
        options: TrainingOptions,
        checkpoint: Path,
    ) -> None:
        """Create the network, or restore the run from the checkpoint if it exists.

        Args:
            vgg: predicts the wanted taps. The training runs on its device.
            crops: in random order; the first ones, at most an eighth, are for validation.
            options: the numbers of the run.
            checkpoint: the file that `save` writes.

        Raises:
            ValueError: there are too few crops, or the checkpoint is unreadable or of other
                options.
        """
        held_out = min(_VALIDATION_CROPS, len(crops) // 8)
        if held_out == 0 or len(crops) - held_out < options.batch:
            raise ValueError(
                f"{len(crops)} crops are too few for batches of {options.batch} and a validation"
            )
        self._held_out, self._crops = crops[:held_out], crops[held_out:]
        self._vgg, self._options, self._checkpoint = vgg, options, checkpoint
        self._device = next(vgg.parameters()).device
        torch.manual_seed(options.seed)
        self._network = CompactPerceptual(options.config).to(self._device)
        if not checkpoint.exists():
            self._prepare_heads()
        self.average = copy.deepcopy(self._network).requires_grad_(requires_grad=False)
        """Exponential moving average of the network: the weights to use."""
        self._optimiser = torch.optim.AdamW(
            self._network.parameters(), lr=options.rate, weight_decay=1e-4, betas=(0.9, 0.98)
        )
        self.step = 0
        """Steps done so far."""
        if checkpoint.exists():
            self._restore()

    def run(
        self, *, save_every: int = 300, report: Callable[[int, float], None] = lambda *_: None
    ) -> None:
        """Do the remaining steps. Saves regularly and at the end.

        `report` is called after each step with its number and its loss.
        """
        while self.step < self._options.steps:
            loss = self._do_step()
            report(self.step, loss)
            if self.step % save_every == 0 or self.step == self._options.steps:
                self.save()

    def _prepare_heads(self) -> None:
        pictures = self._to_pictures(self._crops[:_UNIT_CROPS])
        taps = self._wanted(pictures)
        self._network.set_units(taps)
        first: TapHead = self._network.heads[0]  # type: ignore[assignment]  # a ModuleList is untyped
        fit_first_head(first, pictures, taps[0], seed=self._options.seed)

    @torch.no_grad()
    def validate(self) -> Validation:
        """Measure the moving average on the crops that are held out."""
        batches = np.array_split(self._held_out, math.ceil(len(self._held_out) / 16))
        errors = []
        for batch in batches:
            pictures = self._to_pictures(batch)
            errors.append(TapErrors.of(self.average(pictures), self._wanted(pictures)))
        return Validation(
            torch.stack([error.maps for error in errors]).mean(0).tolist(),
            torch.stack([error.statistics for error in errors]).mean(0).tolist(),
            torch.stack([error.content for error in errors]).mean().item(),
        )

    def save(self) -> None:
        """Write the checkpoint atomically."""
        values = {
            "options": self._options_text,
            "step": self.step,
            "network": self._network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self._optimiser.state_dict(),
        }
        self._checkpoint.parent.mkdir(parents=True, exist_ok=True)
        partial = self._checkpoint.with_suffix(".partial")
        torch.save(values, partial)
        partial.replace(self._checkpoint)

    def _restore(self) -> None:
        path = self._checkpoint
        try:
            values = torch.load(path, map_location=self._device, weights_only=True)
        except (UnpicklingError, RuntimeError, EOFError, LookupError) as error:
            message = f"{path} is not a checkpoint: {error}; choose another --work"
            raise ValueError(message) from error
        if values["options"] != self._options_text:
            raise ValueError(f"{path} has other options; choose another --work")
        self._network.load_state_dict(values["network"])
        self.average.load_state_dict(values["average"])
        self._optimiser.load_state_dict(values["optimiser"])
        self.step = values["step"]

    @property
    def _options_text(self) -> str:
        return f"{self._options}, {len(self._crops)} crops"

    def _do_step(self) -> float:
        """Return the loss of the step."""
        pictures = self._draw_pictures()
        autocast = torch.autocast(
            self._device.type,
            torch.bfloat16,
            enabled=fastest_precision(self._device) == "bf16",
        )
        with autocast:
            predicted = self._network(pictures)
        loss = TapErrors.of(predicted, self._wanted(pictures)).loss
        for group in self._optimiser.param_groups:
            group["lr"] = self._options.rate * _rate_share(self.step, self._options.steps)
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # in torch
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), 1.0)
        self._optimiser.step()
        self.step += 1
        self._update_average()
        return loss.item()

    @torch.no_grad()
    def _update_average(self) -> None:
        decay = min(_DECAY, self.step / (self.step + 9))
        pairs = zip(self.average.parameters(), self._network.parameters(), strict=True)
        for average, current in pairs:
            average.lerp_(current, 1 - decay)

    def _draw_pictures(self) -> Float[Tensor, "B 3 _ _"]:
        """Return the pictures of the next step, which depend on its number and the seed alone."""
        options = self._options
        steps_per_epoch = len(self._crops) // options.batch
        epoch, position = divmod(self.step, steps_per_epoch)
        order = np.random.default_rng((options.seed, epoch)).permutation(len(self._crops))
        chosen = order[position * options.batch : (position + 1) * options.batch]
        pictures = self._to_pictures(self._crops[np.sort(chosen)])
        return _varied(pictures, np.random.default_rng((options.seed, epoch, position)))

    def _to_pictures(self, crops: UInt8[np.ndarray, "B 128 128 3"]) -> Float[Tensor, "B 3 128 128"]:
        pixels = torch.from_numpy(np.array(crops)).to(self._device)
        return rearrange(pixels, "b h w c -> b c h w").float() / 127.5 - 1

    @torch.no_grad()
    def _wanted(self, pictures: Float[Tensor, "B 3 H W"]) -> list[Tensor]:
        taps: list[Tensor] = self._vgg(self._vgg.cast(pictures))
        return taps


def _varied(
    pictures: Float[Tensor, "B 3 128 128"], random: np.random.Generator
) -> Float[Tensor, "B 3 _ _"]:
    """Return the pictures mirrored, transposed or at half the size, each at random."""
    if random.random() < 0.5:
        pictures = pictures.flip(3)
    if random.random() < 0.5:
        pictures = rearrange(pictures, "b c h w -> b c w h")
    if random.random() < _HALVED_SHARE:
        pictures = F.avg_pool2d(pictures, 2)
    return pictures


def _rate_share(step: int, steps: int) -> float:
    """Return a linear rise to 1, then a cosine fall to _LAST_RATE."""
    fall = _LAST_RATE + (1 - _LAST_RATE) * (1 + math.cos(math.pi * step / steps)) / 2
    return min(1.0, (step + 1) / _WARM_UP_STEPS) * fall
