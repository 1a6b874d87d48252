"""The loss terms of one training step.

Shapes: B pairs, P photos, N pictures, C channels, H x W pixels or tokens, L style levels of W
channels, S scales, F statistics.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from einops import rearrange, repeat
from jaxtyping import Float
from torch import Tensor, nn

from model import losses
from model.adain import BORDER_PX, AdainDecoder, load_adain
from model.config import CODE_VIEW_SCALE, LossWeights, Recipe
from model.network.generator import Generator
from model.network.style_control import StyleBackbone, StyleCodes
from model.network.tokens import token_statistics
from model.perceptual.statistics import (
    pyramid_statistics,
    pyramid_statistics_from_taps,
    tap_statistics,
)
from model.perceptual.vgg import TAP_CHANNELS, Vgg19, load_vgg
from model.training.data import Batch
from model.training.discriminators import DiscriminatorInputs

_PLACED_FROM = 0.7  # style strength from which the placement loss applies
SCALE_WEIGHTS = (1.0, 0.7, 0.5)
"""Weights of the pyramid's scales 1, 1/2, 1/4."""
_STATISTICS = 2 * sum(TAP_CHANNELS)


class ProbeHead(nn.Module):
    """Predicts VGG-19's statistics from a style code.

    Its loss makes the style controller encode these statistics.
    """

    def __init__(self, code_dim: int) -> None:
        """Create one linear layer on the three level vectors of `code_dim` channels."""
        super().__init__()
        self.read = nn.Linear(3 * code_dim, _STATISTICS)  # the name in checkpoints

    def forward(self, levels: Float[Tensor, "N L W"]) -> Float[Tensor, "N F"]:
        """Return the predicted statistics of the whole picture at scale 1."""
        predicted: Tensor = self.read(levels.flatten(1))
        return predicted


