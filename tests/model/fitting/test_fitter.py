"""`StyleFitter`: the code improves, the fit can be stopped and continued, and errors are clear."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from model.fitting import fitter
from model.fitting.fitter import FitProgress, StyleFitter
from model.fitting.photos import CROP_PX, packaged_photos, prepare_photos
from model.fitting.targets import StyleTargets, pooled_statistics
from model.inference import Stylizer
from model.perceptual.vgg import Vgg19, load_vgg
from model.style_code import StyleCode
from tests.model.samples import picture, tensor

CHECK_SIDES_PX = (96, 128)


@pytest.fixture(autouse=True)
def _small_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fit at the smallest sides, so that a step takes a fraction of a second."""
    monkeypatch.setattr(fitter, "SIDES_PX", (96, 128))
    monkeypatch.setattr(fitter, "_CHECK_SIDES_PX", CHECK_SIDES_PX)


@pytest.fixture
def vgg(vgg_file: Path) -> Vgg19:
    return load_vgg(vgg_file, padding_mode="zeros")


@pytest.fixture
def photos() -> list[Image.Image]:
    return [picture((140, 120), seed=seed) for seed in range(6)]


@pytest.fixture
def artwork() -> Image.Image:
    return picture((130, 150), seed=9)


def is_equal(first: StyleCode, second: StyleCode) -> bool:
    return first.sides_px == second.sides_px and all(
        torch.equal(a.levels, b.levels) and torch.equal(a.tokens, b.tokens)
        for a, b in zip(first.views, second.views, strict=True)
    )


def test_a_fit_improves_the_code_on_photos_that_it_was_not_fitted_on(
    vgg: Vgg19, photos: list[Image.Image], artwork: Image.Image
):
    result = StyleFitter(Stylizer.load(precision="fp32"), vgg, photos).fit([artwork], steps=10)

    assert result.steps == 10
    assert result.perceptual == "vgg19"
    assert result.after.objective < result.before.objective


def test_the_compact_network_improves_a_code_too(photos: list[Image.Image], artwork: Image.Image):
    stylizer = Stylizer.load(precision="fp32")

    result = stylizer.fit_style_code([artwork], photos, steps=10)

    assert result.perceptual == "compact"
    assert result.after.objective < result.before.objective


def test_a_fit_depends_on_the_seed_alone(
    stylizer: Stylizer, vgg: Vgg19, photos: list[Image.Image], artwork: Image.Image
):
    def losses(seed: int) -> list[float]:
        seen: list[FitProgress] = []
        StyleFitter(stylizer, vgg, photos).fit([artwork], steps=2, seed=seed, report=seen.append)
        return [progress.loss for progress in seen]

    assert losses(0) == losses(0) != losses(1)


def test_a_fit_can_be_stopped_after_any_step(
    stylizer: Stylizer, vgg: Vgg19, photos: list[Image.Image], artwork: Image.Image
):
    seen: list[FitProgress] = []

    result = StyleFitter(stylizer, vgg, photos).fit(
        [artwork], steps=20, should_stop=lambda: len(seen) == 2, report=seen.append
    )

    assert result.steps == 2
    assert [progress.step for progress in seen] == [1, 2]


def test_a_fit_that_is_stopped_at_once_returns_its_start(
    stylizer: Stylizer, vgg: Vgg19, photos: list[Image.Image], artwork: Image.Image
):
    start = stylizer.style_code(picture((90, 90), seed=30))

    result = StyleFitter(stylizer, vgg, photos).fit(
        [artwork], steps=3, start=start, should_stop=lambda: True
    )

    assert result.steps == 0
    assert result.before == result.after
    assert is_equal(result.code, start)


def test_a_code_of_one_view_is_fitted_too(
    stylizer: Stylizer, vgg: Vgg19, photos: list[Image.Image], artwork: Image.Image
):
    start = StyleCode(stylizer.style_code(artwork).views[1:2], stylizer.model_version)

    result = StyleFitter(stylizer, vgg, photos).fit([artwork], steps=1, start=start)

    assert result.code.sides_px == start.sides_px


def test_too_few_photos_are_refused_with_their_number(stylizer: Stylizer, vgg: Vgg19):
    with pytest.raises(ValueError, match="at least 3 photos, 2 were given"):
        StyleFitter(stylizer, vgg, [picture(), picture()])


def test_a_photo_that_is_too_small_is_refused_with_its_size(stylizer: Stylizer, vgg: Vgg19):
    with pytest.raises(ValueError, match="the picture is 63 x 80 px"):
        StyleFitter(stylizer, vgg, [picture(), picture(), picture((63, 80))])


def test_a_start_of_other_weights_is_refused(
    stylizer: Stylizer, vgg: Vgg19, photos: list[Image.Image], artwork: Image.Image
):
    start = StyleCode(stylizer.style_code(artwork).views, "another")

    with pytest.raises(ValueError, match="the style code is of model another"):
        StyleFitter(stylizer, vgg, photos).fit([artwork], steps=1, start=start)


def test_a_fit_without_artworks_is_refused(
    stylizer: Stylizer, vgg: Vgg19, photos: list[Image.Image]
):
    with pytest.raises(ValueError, match="at least one picture"):
        StyleFitter(stylizer, vgg, photos).fit([], steps=1)


def test_statistics_are_pooled_over_the_crops_of_a_photo(vgg: Vgg19):
    dark, light = tensor(64, 64, batch=1) * 0.2 - 0.8, tensor(64, 64, batch=1) * 0.2 + 0.8
    pictures = torch.cat([dark, light])

    _, apart = pooled_statistics(vgg, pictures, 1)
    _, together = pooled_statistics(vgg, pictures, 2)

    channels = 64
    means, deviations = slice(0, channels), slice(channels, 2 * channels)
    assert together.shape[0] == 1
    assert torch.allclose(together[0, 0, means], apart[:, 0, means].mean(0), atol=1e-5)
    assert (together[0, 0, deviations] >= apart[:, 0, deviations].amin(0) - 1e-5).all()


def test_the_distance_of_an_artwork_to_itself_is_zero(vgg: Vgg19, artwork: Image.Image):
    targets = StyleTargets(vgg, [artwork])
    own = targets._statistics(artwork, 128)[None]  # the function under test uses it

    assert float(targets.distance(own, 128)) == pytest.approx(0, abs=1e-6)
    assert float(targets.distance(2 * own, 128)) == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize("side_px", [100, 500])
def test_a_crop_is_a_square_of_the_photo_at_its_size(stylizer: Stylizer, side_px: int):
    [photo] = prepare_photos(stylizer, [picture((300, 200))])

    crop = photo.crop(side_px, np.random.default_rng(0))

    assert crop.shape == (3, *[min(side_px, CROP_PX)] * 2)
    assert min(photo.resized(side_px).shape[1:]) == side_px


def test_the_packaged_photos_are_enough_for_a_fit():
    photos = packaged_photos()

    assert len(photos) >= 8
    assert all(min(photo.size) >= 336 for photo in photos)
