"""One step: from a batch of pictures to the terms of Eq. 9.

B batch, S scales, F statistics.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from model import losses
from model.network.generator import Generator
from model.perceptual import TAP_CHANNELS, Vgg19, coarser_statistics, pyramid_statistics
from model.training.data import Batch
from model.training.teacher import RIM_PX, AdainTeacher

SCALE_WEIGHTS = (1.0, 0.7, 0.5)
"""Of the pyramid 1, 1/2, 1/4."""
SCALES = len(SCALE_WEIGHTS)
_STATISTICS = 2 * sum(TAP_CHANNELS)


class CodeReader(nn.Module):
    """Reads VGG's statistics off a style code: so the style controller learns what a style is."""

    def __init__(self, code_dim: int) -> None:
        """From the three level vectors."""
        super().__init__()
        self.read = nn.Linear(3 * code_dim, _STATISTICS)

    def forward(self, levels: Float[Tensor, "B L W"]) -> Float[Tensor, "B F"]:
        """The statistics of the whole picture at scale 1."""
        told: Tensor = self.read(levels.flatten(1))
        return told


class StyleStatistics:
    """VGG statistics of style crops, each computed once and kept."""

    def __init__(self, vgg: Vgg19, keep: int = 40_000) -> None:
        """`keep` crops at most: 11.5 kB each."""
        self.vgg, self.keep = vgg, keep
        self.kept: dict[int, Tensor] = {}

    @torch.no_grad()
    def of(self, batch: Batch) -> Float[Tensor, "B S F"]:
        """Statistics of the batch's style crops."""
        pairs = zip(batch.style_keys, torch.split(batch.style, 1), strict=True)
        return torch.stack([self._of_one(key, crop).float() for key, crop in pairs])

    def _of_one(self, key: int, crop: Float[Tensor, "1 3 H W"]) -> Float[Tensor, "S F"]:
        """Alone: the last digits depend on a batch's size, and a run that goes on has none kept."""
        if key in self.kept:
            return self.kept[key]
        computed = pyramid_statistics(self.vgg, crop, SCALES)[0].half()
        if len(self.kept) < self.keep:
            self.kept[key] = computed
        return computed


class StepLosses:
    """The terms of a step in stage 0 and in stage 1."""

    def __init__(
        self,
        generator: Generator,
        reader: CodeReader,
        vgg: Vgg19,
        style: StyleStatistics,
        teacher: AdainTeacher | None,
    ) -> None:
        """`vgg` sees the painted picture with gradients, the photograph without."""
        self.generator, self.reader = generator, reader
        self.vgg, self.style, self.teacher = vgg, style, teacher

    def reconstruction(self, batch: Batch) -> dict[str, Tensor]:
        """Stage 0: photographs under their own code; an artwork's code explains its statistics."""
        target = self.style.of(batch)
        own = self.generator.code(batch.content)
        tau = self.generator.code(batch.style)
        painted = self.generator(batch.content, own, own)
        return {
            "identity": losses.identity_loss(
                painted, batch.content, torch.ones_like(batch.strength)
            ),
            "distillation": losses.distillation_loss(self.reader(tau.levels), target[:, 0]),
        }

    def perceptual(self, batch: Batch, *, taught: bool) -> dict[str, Tensor]:
        """Stage 1: every photograph with tau moved from its own towards the style's code."""
        generator, strength = self.generator, batch.strength
        target = self.style.of(batch)
        explained = target[:, 0].clone()
        between = strength < 1
        with torch.no_grad():
            photograph_taps = self.vgg(batch.content)
            if bool(between.any()):
                taps = [tap[between] for tap in photograph_taps]
                own_target = coarser_statistics(self.vgg, taps, batch.content[between], SCALES)
                target[between] = own_target.lerp(target[between], strength[between, None, None])

        half = (len(batch.style_keys) + 1) // 2  # enough for what costs another pass
        own, tau = generator.code(batch.content), generator.code(batch.style)
        encoded = generator.encoder(batch.content)
        painted = generator.decoder(encoded, batch.content, own, own.moved(tau, strength))
        painted_taps = self.vgg(painted)
        statistics = coarser_statistics(self.vgg, painted_taps, painted, SCALES)
        terms = {
            "style": losses.style_loss(statistics, target, TAP_CHANNELS, SCALE_WEIGHTS),
            "content": losses.content_loss(painted_taps[-1], photograph_taps[-1]),
            "structure": losses.structure_loss(painted, batch.content, "luma"),
            "style_aware": losses.style_aware_loss(
                encoded.bottleneck[:half], generator.encoder(painted[:half]).bottleneck
            ),
            "identity": losses.identity_loss(painted, batch.content, (strength == 0).float()),
            "distillation": losses.distillation_loss(self.reader(tau.levels), explained),
            "total_variation": losses.total_variation(painted),
        }
        if taught and self.teacher is not None:
            picture = self.teacher(photograph_taps[-1][-half:], explained[-half:], strength[-half:])
            inner = (..., slice(RIM_PX, -RIM_PX), slice(RIM_PX, -RIM_PX))
            terms["teacher"] = losses.teacher_loss(painted[-half:][inner], picture[inner])
        return terms
