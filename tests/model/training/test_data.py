"""Folders of any layout become batches that are told by the seed and the step alone."""

from pathlib import Path
from typing import Any

import pytest
import torch

from model.training.data import STYLE_VARIANTS, Pairs, find_pictures
from tests.model.samples import picture, write_pictures


def pairs(content: Path, style: Path, *, batch: int = 3, seed: int = 0, **more: Any) -> Pairs:
    content_files, style_files = find_pictures([content]), find_pictures([style])
    return Pairs(content_files, style_files, batch=batch, crop=64, seed=seed, **more)


# Folders


def test_ms_cocos_flat_folder_is_read(content_folder: Path):
    assert [path.name for path in find_pictures([content_folder])] == ["1.jpg", "2.jpg", "3.jpg"]


def test_wikiarts_tree_of_styles_is_read(style_folder: Path):
    found = [str(path.relative_to(style_folder)) for path in find_pictures([style_folder])]

    assert found == ["Cubism/a.jpg", "Cubism/b.jpg", "Ukiyo_e/c.png"]


def test_several_folders_are_read_as_one(content_folder: Path, style_folder: Path):
    assert len(find_pictures([content_folder, style_folder])) == 6


def test_what_is_no_picture_is_left_out(content_folder: Path):
    (content_folder / "annotations.json").write_text("{}")
    write_pictures(content_folder, ["LOUD.JPG"])

    found = {path.name for path in find_pictures([content_folder])}

    assert found == {"1.jpg", "2.jpg", "3.jpg", "LOUD.JPG"}


def test_held_out_prefixes_are_left_out(style_folder: Path):
    found = find_pictures([style_folder], held_out=["a", "c."], at_least=1)

    assert [path.name for path in found] == ["b.jpg"]


def test_prefixes_can_be_taken_alone(style_folder: Path):
    assert [path.name for path in find_pictures([style_folder], only=["a", "c"])] == [
        "a.jpg",
        "c.png",
    ]


def test_a_missing_folder_is_told_by_name(tmp_path: Path):
    with pytest.raises(ValueError, match="nowhere is not a folder"):
        find_pictures([tmp_path / "nowhere"])


def test_too_few_pictures_are_told_with_their_number(tmp_path: Path):
    write_pictures(tmp_path / "one", ["1.jpg"])

    with pytest.raises(ValueError, match=r"^1 pictures in .*one: too few$"):
        find_pictures([tmp_path / "one"])


# Batches


def test_a_batch_is_of_one_size_in_numbers_of_the_network(content_folder: Path, style_folder: Path):
    batch = pairs(content_folder, style_folder).batch_of(0)

    assert batch.content.shape[:2] == batch.style.shape[:2] == (3, 3)
    assert batch.style.shape[2:] == (64, 64)
    assert -1 <= float(batch.content.min()) < float(batch.content.max()) <= 1


def test_every_side_of_a_crop_fits_the_coarsest_grid(content_folder: Path, style_folder: Path):
    shapes = {
        tuple(pairs(content_folder, style_folder).batch_of(step).content.shape[2:])
        for step in range(40)
    }

    assert shapes == {(64, 64), (80, 48), (48, 80)}


def test_the_same_step_is_the_same_batch(content_folder: Path, style_folder: Path):
    first, second = (pairs(content_folder, style_folder).batch_of(7) for _ in range(2))

    assert first.style_keys == second.style_keys
    assert all(
        torch.equal(getattr(first, part), getattr(second, part))
        for part in ("content", "style", "strength")
    )


@pytest.mark.parametrize("other", [{"step": 8}, {"seed": 1}], ids=["step", "seed"])
def test_another_step_or_seed_is_another_batch(
    content_folder: Path, style_folder: Path, other: dict[str, int]
):
    first = pairs(content_folder, style_folder).batch_of(7)

    second = pairs(content_folder, style_folder, seed=other.get("seed", 0)).batch_of(
        other.get("step", 7)
    )

    assert first.style_keys != second.style_keys or first.content.shape != second.content.shape


def test_batches_come_in_the_order_of_their_steps(content_folder: Path, style_folder: Path):
    source = pairs(content_folder, style_folder)

    ahead = [batch.style_keys for batch in source.batches(3, 9)]

    assert ahead == [source.batch_of(step).style_keys for step in range(3, 9)]


