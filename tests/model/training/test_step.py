"""The loss terms of one step, and the cache of style statistics."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from model.adain import AdainDecoder
from model.config import LITERAL, OURS
from model.network.generator import Generator
from model.perceptual.statistics import pyramid_statistics
from model.perceptual.vgg import TAP_CHANNELS, load_vgg
from model.training.data import Batch
from model.training.step import (
    SCALE_WEIGHTS,
    PerceptualNetworks,
    ProbeHead,
    StepLosses,
    StyleStatisticsCache,
    code_view,
)
from tests.model.samples import random_decoder_weights, tensor

STATISTICS = 2 * sum(TAP_CHANNELS)
SCALES = len(SCALE_WEIGHTS)


def batch(strength: list[float], *, photos: int | None = None, replayed: int = 0) -> Batch:
    """A pair for every strength; by default each pair has its own photo."""
    count = len(strength)
    return Batch(
        tensor(64, 64, batch=photos or count),
        tensor(64, 64, seed=1, batch=count),
        list(range(count)),
        torch.tensor(strength),
        tensor(64, 64, seed=2, batch=replayed),
        list(range(count, count + replayed)),
    )


@pytest.fixture
def networks(vgg_file: Path) -> PerceptualNetworks:
    vgg = load_vgg(vgg_file, padding_mode="zeros")
    return PerceptualNetworks(vgg, StyleStatisticsCache(vgg, SCALES), None)


@pytest.fixture
def step_losses(generator: Generator, networks: PerceptualNetworks) -> StepLosses:
    probe_head = ProbeHead(generator.config.code_dim)
    return StepLosses(generator, probe_head, generator.style.backbone, networks, OURS)


STAGE_1 = replace(OURS.weights, style_trunk=0.0, teacher=0.0)


def test_stage_0_has_the_terms_identity_and_distillation(step_losses: StepLosses):
    assert step_losses.reconstruction(batch([0.0, 1.0])).keys() == {"identity", "distillation"}


def test_every_term_has_its_weight_in_eq_9(step_losses: StepLosses):
    terms, _ = step_losses.stylization(batch([0.0, 0.5, 1.0]), OURS.weights)

    discriminator_terms = {"adversarial", "feature_adversarial"}
    teacher_terms = {"teacher"}
    weighted = {name for name, weight in vars(OURS.weights).items() if weight > 0}
    assert terms.keys() == weighted - discriminator_terms - teacher_terms
    assert all(term.shape == () and bool(term.isfinite()) for term in terms.values())


def test_a_term_with_weight_0_is_left_out(step_losses: StepLosses):
    terms, _ = step_losses.stylization(batch([1.0]), replace(STAGE_1, structure=0.0))

    assert {"structure", "style_trunk"} & terms.keys() == set()


@pytest.mark.parametrize("strength", [[1.0, 1.0], [0.0, 0.0], [1.0], [1.5]], ids=str)
def test_the_terms_are_finite_for_any_strengths(step_losses: StepLosses, strength: list[float]):
    terms, _ = step_losses.stylization(batch(strength), OURS.weights)

    assert all(bool(term.isfinite()) for term in terms.values())


def test_the_literal_recipe_needs_no_vgg(generator: Generator):
    probe_head = ProbeHead(generator.config.code_dim)
    step_losses = StepLosses(generator, probe_head, generator.style.backbone, None, LITERAL)

    terms, _ = step_losses.stylization(batch([1.0]), LITERAL.weights)

    assert terms.keys() == {"structure", "style_aware", "style_trunk"}


def test_the_backbone_style_loss_of_a_picture_and_itself_is_0(
    step_losses: StepLosses, monkeypatch: pytest.MonkeyPatch
):
    pair = batch([1.0])
    itself = replace(pair, styles=pair.photos)
    monkeypatch.setattr(step_losses.generator.decoder, "forward", _copy)

    same, other = (
        step_losses.stylization(one, OURS.weights)[0]["style_trunk"].item()
        for one in (itself, pair)
    )

    assert same < 0.01 < other


def _copy(_content: object, picture: Tensor, *_codes: object) -> Tensor:
    return picture


def test_at_strength_0_the_style_target_is_the_photo(
    step_losses: StepLosses, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(step_losses.generator.decoder, "forward", _copy)

    at_0, at_1 = (
        float(step_losses.stylization(batch([strength]), STAGE_1)[0]["style"])
        for strength in (0.0, 1.0)
    )

    assert at_0 < 1e-4 < 1e-3 < at_1


def test_above_strength_1_the_content_weight_is_lower(
    step_losses: StepLosses, monkeypatch: pytest.MonkeyPatch
):
    pair = batch([1.0])
    monkeypatch.setattr(
        step_losses.generator.decoder, "forward", lambda *_: pair.styles
    )  # the same picture at any strength

    full, beyond = (
        float(step_losses.stylization(batch([strength]), STAGE_1)[0]["content"])
        for strength in (1.0, 1.5)
    )

    assert beyond == pytest.approx(full / 2)


def test_a_photo_with_several_styles_is_encoded_once_with_the_same_terms(
    step_losses: StepLosses, monkeypatch: pytest.MonkeyPatch
):
    shared = batch([1.0, 0.5, 1.0, 1.2], photos=2)
    photos = shared.photos.repeat_interleave(2, dim=0)
    encoder, batch_sizes = step_losses.generator.encoder, []
    forward = encoder.forward
    monkeypatch.setattr(encoder, "forward", lambda x: batch_sizes.append(len(x)) or forward(x))

    together = step_losses.stylization(shared, OURS.weights)[0]
    alone = step_losses.stylization(replace(shared, photos=photos), OURS.weights)[0]

    assert batch_sizes == [2, 2, 4, 2]  # the photos, then half of the results
    for name in together.keys() - {"distillation"}:  # which depends on the number of photos
        torch.testing.assert_close(together[name], alone[name], rtol=1e-4, atol=1e-5)


def test_replayed_crops_change_the_distillation_term_only(
    step_losses: StepLosses, networks: PerceptualNetworks
):
    with torch.no_grad():
        without, with_one = (
            step_losses.stylization(batch([1.0], replayed=count), STAGE_1)[0] for count in (0, 1)
        )

    assert float(with_one["distillation"]) != float(without["distillation"])
    assert float(with_one["style"]) == pytest.approx(float(without["style"]), rel=1e-4)
    assert networks.style_statistics.cached.keys() == {0, 1}


def test_the_discriminators_receive_results_at_full_strength(step_losses: StepLosses):
    _, inputs = step_losses.stylization(batch([0.0, 0.5, 1.0, 1.2]), STAGE_1)

    assert (len(inputs.results), len(inputs.artworks)) == (2, 4)
    assert inputs.result_tokens.shape == inputs.photo_tokens.shape == (2, 4, 4, 32)


def test_the_teacher_term_exists_only_with_a_weight(
    step_losses: StepLosses, networks: PerceptualNetworks
):
    teacher = AdainDecoder(random_decoder_weights())
    step_losses.networks = replace(networks, teacher=teacher)

    with_teacher, without = (
        step_losses.stylization(batch([0.0, 1.0]), replace(STAGE_1, teacher=weight))[0]
        for weight in (1.0, 0.0)
    )

    assert with_teacher.keys() - without.keys() == {"teacher"}
    assert bool(with_teacher["teacher"].isfinite())


def test_the_statistics_of_a_crop_are_computed_once(
    networks: PerceptualNetworks, monkeypatch: pytest.MonkeyPatch
):
    cache, batch_sizes = networks.style_statistics, []
    forward = cache.vgg.forward
    monkeypatch.setattr(cache.vgg, "forward", lambda x: batch_sizes.append(len(x)) or forward(x))

    crops = tensor(64, 64, batch=2)
    first = cache.get([4, 9], crops)
    second = cache.get([9, 5], crops)

    assert len(batch_sizes) == 3 * SCALES
    assert torch.equal(first[1], second[0])


def test_cached_statistics_equal_those_of_vgg(networks: PerceptualNetworks):
    crops = tensor(64, 64, batch=2)

    cached = networks.style_statistics.get([0, 1], crops)

    fresh = pyramid_statistics(networks.vgg, crops, SCALES)
    torch.testing.assert_close(cached, fresh, rtol=1e-3, atol=1e-3)


def test_the_cache_does_not_exceed_its_capacity(vgg_file: Path):
    cache = StyleStatisticsCache(load_vgg(vgg_file), SCALES, capacity=1)

    returned = [cache.get(keys, tensor(64, 64, batch=2)) for keys in ([1, 2], [3, 4])]

    assert (len(cache.cached), returned[1].shape) == (1, (2, SCALES, STATISTICS))


def test_the_style_controller_sees_crops_at_two_thirds_of_their_size():
    crops = torch.linspace(-1, 1, 96).expand(2, 3, 64, 96)

    view = code_view(crops)

    assert view.shape == (2, 3, 42, 64)
    torch.testing.assert_close(view[0, 0, 0, 32], torch.tensor(0.0), atol=0.03, rtol=0)


def test_the_probe_head_predicts_all_statistics():
    assert ProbeHead(8)(torch.zeros(5, 3, 8)).shape == (5, STATISTICS)
