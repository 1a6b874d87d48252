"""The one door to the generator: what it gives, and what it refuses before it computes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from model import inference
from model.inference import LevelStrengths, StyleCode, Stylizer, with_palette_of
from tests.model.samples import picture, pixels


@pytest.fixture
def code(stylizer: Stylizer) -> StyleCode:
    return stylizer.style_code(picture((90, 120), seed=5))


# What it gives


@pytest.mark.parametrize("size", [(64, 64), (111, 65), (97, 130)], ids=str)
def test_the_result_has_the_size_of_the_photograph(
    stylizer: Stylizer, code: StyleCode, size: tuple[int, int]
):
    painted = stylizer.stylize(picture(size), code)

    assert (painted.size, painted.mode) == (size, "RGB")


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK"])
def test_a_photograph_may_be_of_any_mode(stylizer: Stylizer, code: StyleCode, mode: str):
    painted = stylizer.stylize(picture().convert(mode), code)

    assert painted.mode == "RGB"


def test_the_same_photograph_gives_the_same_picture(stylizer: Stylizer, code: StyleCode):
    first, second = (stylizer.stylize(picture(), code) for _ in range(2))

    assert first == second


def test_half_precision_paints_nearly_the_same(weights: Path, stylizer: Stylizer, code: StyleCode):
    halved = Stylizer.load(weights, device="cpu", precision="bf16")

    difference = pixels(halved.stylize(picture(), code)) - pixels(stylizer.stylize(picture(), code))

    assert np.abs(difference).mean() < 3


def test_strength_0_is_painting_with_the_photographs_own_code(stylizer: Stylizer, code: StyleCode):
    photograph = picture()

    still = stylizer.stylize(photograph, code, 0.0)

    assert still == stylizer.stylize(photograph, stylizer.style_code(photograph), 1.0)


def test_half_strength_is_not_the_pixel_mean_of_none_and_full(stylizer: Stylizer, code: StyleCode):
    none, half, full = (pixels(stylizer.stylize(picture(), code, tau)) for tau in (0.0, 0.5, 1.0))

    assert np.abs(half - (none + full) / 2).max() > 2  # more than two roundings explain


def test_a_batch_is_painted_as_its_pictures_are_alone(stylizer: Stylizer, code: StyleCode):
    photographs, taus = [picture(seed=1), picture(seed=2)], [0.4, 1.2]
    codes = [code, stylizer.style_code(picture(seed=9))]

    together = stylizer.stylize_batch(photographs, codes, taus, keep_colors=[True, False])

    alone = [
        stylizer.stylize(photographs[0], codes[0], taus[0], keep_color=True),
        stylizer.stylize(photographs[1], codes[1], taus[1]),
    ]
    differences = [
        np.abs(pixels(a) - pixels(b)).max() for a, b in zip(together, alone, strict=True)
    ]
    assert differences[0] <= 3  # keeping colours stretches what a rounding leaves
    assert differences[1] <= 1


def test_the_code_of_several_pictures_is_the_mean_of_their_codes(stylizer: Stylizer):
    pictures = [picture(seed=1), picture(seed=2)]

    mean = stylizer.style_code(pictures)

    single = [stylizer.style_code(one).levels for one in pictures]
    torch.testing.assert_close(mean.levels, (single[0] + single[1]) / 2)


def test_a_code_that_was_stored_paints_as_the_fresh_one(stylizer: Stylizer, code: StyleCode):
    stored = StyleCode.from_bytes(code.to_bytes())

    difference = pixels(stylizer.stylize(picture(), stored)) - pixels(
        stylizer.stylize(picture(), code)
    )

    assert np.abs(difference).max() <= 1


@pytest.mark.parametrize("size", [(2000, 100), (100, 2000), (3000, 700)], ids=str)
def test_a_panorama_as_style_is_looked_at_in_a_few_thousand_tokens(
    stylizer: Stylizer, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
):
    seen: list[torch.Size] = []
    look = stylizer.generator.encode_style
    monkeypatch.setattr(
        stylizer.generator, "encode_style", lambda p: seen.append(p.shape) or look(p)
    )

    stylizer.style_code(picture(size))

    assert max(seen[0][2:]) <= 4 * stylizer.generator.config.style_side


# Keeping colours


def test_keeping_colours_gives_the_result_the_photographs_mean_colour(
    stylizer: Stylizer, code: StyleCode
):
    photograph = Image.fromarray((pixels(picture()) * 0.3 + 80).astype(np.uint8))  # nothing is cut

    painted = stylizer.stylize(photograph, code, keep_color=True)

    difference = pixels(painted).mean((0, 1)) - pixels(photograph).mean((0, 1))
    assert np.abs(difference).max() < 1


def test_keeping_colours_moves_mean_and_covariance_and_nothing_else():
    chance = np.random.default_rng(0)
    painted, photograph = (
        Image.fromarray(chance.normal(mean, deviation, (64, 64, 3)).clip(0, 255).astype(np.uint8))
        for mean, deviation in ((100, 10), (140, 20))
    )

    moved = with_palette_of(painted, photograph)

    wanted = np.cov(pixels(photograph).reshape(-1, 3).T)
    np.testing.assert_allclose(np.cov(pixels(moved).reshape(-1, 3).T), wanted, rtol=0.05, atol=20)
    assert np.corrcoef(pixels(moved).ravel(), pixels(painted).ravel())[0, 1] > 0.95


def test_keeping_the_colours_of_a_grey_photograph_gives_a_nearly_grey_picture():
    moved = with_palette_of(picture(), picture(seed=3).convert("L"))

    assert pixels(moved).std(axis=2).max() < 3


# What it refuses


@pytest.mark.parametrize("tau", [-0.1, 1.51, float("nan"), float("inf")])
def test_a_strength_out_of_range_is_refused_with_the_number(
    stylizer: Stylizer, code: StyleCode, tau: float
):
    with pytest.raises(
        ValueError, match=f"the style strength is {tau:g}; it must be from 0 to 1.5"
    ):
        stylizer.stylize(picture(), code, tau)


@pytest.mark.parametrize("tau", [0.0, 1.5])
def test_the_ends_of_the_range_belong_to_it(stylizer: Stylizer, code: StyleCode, tau: float):
    assert stylizer.stylize(picture(), code, tau).size == picture().size


def test_a_small_photograph_is_refused_with_its_size(stylizer: Stylizer, code: StyleCode):
    with pytest.raises(ValueError, match=r"the picture is 63 x 200 px, .* at least 64"):
        stylizer.stylize(picture((63, 200)), code)


def test_a_small_style_picture_is_refused_with_its_size(stylizer: Stylizer):
    with pytest.raises(ValueError, match="the picture is 200 x 20 px"):
        stylizer.style_code(picture((200, 20)))


def test_a_style_needs_a_picture(stylizer: Stylizer):
    with pytest.raises(ValueError, match="0 were given"):
        stylizer.style_code([])


def test_a_batch_of_two_sizes_is_refused_with_the_sizes(stylizer: Stylizer, code: StyleCode):
    with pytest.raises(ValueError, match=r"\(64, 96\), \(96, 64\)"):
        stylizer.stylize_batch([picture((96, 64)), picture((64, 96))], [code] * 2, [1.0] * 2)


def test_a_batch_that_does_not_pair_up_is_refused_with_the_numbers(
    stylizer: Stylizer, code: StyleCode
):
    with pytest.raises(
        ValueError, match="2 pictures, 1 codes, 2 taus, 2 choices of levels and 2 of colours"
    ):
        stylizer.stylize_batch([picture()] * 2, [code], [1.0] * 2)


def test_choices_of_colours_pair_up_too(stylizer: Stylizer, code: StyleCode):
    with pytest.raises(
        ValueError, match="1 pictures, 1 codes, 1 taus, 1 choices of levels and 2 of colours"
    ):
        stylizer.stylize_batch([picture()], [code], [1.0], keep_colors=[True, False])


def test_a_code_of_another_model_is_refused_with_both_versions(stylizer: Stylizer, code: StyleCode):
    with pytest.raises(ValueError, match=f"of model cafe, this is {stylizer.model_version}"):
        stylizer.stylize(picture(), replace(code, model_version="cafe"))


@pytest.mark.parametrize(
    "wrong",
    [{"precision": "fp8"}, {"device": "cuda"}, {"device": "abacus"}, {"device": "meta"}],
    ids=str,
)
def test_what_the_machine_cannot_do_is_refused(
    weights: Path, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str]
):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)

    with pytest.raises(ValueError, match=next(iter(wrong.values()))):
        Stylizer.load(weights, **wrong)


# Memory


def full_above(most: int, paint: Callable) -> Callable:
    """A device that holds `most` pictures at a time."""

    def paint_or_fail(pictures, codes, taus):
        if len(pictures) > most:
            raise torch.OutOfMemoryError("CUDA out of memory.\nTried to allocate 3 GiB")
        return paint(pictures, codes, taus)

    return paint_or_fail


def test_a_batch_that_does_not_fit_is_halved_until_it_does(
    stylizer: Stylizer, code: StyleCode, monkeypatch: pytest.MonkeyPatch
):
    photographs, taus = [picture(seed=s) for s in range(5)], [0.2, 0.4, 0.6, 0.8, 1.0]
    expected = stylizer.stylize_batch(photographs, [code] * 5, taus)
    monkeypatch.setattr(stylizer, "_paint", full_above(2, stylizer._paint))

    painted = stylizer.stylize_batch(photographs, [code] * 5, taus)

    differences = [
        np.abs(pixels(a) - pixels(b)).max() for a, b in zip(painted, expected, strict=True)
    ]
    assert max(differences) <= 1


def test_one_picture_that_does_not_fit_is_told_with_its_size(
    stylizer: Stylizer, code: StyleCode, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(stylizer, "_paint", full_above(0, stylizer._paint))

    with pytest.raises(MemoryError, match=r"picture of 96 x 64 px .* memory: CUDA out of memory.$"):
        stylizer.stylize(picture(), code)


def test_a_picture_too_large_for_the_free_memory_is_refused_before_it_is_painted(
    stylizer: Stylizer, code: StyleCode, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(inference, "available_memory_bytes", lambda: 1_000_000)
    monkeypatch.setattr(stylizer, "_paint", full_above(0, stylizer._paint))

    with pytest.raises(MemoryError, match=r"96 x 64 px .* 0.3 GiB are needed and 0.0 GiB are free"):
        stylizer.stylize(picture(), code)


def test_a_machine_that_does_not_tell_its_memory_is_trusted(
    stylizer: Stylizer, code: StyleCode, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(inference, "available_memory_bytes", lambda: None)

    assert stylizer.stylize(picture(), code).size == (96, 64)


# Levels


def test_all_levels_at_1_are_plain_tau(stylizer: Stylizer, code: StyleCode):
    plain, levelled = (
        stylizer.stylize(picture(), code, 0.7, levels=levels)
        for levels in (LevelStrengths(), LevelStrengths(1.0, 1.0, 1.0))
    )

    assert np.array_equal(pixels(plain), pixels(levelled))


def test_all_levels_at_0_are_tau_0(stylizer: Stylizer, code: StyleCode):
    nothing = stylizer.stylize(picture(), code, 1.0, levels=LevelStrengths(0.0, 0.0, 0.0))

    assert np.array_equal(pixels(nothing), pixels(stylizer.stylize(picture(), code, 0.0)))


@pytest.mark.parametrize("level", ["colour", "texture", "structure"])
def test_every_level_moves_the_picture_by_itself(stylizer: Stylizer, code: StyleCode, level: str):
    only = LevelStrengths(**{"colour": 0.0, "texture": 0.0, "structure": 0.0, level: 1.0})

    moved = stylizer.stylize(picture(), code, 1.0, levels=only)

    assert not np.array_equal(pixels(moved), pixels(stylizer.stylize(picture(), code, 0.0)))


def test_a_level_beyond_the_strongest_is_refused_with_its_numbers(
    stylizer: Stylizer, code: StyleCode
):
    with pytest.raises(
        ValueError, match=r"tau 1.2 times texture 1.5: the style strength is 1.8; it must be from 0"
    ):
        stylizer.stylize(picture(), code, 1.2, levels=LevelStrengths(texture=1.5))


# Regions


def regions(
    stylizer: Stylizer, codes: tuple[StyleCode, StyleCode], mask: Image.Image
) -> np.ndarray:
    return pixels(stylizer.stylize_regions(picture(), codes, mask))


@pytest.fixture
def codes(stylizer: Stylizer) -> tuple[StyleCode, StyleCode]:
    return (
        stylizer.style_code(picture((128, 128), 5)),
        stylizer.style_code(picture((128, 128), 6)),
    )


@pytest.mark.parametrize(("grey", "index"), [(0, 0), (255, 1)])
def test_a_mask_of_one_colour_is_one_style(
    stylizer: Stylizer, codes: tuple[StyleCode, StyleCode], grey: int, index: int
):
    painted = regions(stylizer, codes, Image.new("L", (7, 5), grey))

    whole = pixels(stylizer.stylize(picture(), codes[index]))
    assert np.abs(painted - whole).max() <= 1


def test_each_side_of_a_mask_has_its_style_and_grey_lies_between(
    stylizer: Stylizer, codes: tuple[StyleCode, StyleCode]
):
    mask = Image.new("L", (96, 64), 0)
    mask.paste(255, (64, 0, 96, 64))
    mask.paste(128, (32, 0, 64, 64))

    painted = regions(stylizer, codes, mask)

    black, white = (pixels(stylizer.stylize(picture(), code)) for code in codes)
    assert np.abs(painted - black)[:, :32].max() <= 1
    assert np.abs(painted - white)[:, 64:].max() <= 1
    assert np.abs(painted - (black + white) / 2)[:, 32:64].max() <= 2


def test_regions_of_codes_of_other_weights_are_refused(
    stylizer: Stylizer, codes: tuple[StyleCode, StyleCode]
):
    foreign = replace(codes[1], model_version="another")

    with pytest.raises(ValueError, match="the style code is of model another"):
        regions(stylizer, (codes[0], foreign), Image.new("L", (8, 8)))


# Those that ship


def test_a_style_that_does_not_ship_is_a_missing_key(
    stylizer: Stylizer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(inference, "read_presets", lambda *_: {})

    with pytest.raises(KeyError, match="mona-lisa"):
        stylizer.preset("mona-lisa")
