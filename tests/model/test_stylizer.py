"""The public API of the model: its results, and what it refuses before it computes."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from model import inference
from model.inference import VIEW_SIDES_PX, LevelStrengths, StyleCode, Stylizer
from model.network.style_control import STYLE_LEVELS, StyleCodes
from model.palette import match_palette
from model.style_code import StyleView
from styling.brush import Brush
from tests.model.samples import picture, pixels

pytestmark = pytest.mark.slow


@pytest.fixture
def code(stylizer: Stylizer) -> StyleCode:
    return stylizer.style_code(picture((90, 120), seed=5))


# Results


@pytest.mark.parametrize("size", [(64, 64), (111, 65), (97, 130)], ids=str)
def test_the_result_has_the_size_of_the_photo(
    stylizer: Stylizer, code: StyleCode, size: tuple[int, int]
):
    result = stylizer.stylize(picture(size), code)

    assert (result.size, result.mode) == (size, "RGB")


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK"])
def test_a_photo_may_have_any_mode(stylizer: Stylizer, code: StyleCode, mode: str):
    result = stylizer.stylize(picture().convert(mode), code)

    assert result.mode == "RGB"


def test_the_same_photo_gives_the_same_result(stylizer: Stylizer, code: StyleCode):
    first, second = (stylizer.stylize(picture(), code) for _ in range(2))

    assert first == second


@pytest.mark.parametrize("size", [(96, 64), (800, 600)], ids=["one size", "several sizes"])
def test_bf16_gives_nearly_the_same_result(
    weights: Path, stylizer: Stylizer, code: StyleCode, size: tuple[int, int]
):
    bf16, photo = Stylizer.load(weights, device="cpu", precision="bf16"), picture(size)

    difference = pixels(bf16.stylize(photo, code)) - pixels(stylizer.stylize(photo, code))

    assert np.abs(difference).mean() < 3


def test_strength_0_returns_the_photo(stylizer: Stylizer, code: StyleCode):
    photo = picture()

    assert stylizer.stylize(photo, code, 0.0) == photo
    assert stylizer.stylize_batch([photo] * 2, [code] * 2, [1.0, 0.0])[1] == photo
    assert stylizer.stylize_regions(photo, (code, code), photo.convert("L"), 0.0) == photo


def test_a_level_of_a_higher_strength_is_not_removed(stylizer: Stylizer, code: StyleCode):
    levels = LevelStrengths(colour=0.0, texture=0.0, structure=1.0)

    result = stylizer.stylize(picture(), code, 1.0, levels=levels)

    assert result != picture()


def test_the_result_is_continuous_in_the_strength(stylizer: Stylizer, code: StyleCode):
    photo, strengths = picture(), np.arange(0, 0.5, 0.01)

    results = [pixels(stylizer.stylize(photo, code, float(tau))) for tau in strengths]

    steps = [np.abs(after - before).mean() for before, after in pairwise(results)]
    assert max(steps) < 0.1 * np.abs(results[-1] - results[0]).mean()


@pytest.mark.parametrize("tau", [0.25, 0.85, 1.0, 1.5])
def test_usual_strengths_need_one_forward_pass(
    stylizer: Stylizer, code: StyleCode, tau: float, monkeypatch: pytest.MonkeyPatch
):
    passes = []
    forward = stylizer.generator.forward
    monkeypatch.setattr(
        stylizer.generator, "forward", lambda *args: passes.append(1) or forward(*args)
    )

    stylizer.stylize(picture(), code, tau)

    assert len(passes) == 1


def test_half_strength_is_not_the_pixel_mean_of_none_and_full(stylizer: Stylizer, code: StyleCode):
    none, half, full = (pixels(stylizer.stylize(picture(), code, tau)) for tau in (0.0, 0.5, 1.0))

    assert np.abs(half - (none + full) / 2).max() > 2  # more than two rounding errors


def test_a_result_does_not_depend_on_the_rest_of_the_batch(stylizer: Stylizer, code: StyleCode):
    photos, taus = [picture(seed=1), picture(seed=2)], [0.4, 1.2]
    codes = [code, stylizer.style_code(picture(seed=9))]

    together = stylizer.stylize_batch(photos, codes, taus, keep_colors=[True, False])

    alone = [
        stylizer.stylize(photos[0], codes[0], taus[0], keep_color=True),
        stylizer.stylize(photos[1], codes[1], taus[1]),
    ]
    differences = [
        np.abs(pixels(a) - pixels(b)).max() for a, b in zip(together, alone, strict=True)
    ]
    assert differences[0] <= 5  # keeping colours amplifies rounding errors
    assert differences[1] <= 1


def test_the_code_of_several_pictures_is_the_mean_of_their_codes(stylizer: Stylizer):
    pictures = [picture(seed=1), picture(seed=2)]

    mean = stylizer.style_code(pictures)

    first, second = (stylizer.style_code(one) for one in pictures)
    assert mean.sides_px == first.sides_px
    for views in zip(mean.views, first.views, second.views, strict=True):
        expected, *single = (view.levels for view in views)
        torch.testing.assert_close(expected, (single[0] + single[1]) / 2)


def test_a_stored_code_gives_the_result_of_the_original_code(stylizer: Stylizer, code: StyleCode):
    stored = StyleCode.from_bytes(code.to_bytes())

    difference = pixels(stylizer.stylize(picture(), stored)) - pixels(
        stylizer.stylize(picture(), code)
    )

    assert np.abs(difference).max() <= 1


# Views and brush sizes

LARGE = (300, 240)
"""A photo that each brush renders at another size."""


@pytest.fixture
def encoded_sizes(stylizer: Stylizer, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The height and width of each picture that the style controller sees."""
    sizes: list[tuple[int, int]] = []
    encode = stylizer.generator.encode_style
    monkeypatch.setattr(
        stylizer.generator,
        "encode_style",
        lambda p: sizes.append((p.shape[2], p.shape[3])) or encode(p),
    )
    return sizes


