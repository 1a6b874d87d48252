"""Training of D_s and D_f: their updates, and their loss terms for the generator.

Shapes: B, b, P, c pictures; H x W, h x w pixels; p x q tokens of D channels.
"""

from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from model import losses
from model.checkpoint import from_stored_names, to_stored_names
from model.config import AdversarialKind, DualTransConfig
from model.network.discriminators import FeatureDiscriminator, StyleDiscriminator
from model.training.augmentation import augment

MAX_ACCURACY = 0.8
"""A discriminator with this accuracy is paused until the generator improves (DualAST's rule)."""
_LEARNING_RATE = 2e-4
_PENALTY_INTERVAL = 16  # steps; a rare R1 with a larger weight works as well (StyleGAN 2)
_PENALTY_WEIGHT = 1.0
_PHOTO_WEIGHT = 0.5  # of photos, which are further fakes besides the results
_ACCURACY_DECAY = 0.95  # of its exponential moving average


@dataclass(frozen=True)
class DiscriminatorInputs:
    """The inputs of both discriminators in one step. Gradients flow through the results."""

    results: Float[Tensor, "B 3 H W"]
    """Results at strength 1 or above."""
    artworks: Float[Tensor, "b 3 h w"]
    photos: Float[Tensor, "P 3 H W"]
    photo_tokens: Float[Tensor, "c p q D"]
    """E(x)."""
    result_tokens: Float[Tensor, "c p q D"]
    """E(G)."""


class Discriminators(nn.Module):
    """Both discriminators with their optimisers; either can be left out."""

    def __init__(
        self, config: DualTransConfig, *, style: bool, features: bool, kind: AdversarialKind
    ) -> None:
        """Create the discriminators.

        Args:
            config: of the generator.
            style: whether to create D_s.
            features: whether to create D_f.
            kind: form of Eq. 1. Eq. 8 is always a hinge loss.
        """
        super().__init__()
        self.kind = kind
        self.style = StyleDiscriminator(config) if style else None
        self.features = FeatureDiscriminator(config) if features else None
        self.optimisers = {
            name: torch.optim.AdamW(network.parameters(), lr=_LEARNING_RATE, betas=(0.0, 0.99))
            for name, network in self.named_children()
        }
        self.accuracy = dict.fromkeys(self.optimisers, 0.5)

    def generator_terms(
        self, inputs: DiscriminatorInputs, random: torch.Generator
    ) -> dict[str, Tensor]:
        """Return the generator's terms of Eq. 1 and Eq. 8."""
        self.requires_grad_(requires_grad=False)
        terms = {}
        if self.style is not None:
            logits = self.style(augment(inputs.results, random))
            terms["adversarial"] = losses.style_generator_loss(logits, self.kind)
        if self.features is not None:
            logits = self.features(inputs.result_tokens)
            terms["feature_adversarial"] = losses.feature_generator_loss(logits)
        return terms

    def update(
        self, inputs: DiscriminatorInputs, step: int, random: torch.Generator
    ) -> dict[str, float]:
        """Update each discriminator that is not too accurate; return losses and accuracies."""
        self.requires_grad_(requires_grad=True)
        values: dict[str, float] = {}
        if self.style is not None:
            values |= self._update_style(self.style, inputs, step, random)
        if self.features is not None:
            real = self.features(inputs.photo_tokens.detach())
            fake = self.features(inputs.result_tokens.detach())
            loss = losses.feature_discriminator_loss(real, fake)
            values |= self._apply_loss("features", loss, real, fake)
        return values

    def _update_style(
        self,
        network: StyleDiscriminator,
        inputs: DiscriminatorInputs,
        step: int,
        random: torch.Generator,
    ) -> dict[str, float]:
        real = network(augment(inputs.artworks, random))
        fake = network(augment(inputs.results.detach(), random))
        photos = network(augment(inputs.photos, random))
        loss = losses.style_discriminator_loss(real, fake, self.kind)
        loss = loss + _PHOTO_WEIGHT * losses.style_discriminator_loss(real, photos, self.kind)
        if step % _PENALTY_INTERVAL == 0:
            penalty = gradient_penalty(network, inputs.artworks)
            loss = loss + _PENALTY_WEIGHT / 2 * _PENALTY_INTERVAL * penalty
        return self._apply_loss("style", loss, real, fake)

    def _apply_loss(self, name: str, loss: Tensor, real: Tensor, fake: Tensor) -> dict[str, float]:
        """Update the accuracy, and the weights if the accuracy allows it."""
        is_correct = torch.cat([real.flatten() > 0, fake.flatten() < 0])
        share = float(is_correct.float().mean())
        accuracy = _ACCURACY_DECAY * self.accuracy[name] + (1 - _ACCURACY_DECAY) * share
        self.accuracy[name] = accuracy
        if accuracy < MAX_ACCURACY and bool(torch.isfinite(loss)):
            self.optimisers[name].zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]  # untyped in torch
            self.optimisers[name].step()
        return {f"discriminator_{name}": float(loss.detach()), f"accuracy_{name}": accuracy}

    def checkpoint(self) -> dict[str, Any]:
        """Return everything that the next update depends on."""
        return {
            "weights": to_stored_names(self.state_dict()),
            "optimisers": {
                name: optimiser.state_dict() for name, optimiser in self.optimisers.items()
            },
            "accuracy": self.accuracy,
        }

    def load_checkpoint(self, values: dict[str, Any]) -> None:
        """Restore what `checkpoint` returned."""
        self.load_state_dict(from_stored_names(values["weights"]))
        for name, optimiser in self.optimisers.items():
            optimiser.load_state_dict(values["optimisers"][name])
        self.accuracy = dict(values["accuracy"])


def gradient_penalty(network: nn.Module, pictures: Float[Tensor, "B 3 H W"]) -> Float[Tensor, ""]:
    """Return R1 (Mescheder et al., 2018): the mean squared gradient norm at real pictures.

    Computed in fp32 with the math attention backend, the only one with second derivatives.
    """
    real = pictures.detach().float().requires_grad_()
    with torch.autocast(real.device.type, enabled=False), sdpa_kernel(SDPBackend.MATH):
        (gradient,) = torch.autograd.grad(network(real).mean(-1).sum(), real, create_graph=True)
    return gradient.square().sum((1, 2, 3)).mean()
