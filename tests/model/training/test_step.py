"""The terms of one step, and the statistics that are computed once."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from model.adain import AdainDecoder
from model.config import LITERAL, OURS
from model.network.generator import Generator
from model.perceptual import TAP_CHANNELS, load_vgg, pyramid_statistics
from model.training.data import Batch
from model.training.step import (
    SCALE_WEIGHTS,
    CodeReader,
    Perception,
    StepLosses,
    StyleStatistics,
    code_view,
)
from tests.model.samples import random_decoder_weights, tensor

STATISTICS = 2 * sum(TAP_CHANNELS)
SCALES = len(SCALE_WEIGHTS)


def batch(strength: list[float], *, photographs: int | None = None, rehearsed: int = 0) -> Batch:
    """A pair for every strength; each with a photograph of its own, where no number is given."""
    count = len(strength)
    return Batch(
        tensor(64, 64, batch=photographs or count),
        tensor(64, 64, seed=1, batch=count),
        list(range(count)),
        torch.tensor(strength),
        tensor(64, 64, seed=2, batch=rehearsed),
        list(range(count, count + rehearsed)),
    )


@pytest.fixture
def perception(vgg_file: Path) -> Perception:
    vgg = load_vgg(vgg_file, padding_mode="zeros")
    return Perception(vgg, StyleStatistics(vgg, SCALES), None)


@pytest.fixture
def step_losses(generator: Generator, perception: Perception) -> StepLosses:
    reader = CodeReader(generator.config.code_dim)
    return StepLosses(generator, reader, generator.style.backbone, perception, OURS)


STAGE_1 = replace(OURS.weights, style_trunk=0.0, teacher=0.0)


def test_stage_0_reconstructs_and_distils(step_losses: StepLosses):
    assert step_losses.reconstruction(batch([0.0, 1.0])).keys() == {"identity", "distillation"}


def test_every_term_has_its_weight_in_eq_9(step_losses: StepLosses):
    terms, _ = step_losses.painting(batch([0.0, 0.5, 1.0]), OURS.weights)

    of_the_discriminators = {"adversarial", "feature_adversarial"}
    of_a_teacher = {"teacher"}
    weighed = {name for name, weight in vars(OURS.weights).items() if weight > 0}
    assert terms.keys() == weighed - of_the_discriminators - of_a_teacher
    assert all(term.shape == () and bool(term.isfinite()) for term in terms.values())


def test_a_term_of_no_weight_is_left_out(step_losses: StepLosses):
    terms, _ = step_losses.painting(batch([1.0]), replace(STAGE_1, structure=0.0))

    assert {"structure", "style_trunk"} & terms.keys() == set()


@pytest.mark.parametrize("strength", [[1.0, 1.0], [0.0, 0.0], [1.0], [1.5]], ids=str)
def test_any_strengths_make_a_batch(step_losses: StepLosses, strength: list[float]):
    terms, _ = step_losses.painting(batch(strength), OURS.weights)

    assert all(bool(term.isfinite()) for term in terms.values())


def test_the_literal_recipe_needs_no_vgg(generator: Generator):
    reader = CodeReader(generator.config.code_dim)
    step_losses = StepLosses(generator, reader, generator.style.backbone, None, LITERAL)

    terms, _ = step_losses.painting(batch([1.0]), LITERAL.weights)

    assert terms.keys() == {"structure", "style_aware", "style_trunk"}


def test_eq_2_on_the_trunk_is_nothing_between_a_picture_and_itself(
    step_losses: StepLosses, monkeypatch: pytest.MonkeyPatch
):
    pair = batch([1.0])
    itself = replace(pair, style=pair.content)
    monkeypatch.setattr(step_losses.generator.decoder, "forward", _copy)

    same, other = (
        step_losses.painting(one, OURS.weights)[0]["style_trunk"].item() for one in (itself, pair)
    )

    assert same < 0.01 < other


def _copy(_content: object, picture: Tensor, *_codes: object) -> Tensor:
    return picture


def test_at_strength_0_the_photograph_itself_is_the_style(
    step_losses: StepLosses, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(step_losses.generator.decoder, "forward", _copy)

    still, painted = (
        float(step_losses.painting(batch([strength]), STAGE_1)[0]["style"])
        for strength in (0.0, 1.0)
    )

    assert still < 1e-4 < 1e-3 < painted


def test_beyond_full_strength_content_weighs_less(
    step_losses: StepLosses, monkeypatch: pytest.MonkeyPatch
):
    pair = batch([1.0])
    monkeypatch.setattr(
        step_losses.generator.decoder, "forward", lambda *_: pair.style
    )  # the same picture at any strength

    full, beyond = (
        float(step_losses.painting(batch([strength]), STAGE_1)[0]["content"])
        for strength in (1.0, 1.5)
    )

    assert beyond == pytest.approx(full / 2)


def test_a_photograph_in_several_styles_is_looked_at_once_and_painted_as_if_alone(
    step_losses: StepLosses, monkeypatch: pytest.MonkeyPatch
):
    shared = batch([1.0, 0.5, 1.0, 1.2], photographs=2)
    photographs = shared.content.repeat_interleave(2, dim=0)
    encoder, seen = step_losses.generator.encoder, []
    look = encoder.forward
    monkeypatch.setattr(encoder, "forward", lambda x: seen.append(len(x)) or look(x))

    together = step_losses.painting(shared, OURS.weights)[0]
    alone = step_losses.painting(replace(shared, content=photographs), OURS.weights)[0]

    assert seen == [2, 2, 4, 2]  # the photographs, then half of what was painted
    of_all_pairs = together.keys() - {"distillation"}  # there two photographs have two codes
    for name in of_all_pairs:
        torch.testing.assert_close(together[name], alone[name], rtol=1e-4, atol=1e-5)


def test_codes_tell_rehearsed_crops_too_and_nothing_is_painted_of_them(
    step_losses: StepLosses, perception: Perception
):
    with torch.no_grad():
        without, with_one = (
            step_losses.painting(batch([1.0], rehearsed=count), STAGE_1)[0] for count in (0, 1)
        )

    assert float(with_one["distillation"]) != float(without["distillation"])
    assert float(with_one["style"]) == pytest.approx(float(without["style"]), rel=1e-4)
    assert perception.style.kept.keys() == {0, 1}


def test_the_discriminators_are_shown_pictures_at_full_strength(step_losses: StepLosses):
    _, inputs = step_losses.painting(batch([0.0, 0.5, 1.0, 1.2]), STAGE_1)

    assert (len(inputs.painted), len(inputs.paintings)) == (2, 4)
    assert inputs.painted_tokens.shape == inputs.content_tokens.shape == (2, 4, 4, 32)


def test_a_teachers_picture_is_a_term_while_it_teaches(
    step_losses: StepLosses, perception: Perception
):
    taught_by = replace(perception, teacher=AdainDecoder(random_decoder_weights()))
    step_losses.perception = taught_by

    taught, left_alone = (
        step_losses.painting(batch([0.0, 1.0]), replace(STAGE_1, teacher=weight))[0]
        for weight in (1.0, 0.0)
    )

    assert taught.keys() - left_alone.keys() == {"teacher"}
    assert bool(taught["teacher"].isfinite())


def test_a_style_crop_is_judged_once(perception: Perception, monkeypatch: pytest.MonkeyPatch):
    statistics, judged = perception.style, []
    look = statistics.vgg.forward
    monkeypatch.setattr(
        statistics.vgg, "forward", lambda pictures: judged.append(len(pictures)) or look(pictures)
    )

    crops = tensor(64, 64, batch=2)
    first = statistics.of([4, 9], crops)
    second = statistics.of([9, 5], crops)

    assert len(judged) == 3 * SCALES
    assert torch.equal(first[1], second[0])


def test_kept_statistics_are_those_of_the_judge(perception: Perception):
    crops = tensor(64, 64, batch=2)

    told = perception.style.of([0, 1], crops)

    fresh = pyramid_statistics(perception.vgg, crops, SCALES)
    torch.testing.assert_close(told, fresh, rtol=1e-3, atol=1e-3)


def test_no_more_statistics_are_kept_than_asked_for(vgg_file: Path):
    statistics = StyleStatistics(load_vgg(vgg_file), SCALES, keep=1)

    told = [statistics.of(keys, tensor(64, 64, batch=2)) for keys in ([1, 2], [3, 4])]

    assert (len(statistics.kept), told[1].shape) == (1, (2, SCALES, STATISTICS))


def test_the_style_controller_sees_crops_at_two_thirds_of_their_size():
    crops = torch.linspace(-1, 1, 96).expand(2, 3, 64, 96)

    seen = code_view(crops)

    assert seen.shape == (2, 3, 42, 64)
    torch.testing.assert_close(seen[0, 0, 0, 32], torch.tensor(0.0), atol=0.03, rtol=0)


def test_the_reader_tells_all_statistics_of_a_code():
    assert CodeReader(8)(torch.zeros(5, 3, 8)).shape == (5, STATISTICS)
