"""One step: from a batch of pictures to the terms of Eq. 9.

B pairs, P photographs, H x W pixels or tokens, D channels, S scales, F statistics.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from einops import rearrange, repeat
from jaxtyping import Float
from torch import Tensor, nn

from model import losses
from model.adain import RIM_PX, AdainDecoder
from model.config import LossWeights, Recipe
from model.network.generator import Generator
from model.network.style_control import StyleBackbone, StyleCodes
from model.network.tokens import token_statistics
from model.perceptual import (
    TAP_CHANNELS,
    Vgg19,
    pyramid_statistics,
    pyramid_statistics_from_taps,
    tap_statistics,
)
from model.training.adversaries import DiscriminatorInputs
from model.training.data import Batch

SCALE_WEIGHTS = (1.0, 0.7, 0.5)
"""Of the pyramid 1, 1/2, 1/4."""
CODE_VIEW = 2 / 3
"""Size at which the style controller sees a crop, of that at which it is painted: a code is of a
short side of 256 px, pictures are mostly larger, and strokes are to be as large as in the artwork
beside the picture."""
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

    def __init__(self, vgg: Vgg19, scales: int, keep: int = 40_000) -> None:
        """`keep` crops at most: 11.5 kB each at three scales."""
        self.vgg, self.scales, self.keep = vgg, scales, keep
        self.kept: dict[int, Tensor] = {}

    @torch.no_grad()
    def of(self, keys: list[int], crops: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B S F"]:
        """Statistics of style crops by their names."""
        pairs = zip(keys, torch.split(crops, 1), strict=True)
        return torch.stack([self._of_one(key, crop).float() for key, crop in pairs])

    def _of_one(self, key: int, crop: Float[Tensor, "1 3 H W"]) -> Float[Tensor, "S F"]:
        """Alone: the last digits depend on a batch's size, and a run that goes on has none kept."""
        if key in self.kept:
            return self.kept[key]
        computed = pyramid_statistics(self.vgg, crop, self.scales)[0].half()
        if len(self.kept) < self.keep:
            self.kept[key] = computed
        return computed


@dataclass(frozen=True)
class _Codes:
    """What the style controller makes of the pictures of a step."""

    photographs: StyleCodes
    styles: StyleCodes
    rehearsed: StyleCodes

    def levels(self) -> Float[Tensor, "N L W"]:
        """Of all, in the order of the fields."""
        return torch.cat([self.photographs.levels, self.styles.levels, self.rehearsed.levels])


@dataclass(frozen=True)
class Perception:
    """The frozen networks by which stage 1 sees; they learn nothing and do not ship."""

    vgg: Vgg19
    style: StyleStatistics
    teacher: AdainDecoder | None