def test_a_style_code_has_one_view_for_each_side(
    stylizer: Stylizer, encoded_sizes: list[tuple[int, int]]
):
    code = stylizer.style_code(picture((300, 200)))

    assert code.sides_px == VIEW_SIDES_PX
    assert encoded_sizes == [(side, side * 3 // 2) for side in VIEW_SIDES_PX]
    assert not torch.equal(code.views[0].levels, code.views[-1].levels)


@pytest.mark.parametrize("size", [(2000, 100), (100, 2000)], ids=str)
def test_the_views_of_a_panorama_are_bounded(
    stylizer: Stylizer, encoded_sizes: list[tuple[int, int]], size: tuple[int, int]
):
    stylizer.style_code(picture(size))

    assert VIEW_SIDES_PX == (128, 256, 512)
    assert [max(sides) for sides in encoded_sizes] == [512, 1024, 2048]


def view_of_value(value: float, side_px: float, stylizer: Stylizer) -> StyleView:
    config = stylizer.generator.config
    return StyleView(
        side_px,
        torch.full((STYLE_LEVELS, config.code_dim), value),
        torch.full((config.slots, config.code_dim), value),
    )


@pytest.fixture
def views_code(stylizer: Stylizer) -> StyleCode:
    """A code whose values are the binary logarithm of the side of the view."""
    views = tuple(view_of_value(exponent, 2**exponent, stylizer) for exponent in (4.0, 7.0, 10.0))
    return StyleCode(views, stylizer.model_version)


@pytest.mark.parametrize(
    ("size", "brush", "sides_px"),
    [
        ((96, 144), Brush.MEDIUM, [64]),
        ((192, 192), Brush.MEDIUM, [128]),
        ((96, 96), Brush.FINE, [64]),
        ((150, 150), Brush.BROAD, [100, 160]),
        ((600, 700), Brush.MEDIUM, [256, 400]),
    ],
    ids=str,
)
def test_every_brush_paints_with_the_view_of_two_thirds_of_the_side_of_medium(
    stylizer: Stylizer,
    views_code: StyleCode,
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int],
    brush: Brush,
    sides_px: list[int],
):
    used: list[StyleCodes] = []
    stack = stylizer._stack_views

    def stack_views(codes: Sequence[StyleCode], photos: Tensor, brush: Brush) -> StyleCodes:
        used.append(stack(codes, photos, brush))
        return used[-1]

    monkeypatch.setattr(stylizer, "_stack_views", stack_views)

    stylizer.stylize(picture(size), views_code, brush=brush)

    assert [2 ** float(codes.levels.mean()) for codes in used] == pytest.approx(sides_px, abs=0.5)


def test_each_photo_of_a_batch_has_its_brush(stylizer: Stylizer, code: StyleCode):
    photo, brushes = picture(LARGE), list(Brush)

    together = stylizer.stylize_batch([photo] * 3, [code] * 3, [1.0] * 3, brushes=brushes)

    alone = [stylizer.stylize(photo, code, brush=brush) for brush in brushes]
    for one, other in zip(together, alone, strict=True):
        assert np.abs(pixels(one) - pixels(other)).max() <= 1
    assert len({one.tobytes() for one in alone}) == 3


def test_the_brush_is_medium_by_default(stylizer: Stylizer, code: StyleCode):
    photo = picture(LARGE)

    default = stylizer.stylize(photo, code)

    assert default == stylizer.stylize(photo, code, brush=Brush.MEDIUM)
    assert default != stylizer.stylize(photo, code, brush=Brush.BROAD)


@pytest.mark.parametrize(
    ("brush", "pixels"),
    [
        (Brush.FINE, 1024 * 768),
        (Brush.MEDIUM, 512 * 384 + 1024 * 768),
        (Brush.BROAD, 320 * 240 + 640 * 480),
    ],
)
def test_the_rendered_pixels_are_those_of_all_sizes(stylizer: Stylizer, brush: Brush, pixels: int):
    assert stylizer.rendered_pixels((1600, 1200), brush) == pixels


def test_a_large_result_is_a_small_result_with_more_detail(stylizer: Stylizer, code: StyleCode):
    large = picture((1200, 900))
    small = large.resize((512, 384), Image.Resampling.BICUBIC)

    reduced = stylizer.stylize(large, code).resize(small.size, Image.Resampling.BICUBIC)

    difference = np.abs(pixels(reduced) - pixels(stylizer.stylize(small, code)))
    assert difference.mean() < 2


# Keeping colours


def test_keeping_colours_gives_the_result_the_mean_colour_of_the_photo(
    stylizer: Stylizer, code: StyleCode
):
    photo = Image.fromarray((pixels(picture()) * 0.3 + 80).astype(np.uint8))  # no value is clipped

    result = stylizer.stylize(photo, code, keep_color=True)

    difference = pixels(result).mean((0, 1)) - pixels(photo).mean((0, 1))
    assert np.abs(difference).max() < 1


def test_keeping_colours_changes_only_mean_and_covariance():
    random = np.random.default_rng(0)
    result, photo = (
        Image.fromarray(random.normal(mean, deviation, (64, 64, 3)).clip(0, 255).astype(np.uint8))
        for mean, deviation in ((100, 10), (140, 20))
    )

    moved = match_palette(result, photo)

    wanted = np.cov(pixels(photo).reshape(-1, 3).T)
    np.testing.assert_allclose(np.cov(pixels(moved).reshape(-1, 3).T), wanted, rtol=0.05, atol=20)
    assert np.corrcoef(pixels(moved).ravel(), pixels(result).ravel())[0, 1] > 0.95


def test_keeping_the_colours_of_a_grey_photo_gives_a_nearly_grey_result():
    moved = match_palette(picture(), picture(seed=3).convert("L"))

    assert pixels(moved).std(axis=2).max() < 3


# Refused input


@pytest.mark.parametrize("tau", [-0.1, 1.51, float("nan"), float("inf")])
def test_a_strength_out_of_range_is_refused_with_the_number(
    stylizer: Stylizer, code: StyleCode, tau: float
):
    with pytest.raises(
        ValueError, match=f"the style strength is {tau:g}; it must be from 0 to 1.5"
    ):
        stylizer.stylize(picture(), code, tau)


@pytest.mark.parametrize("tau", [0.0, 1.5])
def test_the_range_includes_both_ends(stylizer: Stylizer, code: StyleCode, tau: float):
    assert stylizer.stylize(picture(), code, tau).size == picture().size


def test_a_small_photo_is_refused_with_its_size(stylizer: Stylizer, code: StyleCode):
    with pytest.raises(ValueError, match=r"the picture is 63 x 200 px, .* at least 64"):
        stylizer.stylize(picture((63, 200)), code)


def test_a_small_artwork_is_refused_with_its_size(stylizer: Stylizer):
    with pytest.raises(ValueError, match="the picture is 200 x 20 px"):
        stylizer.style_code(picture((200, 20)))


def test_a_style_code_needs_a_picture(stylizer: Stylizer):
    with pytest.raises(ValueError, match="0 were given"):
        stylizer.style_code([])


def test_a_batch_of_two_sizes_is_refused_with_the_sizes(stylizer: Stylizer, code: StyleCode):
    with pytest.raises(ValueError, match=r"\(64, 96\), \(96, 64\)"):
        stylizer.stylize_batch([picture((96, 64)), picture((64, 96))], [code] * 2, [1.0] * 2)


def test_lists_of_different_lengths_are_refused_with_the_lengths(
    stylizer: Stylizer, code: StyleCode
):
    with pytest.raises(
        ValueError, match="2 pictures, 1 codes, 2 taus, 2 levels, 2 brushes, 2 keep"
    ):
        stylizer.stylize_batch([picture()] * 2, [code], [1.0] * 2)


def test_keep_colors_of_another_length_are_refused_too(stylizer: Stylizer, code: StyleCode):
    with pytest.raises(ValueError, match="1 codes, 1 taus, 1 levels, 1 brushes, 2 keep_colors"):
        stylizer.stylize_batch([picture()], [code], [1.0], keep_colors=[True, False])


def test_brushes_of_another_length_are_refused_too(stylizer: Stylizer, code: StyleCode):
    with pytest.raises(ValueError, match="1 codes, 1 taus, 1 levels, 2 brushes, 1 keep_colors"):
        stylizer.stylize_batch([picture()], [code], [1.0], brushes=[Brush.FINE] * 2)


def test_a_code_of_another_model_version_is_refused_with_both_versions(
    stylizer: Stylizer, code: StyleCode
):
    with pytest.raises(ValueError, match=f"of model cafe, this is {stylizer.model_version}"):
        stylizer.stylize(picture(), replace(code, model_version="cafe"))


@pytest.mark.parametrize(
    "wrong",
    [{"precision": "fp8"}, {"device": "cuda"}, {"device": "abacus"}, {"device": "meta"}],
    ids=str,
)
def test_an_unavailable_device_or_precision_is_refused(
    weights: Path, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str]
):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)

    with pytest.raises(ValueError, match=next(iter(wrong.values()))):
        Stylizer.load(weights, **wrong)


