"""The generator as a whole: configurations, gradients, sizes, determinism and strength."""

from dataclasses import replace

import pytest
import torch
from jaxtyping import TypeCheckError
from torch import Tensor, nn

from model.config import BASE, CONFIGS, PAPER, SMALL, TINY, DualTransConfig
from model.network.generator import Generator
from model.network.style_control import StyleCodes
from tests.model.samples import tensor, tiny_generator

GAIN = replace(TINY, name="tiny-gain", modulation="gain", slots=0)
ONE = torch.ones(1)

PARAMETERS = {"tiny": 138_811, "small": 8_295_507, "base": 19_475_059, "paper": 12_084_915}
"""Weights files have these numbers of parameters; other numbers need a new file format."""


def stylize(generator: Generator, photo: Tensor, style: Tensor, strength: Tensor) -> Tensor:
    content_code = generator.encode_style(photo)
    style_code = generator.encode_style(style)
    moved = content_code.moved_towards(style_code, strength[:, None])
    result: Tensor = generator(photo, content_code, moved)
    return result


# Configurations


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS.keys())
def test_every_configuration_builds_at_its_known_size(config: DualTransConfig):
    generator = Generator(config)

    assert sum(p.numel() for p in generator.parameters()) == PARAMETERS[config.name]


@pytest.mark.parametrize("config", [TINY, GAIN], ids=["adaptive", "gain"])
def test_the_generator_has_no_convolution(config: DualTransConfig):
    kinds = {type(module).__name__ for module in Generator(config).modules()}

    assert [kind for kind in kinds if "Conv" in kind] == []


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS.keys())
def test_a_configuration_is_restored_from_its_dict(config: DualTransConfig):
    assert DualTransConfig.from_dict(config.to_dict()) == config


def test_a_configuration_with_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match="colour_of_the_cat"):
        DualTransConfig.from_dict({**TINY.to_dict(), "colour_of_the_cat": "black"})


def test_channels_that_the_heads_do_not_divide_are_refused_with_the_numbers():
    with pytest.raises(ValueError, match="20 channels cannot be divided into 3 heads"):
        replace(TINY, dims=(20, 24, 32), heads=(3, 2, 2))


@pytest.mark.parametrize(("config", "numbers"), [(SMALL, 19 * 192), (BASE, 19 * 256), (PAPER, 768)])
def test_a_style_code_has_a_few_thousand_numbers(config: DualTransConfig, numbers: int):
    code = Generator(config).encode_style(tensor(64, 64))

    assert code.levels.numel() + code.tokens.numel() == numbers


def test_a_wrong_shape_raises_while_tests_run(generator: Generator):
    with pytest.raises(TypeCheckError):
        generator.encode_style(torch.zeros(3, 64, 64))


# Gradients


def test_gradients_reach_every_parameter(generator: Generator):
    result = stylize(generator, tensor(), tensor(seed=1), ONE)
    torch.autograd.backward(result.square().mean())

    unreached = [n for n, p in generator.named_parameters() if p.grad is None or not p.grad.any()]
    assert unreached == []


def test_gradients_are_finite_for_a_photo_with_its_own_style_code(generator: Generator):
    photo = tensor()

    result = stylize(generator, photo, photo, ONE)
    torch.autograd.backward(result.square().mean())

    gradients = [p.grad for p in generator.parameters() if p.grad is not None]
    assert all(bool(gradient.isfinite().all()) for gradient in gradients)


# Sizes


@pytest.mark.parametrize("config", [TINY, GAIN], ids=["adaptive", "gain"])
@pytest.mark.parametrize("size", [(64, 64), (65, 111), (333, 97), (64, 200)], ids=str)
@torch.inference_mode()
def test_a_result_has_the_size_of_its_photo(config: DualTransConfig, size: tuple[int, int]):
    result = stylize(tiny_generator(config), tensor(*size), tensor(80, 72, seed=1), ONE)

    assert result.shape == (1, 3, *size)
    assert bool(result.isfinite().all())


@pytest.mark.parametrize("size", [(64, 64), (97, 140), (128, 71)], ids=str)
@torch.inference_mode()
def test_an_artwork_may_have_any_other_size(generator: Generator, size: tuple[int, int]):
    code = generator.encode_style(tensor(*size))

    assert (code.levels.shape, code.tokens.shape) == ((1, 3, 32), (1, 4, 32))


