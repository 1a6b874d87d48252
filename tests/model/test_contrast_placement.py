import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from model.contrast_placement import place_contrast
from tests.model.samples import tensor

HALF = 96


def photo_with_calm_left_half() -> Tensor:
    photo = tensor(2 * HALF, 2 * HALF) * 0.8
    photo[:, :, :, :HALF] *= 0.02
    return photo


def even_painting() -> Tensor:
    return tensor(2 * HALF, 2 * HALF, seed=1) * torch.linspace(0.2, 0.6, 2 * HALF)[:, None]


def contrast(part: Tensor) -> float:
    return float(part.std())


def test_contrast_moves_from_the_calm_to_the_busy_half_of_the_photo():
    painting = even_painting()

    placed = place_contrast(painting, photo_with_calm_left_half(), torch.ones(1))

    assert contrast(placed[..., :HALF]) < 0.9 * contrast(painting[..., :HALF])
    assert contrast(placed[..., HALF:]) > 1.05 * contrast(painting[..., HALF:])


def test_the_mean_of_the_surroundings_does_not_change():
    painting = even_painting() + torch.tensor([0.2, -0.1, 0.3])[:, None, None]

    placed = place_contrast(painting, photo_with_calm_left_half(), torch.ones(1))

    torch.testing.assert_close(
        placed.mean(dim=(2, 3)), painting.mean(dim=(2, 3)), atol=0.01, rtol=0
    )


def test_a_strength_of_zero_changes_nothing():
    painting = even_painting()

    placed = place_contrast(painting, photo_with_calm_left_half(), torch.zeros(1))

    torch.testing.assert_close(placed, painting)


def test_a_painting_whose_contrast_is_in_place_hardly_changes():
    photo = photo_with_calm_left_half()

    placed = place_contrast(photo, photo, torch.ones(1))

    assert float((placed - photo).abs().mean()) < 0.1 * float(photo.abs().mean())


def test_each_painting_of_a_batch_has_its_photo_and_its_strength():
    photos = torch.cat([photo_with_calm_left_half(), photo_with_calm_left_half().flip(3)])
    paintings = even_painting().expand(2, -1, -1, -1)
    strength = torch.tensor([0.5, 1.0])

    together = place_contrast(paintings, photos, strength)

    for index in range(2):
        one = slice(index, index + 1)
        alone = place_contrast(paintings[one], photos[one], strength[one])
        torch.testing.assert_close(together[one], alone)


def test_gradients_reach_the_painting():
    painting = even_painting().requires_grad_()

    place_contrast(painting, photo_with_calm_left_half(), torch.ones(1)).square().sum().backward()

    assert painting.grad is not None
    assert bool(painting.grad.isfinite().all())


@settings(max_examples=20, deadline=None)
@given(height=st.integers(64, 130), width=st.integers(64, 130), level=st.floats(-1, 1))
def test_flat_photos_and_paintings_of_any_size_stay_finite(height: int, width: int, level: float):
    flat = torch.full((1, 3, height, width), level)

    placed = place_contrast(flat, flat, torch.ones(1))

    assert placed.shape == flat.shape
    assert float(placed.mean()) == pytest.approx(np.float32(level), abs=1e-4)
