"""The pairs of the protocol, and its measurements of methods with known behaviour."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from model.evaluation.methods import Codes, DualTrans, PictureCache, full_strength
from model.evaluation.picture_selection import SizedPictures
from model.evaluation.protocol import EvaluationProtocol, Measurements
from model.evaluation.rows import MAX_PSNR_DB
from model.inference import StyleCode, Stylizer
from model.metrics import largest_difference
from model.perceptual.vgg import load_vgg
from tests.model.samples import picture


class Copy:
    """Returns the photo at strength 0 and the artwork at strength 1."""

    name = "copy"
    note = ""
    strengths: Sequence[float] = (0.0, 1.0)

    def stylize(self, photo: Image.Image, artwork: Image.Image, strength: float) -> Image.Image:
        return artwork.resize(photo.size) if strength else photo


@pytest.fixture
def protocol(vgg_file: Path) -> EvaluationProtocol:
    photos = {name: picture((64, 64), seed) for seed, name in enumerate("abc")}
    artworks = {name: picture((64, 64), seed) for seed, name in enumerate("vwxyz", 10)}
    return EvaluationProtocol(load_vgg(vgg_file), photos, artworks, styles=2, seed=0)


def test_every_photo_is_paired_with_every_paired_artwork(protocol: EvaluationProtocol):
    assert protocol.pairs() == [(p, s) for p in "abc" for s in "vw"]


def test_fewer_pairs_are_spread_over_all_photos_and_artworks(protocol: EvaluationProtocol):
    assert protocol.pairs(3) == [("a", "v"), ("b", "w"), ("c", "v")]
    assert len(set(protocol.pairs(5))) == 5


def test_measurements_of_a_copy_are_perfect(protocol: EvaluationProtocol):
    measurements = protocol.measure_pairs(Copy(), [("a", "w")], (0.0, 1.0))

    photo, artwork = measurements.rows
    assert (photo.photo, photo.style, photo.strength) == ("a", "w", 0.0)
    assert (photo.content_distance, photo.psnr) == (0.0, MAX_PSNR_DB)
    assert artwork.style_distance == 0.0 < photo.style_distance
    assert measurements.results.keys() == {("a", "w")}


def test_a_method_that_returns_the_artwork_is_retrieved_and_does_not_flicker(
    protocol: EvaluationProtocol,
):
    measurements = Measurements("copy", "")

    protocol.measure_details(Copy(), measurements, photos=2)

    assert measurements.retrieval_hits == [True] * 10
    assert measurements.flicker == [0.0, 0.0]
    assert measurements.content_leak_db == [[float("inf")] * 4] * 2
    assert measurements.seconds is not None
    assert measurements.band_difference is None


def test_inference_in_bands_equals_inference_in_one_piece(
    stylizer: Stylizer, monkeypatch: pytest.MonkeyPatch
):
    for name in ("network.bands", "network.decoder", "evaluation.methods"):
        monkeypatch.setattr(f"model.{name}.BAND_TOKENS", 512)
    method = DualTrans("DualTrans", stylizer, [0.0, 1.0])
    photo, artwork = picture((96, 64)), picture((64, 64), 1)  # 24 x 16 tokens at 1/4

    difference = largest_difference(
        method.stylize_in_bands(photo, artwork), method.stylize(photo, artwork, 1.0)
    )

    assert difference <= 1


def test_a_cached_value_is_computed_once_and_the_oldest_is_evicted():
    computed: list[Image.Image] = []
    cache = PictureCache(lambda one: computed.append(one) or len(computed), capacity=2)
    first, second, third = (picture(seed=seed) for seed in range(3))

    assert [cache(one) for one in (first, first, second, third)] == [1, 1, 2, 3]
    assert cache(first) == 4


def test_an_artwork_of_several_sizes_has_one_code():
    pictures = SizedPictures({"a": picture((96, 80)), "b": picture((96, 80), 1)}, [64, 128])
    computed: list[Image.Image] = []

    def compute(one: Image.Image) -> StyleCode:
        computed.append(one)
        return StyleCode((), "1")

    codes = Codes(compute, largest=pictures.largest)

    small, large = pictures.at(64), pictures.at(128)

    assert (small["a"].size, large["a"].size) == ((77, 64), (154, 128))
    codes(small["a"])
    codes(large["a"])
    assert [one.size for one in computed] == [(154, 128)]
    assert pictures.largest(small["b"]) is not computed[0]


def test_the_largest_size_is_the_original_if_pictures_keep_their_size():
    original = picture((96, 80))
    pictures = SizedPictures({"a": original}, [None])

    assert pictures.largest(pictures.at(None)["a"]) is original
    other = picture()
    assert pictures.largest(other) is other


def test_full_strength_is_1_or_the_largest_below():
    assert full_strength([0.0, 0.75, 1.5]) == 0.75
    with pytest.raises(ValueError, match=r"none of the strengths .* is 1 or below"):
        full_strength([1.5])