def test_equal_keys_are_equal_crops_of_one_artwork(content_folder: Path, style_folder: Path):
    source = pairs(content_folder, style_folder)

    crops = [source.style_crop(key) for key in (5, 5, 6)]

    assert crops[0].tobytes() == crops[1].tobytes() != crops[2].tobytes()


def test_an_artwork_has_a_few_variants(content_folder: Path, style_folder: Path):
    source = pairs(content_folder, style_folder)

    keys = {key for step in range(60) for key in source.batch_of(step).style_keys}

    assert keys == set(range(3 * STYLE_VARIANTS))


def test_photographs_are_shared_by_as_many_styles_as_asked_for(
    content_folder: Path, style_folder: Path
):
    batch = pairs(content_folder, style_folder, batch=6, repeats=3).batch_of(0)

    assert (len(batch.content), len(batch.style), batch.repeats) == (2, 6, 3)


def test_pairs_that_do_not_split_into_photographs_are_told(
    content_folder: Path, style_folder: Path
):
    with pytest.raises(ValueError, match="7 pairs a step do not split into 3 a photograph"):
        pairs(content_folder, style_folder, batch=7, repeats=3)


def test_larger_photographs_are_fewer_and_their_style_crops_stay(
    content_folder: Path, style_folder: Path
):
    source = pairs(content_folder, style_folder, batch=12, repeats=3, sides=(64, 96, 128))

    batches = [source.batch_of(step) for step in range(1, 40)]

    areas = {(len(b.content), b.content[0, 0].numel()) for b in batches}
    assert {(4, 64 * 64), (2, 96 * 96), (1, 128 * 128)} <= areas
    assert {batch.repeats for batch in batches} == {3}
    assert {tuple(batch.style.shape[1:]) for batch in batches} == {(3, 64, 64)}


def test_what_is_rehearsed_was_met_before(content_folder: Path, style_folder: Path):
    source = pairs(content_folder, style_folder, batch=2, rehearsed=4, sides=(64, 96))

    first, *later = [source.batch_of(step) for step in range(5)]

    assert (len(first.rehearsed), first.rehearsed_keys) == (0, [])
    for step, batch in enumerate(later, start=1):
        met = {key for earlier in range(step) for key in source.batch_of(earlier).style_keys}
        assert len(batch.rehearsed) == 4
        assert met >= set(batch.rehearsed_keys)


def test_strengths_run_from_0_past_1_and_most_are_1(content_folder: Path, style_folder: Path):
    source = pairs(content_folder, style_folder)

    strengths = torch.cat([source.batch_of(step).strength for step in range(40)])

    assert float(strengths.min()) == 0.0
    assert 1.0 < float(strengths.max()) <= 1.5
    assert float((strengths == 1).float().mean()) > 0.5
    assert bool(((strengths > 0) & (strengths < 1)).any())


# What is broken


@pytest.mark.parametrize("kind", ["cut short", "no picture"])
def test_a_broken_picture_gives_way_to_another(content_folder: Path, style_folder: Path, kind: str):
    whole = (content_folder / "1.jpg").read_bytes()
    (content_folder / "1.jpg").write_bytes(whole[:400] if kind == "cut short" else b"no picture")

    batches = [pairs(content_folder, style_folder).batch_of(step) for step in range(6)]

    assert all(bool(batch.content.isfinite().all()) for batch in batches)


def test_a_folder_of_broken_pictures_is_told_with_one_of_them(tmp_path: Path, style_folder: Path):
    for name in ("1.jpg", "2.jpg"):
        (tmp_path / name).write_bytes(b"no picture")
    source = Pairs([tmp_path / "1.jpg", tmp_path / "2.jpg"], [], batch=1, crop=64, seed=0)
    source.style = find_pictures([style_folder])

    with pytest.raises(ValueError, match=r"20 pictures in a row cannot be read, the last .*\.jpg"):
        [source.batch_of(step) for step in range(5)]


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK"])
def test_pictures_of_any_mode_train(tmp_path: Path, style_folder: Path, mode: str):
    for name in ("1.tif", "2.tif"):
        picture((90, 70)).convert(mode).save(tmp_path / name)

    batch = pairs(tmp_path, style_folder).batch_of(1)

    assert batch.content.shape[1] == 3


def test_a_picture_smaller_than_a_crop_is_enlarged(tmp_path: Path, style_folder: Path):
    for name in ("1.png", "2.png"):
        picture((20, 15)).save(tmp_path / name)

    assert pairs(tmp_path, style_folder).batch_of(1).content.shape[0] == 3
