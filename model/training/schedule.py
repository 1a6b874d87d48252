"""When which stage runs, how fast it learns, how much each loss weighs."""

from dataclasses import dataclass, replace

from model.config import LossWeights

_ADVERSARIAL_RATE = 0.3  # of the learning rate: stage 2 corrects what stage 1 learned
_LAST_RATE = 0.02  # what the rate of the last step is of the learning rate
_FALL_SHARE = 0.25  # of stage 1, in which the rate falls to that of stage 2
_ALONE_SHARE = 0.1  # of stage 2, in which the discriminators learn and have no say
_VOICE_SHARE = 0.2  # of stage 2, in which their say grows to its full weight


@dataclass(frozen=True)
class Schedule:
    """Stages 0 to 3 laid over the steps of a run."""

    steps: int
    """In all."""
    warm_steps: int
    """Stage 0: reconstruct, and let the style code explain VGG's statistics."""
    adversarial_steps: int
    """Stage 2: everything of the paper. Stage 1, perceptual, is what lies between."""
    finish_steps: int
    """Stage 3: as the stage before it, while the learning rate falls to a fiftieth."""
    learning_rate: float
    teacher_steps: int = 0
    """A teacher's weight falls to 0 over these steps after stage 0, while the style's climbs."""
    rise_steps: int = 200
    """The learning rate climbs from 0 over these steps."""
    ramp_steps: int = 400
    """The style weight climbs over these steps after stage 0: a sudden one is answered by stamping
    a pattern. Weights that have learned to paint start a run without stage 0, and meet it whole."""

    @property
    def adversarial_from(self) -> int:
        """The first step of stage 2."""
        return self.finish_from - self.adversarial_steps

    @property
    def finish_from(self) -> int:
        """The first step of stage 3."""
        return self.steps - self.finish_steps

    def stage(self, step: int) -> int:
        """0 to 3."""
        if step < self.warm_steps:
            return 0
        if step < self.adversarial_from:
            return 1
        return 2 if step < self.finish_from else 3

    def has_discriminators(self, step: int) -> bool:
        """From stage 2 on. A run without it has none: untrained ones would judge stage 3."""
        return bool(self.adversarial_steps) and step >= self.adversarial_from

    def rate(self, step: int) -> float:
        """The learning rate of a step."""
        rise = min(1.0, (step + 1) / self.rise_steps)
        return self.learning_rate * rise * self._fallen(step)

    def _fallen(self, step: int) -> float:
        perceptual = self.adversarial_from - self.warm_steps
        later = _ADVERSARIAL_RATE if perceptual > 0 and self.adversarial_steps else 1.0
        if step < self.adversarial_from:
            left = (self.adversarial_from - step) / max(1.0, _FALL_SHARE * perceptual)
            return later + (1 - later) * min(1.0, left)
        if step < self.finish_from:
            return later
        left = (self.steps - step) / max(1, self.finish_steps)
        return _LAST_RATE + (later - _LAST_RATE) * left

    def weights(self, step: int, full: LossWeights) -> LossWeights:
        """The loss weights of a step after stage 0."""
        since = step - self.warm_steps + 1
        climbed = min(1.0, since / self.ramp_steps)
        ramp = climbed if self.warm_steps else 1.0
        taught = max(0.0, 1 - since / self.teacher_steps) if self.teacher_steps else 0.0
        say = self._say(step)
        return replace(
            full,
            style=full.style * (0.2 + 0.8 * ramp) * (1 - 0.4 * taught),
            teacher=full.teacher * taught,
            adversarial=full.adversarial * say,
            feature_adversarial=full.feature_adversarial * say,
            # a reader that stage 0 has not trained must learn to read before it may teach
            distillation=full.distillation * (1.0 if self.warm_steps else climbed),
            # phi has to have learned what style is before it may judge
            style_trunk=full.style_trunk if self.has_discriminators(step) else 0.0,
        )

    def _say(self, step: int) -> float:
        """How much of their weight the discriminators' terms have: from 0 to 1."""
        if not self.has_discriminators(step):
            return 0.0
        if self.adversarial_from <= self.warm_steps:  # no stage before it to be kept from harm
            return 1.0
        done = (step - self.adversarial_from) / max(1, self.adversarial_steps)
        return min(1.0, max(0.0, (done - _ALONE_SHARE) / _VOICE_SHARE))
