"""The discriminators' own steps, and what they tell the generator."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from model.config import TINY
from model.training.adversaries import WIN_RATE, Adversaries, DiscriminatorInputs, gradient_penalty
from model.training.augmentation import augmented
from tests.model.samples import tensor


def chance() -> torch.Generator:
    return torch.Generator().manual_seed(3)


@pytest.fixture
def inputs() -> DiscriminatorInputs:
    return DiscriminatorInputs(
        painted=tensor(64, 64, seed=1, batch=2).requires_grad_(),
        paintings=tensor(64, 64, seed=2, batch=2) * 0.1,
        photographs=tensor(64, 64, seed=3, batch=2),
        content_tokens=torch.randn(2, 4, 4, 32),
        painted_tokens=torch.randn(2, 4, 4, 32, requires_grad=True),
    )


def both(**changed: bool) -> Adversaries:
    return Adversaries(TINY, kind="nonsaturating", **{"style": True, "features": True, **changed})


def test_the_generator_hears_both_and_they_learn_nothing_by_it(inputs: DiscriminatorInputs):
    adversaries = both()

    terms = adversaries.generator_terms(inputs, chance())
    torch.autograd.backward(torch.stack(list(terms.values())).sum())

    assert terms.keys() == {"adversarial", "feature_adversarial"}
    assert inputs.painted.grad is not None
    assert inputs.painted_tokens.grad is not None
    assert all(parameter.grad is None for parameter in adversaries.parameters())


def test_they_learn_without_moving_the_generator(inputs: DiscriminatorInputs):
    adversaries = both()
    before = [parameter.clone() for parameter in adversaries.parameters()]

    values = adversaries.learn(inputs, 1, chance())

    after = list(adversaries.parameters())
    moved = sum(not torch.equal(a, b) for a, b in zip(after, before, strict=True))
    assert moved > len(after) / 2
    assert (inputs.painted.grad, inputs.painted_tokens.grad) == (None, None)
    assert {"accuracy_style", "accuracy_features"} <= values.keys()


def test_one_that_wins_too_often_waits_for_the_generator(inputs: DiscriminatorInputs):
    adversaries = both()
    adversaries.accuracy = dict.fromkeys(adversaries.accuracy, WIN_RATE + 0.15)
    before = [parameter.clone() for parameter in adversaries.parameters()]

    adversaries.learn(inputs, 1, chance())

    after = adversaries.parameters()
    assert all(torch.equal(a, b) for a, b in zip(after, before, strict=True))


def test_they_learn_to_tell_paintings_from_painted(inputs: DiscriminatorInputs):
    adversaries = both(features=False)

    values = [adversaries.learn(inputs, step, chance()) for step in range(1, 30)]

    first, last = values[0], values[-1]
    assert last["discriminator_style"] < first["discriminator_style"] * 0.8
    assert last["accuracy_style"] > first["accuracy_style"]


def test_accuracy_is_the_running_share_of_right_verdicts(inputs: DiscriminatorInputs):
    adversaries = both(style=False)
    assert adversaries.features is not None
    adversaries.features.forward = lambda tokens: tokens[:, 0, 0, :1]
    judged = replace(
        inputs,
        content_tokens=torch.tensor([1.0, -1.0]).reshape(2, 1, 1, 1).expand(2, 4, 4, 32),
        painted_tokens=torch.tensor([-1.0, -1.0])
        .reshape(2, 1, 1, 1)
        .expand(2, 4, 4, 32)
        .clone()
        .requires_grad_(),
    )
    adversaries.accuracy = {"features": 0.9}  # above the win rate: it only watches

    values = adversaries.learn(judged, 1, chance())

    assert values["accuracy_features"] == pytest.approx(0.95 * 0.9 + 0.05 * 3 / 4)


def test_one_left_out_is_neither_heard_nor_taught(inputs: DiscriminatorInputs):
    adversaries = both(style=False)

    assert adversaries.generator_terms(inputs, chance()).keys() == {"feature_adversarial"}
    assert "accuracy_style" not in adversaries.learn(inputs, 1, chance())


def test_what_is_saved_restores_the_next_step(inputs: DiscriminatorInputs):
    one, other = both(), both()
    one.learn(inputs, 1, chance())
    other.restore(one.saved())

    assert one.learn(inputs, 16, chance()) == other.learn(inputs, 16, chance())


def test_r1_is_the_mean_squared_length_of_the_gradient():
    class Slope(nn.Module):
        def forward(self, pictures: torch.Tensor) -> torch.Tensor:
            return (3 * pictures[:, 0, 0, :2]).sum(-1, keepdim=True)  # the gradient is (3, 3)

    assert float(gradient_penalty(Slope(), tensor(8, 8, batch=4))) == pytest.approx(18.0)


# Augmentation


def test_an_augmented_picture_is_moved_and_has_a_grey_square():
    ramp = torch.linspace(0.1, 1, 64).expand(1, 3, 64, 64)

    seen = augmented(ramp, chance())

    assert seen.shape == ramp.shape
    assert int((seen[0, 0] == 0).sum()) == 24 * 24
    assert not torch.equal(seen[0, 0, :, 0], ramp[0, 0, :, 0])


def test_the_same_chance_augments_alike_and_another_does_not():
    picture = tensor(64, 64)

    assert torch.equal(augmented(picture, chance()), augmented(picture, chance()))
    other = torch.Generator().manual_seed(4)
    assert not torch.equal(augmented(picture, chance()), augmented(picture, other))


def test_colours_are_left_alone():
    picture = torch.full((2, 3, 64, 64), 0.25)

    assert set(augmented(picture, chance()).unique().tolist()) == {0.0, 0.25}
