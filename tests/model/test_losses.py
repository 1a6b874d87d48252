"""Every loss on small inputs whose expected value follows from the equation."""

from dataclasses import replace
from math import log

import pytest
import torch
from torch import Tensor

from model import losses
from model.config import LITERAL, OURS, LossWeights
from tests.model.samples import tensor

NO_WEIGHTS = replace(OURS.weights, **dict.fromkeys(vars(OURS.weights), 0.0))


def scalar(value: float) -> Tensor:
    return torch.tensor([value])


def grey(rows: list[list[float]]) -> Tensor:
    """A picture whose three channels are equal."""
    return torch.tensor(rows).expand(1, 3, -1, -1)


# Eq. 1


@pytest.mark.parametrize("kind", ["nonsaturating", "minimax"])
def test_eq_1_the_loss_of_an_undecided_style_discriminator_is_two_log_2(kind):
    loss = losses.style_discriminator_loss(scalar(0.0), scalar(0.0), kind)

    assert loss.item() == pytest.approx(2 * log(2))


@pytest.mark.parametrize("kind", ["nonsaturating", "minimax"])
def test_eq_1_the_style_discriminator_loss_is_minus_the_log_of_both_correct_probabilities(kind):
    # sigmoid(log 3) = 3/4 for the artwork, sigmoid(-log 4) = 1/5 for the result
    loss = losses.style_discriminator_loss(scalar(log(3)), scalar(-log(4)), kind)

    assert loss.item() == pytest.approx(-log(3 / 4) - log(1 - 1 / 5))


def test_eq_1_the_hinge_counts_only_logits_inside_the_margin():
    loss = losses.style_discriminator_loss(
        torch.tensor([0.25, 2.0]), torch.tensor([0.5, -3.0]), "hinge"
    )

    assert loss.item() == pytest.approx(0.75 / 2 + 1.5 / 2)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("nonsaturating", -log(1 / 4)), ("minimax", log(1 - 1 / 4)), ("hinge", log(3))],
)
def test_eq_1_the_generator_loss_of_a_result_with_an_artwork_probability_of_a_quarter(
    kind, expected
):
    loss = losses.style_generator_loss(scalar(-log(3)), kind)

    assert loss.item() == pytest.approx(expected)


@pytest.mark.parametrize("kind", ["nonsaturating", "minimax"])
def test_eq_1_is_finite_where_the_plain_logarithm_is_not(kind):
    loss = losses.style_discriminator_loss(scalar(-200.0), scalar(200.0), kind)

    assert loss.item() == pytest.approx(400.0)


# Eq. 2


def test_eq_2_is_the_distance_of_means_and_deviations_over_the_mean_energy():
    result = torch.tensor([[[5.0, 0.0]]])  # one scale, one channel: mu, sigma; energy 25
    style = torch.tensor([[[3.0, 4.0]]])  # energy 9 + 16

    loss = losses.style_loss(result, style, [1], [1.0])

    assert loss.item() == pytest.approx(2 / 5 + 4 / 5, rel=1e-4)


def test_eq_2_is_bounded_for_a_blank_style():
    result, blank = torch.tensor([[[0.0, 100.0]]]), torch.zeros(1, 1, 2)

    loss = losses.style_loss(result, blank, [1], [1.0])

    assert loss.item() == pytest.approx(2**0.5, rel=1e-2)  # |100 - 0| over the root of 100^2 / 2


def test_eq_2_takes_the_norm_over_the_channels_of_a_layer():
    result = torch.tensor([[[4.0, 3.0, 0.0, 0.0]]])  # mu = (4, 3), sigma = (0, 0)
    style = torch.tensor([[[3.0, 4.0, 0.0, 0.0]]])

    loss = losses.style_loss(result, style, [2], [1.0])

    # |(1, -1)| / 5, plus the constant under the root for sigma
    assert loss.item() == pytest.approx(2**0.5 / 5 + 1e-3, rel=1e-3)


def test_eq_2_is_the_mean_over_layers():
    result = torch.tensor([[[5.0, 0.0, 3.0, 4.0]]])
    style = torch.tensor([[[3.0, 4.0, 3.0, 4.0]]])

    loss = losses.style_loss(result, style, [1, 1], [1.0])

    assert loss.item() == pytest.approx(1.2 / 2, rel=3e-3)


def test_eq_2_weights_the_scales_of_the_pyramid():
    result = torch.tensor([[[5.0, 0.0], [4.0, 3.0]]])
    style = torch.tensor([[[3.0, 4.0], [3.0, 4.0]]])

    loss = losses.style_loss(result, style, [1], [1.0, 0.5])

    assert loss.item() == pytest.approx((1.2 * 1.0 + 0.4 * 0.5) / 1.5, rel=1e-3)


