"""The rendered scenes, the drawn style pictures and the functions that they use."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from art.landscape.scene import draw_landscape
from art.noise import fp32, fractal_noise, noise, smoothstep
from art.sources.black_pottery import draw_black_pottery
from art.sources.drawn import DRAWN_SOURCES
from art.still_life.scene import draw_still_life
from art.still_life.solids import nearest_solid, parse_points, place, revolve, rod, smooth_union
from tests.model.samples import pixels

DRAW_FUNCTIONS = pytest.mark.parametrize(
    "draw", [draw_still_life, draw_landscape], ids=["still life", "landscape"]
)


@pytest.mark.slow
@DRAW_FUNCTIONS
@pytest.mark.parametrize("size", [(96, 72), (60, 90), (131, 64)], ids=str)
def test_a_picture_has_the_requested_size(draw: Callable[..., Image.Image], size: tuple[int, int]):
    picture = draw(*size)

    assert (picture.size, picture.mode) == (size, "RGB")


@pytest.mark.slow
@DRAW_FUNCTIONS
def test_a_seed_always_gives_the_same_picture(draw: Callable[..., Image.Image]):
    first, again, other = (draw(64, 48, seed=seed) for seed in (3, 3, 4))

    assert first.tobytes() == again.tobytes() != other.tobytes()


@pytest.mark.slow
@DRAW_FUNCTIONS
def test_a_picture_has_light_and_dark_colour_and_detail(draw: Callable[..., Image.Image]):
    values = pixels(draw(160, 120))

    luma = values.mean(axis=2)
    assert (np.percentile(luma, 2) < 60, np.percentile(luma, 98) > 150) == (True, True)
    assert (values.max(axis=2) - values.min(axis=2)).mean() > 15
    assert np.abs(np.diff(luma, axis=1)).mean() > 2


def test_black_pottery_is_dark_with_white_inlays():
    first, again = draw_black_pottery(128), draw_black_pottery(128)

    luma = pixels(first).mean(axis=2)
    assert first.size == (128, 128)
    assert first.tobytes() == again.tobytes()
    assert np.median(luma) < 80
    assert 0.005 < (luma > 190).mean() < 0.1


# Noise and solids


def test_noise_is_smooth_and_stays_between_minus_1_and_1():
    points = np.linspace(-30, 30, 40_000, dtype=np.float32)[:, None] * fp32([1.0, 0.7, 0.3])

    values = noise(points, 5)

    assert np.abs(values).max() <= 1
    assert np.abs(np.diff(values)).max() < 0.02
    assert values.std() > 0.2


def test_fractal_noise_stays_between_minus_1_and_1():
    points = np.random.default_rng(0).normal(0, 50, (5000, 3)).astype(np.float32)

    assert np.abs(fractal_noise(points, 6)).max() <= 1


@pytest.mark.parametrize(("low", "high"), [(1.0, 3.0), (3.0, 1.0)])
def test_smoothstep_rises_from_its_first_bound_to_its_second(low: float, high: float):
    steps = smoothstep(low, high, fp32([low, 2.0, high]))

    assert steps.tolist() == [0.0, 0.5, 1.0]


def test_a_solid_of_revolution_has_a_signed_distance():
    cylinder = revolve(parse_points("0 0, 0 0, 0.5 0, 0.5 0, 0.5 1, 0.5 1, 0 1, 0 1"))

    distances = cylinder(fp32([[0.2, 0.5, 0.0], [0.0, 0.5, 0.55], [3.0, 0.5, 0.0]]))

    assert distances[:2].tolist() == pytest.approx([-0.3, 0.05], abs=0.01)
    assert 0 < distances[2] <= 2.5  # far away, a lower bound is sufficient


def test_a_rod_has_the_requested_radius():
    distances = rod(parse_points("0 0, 1 0"), 0.05)(fp32([[0.5, 0.08, 0.0], [0.5, 0.0, 0.08]]))

    assert distances.tolist() == pytest.approx([0.03, 0.03], abs=0.01)


def test_the_nearest_solid_is_found():
    ball = revolve(parse_points("0 -0.1, 0.1 0, 0 0.1"))
    solids = [place("clay", ball, at=(x, 0.0, 0.0), radius=0.12) for x in (-1.0, 1.0)]

    distance, indices = nearest_solid(solids, fp32([[1.15, 0.0, 0.0], [-0.8, 0.0, 0.0]]))

    assert indices.tolist() == [1, 0]
    assert distance[0] == pytest.approx(0.05, abs=0.01)


def test_the_distance_to_a_smooth_union_is_at_most_that_to_its_parts():
    parts = [rod(parse_points("0 0, 1 0"), 0.1), rod(parse_points("0 0, 0 1"), 0.1)]
    points = np.random.default_rng(0).uniform(-0.2, 1.2, (200, 3)).astype(np.float32)

    together = smooth_union(*parts, blend=0.1)(points)

    assert bool((together <= np.minimum(parts[0](points), parts[1](points)) + 1e-6).all())


@pytest.mark.parametrize("style_id", DRAWN_SOURCES)
def test_a_style_picture_depends_only_on_its_seed_and_is_rich_in_detail(style_id: str):
    draw: Callable[..., Image.Image] = DRAWN_SOURCES[style_id]
    first, again, other = draw(96), draw(96), draw(96, seed=9)

    assert (first.size, first.mode) == ((96, 96), "RGB")
    assert first.tobytes() == again.tobytes() != other.tobytes()
    assert len(first.quantize(16).getcolors() or []) > 8
    luma = pixels(first).mean(axis=2)
    assert np.abs(np.diff(luma, axis=1)).mean() > 4
