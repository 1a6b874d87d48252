"""The state of a training run: networks, optimisers and counters."""

import copy
from pathlib import Path
from typing import Any

import torch

from model.checkpoint import from_stored_names, load_generator, read_record, to_stored_names
from model.network.generator import Generator
from model.training.discriminators import Discriminators
from model.training.optimiser import Optimiser
from model.training.options import RunOptions
from model.training.stage_selection import StageSelection
from model.training.step import ProbeHead


class TrainingState:
    """Everything that the next step depends on."""

    def __init__(self, options: RunOptions) -> None:
        """Initialise the networks from the seed, or from the weights to start with.

        Raises:
            ValueError, OSError: the weights to start with are unusable.
        """
        torch.manual_seed(options.seed)
        config, weights = options.config, options.recipe.weights
        self.generator = _initial_generator(options).to(options.device)
        self.probe_head = ProbeHead(config.code_dim).to(options.device)
        self.average = copy.deepcopy(self.generator).requires_grad_(requires_grad=False)
        self.optimiser = Optimiser(
            [self.generator, self.probe_head], options.schedule.learning_rate
        )
        self.discriminators = Discriminators(
            config,
            style=weights.adversarial > 0,
            features=weights.feature_adversarial > 0,
            kind=options.recipe.adversarial_kind,
        ).to(options.device)
        self.step = 0
        self.pairs = 0
        """Pairs in all accepted steps."""
        self.seconds = 0.0
        """Time spent in steps."""
        self.typical_norm = 0.0
        """Moving average of the gradient norm; 0: not known yet."""
        self.stages = StageSelection()
        self.started_from_data = _data_of(options.start_from)
        """What the record of the weights to start with says about their pictures."""

    @torch.no_grad()
    def update_average(self, decay: float) -> None:
        """Move the exponential moving average of the weights towards the generator.

        Validation, sample sheets and released weights use the average. In the first steps the
        decay is lower.
        """
        decay = min(decay, (1 + self.step) / (10 + self.step))
        pairs = zip(self.average.parameters(), self.generator.parameters(), strict=True)
        for average, current in pairs:
            average.lerp_(current, 1 - decay)

    def to_dict(self) -> dict[str, Any]:
        """Return the content of a checkpoint. The keys are those of the first version."""
        return {
            "config": self.generator.config.to_dict(),
            "generator": to_stored_names(self.generator.state_dict()),
            "average": to_stored_names(self.average.state_dict()),
            "reader": self.probe_head.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "adversaries": self.discriminators.checkpoint(),
            "step": self.step,
            "pairs": self.pairs,
            "seconds": self.seconds,
            "usual_norm": self.typical_norm,
            "figures": self.stages.to_dict(),
        }

    def load_dict(self, values: dict[str, Any]) -> None:
        """Restore the content of a checkpoint of the same configuration."""
        self.generator.load_state_dict(from_stored_names(values["generator"]))
        self.average.load_state_dict(from_stored_names(values["average"]))
        self.probe_head.load_state_dict(values["reader"])
        self.optimiser.load_state_dict(values["optimiser"])
        self.discriminators.load_checkpoint(values["adversaries"])
        self.step, self.pairs = values["step"], values["pairs"]
        self.seconds, self.typical_norm = values["seconds"], values["usual_norm"]
        self.stages = StageSelection.from_dict(values["figures"])


def _data_of(weights: Path | None) -> str | None:
    return None if weights is None else read_record(weights).get("data")


def _initial_generator(options: RunOptions) -> Generator:
    path = options.start_from
    if path is None:
        return Generator(options.config)
    generator, _ = load_generator(path)
    if generator.config != options.config:
        raise ValueError(
            f"{path} has a different configuration than --config {options.config.name}"
        )
    return generator.train()
