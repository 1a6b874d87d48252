"""Every equation on numbers that can be worked out by hand."""

from dataclasses import replace
from math import log

import pytest
import torch
from torch import Tensor

from model import losses
from model.config import LITERAL, OURS, LossWeights

NO_WEIGHTS = replace(OURS.weights, **dict.fromkeys(vars(OURS.weights), 0.0))


def scalar(value: float) -> Tensor:
    return torch.tensor([value])


def grey(rows: list[list[float]]) -> Tensor:
    """One picture whose three channels are the same."""
    return torch.tensor(rows).expand(1, 3, -1, -1)


# Eq. 1


@pytest.mark.parametrize("kind", ["nonsaturating", "minimax"])
def test_eq_1_a_style_discriminator_that_knows_nothing_pays_two_log_2(kind):
    loss = losses.style_discriminator_loss(scalar(0.0), scalar(0.0), kind)

    assert loss.item() == pytest.approx(2 * log(2))


@pytest.mark.parametrize("kind", ["nonsaturating", "minimax"])
def test_eq_1_a_style_discriminator_pays_minus_log_of_each_right_answer(kind):
    # sigmoid(log 3) = 3/4 for the painting, sigmoid(-log 4) = 1/5 for the painted
    loss = losses.style_discriminator_loss(scalar(log(3)), scalar(-log(4)), kind)

    assert loss.item() == pytest.approx(-log(3 / 4) - log(1 - 1 / 5))


def test_eq_1_as_a_hinge_the_style_discriminator_pays_inside_the_margin_alone():
    loss = losses.style_discriminator_loss(
        torch.tensor([0.25, 2.0]), torch.tensor([0.5, -3.0]), "hinge"
    )

    assert loss.item() == pytest.approx(0.75 / 2 + 1.5 / 2)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("nonsaturating", -log(1 / 4)), ("minimax", log(1 - 1 / 4)), ("hinge", log(3))],
)
def test_eq_1_the_generator_pays_for_a_picture_taken_for_a_painting_by_a_quarter(kind, expected):
    loss = losses.style_generator_loss(scalar(-log(3)), kind)

    assert loss.item() == pytest.approx(expected)


@pytest.mark.parametrize("kind", ["nonsaturating", "minimax"])
def test_eq_1_stays_finite_where_the_plain_logarithm_does_not(kind):
    loss = losses.style_discriminator_loss(scalar(-200.0), scalar(200.0), kind)

    assert loss.item() == pytest.approx(400.0)


# Eq. 2


def test_eq_2_is_the_distance_of_means_and_deviations_over_the_mean_energy():
    painted = torch.tensor([[[5.0, 0.0]]])  # one scale, one channel: mu, sigma; energy 25
    style = torch.tensor([[[3.0, 4.0]]])  # energy 9 + 16

    loss = losses.style_loss(painted, style, [1], [1.0])

    assert loss.item() == pytest.approx(2 / 5 + 4 / 5, rel=1e-4)


def test_eq_2_of_a_blank_style_is_bounded():
    painted, blank = torch.tensor([[[0.0, 100.0]]]), torch.zeros(1, 1, 2)

    loss = losses.style_loss(painted, blank, [1], [1.0])

    assert loss.item() == pytest.approx(2**0.5, rel=1e-2)  # |100 - 0| over the root of 100^2 / 2


def test_eq_2_takes_the_norm_over_the_channels_of_a_level():
    painted = torch.tensor([[[4.0, 3.0, 0.0, 0.0]]])  # mu = (4, 3), sigma = (0, 0)
    style = torch.tensor([[[3.0, 4.0, 0.0, 0.0]]])

    loss = losses.style_loss(painted, style, [2], [1.0])

    # |(1, -1)| / 5, and the floor of sigma's root
    assert loss.item() == pytest.approx(2**0.5 / 5 + 1e-3, rel=1e-3)


def test_eq_2_is_the_mean_over_levels():
    painted = torch.tensor([[[5.0, 0.0, 3.0, 4.0]]])
    style = torch.tensor([[[3.0, 4.0, 3.0, 4.0]]])

    loss = losses.style_loss(painted, style, [1, 1], [1.0])

    assert loss.item() == pytest.approx(1.2 / 2, rel=3e-3)


def test_eq_2_weighs_the_scales_of_the_pyramid():
    painted = torch.tensor([[[5.0, 0.0], [4.0, 3.0]]])
    style = torch.tensor([[[3.0, 4.0], [3.0, 4.0]]])

    loss = losses.style_loss(painted, style, [1], [1.0, 0.5])

    assert loss.item() == pytest.approx((1.2 * 1.0 + 0.4 * 0.5) / 1.5, rel=1e-3)


