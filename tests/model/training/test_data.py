"""Folders of any layout, and batches that depend only on the seed and the step."""

from pathlib import Path
from typing import Any

import pytest
import torch

from model.training.data import STYLE_VARIANTS, Pairs, find_pictures
from tests.model.samples import picture, write_pictures


def pairs(photos: Path, artworks: Path, *, batch: int = 3, seed: int = 0, **more: Any) -> Pairs:
    photo_files, artwork_files = find_pictures([photos]), find_pictures([artworks])
    return Pairs(photo_files, artwork_files, batch=batch, crop=64, seed=seed, **more)


# Folders


def test_a_flat_folder_like_ms_coco_is_read(content_folder: Path):
    assert [path.name for path in find_pictures([content_folder])] == ["1.jpg", "2.jpg", "3.jpg"]


def test_a_tree_of_folders_like_wikiart_is_read(style_folder: Path):
    found = [str(path.relative_to(style_folder)) for path in find_pictures([style_folder])]

    assert found == ["Cubism/a.jpg", "Cubism/b.jpg", "Ukiyo_e/c.png"]


def test_several_folders_are_combined(content_folder: Path, style_folder: Path):
    assert len(find_pictures([content_folder, style_folder])) == 6


def test_other_files_are_ignored(content_folder: Path):
    (content_folder / "annotations.json").write_text("{}")
    write_pictures(content_folder, ["LOUD.JPG"])

    found = {path.name for path in find_pictures([content_folder])}

    assert found == {"1.jpg", "2.jpg", "3.jpg", "LOUD.JPG"}


def test_held_out_prefixes_are_excluded(style_folder: Path):
    found = find_pictures([style_folder], held_out=["a", "c."], at_least=1)

    assert [path.name for path in found] == ["b.jpg"]


def test_only_given_prefixes_are_included(style_folder: Path):
    assert [path.name for path in find_pictures([style_folder], only=["a", "c"])] == [
        "a.jpg",
        "c.png",
    ]


def test_a_missing_folder_is_reported_by_name(tmp_path: Path):
    with pytest.raises(ValueError, match="nowhere is not a folder"):
        find_pictures([tmp_path / "nowhere"])


def test_too_few_pictures_are_reported_with_their_number(tmp_path: Path):
    write_pictures(tmp_path / "one", ["1.jpg"])

    with pytest.raises(ValueError, match=r"^1 pictures in .*one: too few$"):
        find_pictures([tmp_path / "one"])


# Batches


def test_a_batch_has_one_size_and_values_in_the_range_of_the_network(
    content_folder: Path, style_folder: Path
):
    batch = pairs(content_folder, style_folder).batch_of(0)

    assert batch.photos.shape[:2] == batch.styles.shape[:2] == (3, 3)
    assert batch.styles.shape[2:] == (64, 64)
    assert -1 <= float(batch.photos.min()) < float(batch.photos.max()) <= 1


def test_every_side_of_a_crop_fits_the_coarsest_grid(content_folder: Path, style_folder: Path):
    shapes = {
        tuple(pairs(content_folder, style_folder).batch_of(step).photos.shape[2:])
        for step in range(40)
    }

    assert shapes == {(64, 64), (80, 48), (48, 80)}


def test_the_same_step_gives_the_same_batch(content_folder: Path, style_folder: Path):
    first, second = (pairs(content_folder, style_folder).batch_of(7) for _ in range(2))

    assert first.style_keys == second.style_keys
    assert all(
        torch.equal(getattr(first, part), getattr(second, part))
        for part in ("photos", "styles", "strength")
    )


@pytest.mark.parametrize("other", [{"step": 8}, {"seed": 1}], ids=["step", "seed"])
def test_another_step_or_seed_gives_another_batch(
    content_folder: Path, style_folder: Path, other: dict[str, int]
):
    first = pairs(content_folder, style_folder).batch_of(7)

    second = pairs(content_folder, style_folder, seed=other.get("seed", 0)).batch_of(
        other.get("step", 7)
    )

    assert first.style_keys != second.style_keys or first.photos.shape != second.photos.shape


def test_batches_come_in_the_order_of_their_steps(content_folder: Path, style_folder: Path):
    source = pairs(content_folder, style_folder)

    ahead = [batch.style_keys for batch in source.batches(3, 9)]

    assert ahead == [source.batch_of(step).style_keys for step in range(3, 9)]


def test_equal_keys_give_equal_crops(content_folder: Path, style_folder: Path):
    source = pairs(content_folder, style_folder)

    crops = [source.style_crop(key) for key in (5, 5, 6)]

    assert crops[0].tobytes() == crops[1].tobytes() != crops[2].tobytes()


