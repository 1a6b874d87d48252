"""The generator as a whole: what it is made of, and what holds at every size."""

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
"""Weights that are shipped or shared fit these; a change of size is a new format."""


def paint(generator: Generator, picture: Tensor, style: Tensor, strength: Tensor) -> Tensor:
    own = generator.encode_style(picture)
    painted: Tensor = generator(
        picture, own, own.moved_towards(generator.encode_style(style), strength[:, None])
    )
    return painted


# What it is made of


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS.keys())
def test_every_configuration_builds_at_its_known_size(config: DualTransConfig):
    generator = Generator(config)

    assert sum(p.numel() for p in generator.parameters()) == PARAMETERS[config.name]


@pytest.mark.parametrize("config", [TINY, GAIN], ids=["adaptive", "gain"])
def test_the_generator_holds_no_convolution(config: DualTransConfig):
    kinds = {type(module).__name__ for module in Generator(config).modules()}

    assert [kind for kind in kinds if "Conv" in kind] == []


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS.keys())
def test_a_configuration_survives_being_written_down(config: DualTransConfig):
    assert DualTransConfig.from_dict(config.to_dict()) == config


def test_a_configuration_with_an_unknown_name_is_refused():
    with pytest.raises(TypeError, match="colour_of_the_cat"):
        DualTransConfig.from_dict({**TINY.to_dict(), "colour_of_the_cat": "black"})


def test_a_configuration_whose_channels_do_not_split_is_refused_with_the_numbers():
    with pytest.raises(ValueError, match="20 channels do not split into 3 heads"):
        replace(TINY, dims=(20, 24, 32), heads=(3, 2, 2))


@pytest.mark.parametrize(("config", "numbers"), [(SMALL, 19 * 192), (BASE, 19 * 256), (PAPER, 768)])
def test_a_style_is_told_in_a_few_thousand_numbers(config: DualTransConfig, numbers: int):
    code = Generator(config).encode_style(tensor(64, 64))

    assert code.levels.numel() + code.tokens.numel() == numbers


def test_a_wrong_shape_is_noticed_while_tests_run(generator: Generator):
    with pytest.raises(TypeCheckError):
        generator.encode_style(torch.zeros(3, 64, 64))


# Gradients


def test_gradients_reach_every_parameter(generator: Generator):
    painted = paint(generator, tensor(), tensor(seed=1), ONE)
    torch.autograd.backward(painted.square().mean())

    unreached = [n for n, p in generator.named_parameters() if p.grad is None or not p.grad.any()]
    assert unreached == []


def test_gradients_are_finite_where_a_photograph_is_painted_with_its_own_code(generator: Generator):
    photograph = tensor()

    painted = paint(generator, photograph, photograph, ONE)
    torch.autograd.backward(painted.square().mean())

    gradients = [p.grad for p in generator.parameters() if p.grad is not None]
    assert all(bool(gradient.isfinite().all()) for gradient in gradients)


# Sizes


@pytest.mark.parametrize("config", [TINY, GAIN], ids=["adaptive", "gain"])
@pytest.mark.parametrize("size", [(64, 64), (65, 111), (333, 97), (64, 200)], ids=str)
@torch.inference_mode()
def test_a_painted_picture_has_the_size_of_its_photograph(
    config: DualTransConfig, size: tuple[int, int]
):
    painted = paint(tiny_generator(config), tensor(*size), tensor(80, 72, seed=1), ONE)

    assert painted.shape == (1, 3, *size)
    assert bool(painted.isfinite().all())


@pytest.mark.parametrize("size", [(64, 64), (97, 140), (128, 71)], ids=str)
@torch.inference_mode()
def test_a_style_picture_may_have_any_other_size(generator: Generator, size: tuple[int, int]):
    code = generator.encode_style(tensor(*size))

    assert (code.levels.shape, code.tokens.shape) == ((1, 3, 32), (1, 4, 32))


