"""D_s and D_f at work: their own steps, their verdicts on the generator, their accuracies.

B, b, c pictures; H x W, h x w pixels; p x q tokens of D channels.
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
from model.training.augmentation import augmented

WIN_RATE = 0.8
"""A discriminator that is right this often waits for the generator (DualAST's rule)."""
_RATE = 2e-4
_PENALTY_EVERY = 16  # steps; R1 is as good when it comes seldom and weighs more (StyleGAN 2)
_PENALTY = 1.0
_PHOTOGRAPHS = 0.5  # weight of photographs as further fakes beside the painted pictures
_FOLLOW = 0.95  # decay of the running accuracy


@dataclass(frozen=True)
class DiscriminatorInputs:
    """What the discriminators judge in one step; gradients flow to the generator through it."""

    painted: Float[Tensor, "B 3 H W"]
    """Pictures at full strength or beyond."""
    paintings: Float[Tensor, "b 3 h w"]
    photographs: Float[Tensor, "P 3 H W"]
    content_tokens: Float[Tensor, "c p q D"]
    """E(x)."""
    painted_tokens: Float[Tensor, "c p q D"]
    """E(G)."""


class Adversaries(nn.Module):
    """Both discriminators with their optimisers.

    A term of weight 0 has no discriminator: so an ablation leaves one out.
    """

    def __init__(
        self, config: DualTransConfig, *, style: bool, features: bool, kind: AdversarialKind
    ) -> None:
        """`kind` is the form of Eq. 1; Eq. 8 is a hinge."""
        super().__init__()
        self.kind = kind
        self.style = StyleDiscriminator(config) if style else None
        self.features = FeatureDiscriminator(config) if features else None
        self.optimisers = {
            name: torch.optim.AdamW(judge.parameters(), lr=_RATE, betas=(0.0, 0.99))
            for name, judge in self.named_children()
        }
        self.accuracy = dict.fromkeys(self.optimisers, 0.5)

    def generator_terms(
        self, inputs: DiscriminatorInputs, chance: torch.Generator
    ) -> dict[str, Tensor]:
        """The generator's terms of Eq. 1 and Eq. 8."""
        self.requires_grad_(requires_grad=False)
        terms = {}
        if self.style is not None:
            verdict = self.style(augmented(inputs.painted, chance))
            terms["adversarial"] = losses.style_generator_loss(verdict, self.kind)
        if self.features is not None:
            verdict = self.features(inputs.painted_tokens)
            terms["feature_adversarial"] = losses.feature_generator_loss(verdict)
        return terms

    def learn(
        self, inputs: DiscriminatorInputs, step: int, chance: torch.Generator
    ) -> dict[str, float]:
        """One step of each discriminator, unless it wins too often; losses and accuracies."""
        self.requires_grad_(requires_grad=True)
        values: dict[str, float] = {}
        if self.style is not None:
            values |= self._learn_style(self.style, inputs, step, chance)
        if self.features is not None:
            real = self.features(inputs.content_tokens.detach())
            fake = self.features(inputs.painted_tokens.detach())
            loss = losses.feature_discriminator_loss(real, fake)
            values |= self._update("features", loss, real, fake)
        return values

    def _learn_style(
        self,
        judge: StyleDiscriminator,
        inputs: DiscriminatorInputs,
        step: int,
        chance: torch.Generator,
    ) -> dict[str, float]:
        real = judge(augmented(inputs.paintings, chance))
        fake = judge(augmented(inputs.painted.detach(), chance))
        photographs = judge(augmented(inputs.photographs, chance))
        loss = losses.style_discriminator_loss(real, fake, self.kind)
        loss = loss + _PHOTOGRAPHS * losses.style_discriminator_loss(real, photographs, self.kind)
        if step % _PENALTY_EVERY == 0:
            penalty = gradient_penalty(judge, inputs.paintings)
            loss = loss + _PENALTY / 2 * _PENALTY_EVERY * penalty
        return self._update("style", loss, real, fake)

    def _update(self, name: str, loss: Tensor, real: Tensor, fake: Tensor) -> dict[str, float]:
        right = torch.cat([real.flatten() > 0, fake.flatten() < 0]).float().mean()
        self.accuracy[name] = _FOLLOW * self.accuracy[name] + (1 - _FOLLOW) * float(right)
        if self.accuracy[name] < WIN_RATE and bool(torch.isfinite(loss)):
            self.optimisers[name].zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]  # untyped in torch
            self.optimisers[name].step()
        return {
            f"discriminator_{name}": float(loss.detach()),
            f"accuracy_{name}": self.accuracy[name],
        }

    # For the checkpoint

    def saved(self) -> dict[str, Any]:
        """Everything that the next step depends on."""
        return {
            "weights": to_stored_names(self.state_dict()),
            "optimisers": {name: one.state_dict() for name, one in self.optimisers.items()},
            "accuracy": self.accuracy,
        }

    def restore(self, saved: dict[str, Any]) -> None:
        """Back to what `saved` told."""
        self.load_state_dict(from_stored_names(saved["weights"]))
        for name, one in self.optimisers.items():
            one.load_state_dict(saved["optimisers"][name])
        self.accuracy = dict(saved["accuracy"])


def gradient_penalty(judge: nn.Module, pictures: Float[Tensor, "B 3 H W"]) -> Float[Tensor, ""]:
    """R1 (Mescheder et al., 2018): mean squared length of the verdict's gradient at real pictures.

    In fp32 and with attention written out: only so can it be differentiated twice.
    """
    real = pictures.detach().float().requires_grad_()
    with torch.autocast(real.device.type, enabled=False), sdpa_kernel(SDPBackend.MATH):
        (gradient,) = torch.autograd.grad(judge(real).mean(-1).sum(), real, create_graph=True)
    return gradient.square().sum((1, 2, 3)).mean()
