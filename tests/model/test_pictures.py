"""Pictures are converted to tensors in [-1, 1] and back without change."""

import torch
from PIL import Image

from model.pictures import to_picture, to_tensor
from tests.model.samples import picture, pixels


def test_black_is_minus_1_and_white_is_1():
    black_and_white = Image.new("RGB", (2, 1))
    black_and_white.putpixel((1, 0), (255, 255, 255))

    assert to_tensor(black_and_white)[0].tolist() == [[-1.0, 1.0]]


def test_a_picture_is_restored_from_its_tensor():
    assert to_picture(to_tensor(picture())) == picture()


def test_values_outside_the_range_are_clamped():
    values = torch.tensor([-7.0, 0.0, 7.0]).reshape(1, 1, 3).expand(3, 1, 3)

    assert pixels(to_picture(values))[0, :, 0].tolist() == [0, 128, 255]
