"""The terms of one step, and the statistics that are computed once."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from model.config import PERCEPTUAL_WEIGHTS
from model.network.generator import Generator
from model.perceptual import TAP_CHANNELS, load_vgg, pyramid_statistics
from model.training.data import Batch
from model.training.step import SCALES, CodeReader, StepLosses, StyleStatistics
from model.training.teacher import AdainTeacher
from tests.model.samples import random_decoder_weights, tensor

STATISTICS = 2 * sum(TAP_CHANNELS)


def batch(strength: list[float], keys: list[int] | None = None) -> Batch:
    count = len(strength)
    return Batch(
        tensor(64, 64, batch=count),
        tensor(64, 64, seed=1, batch=count),
        keys or list(range(count)),
        torch.tensor(strength),
    )


@pytest.fixture
def step_losses(generator: Generator, vgg_file: Path) -> StepLosses:
    vgg = load_vgg(vgg_file, rims="zeros")
    return StepLosses(
        generator, CodeReader(generator.config.code_dim), vgg, StyleStatistics(vgg), None
    )


def test_stage_0_reconstructs_and_distils(step_losses: StepLosses):
    assert step_losses.reconstruction(batch([0.0, 1.0])).keys() == {"identity", "distillation"}


def test_every_term_of_stage_1_has_its_weight_in_eq_9(step_losses: StepLosses):
    terms = step_losses.perceptual(batch([0.0, 0.5, 1.0]), taught=False)

    assert [name for name in terms if getattr(PERCEPTUAL_WEIGHTS, name) <= 0] == []
    assert all(term.shape == () and bool(term.isfinite()) for term in terms.values())


@pytest.mark.parametrize("strength", [[1.0, 1.0], [0.0, 0.0], [1.0]], ids=str)
def test_any_strengths_make_a_batch(step_losses: StepLosses, strength: list[float]):
    terms = step_losses.perceptual(batch(strength), taught=False)

    assert all(bool(term.isfinite()) for term in terms.values())


def test_at_strength_0_the_photograph_itself_is_the_style(
    step_losses: StepLosses, monkeypatch: pytest.MonkeyPatch
):
    def copy(_content: object, picture: Tensor, *_codes: object) -> Tensor:
        return picture

    monkeypatch.setattr(step_losses.generator.decoder, "forward", copy)

    still, painted = (
        float(step_losses.perceptual(batch([strength]), taught=False)["style"])
        for strength in (0.0, 1.0)
    )

    assert still < 0.01 < painted


def test_a_teachers_picture_is_a_term_while_it_teaches(step_losses: StepLosses):
    step_losses.teacher = AdainTeacher(random_decoder_weights())

    taught, left_alone = (
        step_losses.perceptual(batch([0.0, 1.0]), taught=taught) for taught in (True, False)
    )

    assert taught.keys() - left_alone.keys() == {"teacher"}
    assert bool(taught["teacher"].isfinite())


def test_a_style_crop_is_judged_once(step_losses: StepLosses, monkeypatch: pytest.MonkeyPatch):
    statistics, judged = step_losses.style, []
    look = statistics.vgg.forward
    monkeypatch.setattr(
        statistics.vgg, "forward", lambda pictures: judged.append(len(pictures)) or look(pictures)
    )

    first = statistics.of(batch([1.0, 1.0], keys=[4, 9]))
    second = statistics.of(batch([1.0, 1.0], keys=[9, 5]))

    assert len(judged) == 3 * SCALES
    assert torch.equal(first[1], second[0])


def test_kept_statistics_are_those_of_the_judge(step_losses: StepLosses):
    seen = batch([1.0, 1.0])

    told = step_losses.style.of(seen)

    fresh = pyramid_statistics(step_losses.vgg, seen.style, SCALES)
    torch.testing.assert_close(told, fresh, rtol=1e-3, atol=1e-3)


def test_no_more_statistics_are_kept_than_asked_for(vgg_file: Path):
    statistics = StyleStatistics(load_vgg(vgg_file), keep=1)

    told = [statistics.of(replace(batch([1.0, 1.0]), style_keys=keys)) for keys in ([1, 2], [3, 4])]

    assert (len(statistics.kept), told[1].shape) == (1, (2, SCALES, STATISTICS))


def test_the_reader_tells_all_statistics_of_a_code():
    assert CodeReader(8)(torch.zeros(5, 3, 8)).shape == (5, STATISTICS)
