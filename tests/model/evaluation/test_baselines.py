"""The forward passes of the other methods, with random weights."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from model.adain import AdainDecoder
from model.evaluation.baselines.adain import Adain
from model.evaluation.baselines.gatys import Gatys
from model.evaluation.baselines.magenta import Magenta, load_magenta
from model.evaluation.baselines.microast import (
    MicroAst,
    StyleLevel,
    _convolve_modulated,
    load_microast,
)
from model.evaluation.methods import PictureCache
from model.metrics import content_distance, extract_features, style_distance
from model.perceptual.vgg import Vgg19, load_vgg
from tests.model.samples import picture, pixels, random_decoder_weights

ENCODER = {
    "enc1.0": (16, 3, 9),
    "enc1.2": (32, 1, 3),
    "enc1.4": (32, 32, 1),
    "enc1.6": (64, 1, 3),
    "enc1.8": (64, 64, 1),
    **{f"enc{a}.{b}.conv{c}": (64, 64, 3) for a, b in ((1, 10), (2, 0)) for c in (1, 2)},
}
SHAPES = {
    "content_encoder": ENCODER,
    "style_encoder": ENCODER,
    "modulator": {
        f"{kind}{level}.0": (64, 1, 3) for kind in ("weight", "bias") for level in (1, 2)
    },
    "decoder": {
        **{f"dec{a}.conv{c}": (64, 64, 3) for a in (1, 2) for c in (1, 2)},
        "dec3.1": (32, 2, 3),
        "dec3.3": (32, 32, 1),
        "dec3.6": (16, 2, 3),
        "dec3.8": (16, 16, 1),
        "dec3.10": (3, 16, 9),
    },
}


def microast_weights() -> dict[str, dict[str, Tensor]]:
    random = torch.Generator().manual_seed(0)
    parts: dict[str, dict[str, Tensor]] = {}
    for part, layers in SHAPES.items():
        parts[part] = {}
        for name, (outputs, inputs, side) in layers.items():
            noise = torch.randn(outputs, inputs, side, side, generator=random)
            parts[part][f"{name}.conv_layer.weight"] = noise / (inputs * side * side) ** 0.5
            parts[part][f"{name}.conv_layer.bias"] = torch.zeros(outputs)
    parts["decoder"]["dec3.10.conv_layer.weight"] *= 100  # random layers shrink their input
    return parts


@pytest.fixture
def vgg(vgg_file: Path) -> Vgg19:
    return load_vgg(vgg_file)


def test_adain_keeps_the_size_of_the_photo(vgg: Vgg19):
    method = Adain(vgg, AdainDecoder(random_decoder_weights()))

    assert method.stylize(picture((75, 66)), picture((80, 64), 1), 1.0).size == (75, 66)


def test_adain_with_the_photo_as_style_reconstructs_the_photo(vgg: Vgg19):
    method, photo = Adain(vgg, AdainDecoder(random_decoder_weights())), picture((64, 64))

    own, plain = (method.stylize(photo, photo, strength) for strength in (1.0, 0.0))

    assert np.abs(pixels(own) - pixels(plain)).max() <= 2


def test_microast_keeps_the_size_of_the_photo():
    result = MicroAst(microast_weights()).stylize(picture((75, 66)), picture((80, 64), 1), 1.0)

    assert result.size == (75, 66)


def test_microast_depends_on_the_style_and_the_strength():
    method, photo = MicroAst(microast_weights()), picture((64, 64))

    first, second, weaker = (
        pixels(method.stylize(photo, picture((64, 64), seed), strength))
        for seed, strength in ((1, 1.0), (2, 1.0), (1, 0.5))
    )

    assert np.abs(first - second).max() > 2
    assert np.abs(first - weaker).max() > 2


def test_microast_features_have_the_statistics_of_the_style_at_strength_1():
    """A photo that already has these statistics does not change with the strength."""
    method, photo = MicroAst(microast_weights()), picture((64, 64))
    # With the same weights, the style has the statistics of the photo
    method.weights["style_encoder"] = method.weights["content_encoder"]
    levels = method._style_levels(photo)
    method._style = PictureCache(lambda _: [levels[1], levels[1]])
    for name in ("dec1.conv1", "dec1.conv2"):  # the first block returns its input
        method.weights["decoder"][f"{name}.conv_layer.weight"].zero_()
    levels[1].bias.zero_()

    own, plain = (pixels(method.stylize(photo, photo, s)) for s in (1.0, 0.0))

    assert np.abs(own - plain).max() <= 1


def test_a_modulated_filter_is_gain_times_filtered_plus_bias_times_input():
    x = torch.full((1, 1, 3, 3), 2.0)
    one = torch.ones(1, 1, 1, 1)
    level = StyleLevel(mean=0 * one, deviation=one, gain=3 * one, bias=5 * one)
    weights = {
        "f.conv_layer.weight": torch.full((1, 1, 1, 1), 7.0),
        "f.conv_layer.bias": one[0, 0, 0],
    }

    modulated = _convolve_modulated(weights, "f", x, level)

    assert modulated.unique().tolist() == [3 * (7 * 2 + 1) + 5 * 2]


def test_microast_is_read_from_its_four_files(tmp_path: Path):
    for part, weights in microast_weights().items():
        torch.save(weights, tmp_path / f"{part}_iter_160000.pth.tar")

    read = load_microast(tmp_path)

    assert read.weights["decoder"].keys() == microast_weights()["decoder"].keys()


def test_a_folder_without_microast_is_rejected_with_the_missing_file(tmp_path: Path):
    with pytest.raises(
        ValueError, match=r"content_encoder_iter_160000\.pth\.tar is not a weights file"
    ):
        load_microast(tmp_path)


def test_a_folder_without_magenta_is_rejected(tmp_path: Path):
    with pytest.raises(ValueError, match="Magenta"):
        load_magenta(tmp_path)


class Predictor:
    """Returns a style vector filled with the mean brightness."""

    def __call__(self, *inputs: np.ndarray) -> np.ndarray:
        (pixels_,) = inputs
        assert pixels_.shape == (1, 256, 256, 3)
        return np.full((1, 1, 1, 100), pixels_.mean(), dtype=np.float32)


class Transformer:
    """Fills the picture with the first number of the style vector."""

    def __call__(self, *inputs: np.ndarray) -> np.ndarray:
        photo, style = inputs
        return np.full_like(photo, style[0, 0, 0, 0])


@pytest.mark.parametrize(("strength", "value"), [(0.0, 51), (0.5, 102), (1.0, 153)])
def test_magenta_interpolates_the_style_vectors_and_keeps_the_size(strength: float, value: int):
    method = Magenta(Predictor(), Transformer())
    photo, artwork = (Image.new("RGB", (75, 66), (v, v, v)) for v in (51, 153))

    result = method.stylize(photo, artwork, strength)

    assert result.size == (75, 66)
    assert result.getextrema() == ((value, value),) * 3


def test_gatys_supports_only_strength_1(vgg: Vgg19):
    with pytest.raises(ValueError, match=r"strength is 0\.5"):
        Gatys(vgg, 1).stylize(picture(), picture(), 0.5)


def test_gatys_lowers_the_style_distance_and_the_content_weight_lowers_the_content_distance(
    vgg: Vgg19,
):
    photo, artwork = picture((64, 64)), picture((64, 64), 3)
    before, target = extract_features(vgg, photo), extract_features(vgg, artwork)

    free, bound = (
        extract_features(vgg, Gatys(vgg, 6, content=content).stylize(photo, artwork, 1.0))
        for content in (0.0, 100.0)
    )

    start = style_distance(before.statistics, target.statistics)
    assert style_distance(free.statistics, target.statistics) < start
    assert content_distance(bound.content, before.content) < content_distance(
        free.content, before.content
    )
