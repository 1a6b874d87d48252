"""When which stage runs, how fast it learns, how much style weighs."""

from dataclasses import replace

import pytest

from model.config import PERCEPTUAL_WEIGHTS
from model.training.schedule import Schedule

SCHEDULE = Schedule(
    warm_steps=100,
    steps=1000,
    learning_rate=1.0,
    rise_steps=10,
    ramp_steps=200,
    finish_share=0.25,
)


@pytest.mark.parametrize(("step", "stage"), [(0, 0), (99, 0), (100, 1), (999, 1)])
def test_reconstruction_comes_first(step: int, stage: int):
    assert SCHEDULE.stage(step) == stage


@pytest.mark.parametrize(
    ("step", "rate"),
    [
        (0, 0.1),  # a tenth of the climb
        (9, 1.0),
        (500, 1.0),
        (750, 1.0),  # the last quarter begins
        (875, 0.5),
        (990, 0.05),  # never below a twentieth
        (1000, 0.05),
    ],
)
def test_the_learning_rate_climbs_stays_and_falls(step: int, rate: float):
    assert SCHEDULE.rate(step) == pytest.approx(rate)


@pytest.mark.parametrize(("step", "share"), [(100, 0.204), (199, 0.6), (299, 1.0), (900, 1.0)])
def test_the_style_weight_climbs_from_a_fifth(step: int, share: float):
    weights = SCHEDULE.weights(step, PERCEPTUAL_WEIGHTS)

    assert weights.style == pytest.approx(share * PERCEPTUAL_WEIGHTS.style)


def test_no_other_weight_climbs():
    weights = vars(SCHEDULE.weights(100, PERCEPTUAL_WEIGHTS))

    changed = [name for name, value in vars(PERCEPTUAL_WEIGHTS).items() if weights[name] != value]
    assert (changed, weights["teacher"]) == (["style", "teacher"], 0)


@pytest.mark.parametrize(("step", "share"), [(100, 0.99), (149, 0.5), (199, 0.0), (900, 0.0)])
def test_a_teachers_weight_falls_to_nothing(step: int, share: float):
    weights = replace(SCHEDULE, teacher_steps=100).weights(step, PERCEPTUAL_WEIGHTS)

    assert weights.teacher == pytest.approx(share * PERCEPTUAL_WEIGHTS.teacher)


def test_a_run_of_a_few_steps_has_a_rate_at_each():
    rates = [Schedule(1, 3, 1.0).rate(step) for step in range(4)]

    assert min(rates) > 0