class StyleStatisticsCache:
    """VGG-19 statistics of style crops, each computed once."""

    def __init__(self, vgg: Vgg19, scales: int, capacity: int = 40_000) -> None:
        """Cache up to `capacity` crops, which take 11.5 kB each at three scales."""
        self.vgg, self.scales, self.capacity = vgg, scales, capacity
        self.cached: dict[int, Tensor] = {}

    @torch.no_grad()
    def get(self, keys: list[int], crops: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B S F"]:
        """Return the statistics of the crops, which are identified by their keys."""
        pairs = zip(keys, torch.split(crops, 1), strict=True)
        return torch.stack([self._get_one(key, crop).float() for key, crop in pairs])

    def _get_one(self, key: int, crop: Float[Tensor, "1 3 H W"]) -> Float[Tensor, "S F"]:
        """Compute the statistics of one crop.

        Rounding depends on the batch size, and a resumed run starts with an empty cache. With
        batches of uncached crops, its values would differ from those of an uninterrupted run.
        """
        if key in self.cached:
            return self.cached[key]
        statistics = pyramid_statistics(self.vgg, crop, self.scales)[0].half()
        if len(self.cached) < self.capacity:
            self.cached[key] = statistics
        return statistics


@dataclass(frozen=True)
class PerceptualNetworks:
    """The frozen networks of the perceptual losses. They are not part of the released weights."""

    vgg: Vgg19
    style_statistics: StyleStatisticsCache
    teacher: AdainDecoder | None


def load_perceptual_networks(
    vgg: Path | None, teacher: Path | None, *, scales: int, device: torch.device, dtype: torch.dtype
) -> PerceptualNetworks | None:
    """Read VGG-19 and the teacher's decoder; None without VGG-19.

    Raises:
        ValueError, OSError: a file is unusable.
    """
    if vgg is None:
        return None
    network = load_vgg(vgg, padding_mode="zeros").to(device, dtype)
    decoder = None
    if teacher is not None:
        decoder = load_adain(teacher, padding_mode="zeros").to(device, dtype)
    return PerceptualNetworks(network, StyleStatisticsCache(network, scales), decoder)


@dataclass(frozen=True)
class _BatchCodes:
    """The style codes of all pictures of a batch."""

    photos: StyleCodes
    styles: StyleCodes
    replayed: StyleCodes

    def levels(self) -> Float[Tensor, "N L W"]:
        """Return the level vectors of all codes in the order of the fields."""
        return torch.cat([self.photos.levels, self.styles.levels, self.replayed.levels])


class StepLosses:
    """Computes the generator's loss terms of a batch, except those of the discriminators."""

    def __init__(
        self,
        generator: Generator,
        probe_head: ProbeHead,
        backbone: StyleBackbone,
        networks: PerceptualNetworks | None,
        recipe: Recipe,
    ) -> None:
        """Use these networks.

        Args:
            generator: the network to train.
            probe_head: trained together with the generator.
            backbone: phi of Eq. 2, the exponential moving average of the style controller's
                backbone.
            networks: None for the literal recipe.
            recipe: chooses the variants of the losses.
        """
        self.generator, self.probe_head, self.backbone = generator, probe_head, backbone
        self.networks, self.recipe = networks, recipe

    def reconstruction(self, batch: Batch) -> dict[str, Tensor]:
        """Return the terms of stage 0.

        Photos are reconstructed with their own content code, and the probe head predicts the
        statistics of the style crops.
        """
        content_codes = self.generator.encode_style(code_view(batch.photos))
        results = self.generator(batch.photos, content_codes, content_codes)
        is_identity = batch.strength.new_ones(len(results))
        terms = {"identity": losses.identity_loss(results, batch.photos, is_identity)}
        if self.networks is not None:
            style_codes = self.generator.encode_style(code_view(batch.styles))
            predicted = self.probe_head(style_codes.levels)
            target = self.networks.style_statistics.get(batch.style_keys, batch.styles)[:, 0]
            terms["distillation"] = vgg_style_loss(predicted[:, None], target[:, None])
        return terms

    def stylization(
        self, batch: Batch, weights: LossWeights
    ) -> tuple[dict[str, Tensor], DiscriminatorInputs]:
        """Return the terms of stages 1 to 3, and the inputs of the discriminators.

        Every photo is stylized with tau moved from its content code towards the style code. Terms
        with weight 0 are left out.
        """
        generator, strength, repeats = self.generator, batch.strength, batch.styles_per_photo
        codes = self._encode(batch)
        content_codes = codes.photos.repeated(repeats)
        encoded = generator.encoder(batch.photos)
        photos = repeat(batch.photos, "p ... -> (p t) ...", t=repeats)
        results = generator.decoder(
            encoded.repeated(repeats),
            photos,
            content_codes,
            content_codes.moved_towards(codes.styles, strength[:, None]),
        )
        subset = slice(
            None, None, max(2, repeats)
        )  # only some pairs, because E runs again on their results
        photo_tokens = repeat(encoded.bottleneck, "p ... -> (p t) ...", t=repeats)[subset]
        result_tokens = generator.encoder(results[subset]).bottleneck
        recipe = self.recipe
        terms = {
            "structure": losses.structure_loss(results, photos, recipe.structure),
            "style_aware": losses.style_aware_loss(photo_tokens, result_tokens, recipe.style_aware),
            "identity": losses.identity_loss(results, photos, (strength == 0).float()),
            "total_variation": losses.total_variation(results),
        }
        is_strong = strength >= _PLACED_FROM
        if weights.placement and bool(is_strong.any()):
            terms["placement"] = losses.placement_loss(
                results[is_strong], photos[is_strong], batch.styles[is_strong]
            )
        at_full_strength = strength >= 1
        if not bool(at_full_strength.any()):
            at_full_strength = torch.ones_like(at_full_strength)
        if weights.style_trunk:
            terms["style_trunk"] = self._backbone_style_loss(
                results[at_full_strength], batch.styles[at_full_strength]
            )
        if self.networks is not None:
            terms |= self._perceptual_terms(self.networks, batch, results, codes, weights)
        weighted = {name: term for name, term in terms.items() if getattr(weights, name) > 0}
        return weighted, DiscriminatorInputs(
            results[at_full_strength], batch.styles, batch.photos, photo_tokens, result_tokens
        )

    def _encode(self, batch: Batch) -> _BatchCodes:
        """Encode the style crops of this step and the replayed ones in one pass."""
        photos = self.generator.encode_style(code_view(batch.photos))
        crops = self.generator.encode_style(code_view(torch.cat([batch.styles, batch.replayed])))
        count = len(batch.styles)
        styles, replayed = (
            StyleCodes(crops.levels[part], crops.tokens[part])
            for part in (slice(count), slice(count, None))
        )
        return _BatchCodes(photos, styles, replayed)

    def _perceptual_terms(
        self,
        networks: PerceptualNetworks,
        batch: Batch,
        results: Float[Tensor, "B 3 H W"],
        codes: _BatchCodes,
        weights: LossWeights,
    ) -> dict[str, Tensor]:
        """Return the terms on VGG-19 features. Gradients flow through the results only."""
        vgg, strength = networks.vgg, batch.strength
        scales = networks.style_statistics.scales
        target = networks.style_statistics.get(batch.style_keys, batch.styles)
        style_statistics = target[:, 0].clone()
        photo_of_result = torch.arange(len(results), device=results.device)
        photo_of_result = photo_of_result // batch.styles_per_photo
        is_partial = strength < 1
        with torch.no_grad():
            photo_taps = vgg(batch.photos)
            photo_statistics = tap_statistics(photo_taps)
            if bool(is_partial.any()):  # the target is between the photo and the style
                partial = photo_of_result[is_partial]
                photo_target = pyramid_statistics_from_taps(
                    vgg, [tap[partial] for tap in photo_taps], batch.photos[partial], scales
                )
                target[is_partial] = photo_target.lerp(
                    target[is_partial], strength[is_partial, None, None]
                )
        taps = vgg(results)
        statistics = pyramid_statistics_from_taps(vgg, taps, results, scales)
        content = photo_taps[-1][photo_of_result]
        content_weights = 1 - (strength - 1).clamp(min=0)  # strengths above 1 may lose content
        known_statistics = [photo_statistics, style_statistics]
        if batch.replayed_keys:
            replayed = networks.style_statistics.get(batch.replayed_keys, batch.replayed)
            known_statistics.append(replayed[:, 0])
        predicted = self.probe_head(codes.levels())
        terms = {
            "style": vgg_style_loss(statistics, target),
            "content": losses.content_loss(taps[-1], content, content_weights),
            "distillation": vgg_style_loss(
                predicted[:, None], torch.cat(known_statistics)[:, None]
            ),
        }
        if weights.teacher and networks.teacher is not None:
            terms["teacher"] = _teacher_term(
                networks.teacher, results, content, style_statistics, strength
            )
        return terms

    def _backbone_style_loss(
        self, results: Float[Tensor, "B 3 H W"], styles: Float[Tensor, "B 3 h w"]
    ) -> Float[Tensor, ""]:
        """Paper: Eq. 2 as printed, on the blocks of the TransGAN-type backbone."""
        maps = self.backbone(results)
        with torch.no_grad():
            target = _map_statistics(self.backbone(styles))
        channels = [map_.shape[-1] for map_ in maps]
        return losses.style_loss(_map_statistics(maps), target, channels, (1.0,))


def vgg_style_loss(
    statistics: Float[Tensor, "B S F"], target: Float[Tensor, "B S F"]
) -> Float[Tensor, ""]:
    """Return Eq. 2 on VGG-19's taps with squared norms, for measured or predicted statistics."""
    scale_weights = SCALE_WEIGHTS[: statistics.shape[1]]
    return losses.style_loss(statistics, target, TAP_CHANNELS, scale_weights, "square")


def code_view(pictures: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B 3 h w"]:
    """Return pictures at the scale at which the style controller sees them."""
    return F.interpolate(
        pictures, scale_factor=CODE_VIEW_SCALE, mode="bilinear", antialias=True, align_corners=False
    )


def _teacher_term(
    teacher: AdainDecoder,
    results: Float[Tensor, "B 3 H W"],
    content: Float[Tensor, "B C h w"],
    style_statistics: Float[Tensor, "B F"],
    strength: Float[Tensor, " B"],
) -> Float[Tensor, ""]:
    """Return the teacher loss of the last half of the pairs.

    The other half is left out, because a pass of the teacher takes as long as one of ours.
    """
    count = len(results) // 2
    targets = teacher(content[-count:], style_statistics[-count:], strength[-count:].clamp(max=1))
    inner = (..., slice(BORDER_PX, -BORDER_PX), slice(BORDER_PX, -BORDER_PX))
    return losses.teacher_loss(results[-count:][inner], targets[inner])


def _map_statistics(maps: list[Tensor]) -> Float[Tensor, "B 1 F"]:
    """Return mean and deviation of every channel of every map, in the order of `tap_statistics`."""
    parts = [part for map_ in maps for part in token_statistics(map_)]
    return torch.cat([rearrange(part, "b 1 1 d -> b 1 d") for part in parts], dim=-1)
