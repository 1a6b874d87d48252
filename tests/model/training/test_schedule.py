"""The stages, the learning rate and the loss weights of every step."""

from dataclasses import replace

import pytest

from model.config import LITERAL, OURS
from model.training.schedule import Schedule

SCHEDULE = Schedule(
    steps=1000,
    warm_steps=100,
    adversarial_steps=400,
    finish_steps=100,
    learning_rate=1.0,
    rise_steps=10,
    ramp_steps=200,
)


@pytest.mark.parametrize(
    ("step", "stage"),
    [(0, 0), (99, 0), (100, 1), (499, 1), (500, 2), (899, 2), (900, 3), (999, 3)],
)
def test_the_stages_follow_each_other(step: int, stage: int):
    assert SCHEDULE.stage(step) == stage


@pytest.mark.parametrize(
    ("step", "rate"),
    [
        (0, 0.1),  # the first of ten steps of the rise
        (9, 1.0),
        (400, 1.0),  # the last quarter of stage 1 begins
        (450, 0.65),
        (500, 0.3),  # stage 2
        (900, 0.3),
        (950, 0.16),  # halfway to a fiftieth
        (1000, 0.02),
    ],
)
def test_the_learning_rate_rises_then_stays_then_decays(step: int, rate: float):
    assert SCHEDULE.learning_rate_at(step) == pytest.approx(rate)


def test_without_stage_1_stage_2_uses_the_full_learning_rate():
    schedule = Schedule(
        steps=100, warm_steps=0, adversarial_steps=100, finish_steps=0, learning_rate=1.0
    )

    assert schedule.learning_rate_at(99) == pytest.approx(0.5)  # halfway through 200 steps of rise
    assert schedule.loss_weights_at(0, LITERAL.weights).adversarial == LITERAL.weights.adversarial


@pytest.mark.parametrize(("step", "share"), [(100, 0.204), (199, 0.6), (299, 1.0), (900, 1.0)])
def test_the_style_weight_grows_from_a_fifth(step: int, share: float):
    weights = SCHEDULE.loss_weights_at(step, OURS.weights)

    assert weights.style == pytest.approx(share * OURS.weights.style)


def test_without_stage_0_the_style_weight_is_full_at_once():
    schedule = replace(SCHEDULE, warm_steps=0)

    assert schedule.loss_weights_at(0, OURS.weights).style == OURS.weights.style


@pytest.mark.parametrize(("step", "share"), [(0, 0.005), (99, 0.5), (199, 1.0), (400, 1.0)])
def test_without_stage_0_the_distillation_weight_grows(step: int, share: float):
    weights = replace(SCHEDULE, warm_steps=0).loss_weights_at(step, OURS.weights)

    assert weights.distillation == pytest.approx(share * OURS.weights.distillation)


@pytest.mark.parametrize(
    ("step", "share"),
    [(100, 0.0), (500, 0.0), (540, 0.0), (580, 0.5), (620, 1.0), (950, 1.0)],
)
def test_the_adversarial_weights_grow_after_the_discriminators_trained_alone(
    step: int, share: float
):
    weights, full = SCHEDULE.loss_weights_at(step, OURS.weights), OURS.weights

    assert weights.adversarial == pytest.approx(share * full.adversarial)
    assert weights.feature_adversarial == pytest.approx(share * full.feature_adversarial)


def test_without_stage_2_stage_3_has_no_discriminators():
    schedule = replace(SCHEDULE, adversarial_steps=0)

    weights = schedule.loss_weights_at(950, OURS.weights)

    assert schedule.stage(950) == 3
    assert not schedule.has_discriminators(950)
    assert (weights.adversarial, weights.feature_adversarial, weights.style_trunk) == (0, 0, 0)


def test_the_backbone_style_loss_starts_with_stage_2():
    shares = [
        SCHEDULE.loss_weights_at(step, OURS.weights).style_trunk for step in (100, 499, 500, 999)
    ]

    assert shares == [0.0, 0.0, OURS.weights.style_trunk, OURS.weights.style_trunk]


def test_in_the_middle_of_stage_1_all_other_weights_are_full():
    weights = vars(SCHEDULE.loss_weights_at(400, OURS.weights))

    changed = {name for name, value in vars(OURS.weights).items() if weights[name] != value}
    assert changed == {"teacher", "adversarial", "feature_adversarial", "style_trunk"}


@pytest.mark.parametrize(("step", "share"), [(100, 0.99), (149, 0.5), (199, 0.0), (900, 0.0)])
def test_the_teacher_weight_fades_to_zero(step: int, share: float):
    weights = replace(SCHEDULE, teacher_steps=100).loss_weights_at(step, OURS.weights)

    assert weights.teacher == pytest.approx(share * OURS.weights.teacher)


def test_a_short_run_has_a_learning_rate_at_every_step():
    schedule = Schedule(
        steps=3, warm_steps=1, adversarial_steps=0, finish_steps=1, learning_rate=1.0
    )

    assert min(schedule.learning_rate_at(step) for step in range(4)) > 0
