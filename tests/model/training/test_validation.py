"""The validation metrics, which decide between the weights of stages 1 and 3."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from model.config import OURS
from model.network.generator import Generator
from model.perceptual.vgg import load_vgg
from model.training.validation import Validation, stage_1_objective
from tests.model.samples import tensor


@pytest.fixture
def validation(content_folder: Path, style_folder: Path, vgg_file: Path) -> Validation:
    photos = sorted(content_folder.iterdir())
    artworks = sorted(style_folder.rglob("*.*"))
    return Validation(photos[:2], artworks[:2], load_vgg(vgg_file, padding_mode="zeros"))


def test_a_generator_that_returns_the_photo_has_content_loss_0_and_a_style_loss(
    validation: Validation, generator: Generator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(generator, "forward", lambda picture, *_: picture)

    metrics = validation.metrics(generator, torch.float32)

    assert metrics["validation_content"] == pytest.approx(0.0, abs=1e-6)
    assert metrics["validation_style"] > 1e-3
    assert metrics["validation_psnr"] == math.inf


def test_the_same_result_for_every_style_has_no_variety_and_low_retrieval(
    validation: Validation, generator: Generator, monkeypatch: pytest.MonkeyPatch
):
    result = tensor(256, 256, batch=1)
    monkeypatch.setattr(generator, "forward", lambda picture, *_: result.expand_as(picture))

    metrics = validation.metrics(generator, torch.float32)

    assert metrics["validation_variety"] == pytest.approx(0.0, abs=1e-6)
    assert metrics["validation_retrieval"] <= 0.5  # at most one of two styles is the nearest


def test_a_generator_that_returns_the_artwork_has_style_loss_0_and_full_retrieval(
    validation: Validation, generator: Generator, monkeypatch: pytest.MonkeyPatch
):
    artworks = iter(validation.gallery)
    monkeypatch.setattr(
        generator,
        "forward",
        lambda picture, *_: next(artworks, picture[0]).expand_as(picture),
    )

    metrics = validation.metrics(generator, torch.float32)

    assert metrics["validation_retrieval"] == 1.0
    assert metrics["validation_style"] == pytest.approx(0.0, abs=1e-6)


def test_psnr_is_measured_at_strength_0(
    validation: Validation, generator: Generator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(validation, "photos", torch.zeros_like(validation.photos))
    monkeypatch.setattr(generator, "forward", lambda picture, *_: picture + 0.2)

    metrics = validation.metrics(generator, torch.float32)

    # 0.2 is a tenth of the range [-1, 1]: 10 log10(100)
    assert metrics["validation_psnr"] == pytest.approx(20.0)


def test_the_stage_1_objective_is_the_weighted_sum_of_style_and_content():
    weights = replace(OURS.weights, style=10.0, content=2.0)

    values = {"validation_style": 0.3, "validation_content": 0.5}
    assert stage_1_objective(values, weights) == 4.0