def test_eq_2_in_squares_adds_shares_of_the_energy():
    painted = torch.tensor([[[5.0, 0.0]]])  # mu = 5, sigma = 0
    style = torch.tensor([[[3.0, 4.0]]])

    loss = losses.style_loss(painted, style, [1], [1.0], "square")

    assert loss.item() == pytest.approx((2**2 + 4**2) / 25)


def test_eq_2_has_a_finite_gradient_where_painted_and_style_agree():
    style = torch.tensor([[[3.0, 4.0]]])
    painted = style.clone().requires_grad_()

    torch.autograd.backward(losses.style_loss(painted, style, [1], [1.0]))

    assert painted.grad is not None
    assert painted.grad.abs().max().item() == 0.0


# Eq. 7


def test_eq_7_with_the_literal_pool_compares_the_means_of_neighbouring_pixels():
    painted = grey([[1.0, 0.0], [0.0, 0.0]])  # pooled over 2 x 2: one value, 1/4
    photograph = grey([[0.0, 0.0], [0.0, 0.0]])

    loss = losses.structure_loss(painted, photograph, "rgb")

    assert loss.item() == pytest.approx(1 / 16)


def test_eq_7_pools_over_3_pixels_at_256():
    photograph = torch.zeros(1, 3, 256, 256)
    painted = photograph.clone()
    painted[:, :, 100, 100] = 1.0  # it is in 9 of the 254 x 254 means, with 1/9 each

    loss = losses.structure_loss(painted, photograph, "rgb")

    assert loss.item() == pytest.approx(9 * (1 / 9) ** 2 / 254**2)


def test_eq_7_on_luma_leaves_brightness_and_contrast_to_the_style():
    photograph = grey([[0.0, 0.2, 0.4], [0.0, 0.2, 0.4], [0.0, 0.2, 0.4]])

    loss = losses.structure_loss(photograph * 2 - 0.5, photograph, "luma")

    assert loss.item() == pytest.approx(0.0, abs=1e-6)


def test_eq_7_on_luma_punishes_light_and_dark_exchanged():
    # pooled luma is (0.5, 1.5) in both rows, normalised (-1, 1); exchanged it is (1, -1)
    photograph = grey([[0.0, 1.0, 2.0], [0.0, 1.0, 2.0], [0.0, 1.0, 2.0]])

    loss = losses.structure_loss(-photograph, photograph, "luma")

    assert loss.item() == pytest.approx(4.0, rel=1e-3)


def test_eq_7_on_luma_sees_a_hue_as_bright_as_another_as_the_same():
    green_weight, red_weight = 0.587, 0.299
    ramp = torch.tensor([[0.0, 1.0, 2.0]]).expand(3, 3)
    photograph, painted = torch.zeros(1, 3, 3, 3), torch.zeros(1, 3, 3, 3)
    photograph[0, 0], painted[0, 1] = ramp, ramp * red_weight / green_weight

    loss = losses.structure_loss(painted, photograph, "luma")

    assert loss.item() == pytest.approx(0.0, abs=1e-6)


# L_SA


def test_l_sa_is_the_mean_distance_of_normalised_tokens():
    photograph = torch.tensor([[[[1.0], [3.0]]]])  # two tokens, normalised: -1 and 1
    painted = torch.tensor([[[[3.0], [1.0]]]])

    loss = losses.style_aware_loss(photograph, painted, "normalised")

    assert loss.item() == pytest.approx(2.0, rel=1e-3)


def test_l_sa_as_the_literal_reading_has_it_is_the_mean_distance_of_tokens():
    photograph = torch.tensor([[[[1.0], [3.0]]]])
    painted = torch.tensor([[[[3.0], [4.0]]]])

    assert losses.style_aware_loss(photograph, painted, "plain").item() == pytest.approx(1.5)


def test_l_sa_cannot_be_lowered_by_an_encoder_that_shrinks():
    photograph, painted = torch.randn(1, 2, 2, 8), torch.randn(1, 2, 2, 8)

    usual = losses.style_aware_loss(photograph, painted, "normalised")
    shrunk = losses.style_aware_loss(photograph * 0.1, painted * 0.1, "normalised")

    assert shrunk.item() == pytest.approx(usual.item(), rel=1e-2)