@torch.inference_mode()
def test_a_picture_whose_sides_need_filling_is_painted_as_its_mirrored_whole(generator: Generator):
    whole = tensor(64, 80)
    whole[..., 78:] = whole[..., 75:77].flip(-1)  # the mirror stands on column 77
    own = generator.encode_style(whole)

    painted = generator(whole[..., :78].contiguous(), own, own)

    torch.testing.assert_close(painted, generator(whole, own, own)[..., :78])


# Sameness


@torch.inference_mode()
def test_a_picture_in_a_batch_is_painted_as_it_is_alone(generator: Generator):
    pictures, styles = tensor(65, 80, batch=3), tensor(seed=1, batch=3)
    strengths = torch.tensor([0.3, 1.0, 1.5])

    together = paint(generator, pictures, styles, strengths)

    alone = [
        paint(generator, pictures[i : i + 1], styles[i : i + 1], strengths[i : i + 1])
        for i in range(3)
    ]
    torch.testing.assert_close(together, torch.cat(alone), rtol=1e-4, atol=1e-5)


@torch.inference_mode()
def test_the_same_seed_paints_the_same_picture():
    first, second = (paint(tiny_generator(seed=7), tensor(), tensor(seed=1), ONE) for _ in range(2))

    assert torch.equal(first, second)


@torch.inference_mode()
def test_another_style_paints_another_picture(generator: Generator):
    photograph = tensor()

    first, second = (paint(generator, photograph, tensor(seed=s), ONE) for s in (1, 2))

    assert (first - second).abs().max().item() > 1e-3


@torch.inference_mode()
def test_a_photographs_own_code_at_any_strength_is_its_code_at_strength_0(generator: Generator):
    photograph = tensor()

    still, pushed = (
        paint(generator, photograph, style, strength)
        for style, strength in ((tensor(seed=1), torch.zeros(1)), (photograph, 1.5 * ONE))
    )

    torch.testing.assert_close(still, pushed)


# Strength


def test_strength_moves_a_code_along_the_straight_way_and_past_its_end():
    own = StyleCodes(torch.zeros(3, 3, 2), torch.full((3, 4, 2), 10.0))
    style = StyleCodes(torch.full((3, 3, 2), 4.0), torch.zeros(3, 4, 2))

    moved = own.moved_towards(style, torch.tensor([[0.0], [0.5], [1.5]]))

    assert moved.levels[:, 0, 0].tolist() == [0.0, 2.0, 6.0]
    assert moved.tokens[:, 0, 0].tolist() == [10.0, 5.0, -5.0]


@torch.inference_mode()
def test_half_strength_is_not_the_mean_of_the_pixels_of_none_and_full(generator: Generator):
    photograph, style = tensor(), tensor(seed=1)

    none, half, full = (paint(generator, photograph, style, s * ONE) for s in (0.0, 0.5, 1.0))

    assert (half - (none + full) / 2).abs().max().item() > 1e-3


@torch.inference_mode()
def test_the_papers_gain_is_one_factor_a_channel_the_same_at_every_place():
    decoder, tau = tiny_generator(GAIN).decoder, torch.randn(1, 32)

    gained = decoder._gain(torch.ones(1, 4, 4, 32), 0, tau)

    torch.testing.assert_close(gained[0, 3, 1], 1 + decoder.gains[0](tau)[0])
    assert torch.equal(gained, gained[:, :1, :1].expand(1, 4, 4, 32))


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_tiny_learns_one_pair_by_heart(generator: Generator):
    photograph = tensor(64, 64)
    wanted = nn.functional.avg_pool2d(photograph, 5, 1, 2).flip(1) * 0.5
    optimiser = torch.optim.AdamW(generator.parameters(), lr=3e-3)
    distances = []

    for _ in range(150):
        optimiser.zero_grad()
        loss = (paint(generator, photograph, wanted, ONE) - wanted).abs().mean()
        torch.autograd.backward(loss)
        optimiser.step()
        distances.append(loss.item())

    assert distances[-1] < distances[0] / 5
