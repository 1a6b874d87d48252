"""Updates of the discriminators, and their loss terms for the generator."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from model.config import TINY
from model.training.augmentation import augment
from model.training.discriminators import (
    MAX_ACCURACY,
    DiscriminatorInputs,
    Discriminators,
    gradient_penalty,
)
from tests.model.samples import tensor


def random_generator() -> torch.Generator:
    return torch.Generator().manual_seed(3)


@pytest.fixture
def inputs() -> DiscriminatorInputs:
    return DiscriminatorInputs(
        results=tensor(64, 64, seed=1, batch=2).requires_grad_(),
        artworks=tensor(64, 64, seed=2, batch=2) * 0.1,
        photos=tensor(64, 64, seed=3, batch=2),
        photo_tokens=torch.randn(2, 4, 4, 32),
        result_tokens=torch.randn(2, 4, 4, 32, requires_grad=True),
    )


def both(**changed: bool) -> Discriminators:
    return Discriminators(
        TINY, kind="nonsaturating", **{"style": True, "features": True, **changed}
    )


def test_generator_terms_have_gradients_for_the_generator_only(inputs: DiscriminatorInputs):
    discriminators = both()

    terms = discriminators.generator_terms(inputs, random_generator())
    torch.autograd.backward(torch.stack(list(terms.values())).sum())

    assert terms.keys() == {"adversarial", "feature_adversarial"}
    assert inputs.results.grad is not None
    assert inputs.result_tokens.grad is not None
    assert all(parameter.grad is None for parameter in discriminators.parameters())


def test_an_update_has_no_gradients_for_the_generator(inputs: DiscriminatorInputs):
    discriminators = both()
    before = [parameter.clone() for parameter in discriminators.parameters()]

    values = discriminators.update(inputs, 1, random_generator())

    after = list(discriminators.parameters())
    moved = sum(not torch.equal(a, b) for a, b in zip(after, before, strict=True))
    assert moved > len(after) / 2
    assert (inputs.results.grad, inputs.result_tokens.grad) == (None, None)
    assert {"accuracy_style", "accuracy_features"} <= values.keys()


def test_a_discriminator_that_is_too_accurate_is_not_updated(inputs: DiscriminatorInputs):
    discriminators = both()
    discriminators.accuracy = dict.fromkeys(discriminators.accuracy, MAX_ACCURACY + 0.15)
    before = [parameter.clone() for parameter in discriminators.parameters()]

    discriminators.update(inputs, 1, random_generator())

    after = discriminators.parameters()
    assert all(torch.equal(a, b) for a, b in zip(after, before, strict=True))


def test_updates_teach_to_distinguish_artworks_from_results(inputs: DiscriminatorInputs):
    discriminators = both(features=False)

    values = [discriminators.update(inputs, step, random_generator()) for step in range(1, 30)]

    first, last = values[0], values[-1]
    assert last["discriminator_style"] < first["discriminator_style"] * 0.8
    assert last["accuracy_style"] > first["accuracy_style"]


def test_accuracy_is_the_moving_average_of_the_share_of_correct_logits(inputs: DiscriminatorInputs):
    discriminators = both(style=False)
    assert discriminators.features is not None
    discriminators.features.forward = lambda tokens: tokens[:, 0, 0, :1]
    known = replace(
        inputs,
        photo_tokens=torch.tensor([1.0, -1.0]).reshape(2, 1, 1, 1).expand(2, 4, 4, 32),
        result_tokens=torch.tensor([-1.0, -1.0])
        .reshape(2, 1, 1, 1)
        .expand(2, 4, 4, 32)
        .clone()
        .requires_grad_(),
    )
    discriminators.accuracy = {"features": 0.9}  # too accurate, so it is not updated

    values = discriminators.update(known, 1, random_generator())

    assert values["accuracy_features"] == pytest.approx(0.95 * 0.9 + 0.05 * 3 / 4)


def test_a_discriminator_that_is_left_out_has_no_term_and_no_update(inputs: DiscriminatorInputs):
    discriminators = both(style=False)

    assert discriminators.generator_terms(inputs, random_generator()).keys() == {
        "feature_adversarial"
    }
    assert "accuracy_style" not in discriminators.update(inputs, 1, random_generator())


def test_a_restored_checkpoint_gives_the_same_next_update(inputs: DiscriminatorInputs):
    first, second = both(), both()
    first.update(inputs, 1, random_generator())
    second.load_checkpoint(first.checkpoint())

    assert first.update(inputs, 16, random_generator()) == second.update(
        inputs, 16, random_generator()
    )


def test_r1_is_the_mean_squared_norm_of_the_gradient():
    class Slope(nn.Module):
        def forward(self, pictures: torch.Tensor) -> torch.Tensor:
            return (3 * pictures[:, 0, 0, :2]).sum(-1, keepdim=True)  # the gradient is (3, 3)

    assert float(gradient_penalty(Slope(), tensor(8, 8, batch=4))) == pytest.approx(18.0)


# Augmentation


def test_an_augmented_picture_is_shifted_and_has_a_grey_square():
    ramp = torch.linspace(0.1, 1, 64).expand(1, 3, 64, 64)

    result = augment(ramp, random_generator())

    assert result.shape == ramp.shape
    assert int((result[0, 0] == 0).sum()) == 24 * 24
    assert not torch.equal(result[0, 0, :, 0], ramp[0, 0, :, 0])


def test_augmentation_depends_on_the_random_generator_only():
    picture = tensor(64, 64)

    assert torch.equal(augment(picture, random_generator()), augment(picture, random_generator()))
    other = torch.Generator().manual_seed(4)
    assert not torch.equal(augment(picture, random_generator()), augment(picture, other))


def test_augmentation_keeps_the_colours():
    picture = torch.full((2, 3, 64, 64), 0.25)

    assert set(augment(picture, random_generator()).unique().tolist()) == {0.0, 0.25}