def test_l_sa_cannot_be_lowered_by_one_large_constant():
    photograph, painted = torch.randn(1, 3, 3, 4), torch.randn(1, 3, 3, 4)
    constant = torch.tensor([0.0, 50.0, 0.0, 0.0])

    usual = losses.style_aware_loss(photograph, painted, "normalised")
    lifted = losses.style_aware_loss(photograph + constant, painted + constant, "normalised")

    assert lifted.item() == pytest.approx(usual.item(), rel=1e-3)


def test_l_sa_moves_the_painted_picture_alone():
    photograph = torch.randn(1, 2, 2, 8, requires_grad=True)
    painted = torch.randn(1, 2, 2, 8, requires_grad=True)

    torch.autograd.backward(losses.style_aware_loss(photograph, painted, "normalised"))

    assert (photograph.grad, painted.grad is None) == (None, False)


# Eq. 8


def test_eq_8_the_feature_discriminator_pays_inside_the_margin_alone():
    loss = losses.feature_discriminator_loss(torch.tensor([0.5, 4.0]), torch.tensor([0.5, -4.0]))

    assert loss.item() == pytest.approx(0.5 / 2 + 1.5 / 2)


def test_eq_8_the_generator_wants_high_marks():
    loss = losses.feature_generator_loss(torch.tensor([0.5, 1.5]))

    assert loss.item() == -1.0


# Eq. 9


def test_eq_9_weighs_each_term_by_its_own_lambda():
    weights = replace(NO_WEIGHTS, style=5.0, content=0.5)

    total = losses.weighted_sum({"style": torch.tensor(2.0), "content": torch.tensor(3.0)}, weights)

    assert total.item() == pytest.approx(5.0 * 2 + 0.5 * 3)


def test_eq_9_with_the_papers_weights_sums_five_terms_of_one_to_211_3():
    names = ("adversarial", "style_trunk", "structure", "style_aware", "feature_adversarial")

    total = losses.weighted_sum(dict.fromkeys(names, torch.tensor(1.0)), LITERAL.weights)

    assert total.item() == pytest.approx(1 + 0.3 + 100 + 100 + 10)


@pytest.mark.parametrize("weights", [OURS.weights, LITERAL.weights])
def test_no_weight_is_negative(weights: LossWeights):
    assert min(vars(weights).values()) >= 0


# Ours


def test_the_content_loss_leaves_every_channels_mean_and_deviation_free():
    features = torch.randn(1, 4, 5, 5)
    gain, lift = torch.tensor([1.0, 2.0, 3.0, 4.0]), torch.tensor([0.0, 5.0, -5.0, 1.0])

    moved = features * gain[:, None, None] + lift[:, None, None]
    loss = losses.content_loss(moved, features, torch.ones(1))

    assert loss.item() == pytest.approx(0.0, abs=1e-5)


def test_the_content_loss_of_exchanged_features_is_4():
    features = torch.tensor([[[[-1.0, 1.0]]]])

    loss = losses.content_loss(-features, features, torch.ones(1))

    assert loss.item() == pytest.approx(4.0, rel=1e-3)


def test_the_content_loss_weighs_every_picture_by_its_own_weight():
    features = torch.tensor([[[[-1.0, 1.0]]], [[[-1.0, 1.0]]]])

    loss = losses.content_loss(-features, features, torch.tensor([1.0, 0.5]))

    assert loss.item() == pytest.approx((4.0 + 0.5 * 4.0) / 2, rel=1e-3)


def test_the_identity_loss_counts_the_marked_pictures_alone():
    photograph = torch.zeros(2, 3, 2, 2)
    painted = torch.stack([torch.full((3, 2, 2), 0.25), torch.full((3, 2, 2), 9.0)])

    loss = losses.identity_loss(painted, photograph, torch.tensor([1.0, 0.0]))

    assert loss.item() == pytest.approx(0.25)


def test_the_identity_loss_of_a_batch_without_a_marked_picture_is_0():
    loss = losses.identity_loss(torch.ones(1, 3, 2, 2), torch.zeros(1, 3, 2, 2), torch.zeros(1))

    assert loss.item() == 0.0


def test_the_teachers_loss_is_the_mean_distance_from_its_picture():
    loss = losses.teacher_loss(torch.full((1, 3, 2, 2), 0.25), torch.zeros(1, 3, 2, 2))

    assert loss.item() == pytest.approx(0.25)


def test_the_total_variation_sums_the_mean_steps_down_and_across():
    loss = losses.total_variation(grey([[0.0, 1.0], [0.0, 3.0]]))

    assert loss.item() == pytest.approx((0 + 2) / 2 + (1 + 3) / 2)
