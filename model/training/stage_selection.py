"""Selection of the released weights: the better of the ends of stage 1 and stage 3."""

from dataclasses import dataclass, field
from typing import Any

from model.config import LossWeights
from model.training.schedule import Schedule
from model.training.validation import stage_1_objective

STAGE_1, STAGE_3 = "stage-1", "stage-3"
_SELECTED = "kept"  # key of the selection in checkpoints and training records


@dataclass
class StageSelection:
    """Validation metrics at the ends of stages 1 and 3, and the selected stage.

    Stages 2 and 3 also optimise other losses, so stage 3 may end with a worse stage 1 objective.
    """

    metrics: dict[str, dict[str, float]] = field(default_factory=dict)
    """By name of the stage; empty if the run has no held-out set."""
    selected: str | None = None
    objective: float | None = None
    """Of the selected stage."""

    def select(self, weights: LossWeights) -> None:
        """Select the stage with the lower stage 1 objective; none without validation metrics."""
        objectives = {
            stage: stage_1_objective(metrics, weights)
            for stage, metrics in self.metrics.items()
            if metrics
        }
        if objectives:
            self.selected = min(objectives, key=lambda stage: objectives[stage])
            self.objective = objectives[self.selected]

    def discard_from(self, step: int, schedule: Schedule) -> None:
        """Discard the metrics that training measures again after resuming at `step`.

        A finished run that continues with more steps has these measurements already.
        """
        if step == schedule.steps:
            return
        self.selected = self.objective = None
        self.metrics.pop(STAGE_3, None)
        if step <= schedule.adversarial_start:
            self.metrics.pop(STAGE_1, None)

    def to_dict(self) -> dict[str, dict[str, float]]:
        """Return the metrics by stage, and the objective of the selected stage."""
        if self.selected is None or self.objective is None:
            return dict(self.metrics)
        return {**self.metrics, _SELECTED: {self.selected: self.objective}}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "StageSelection":
        """Read what `to_dict` returned."""
        metrics = {stage: value for stage, value in values.items() if stage != _SELECTED}
        selected, objective = next(iter(values.get(_SELECTED, {}).items()), (None, None))
        return cls(metrics, selected, objective)