def test_every_artwork_has_a_few_crops(content_folder: Path, style_folder: Path):
    source = pairs(content_folder, style_folder)

    keys = {key for step in range(60) for key in source.batch_of(step).style_keys}

    assert keys == set(range(3 * STYLE_VARIANTS))


def test_every_photo_is_paired_with_the_given_number_of_styles(
    content_folder: Path, style_folder: Path
):
    batch = pairs(content_folder, style_folder, batch=6, styles_per_photo=3).batch_of(0)

    assert (len(batch.photos), len(batch.styles), batch.styles_per_photo) == (2, 6, 3)


def test_pairs_that_cannot_be_divided_into_photos_are_reported(
    content_folder: Path, style_folder: Path
):
    with pytest.raises(ValueError, match="7 pairs per step cannot be divided into 3 per photo"):
        pairs(content_folder, style_folder, batch=7, styles_per_photo=3)


def test_a_step_with_larger_photos_has_fewer_and_style_crops_keep_their_size(
    content_folder: Path, style_folder: Path
):
    source = pairs(content_folder, style_folder, batch=12, styles_per_photo=3, sides=(64, 96, 128))

    batches = [source.batch_of(step) for step in range(1, 40)]

    areas = {(len(b.photos), b.photos[0, 0].numel()) for b in batches}
    assert {(4, 64 * 64), (2, 96 * 96), (1, 128 * 128)} <= areas
    assert {batch.styles_per_photo for batch in batches} == {3}
    assert {tuple(batch.styles.shape[1:]) for batch in batches} == {(3, 64, 64)}


def test_replayed_crops_are_from_earlier_steps(content_folder: Path, style_folder: Path):
    source = pairs(content_folder, style_folder, batch=2, replayed=4, sides=(64, 96))

    first, *later = [source.batch_of(step) for step in range(5)]

    assert (len(first.replayed), first.replayed_keys) == (0, [])
    for step, batch in enumerate(later, start=1):
        earlier_keys = {
            key for earlier in range(step) for key in source.batch_of(earlier).style_keys
        }
        assert len(batch.replayed) == 4
        assert earlier_keys >= set(batch.replayed_keys)


def test_strengths_are_between_0_and_1_5_and_most_are_1(content_folder: Path, style_folder: Path):
    source = pairs(content_folder, style_folder)

    strengths = torch.cat([source.batch_of(step).strength for step in range(40)])

    assert float(strengths.min()) == 0.0
    assert 1.0 < float(strengths.max()) <= 1.5
    assert float((strengths == 1).float().mean()) > 0.5
    assert bool(((strengths > 0) & (strengths < 1)).any())


# Unreadable files


@pytest.mark.parametrize("kind", ["truncated", "not a picture"])
def test_an_unreadable_picture_is_replaced(content_folder: Path, style_folder: Path, kind: str):
    whole = (content_folder / "1.jpg").read_bytes()
    (content_folder / "1.jpg").write_bytes(whole[:400] if kind == "truncated" else b"not a picture")

    batches = [pairs(content_folder, style_folder).batch_of(step) for step in range(6)]

    assert all(bool(batch.photos.isfinite().all()) for batch in batches)


def test_a_folder_of_unreadable_pictures_is_reported_with_the_last_one(
    tmp_path: Path, style_folder: Path
):
    for name in ("1.jpg", "2.jpg"):
        (tmp_path / name).write_bytes(b"not a picture")
    source = Pairs([tmp_path / "1.jpg", tmp_path / "2.jpg"], [], batch=1, crop=64, seed=0)
    source.artworks = find_pictures([style_folder])

    with pytest.raises(
        ValueError, match=r"20 pictures in a row cannot be read; the last one is .*\.jpg"
    ):
        [source.batch_of(step) for step in range(5)]


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK"])
def test_pictures_of_any_mode_can_be_used(tmp_path: Path, style_folder: Path, mode: str):
    for name in ("1.tif", "2.tif"):
        picture((90, 70)).convert(mode).save(tmp_path / name)

    batch = pairs(tmp_path, style_folder).batch_of(1)

    assert batch.photos.shape[1] == 3


def test_a_picture_smaller_than_a_crop_is_enlarged(tmp_path: Path, style_folder: Path):
    for name in ("1.png", "2.png"):
        picture((20, 15)).save(tmp_path / name)

    assert pairs(tmp_path, style_folder).batch_of(1).photos.shape[0] == 3
