"""The figures that decide which weights a run keeps."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from model.config import OURS
from model.network.generator import Generator
from model.perceptual import load_vgg
from model.training.validation import Validation, objective
from tests.model.samples import tensor


@pytest.fixture
def validation(content_folder: Path, style_folder: Path, vgg_file: Path) -> Validation:
    photographs = sorted(content_folder.iterdir())
    artworks = sorted(style_folder.rglob("*.*"))
    return Validation(photographs[:2], artworks[:2], load_vgg(vgg_file, padding_mode="zeros"))


def test_a_generator_that_copies_loses_no_content_and_gains_no_style(
    validation: Validation, generator: Generator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(generator, "forward", lambda picture, *_: picture)

    figures = validation.figures(generator, torch.float32)

    assert figures["validation_content"] == pytest.approx(0.0, abs=1e-6)
    assert figures["validation_style"] > 1e-3
    assert figures["validation_psnr"] == math.inf


def test_one_motif_stamped_on_everything_shows_in_the_figures(
    validation: Validation, generator: Generator, monkeypatch: pytest.MonkeyPatch
):
    stamped = tensor(256, 256, batch=1)
    monkeypatch.setattr(generator, "forward", lambda picture, *_: stamped.expand_as(picture))

    figures = validation.figures(generator, torch.float32)

    assert figures["validation_variety"] == pytest.approx(0.0, abs=1e-6)
    assert figures["validation_retrieval"] <= 0.5  # of two styles one at most is the nearest


def test_a_style_that_is_reached_is_found_again(
    validation: Validation, generator: Generator, monkeypatch: pytest.MonkeyPatch
):
    turns = iter(validation.gallery)
    monkeypatch.setattr(
        generator,
        "forward",
        lambda picture, *_: next(turns, picture[0]).expand_as(picture),
    )

    figures = validation.figures(generator, torch.float32)

    assert figures["validation_retrieval"] == 1.0
    assert figures["validation_style"] == pytest.approx(0.0, abs=1e-6)


def test_psnr_is_of_the_picture_at_strength_0(
    validation: Validation, generator: Generator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(validation, "photographs", torch.zeros_like(validation.photographs))
    monkeypatch.setattr(generator, "forward", lambda picture, *_: picture + 0.2)

    figures = validation.figures(generator, torch.float32)

    # 0.2 of [-1, 1] is a tenth of the range: 10 log10(100)
    assert figures["validation_psnr"] == pytest.approx(20.0)


def test_the_objective_is_what_stage_1_minimises():
    weights = replace(OURS.weights, style=10.0, content=2.0)

    assert objective({"validation_style": 0.3, "validation_content": 0.5}, weights) == 4.0