# Memory


def out_of_memory_above(most: int, run: Callable) -> Callable:
    """Wrap `run` so that it fails for more than `most` photos at a time."""

    def run_or_fail(photos, *others):
        if len(photos) > most:
            raise torch.OutOfMemoryError("CUDA out of memory.\nTried to allocate 3 GiB")
        return run(photos, *others)

    return run_or_fail


def test_a_batch_that_does_not_fit_is_halved_until_it_does(
    stylizer: Stylizer, code: StyleCode, monkeypatch: pytest.MonkeyPatch
):
    photos, taus = [picture(seed=s) for s in range(5)], [0.2, 0.4, 0.6, 0.8, 1.0]
    expected = stylizer.stylize_batch(photos, [code] * 5, taus)
    monkeypatch.setattr(stylizer, "_run", out_of_memory_above(2, stylizer._run))

    results = stylizer.stylize_batch(photos, [code] * 5, taus)

    differences = [
        np.abs(pixels(a) - pixels(b)).max() for a, b in zip(results, expected, strict=True)
    ]
    assert max(differences) <= 1


def test_a_single_photo_that_does_not_fit_raises_with_its_size(
    stylizer: Stylizer, code: StyleCode, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(stylizer, "_run", out_of_memory_above(0, stylizer._run))

    with pytest.raises(MemoryError, match=r"picture of 96 x 64 px .* memory: CUDA out of memory.$"):
        stylizer.stylize(picture(), code)


def test_a_photo_too_large_for_the_free_memory_is_refused_before_the_forward_pass(
    stylizer: Stylizer, code: StyleCode, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(inference, "available_memory_bytes", lambda: 1_000_000)
    monkeypatch.setattr(stylizer, "_run", out_of_memory_above(0, stylizer._run))

    with pytest.raises(MemoryError, match=r"96 x 64 px .* 0.3 GiB are needed and 0.0 GiB are free"):
        stylizer.stylize(picture(), code)


def test_unknown_free_memory_is_not_checked(
    stylizer: Stylizer, code: StyleCode, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(inference, "available_memory_bytes", lambda: None)

    assert stylizer.stylize(picture(), code).size == (96, 64)


# Style levels


def test_all_levels_at_1_equal_plain_tau(stylizer: Stylizer, code: StyleCode):
    plain, levelled = (
        stylizer.stylize(picture(), code, 0.7, levels=levels)
        for levels in (LevelStrengths(), LevelStrengths(1.0, 1.0, 1.0))
    )

    assert np.array_equal(pixels(plain), pixels(levelled))


def test_all_levels_at_0_equal_tau_0(stylizer: Stylizer, code: StyleCode):
    unstyled = stylizer.stylize(picture(), code, 1.0, levels=LevelStrengths(0.0, 0.0, 0.0))

    assert np.array_equal(pixels(unstyled), pixels(stylizer.stylize(picture(), code, 0.0)))


@pytest.mark.parametrize("level", ["colour", "texture", "structure"])
def test_every_level_alone_changes_the_result(stylizer: Stylizer, code: StyleCode, level: str):
    only = LevelStrengths(**{"colour": 0.0, "texture": 0.0, "structure": 0.0, level: 1.0})

    moved = stylizer.stylize(picture(), code, 1.0, levels=only)

    assert not np.array_equal(pixels(moved), pixels(stylizer.stylize(picture(), code, 0.0)))


def test_a_level_out_of_range_is_refused_with_its_numbers(stylizer: Stylizer, code: StyleCode):
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
def test_a_mask_of_one_colour_gives_one_style(
    stylizer: Stylizer, codes: tuple[StyleCode, StyleCode], grey: int, index: int
):
    result = regions(stylizer, codes, Image.new("L", (7, 5), grey))

    whole = pixels(stylizer.stylize(picture(), codes[index]))
    assert np.abs(result - whole).max() <= 1


def test_each_area_of_a_mask_has_its_style_and_grey_blends_them(
    stylizer: Stylizer, codes: tuple[StyleCode, StyleCode]
):
    mask = Image.new("L", (96, 64), 0)
    mask.paste(255, (64, 0, 96, 64))
    mask.paste(128, (32, 0, 64, 64))

    result = regions(stylizer, codes, mask)

    black, white = (pixels(stylizer.stylize(picture(), code)) for code in codes)
    assert np.abs(result - black)[:, :32].max() <= 1
    assert np.abs(result - white)[:, 64:].max() <= 1
    assert np.abs(result - (black + white) / 2)[:, 32:64].max() <= 2


def test_both_regions_have_the_brush(stylizer: Stylizer, codes: tuple[StyleCode, StyleCode]):
    photo, mask = picture(LARGE), Image.new("L", LARGE, 0)
    mask.paste(255, (150, 0, 300, 240))

    result = pixels(stylizer.stylize_regions(photo, codes, mask, brush=Brush.BROAD))

    black, white = (pixels(stylizer.stylize(photo, code, brush=Brush.BROAD)) for code in codes)
    assert np.abs(result - black)[:, :150].max() <= 1
    assert np.abs(result - white)[:, 150:].max() <= 1


def test_regions_with_codes_of_another_model_version_are_refused(
    stylizer: Stylizer, codes: tuple[StyleCode, StyleCode]
):
    foreign = replace(codes[1], model_version="another")

    with pytest.raises(ValueError, match="the style code is of model another"):
        regions(stylizer, (codes[0], foreign), Image.new("L", (8, 8)))


# Presets


def test_an_unknown_preset_raises_a_key_error(stylizer: Stylizer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(inference, "read_presets", lambda *_: {})

    with pytest.raises(KeyError, match="mona-lisa"):
        stylizer.preset("mona-lisa")
