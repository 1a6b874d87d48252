"""The stages of a run, with the learning rate and the loss weights of every step."""

from dataclasses import dataclass, replace

from model.config import LossWeights

_ADVERSARIAL_RATE = 0.3  # of the learning rate: stage 2 only refines stage 1
_FINAL_RATE = 0.02  # learning rate of the last step, as a share of the full rate
_DECAY_SHARE = 0.25  # of stage 1, in which the rate decays to that of stage 2
_DISCRIMINATORS_ONLY_SHARE = 0.1  # of stage 2, in which the generator ignores the discriminators
_FADE_IN_SHARE = 0.2  # of stage 2, in which their terms grow to full weight


@dataclass(frozen=True)
class Schedule:
    """Stages 0 to 3 of a run. Stage 1 takes the steps between stages 0 and 2."""

    steps: int
    """Total number of steps."""
    warm_steps: int
    """Stage 0: reconstruct photos, and predict VGG-19's statistics from style codes."""
    adversarial_steps: int
    """Stage 2: all losses of the paper."""
    finish_steps: int
    """Stage 3: the losses of stage 2 with a learning rate that decays to a fiftieth."""
    learning_rate: float
    teacher_steps: int = 0
    """Steps after stage 0 over which the teacher loss fades to zero and the style loss grows."""
    rise_steps: int = 200
    """Steps over which the learning rate grows from 0."""
    ramp_steps: int = 400
    """Steps after stage 0 over which the style weight grows.

    A sudden style loss makes the network repeat one pattern everywhere. A run without stage 0
    starts from trained weights and uses the full style weight at once.
    """

    @property
    def adversarial_start(self) -> int:
        """The first step of stage 2."""
        return self.finish_start - self.adversarial_steps

    @property
    def finish_start(self) -> int:
        """The first step of stage 3."""
        return self.steps - self.finish_steps

    def stage(self, step: int) -> int:
        """Return the stage of a step, 0 to 3."""
        if step < self.warm_steps:
            return 0
        if step < self.adversarial_start:
            return 1
        return 2 if step < self.finish_start else 3

    def has_discriminators(self, step: int) -> bool:
        """Return whether a step uses the discriminators: from stage 2 on.

        A run without stage 2 has none in stage 3 either, because they would be untrained.
        """
        return bool(self.adversarial_steps) and step >= self.adversarial_start

    def learning_rate_at(self, step: int) -> float:
        """Return the learning rate of a step."""
        rise = min(1.0, (step + 1) / self.rise_steps)
        return self.learning_rate * rise * self._decay(step)

    def _decay(self, step: int) -> float:
        """Return the learning rate as a share of the full rate, without its initial rise."""
        stage_1_steps = self.adversarial_start - self.warm_steps
        has_stages_1_and_2 = stage_1_steps > 0 and self.adversarial_steps
        later = _ADVERSARIAL_RATE if has_stages_1_and_2 else 1.0
        if step < self.adversarial_start:
            left = (self.adversarial_start - step) / max(1.0, _DECAY_SHARE * stage_1_steps)
            return later + (1 - later) * min(1.0, left)
        if step < self.finish_start:
            return later
        left = (self.steps - step) / max(1, self.finish_steps)
        return _FINAL_RATE + (later - _FINAL_RATE) * left

    def loss_weights_at(self, step: int, full: LossWeights) -> LossWeights:
        """Return the loss weights of a step after stage 0; `full` has the weights of the recipe."""
        since_start = step - self.warm_steps + 1
        grown = min(1.0, since_start / self.ramp_steps)
        ramp = grown if self.warm_steps else 1.0
        teacher = max(0.0, 1 - since_start / self.teacher_steps) if self.teacher_steps else 0.0
        adversarial = self._adversarial_share(step)
        return replace(
            full,
            style=full.style * (0.2 + 0.8 * ramp) * (1 - 0.4 * teacher),
            teacher=full.teacher * teacher,
            adversarial=full.adversarial * adversarial,
            feature_adversarial=full.feature_adversarial * adversarial,
            # Without stage 0 the probe head is untrained and would mislead the style controller
            distillation=full.distillation * (1.0 if self.warm_steps else grown),
            # Eq. 2 on the backbone is meaningful only after stage 1 has trained the backbone
            style_trunk=full.style_trunk if self.has_discriminators(step) else 0.0,
        )

    def _adversarial_share(self, step: int) -> float:
        """Return the weight of the discriminators' terms as a share of the full weight."""
        if not self.has_discriminators(step):
            return 0.0
        if self.adversarial_start <= self.warm_steps:  # there are no stage 1 weights to protect
            return 1.0
        done = (step - self.adversarial_start) / max(1, self.adversarial_steps)
        return min(1.0, max(0.0, (done - _DISCRIMINATORS_ONLY_SHARE) / _FADE_IN_SHARE))