def test_eq_2_with_squared_norms_adds_shares_of_the_energy():
    result = torch.tensor([[[5.0, 0.0]]])  # mu = 5, sigma = 0
    style = torch.tensor([[[3.0, 4.0]]])

    loss = losses.style_loss(result, style, [1], [1.0], "square")

    assert loss.item() == pytest.approx((2**2 + 4**2) / 25)


def test_eq_2_has_a_finite_gradient_if_result_and_style_agree():
    style = torch.tensor([[[3.0, 4.0]]])
    result = style.clone().requires_grad_()

    torch.autograd.backward(losses.style_loss(result, style, [1], [1.0]))

    assert result.grad is not None
    assert result.grad.abs().max().item() == 0.0


# Eq. 7


def test_eq_7_with_the_literal_pool_compares_the_means_of_neighbouring_pixels():
    result = grey([[1.0, 0.0], [0.0, 0.0]])  # pooled over 2 x 2: one value, 1/4
    photo = grey([[0.0, 0.0], [0.0, 0.0]])

    loss = losses.structure_loss(result, photo, "rgb")

    assert loss.item() == pytest.approx(1 / 16)


def test_eq_7_pools_over_3_pixels_at_256():
    photo = torch.zeros(1, 3, 256, 256)
    result = photo.clone()
    result[:, :, 100, 100] = 1.0  # part of 9 of the 254 x 254 means, 1/9 of each

    loss = losses.structure_loss(result, photo, "rgb")

    assert loss.item() == pytest.approx(9 * (1 / 9) ** 2 / 254**2)


def test_eq_7_on_luma_ignores_brightness_and_contrast():
    photo = grey([[0.0, 0.2, 0.4], [0.0, 0.2, 0.4], [0.0, 0.2, 0.4]])

    loss = losses.structure_loss(photo * 2 - 0.5, photo, "luma")

    assert loss.item() == pytest.approx(0.0, abs=1e-6)


def test_eq_7_on_luma_penalises_inverted_brightness():
    # pooled luma is (0.5, 1.5) in both rows, normalised (-1, 1); inverted it is (1, -1)
    photo = grey([[0.0, 1.0, 2.0], [0.0, 1.0, 2.0], [0.0, 1.0, 2.0]])

    loss = losses.structure_loss(-photo, photo, "luma")

    assert loss.item() == pytest.approx(4.0, rel=1e-3)


def test_eq_7_on_luma_ignores_a_change_of_hue_at_equal_brightness():
    green_weight, red_weight = 0.587, 0.299
    ramp = torch.tensor([[0.0, 1.0, 2.0]]).expand(3, 3)
    photo, result = torch.zeros(1, 3, 3, 3), torch.zeros(1, 3, 3, 3)
    photo[0, 0], result[0, 1] = ramp, ramp * red_weight / green_weight

    loss = losses.structure_loss(result, photo, "luma")

    assert loss.item() == pytest.approx(0.0, abs=1e-6)


# L_SA


def test_l_sa_is_the_mean_distance_of_normalised_tokens():
    photo = torch.tensor([[[[1.0], [3.0]]]])  # two tokens, normalised: -1 and 1
    result = torch.tensor([[[[3.0], [1.0]]]])

    loss = losses.style_aware_loss(photo, result, "normalised")

    assert loss.item() == pytest.approx(2.0, rel=1e-3)


def test_l_sa_in_the_literal_reading_is_the_mean_distance_of_tokens():
    photo = torch.tensor([[[[1.0], [3.0]]]])
    result = torch.tensor([[[[3.0], [4.0]]]])

    assert losses.style_aware_loss(photo, result, "plain").item() == pytest.approx(1.5)


def test_l_sa_cannot_be_lowered_by_an_encoder_that_shrinks():
    photo, result = torch.randn(1, 2, 2, 8), torch.randn(1, 2, 2, 8)

    unchanged = losses.style_aware_loss(photo, result, "normalised")
    shrunk = losses.style_aware_loss(photo * 0.1, result * 0.1, "normalised")

    assert shrunk.item() == pytest.approx(unchanged.item(), rel=1e-2)


def test_l_sa_cannot_be_lowered_by_one_large_constant():
    photo, result = torch.randn(1, 3, 3, 4), torch.randn(1, 3, 3, 4)
    constant = torch.tensor([0.0, 50.0, 0.0, 0.0])

    unchanged = losses.style_aware_loss(photo, result, "normalised")
    shifted = losses.style_aware_loss(photo + constant, result + constant, "normalised")

    assert shifted.item() == pytest.approx(unchanged.item(), rel=1e-3)