class StepLosses:
    """The terms of a step: of stage 0, and of the stages after it."""

    def __init__(
        self,
        generator: Generator,
        reader: CodeReader,
        trunk: StyleBackbone,
        perception: Perception | None,
        recipe: Recipe,
    ) -> None:
        """`trunk`: phi of Eq. 2, a slow copy of the style controller's.

        The literal recipe has no `perception`.
        """
        self.generator, self.reader, self.trunk = generator, reader, trunk
        self.perception, self.recipe = perception, recipe

    def reconstruction(self, batch: Batch) -> dict[str, Tensor]:
        """Stage 0: photographs under their own code; an artwork's code explains its statistics."""
        own = self.generator.encode_style(code_view(batch.content))
        painted = self.generator(batch.content, own, own)
        everyone = batch.strength.new_ones(len(painted))
        terms = {"identity": losses.identity_loss(painted, batch.content, everyone)}
        if self.perception is not None:
            told = self.reader(self.generator.encode_style(code_view(batch.style)).levels)
            target = self.perception.style.of(batch.style_keys, batch.style)[:, 0]
            terms["distillation"] = style_shares(told[:, None], target[:, None])
        return terms

    def painting(
        self, batch: Batch, weights: LossWeights
    ) -> tuple[dict[str, Tensor], DiscriminatorInputs]:
        """Stages 1 to 3: every photograph with tau moved from its own towards the style's code.

        Terms of weight 0 are left out; those of the discriminators follow from the inputs.
        """
        generator, strength, repeats = self.generator, batch.strength, batch.repeats
        codes = self._codes(batch)
        own = codes.photographs.repeated(repeats)
        encoded = generator.encoder(batch.content)
        pictures = repeat(batch.content, "b ... -> (b t) ...", t=repeats)
        painted = generator.decoder(
            encoded.repeated(repeats),
            pictures,
            own,
            own.moved_towards(codes.styles, strength[:, None]),
        )
        few = slice(None, None, max(2, repeats))  # enough for what costs another pass
        tokens = repeat(encoded.bottleneck, "b ... -> (b t) ...", t=repeats)[few]
        painted_tokens = generator.encoder(painted[few]).bottleneck
        terms = {
            "structure": losses.structure_loss(painted, pictures, self.recipe.structure),
            "style_aware": losses.style_aware_loss(tokens, painted_tokens, self.recipe.style_aware),
            "identity": losses.identity_loss(painted, pictures, (strength == 0).float()),
            "total_variation": losses.total_variation(painted),
        }
        bold = strength >= 1
        bold = bold if bool(bold.any()) else torch.ones_like(bold)
        if weights.style_trunk:
            terms["style_trunk"] = self._style_by_trunk(painted[bold], batch.style[bold])
        if self.perception is not None:
            terms |= self._seen(self.perception, batch, painted, codes, weights)
        kept = {name: term for name, term in terms.items() if getattr(weights, name) > 0}
        return kept, DiscriminatorInputs(
            painted[bold], batch.style, batch.content, tokens, painted_tokens
        )

    def _codes(self, batch: Batch) -> "_Codes":
        """Style crops of this step and of earlier ones in one pass."""
        photographs = self.generator.encode_style(code_view(batch.content))
        crops = self.generator.encode_style(code_view(torch.cat([batch.style, batch.rehearsed])))
        styles, rehearsed = (
            StyleCodes(crops.levels[part], crops.tokens[part])
            for part in (slice(len(batch.style)), slice(len(batch.style), None))
        )
        return _Codes(photographs, styles, rehearsed)

    def _seen(
        self,
        perception: Perception,
        batch: Batch,
        painted: Float[Tensor, "B 3 H W"],
        codes: "_Codes",
        weights: LossWeights,
    ) -> dict[str, Tensor]:
        """What VGG-19 sees: with gradients in the painted picture, without in the photograph."""
        vgg, strength = perception.vgg, batch.strength
        scales = perception.style.scales
        target = perception.style.of(batch.style_keys, batch.style)
        styled = target[:, 0].clone()
        explained = [styled]
        if batch.rehearsed_keys:
            explained.append(perception.style.of(batch.rehearsed_keys, batch.rehearsed)[:, 0])
        shown = torch.arange(len(painted), device=painted.device) // batch.repeats
        between = strength < 1
        with torch.no_grad():
            photograph_taps = vgg(batch.content)
            explained.insert(0, tap_statistics(photograph_taps))
            if bool(between.any()):
                some = shown[between]
                taps = [tap[some] for tap in photograph_taps]
                own_target = pyramid_statistics_from_taps(vgg, taps, batch.content[some], scales)
                target[between] = own_target.lerp(target[between], strength[between, None, None])
        taps = vgg(painted)
        seen = pyramid_statistics_from_taps(vgg, taps, painted, scales)
        told = self.reader(codes.levels())
        tameness = 1 - (strength - 1).clamp(min=0)  # beyond full strength the style may take more
        content = photograph_taps[-1][shown]
        terms = {
            "style": style_shares(seen, target),
            "content": losses.content_loss(taps[-1], content, tameness),
            "distillation": style_shares(told[:, None], torch.cat(explained)[:, None]),
        }
        if weights.teacher and perception.teacher is not None:
            taught = len(painted) // 2  # the teacher's pass costs as much as the generator's
            picture = perception.teacher(
                content[-taught:], styled[-taught:], strength[-taught:].clamp(max=1)
            )
            inner = (..., slice(RIM_PX, -RIM_PX), slice(RIM_PX, -RIM_PX))
            terms["teacher"] = losses.teacher_loss(painted[-taught:][inner], picture[inner])
        return terms

    def _style_by_trunk(
        self, painted: Float[Tensor, "B 3 H W"], style: Float[Tensor, "B 3 h w"]
    ) -> Float[Tensor, ""]:
        """Paper: Eq. 2 to the letter, on the blocks of the TransGAN-type trunk."""
        maps = self.trunk(painted)
        with torch.no_grad():
            target = _trunk_statistics(self.trunk(style))
        channels = [map_.shape[-1] for map_ in maps]
        return losses.style_loss(_trunk_statistics(maps), target, channels, (1.0,))


def style_shares(seen: Float[Tensor, "B S F"], target: Float[Tensor, "B S F"]) -> Float[Tensor, ""]:
    """Eq. 2 on VGG-19's taps, in squares: of a painted picture, or of what a code tells."""
    return losses.style_loss(seen, target, TAP_CHANNELS, SCALE_WEIGHTS[: seen.shape[1]], "square")


def code_view(pictures: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B 3 h w"]:
    """Pictures as the style controller sees them."""
    return F.interpolate(
        pictures, scale_factor=CODE_VIEW, mode="bilinear", antialias=True, align_corners=False
    )


def _trunk_statistics(maps: list[Tensor]) -> Float[Tensor, "B 1 F"]:
    """Mean and deviation of every channel of every map, laid end to end as `statistics` does."""
    parts = [part for map_ in maps for part in token_statistics(map_)]
    return torch.cat([rearrange(part, "b 1 1 d -> b 1 d") for part in parts], dim=-1)
