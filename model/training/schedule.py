"""When which stage runs, how fast it learns, how much each loss weighs."""

from dataclasses import dataclass, replace

from model.config import LossWeights


@dataclass(frozen=True)
class Schedule:
    """Stages 0 and 1 laid over the steps of a run."""

    warm_steps: int
    """Stage 0: reconstruct, and let the style code explain VGG's statistics."""
    steps: int
    learning_rate: float
    teacher_steps: int = 0
    """A teacher's weight falls to 0 over these steps after stage 0, while the style's climbs."""
    rise_steps: int = 200
    """The learning rate climbs from 0 over these steps."""
    ramp_steps: int = 400
    """The style weight climbs over these steps: a sudden one is answered by stamping a pattern."""
    finish_share: float = 0.25
    """The learning rate falls to a twentieth, linearly, over this last share of the run."""

    def stage(self, step: int) -> int:
        """0 or 1."""
        return 0 if step < self.warm_steps else 1

    def rate(self, step: int) -> float:
        """The learning rate of a step."""
        rise = min(1.0, (step + 1) / self.rise_steps)
        fall_steps = max(1, int(self.steps * self.finish_share))
        fall = min(1.0, max(0.05, (self.steps - step) / fall_steps))
        return self.learning_rate * rise * fall

    def weights(self, step: int, full: LossWeights) -> LossWeights:
        """The loss weights of a step of stage 1."""
        since = step - self.warm_steps + 1
        ramp = min(1.0, since / self.ramp_steps)
        taught = max(0.0, 1 - since / self.teacher_steps) if self.teacher_steps else 0.0
        style = full.style * (0.2 + 0.8 * ramp) * (1 - 0.7 * taught)
        return replace(full, style=style, teacher=full.teacher * taught)