def test_l_sa_has_no_gradient_in_the_photo():
    photo = torch.randn(1, 2, 2, 8, requires_grad=True)
    result = torch.randn(1, 2, 2, 8, requires_grad=True)

    torch.autograd.backward(losses.style_aware_loss(photo, result, "normalised"))

    assert (photo.grad, result.grad is None) == (None, False)


# Eq. 8


def test_eq_8_the_hinge_counts_only_logits_inside_the_margin():
    loss = losses.feature_discriminator_loss(torch.tensor([0.5, 4.0]), torch.tensor([0.5, -4.0]))

    assert loss.item() == pytest.approx(0.5 / 2 + 1.5 / 2)


def test_eq_8_the_generator_loss_is_minus_the_mean_logit():
    loss = losses.feature_generator_loss(torch.tensor([0.5, 1.5]))

    assert loss.item() == -1.0


# Eq. 9


def test_eq_9_multiplies_each_term_by_its_own_lambda():
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


# Our losses


def test_the_content_loss_ignores_mean_and_deviation_of_every_channel():
    features = torch.randn(1, 4, 5, 5)
    gain, offset = torch.tensor([1.0, 2.0, 3.0, 4.0]), torch.tensor([0.0, 5.0, -5.0, 1.0])

    moved = features * gain[:, None, None] + offset[:, None, None]
    loss = losses.content_loss(moved, features, torch.ones(1))

    assert loss.item() == pytest.approx(0.0, abs=1e-5)


def test_the_content_loss_of_inverted_features_is_4():
    features = torch.tensor([[[[-1.0, 1.0]]]])

    loss = losses.content_loss(-features, features, torch.ones(1))

    assert loss.item() == pytest.approx(4.0, rel=1e-3)


def test_the_content_loss_multiplies_every_picture_by_its_own_weight():
    features = torch.tensor([[[[-1.0, 1.0]]], [[[-1.0, 1.0]]]])

    loss = losses.content_loss(-features, features, torch.tensor([1.0, 0.5]))

    assert loss.item() == pytest.approx((4.0 + 0.5 * 4.0) / 2, rel=1e-3)


def test_the_identity_loss_counts_only_identity_pictures():
    photo = torch.zeros(2, 3, 2, 2)
    result = torch.stack([torch.full((3, 2, 2), 0.25), torch.full((3, 2, 2), 9.0)])

    loss = losses.identity_loss(result, photo, torch.tensor([1.0, 0.0]))

    assert loss.item() == pytest.approx(0.25)


def test_the_identity_loss_of_a_batch_without_identity_pictures_is_0():
    loss = losses.identity_loss(torch.ones(1, 3, 2, 2), torch.zeros(1, 3, 2, 2), torch.zeros(1))

    assert loss.item() == 0.0


def test_the_teacher_loss_is_the_mean_distance_from_its_result():
    loss = losses.teacher_loss(torch.full((1, 3, 2, 2), 0.25), torch.zeros(1, 3, 2, 2))

    assert loss.item() == pytest.approx(0.25)


def test_the_total_variation_is_the_sum_of_mean_vertical_and_horizontal_differences():
    loss = losses.total_variation(grey([[0.0, 1.0], [0.0, 3.0]]))

    assert loss.item() == pytest.approx((0 + 2) / 2 + (1 + 3) / 2)


def noisy(rows: slice, strength: float = 0.5) -> Tensor:
    """A grey picture with noise in some rows."""
    picture = torch.zeros(1, 3, 96, 96)
    picture[:, :, rows] += strength * tensor(96, 96, seed=3)[:, :, rows]
    return picture


def test_the_placement_loss_is_lowest_where_the_texture_is_in_the_busy_part():
    photo, style = noisy(slice(0, 48)), noisy(slice(48, 96))

    placed = losses.placement_loss(noisy(slice(0, 48)), photo, style)
    misplaced = losses.placement_loss(noisy(slice(48, 96)), photo, style)
    everywhere = losses.placement_loss(noisy(slice(0, 96)), photo, style)
    nowhere = losses.placement_loss(torch.zeros(1, 3, 96, 96), photo, style)

    assert placed < everywhere < misplaced
    assert placed < nowhere


def test_the_placement_loss_compares_pictures_of_different_sizes():
    style = noisy(slice(0, 96))[:, :, :64, :80]

    assert losses.placement_loss(noisy(slice(0, 96)), noisy(slice(0, 96)), style) < 0.5


def test_the_gradient_of_the_placement_loss_is_finite_on_flat_pictures():
    result = torch.zeros(1, 3, 64, 64, requires_grad=True)

    losses.placement_loss(result, torch.zeros(1, 3, 64, 64), noisy(slice(0, 96))).backward()

    assert result.grad is not None
    assert result.grad.isfinite().all()