@torch.inference_mode()
def test_a_photo_that_needs_padding_is_padded_by_reflection(generator: Generator):
    whole = tensor(64, 80)
    whole[..., 78:] = whole[..., 75:77].flip(-1)  # mirrored at column 77
    content_code = generator.encode_style(whole)

    result = generator(whole[..., :78].contiguous(), content_code, content_code)

    torch.testing.assert_close(result, generator(whole, content_code, content_code)[..., :78])


# Determinism


@torch.inference_mode()
def test_a_result_does_not_depend_on_the_rest_of_the_batch(generator: Generator):
    pictures, styles = tensor(65, 80, batch=3), tensor(seed=1, batch=3)
    strengths = torch.tensor([0.3, 1.0, 1.5])

    together = stylize(generator, pictures, styles, strengths)

    alone = [
        stylize(generator, pictures[i : i + 1], styles[i : i + 1], strengths[i : i + 1])
        for i in range(3)
    ]
    torch.testing.assert_close(together, torch.cat(alone), rtol=1e-4, atol=1e-5)


@torch.inference_mode()
def test_the_same_seed_gives_the_same_result():
    first, second = (
        stylize(tiny_generator(seed=7), tensor(), tensor(seed=1), ONE) for _ in range(2)
    )

    assert torch.equal(first, second)


@torch.inference_mode()
def test_another_style_gives_another_result(generator: Generator):
    photo = tensor()

    first, second = (stylize(generator, photo, tensor(seed=s), ONE) for s in (1, 2))

    assert (first - second).abs().max().item() > 1e-3


@torch.inference_mode()
def test_a_photo_in_its_own_style_at_any_strength_equals_strength_0(generator: Generator):
    photo = tensor()

    unstyled, own_style = (
        stylize(generator, photo, style, strength)
        for style, strength in ((tensor(seed=1), torch.zeros(1)), (photo, 1.5 * ONE))
    )

    torch.testing.assert_close(unstyled, own_style)


# Strength


def test_strength_interpolates_between_codes_and_extrapolates_beyond_1():
    content_code = StyleCodes(torch.zeros(3, 3, 2), torch.full((3, 4, 2), 10.0))
    style = StyleCodes(torch.full((3, 3, 2), 4.0), torch.zeros(3, 4, 2))

    moved = content_code.moved_towards(style, torch.tensor([[0.0], [0.5], [1.5]]))

    assert moved.levels[:, 0, 0].tolist() == [0.0, 2.0, 6.0]
    assert moved.tokens[:, 0, 0].tolist() == [10.0, 5.0, -5.0]


@torch.inference_mode()
def test_half_strength_is_not_the_pixel_mean_of_none_and_full(generator: Generator):
    photo, style = tensor(), tensor(seed=1)

    none, half, full = (stylize(generator, photo, style, s * ONE) for s in (0.0, 0.5, 1.0))

    assert (half - (none + full) / 2).abs().max().item() > 1e-3


@torch.inference_mode()
def test_the_papers_gain_is_one_factor_per_channel_at_every_position():
    decoder, level = tiny_generator(GAIN).decoder, torch.randn(1, 32)

    scaled = decoder._apply_gain(torch.ones(1, 4, 4, 32), 0, level)

    torch.testing.assert_close(scaled[0, 3, 1], 1 + decoder.gains[0](level)[0])
    assert torch.equal(scaled, scaled[:, :1, :1].expand(1, 4, 4, 32))


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_tiny_can_overfit_one_pair(generator: Generator):
    photo = tensor(64, 64)
    target = nn.functional.avg_pool2d(photo, 5, 1, 2).flip(1) * 0.5
    optimiser = torch.optim.AdamW(generator.parameters(), lr=3e-3)
    distances = []

    for _ in range(150):
        optimiser.zero_grad()
        loss = (stylize(generator, photo, target, ONE) - target).abs().mean()
        torch.autograd.backward(loss)
        optimiser.step()
        distances.append(loss.item())

    assert distances[-1] < distances[0] / 5
