"""The first teacher: which files it is read from, and what its pictures are."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from model.perceptual import load_vgg, statistics
from model.training.teacher import AdainTeacher, load_teacher
from tests.model.samples import random_decoder_weights, tensor


@pytest.fixture
def teacher() -> AdainTeacher:
    return AdainTeacher(random_decoder_weights())


@pytest.mark.parametrize("size", [(64, 64), (80, 48)], ids=str)
def test_a_teachers_picture_has_the_size_of_the_photograph(
    teacher: AdainTeacher, vgg_file: Path, size: tuple[int, int]
):
    vgg = load_vgg(vgg_file, rims="zeros")
    style = statistics(vgg(tensor(64, 64, seed=1, batch=2)))

    painted = teacher(vgg(tensor(*size, batch=2))[-1], style, torch.tensor([0.5, 1.0]))

    assert painted.shape == (2, 3, *size)
    assert (float(painted.min()) >= -1, float(painted.max()) <= 1) == (True, True)


def test_at_strength_0_every_style_gives_the_same_picture(teacher: AdainTeacher, vgg_file: Path):
    vgg = load_vgg(vgg_file, rims="zeros")
    content = vgg(tensor(64, 64))[-1]
    styles = [statistics(vgg(tensor(64, 64, seed=seed))) for seed in (1, 2)]

    first, second = (teacher(content, style, torch.zeros(1)) for style in styles)

    assert torch.equal(first, second)


def test_a_teacher_is_not_taught(teacher: AdainTeacher):
    assert [p for p in teacher.parameters() if p.requires_grad] == []


def test_a_teacher_is_read_from_its_file(tmp_path: Path):
    save_file(random_decoder_weights(), tmp_path / "decoder.safetensors")

    read = load_teacher(tmp_path / "decoder.safetensors")

    assert len(read.layers) == 9


def test_a_file_that_holds_no_decoder_is_refused(tmp_path: Path):
    save_file({"conv0.weight": torch.zeros(1, 1, 3, 3)}, tmp_path / "a.safetensors")

    with pytest.raises(ValueError, match="holds no AdaIN decoder"):
        load_teacher(tmp_path / "a.safetensors")


def test_a_file_of_no_tensors_is_refused(tmp_path: Path):
    (tmp_path / "a.safetensors").write_bytes(b"no tensors")

    with pytest.raises(ValueError, match="holds no AdaIN decoder"):
        load_teacher(tmp_path / "a.safetensors")
