"""The training pictures of the compact network: crops of photos, artworks and paintings."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.held_out import ARTWORK_PREFIXES, PHOTO_PREFIXES
from model.inference import Stylizer
from model.perceptual_training import paintings
from model.perceptual_training.crops import CROP_PX, random_crop, random_part
from model.perceptual_training.picture_set import (
    PictureSetOptions,
    load_picture_set,
    make_picture_set,
    save_picture_set,
)
from tests.model.samples import picture, write_pictures


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return write_pictures(tmp_path / "photos", ["1.png", "2.png", "3.png"])


@pytest.fixture
def artworks(tmp_path: Path) -> Path:
    return write_pictures(tmp_path / "artworks", ["a.png", "b/c.png"], first_seed=10)


@pytest.fixture(autouse=True)
def _small_paintings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paintings, "_SIDES_PX", (136, 160))


def options(photos: Path, artworks: Path, **changed: int) -> PictureSetOptions:
    counts = {"photo_crops": 4, "artwork_crops": 3, "paintings": 2} | changed
    return PictureSetOptions(photos=[photos], artworks=[artworks], **counts)


def test_the_set_has_crops_of_each_kind(stylizer: Stylizer, photos: Path, artworks: Path):
    crops = make_picture_set(stylizer, options(photos, artworks)).crops

    assert crops.shape == (4 + 3 + 6 * 2, CROP_PX, CROP_PX, 3)
    assert len({crop.tobytes() for crop in crops}) > 12  # two crops may be of the whole picture


def test_the_set_depends_on_the_seed_alone(stylizer: Stylizer, photos: Path, artworks: Path):
    def make(seed: int) -> np.ndarray:
        return make_picture_set(stylizer, options(photos, artworks, paintings=1, seed=seed)).crops

    assert np.array_equal(make(0), make(0))
    assert not np.array_equal(make(0), make(1))


def test_held_out_photos_and_artworks_are_left_out(
    stylizer: Stylizer, photos: Path, artworks: Path
):
    Image.new("RGB", (96, 96), "red").save(photos / f"{PHOTO_PREFIXES[0]}1.png")
    Image.new("RGB", (96, 96), "red").save(artworks / f"{ARTWORK_PREFIXES[0]}1.png")

    crops = make_picture_set(stylizer, options(photos, artworks, photo_crops=8, paintings=0)).crops

    assert len(crops) == 11
    assert not any(np.array_equal(crop, np.full_like(crop, (255, 0, 0))) for crop in crops)


def test_every_photo_is_used_before_one_is_used_again(stylizer: Stylizer, tmp_path: Path):
    folder = tmp_path / "grey"
    folder.mkdir()
    for grey in (50, 100, 150):
        Image.new("RGB", (96, 96), (grey,) * 3).save(folder / f"{grey}.png")

    crops = make_picture_set(
        stylizer, options(folder, folder, photo_crops=6, artwork_crops=0, paintings=0)
    ).crops

    assert sorted(int(crop[0, 0, 0]) for crop in crops) == [50, 50, 100, 100, 150, 150]


def test_a_stored_set_is_read_with_its_record(
    stylizer: Stylizer, photos: Path, artworks: Path, tmp_path: Path
):
    chosen = options(photos, artworks, paintings=0)
    assert load_picture_set(tmp_path / "work", chosen) is None
    made = make_picture_set(stylizer, chosen)
    save_picture_set(tmp_path / "work", made)

    stored = load_picture_set(tmp_path / "work", chosen)

    assert stored is not None
    assert np.array_equal(stored.crops, made.crops)
    assert stored.record["generator"] == stylizer.model_version
    with pytest.raises(ValueError, match="made with other options; choose another --work"):
        load_picture_set(tmp_path / "work", options(photos, artworks, paintings=1))


@pytest.mark.parametrize("size", [(40, 300), (700, 500)])
def test_a_crop_has_one_size_whatever_the_picture(size: tuple[int, int]):
    crop = random_crop(picture(size), (0.2, 3.0), np.random.default_rng(0))

    assert crop.size == (CROP_PX, CROP_PX)


def test_a_part_is_not_resized():
    whole = picture((130, 129))
    part = np.asarray(random_part(whole, np.random.default_rng(0)))

    places = [(left, top) for left in range(3) for top in range(2)]
    boxes = [(left, top, left + CROP_PX, top + CROP_PX) for left, top in places]
    assert any(np.array_equal(part, np.asarray(whole.crop(box))) for box in boxes)
