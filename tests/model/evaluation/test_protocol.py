"""One protocol, held to its pairs and to what methods of known behaviour come to."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from model.evaluation.methods import DualTrans, Remembered, full_strength
from model.evaluation.protocol import Findings, Protocol
from model.inference import Stylizer
from model.metrics import largest_difference
from model.perceptual import load_vgg
from tests.model.samples import picture


class Copy:
    """Gives the photograph back at 0, the artwork at 1."""

    name = "copy"
    note = ""
    strengths: Sequence[float] = (0.0, 1.0)

    def paint(self, photograph: Image.Image, artwork: Image.Image, strength: float) -> Image.Image:
        return artwork.resize(photograph.size) if strength else photograph


@pytest.fixture
def protocol(vgg_file: Path) -> Protocol:
    photographs = {name: picture((64, 64), seed) for seed, name in enumerate("abc")}
    artworks = {name: picture((64, 64), seed) for seed, name in enumerate("vwxyz", 10)}
    return Protocol(load_vgg(vgg_file), photographs, artworks, styles=2, seed=0)


def test_every_photograph_meets_the_paired_artworks(protocol: Protocol):
    assert protocol.pairs() == [(p, s) for p in "abc" for s in "vw"]


def test_fewer_pairs_take_every_photograph_and_artwork_in_turn(protocol: Protocol):
    assert protocol.pairs(3) == [("a", "v"), ("b", "w"), ("c", "v")]
    assert len(set(protocol.pairs(5))) == 5


def test_a_copy_is_measured_as_one(protocol: Protocol):
    found = protocol.measure(Copy(), [("a", "w")], (0.0, 1.0))

    copied, hung = found.rows
    assert (copied.photograph, copied.style, copied.strength) == ("a", "w", 0.0)
    assert (copied.content_distance, copied.psnr) == (0.0, float("inf"))
    assert hung.style_distance == 0.0 < copied.style_distance
    assert found.painted.keys() == {("a", "w")}


def test_a_method_that_hangs_the_artwork_itself_is_retrieved_and_does_not_flicker(
    protocol: Protocol,
):
    found = Findings("copy", "")

    protocol.explore(Copy(), found, photographs=2)

    assert found.retrieved == [True] * 10
    assert found.flicker == [0.0, 0.0]
    assert found.leak == [[float("inf")] * 4] * 2
    assert found.seconds is not None
    assert found.band_difference is None


def test_ours_paints_in_bands_what_it_paints_whole(
    stylizer: Stylizer, monkeypatch: pytest.MonkeyPatch
):
    for name in ("network.bands", "network.decoder", "evaluation.methods"):
        monkeypatch.setattr(f"model.{name}.BAND_TOKENS", 512)
    method = DualTrans("DualTrans", stylizer, [0.0, 1.0])
    photograph, artwork = picture((96, 64)), picture((64, 64), 1)  # 24 x 16 tokens of 1/4

    difference = largest_difference(
        method.paint_in_bands(photograph, artwork), method.paint(photograph, artwork, 1.0)
    )

    assert difference <= 1


def test_what_is_known_of_an_artwork_is_computed_once_and_the_oldest_forgotten():
    seen: list[Image.Image] = []
    known = Remembered(lambda one: seen.append(one) or len(seen), capacity=2)
    first, second, third = (picture(seed=seed) for seed in range(3))

    assert [known(one) for one in (first, first, second, third)] == [1, 1, 2, 3]
    assert known(first) == 4


def test_full_strength_is_1_or_the_nearest_below():
    assert full_strength([0.0, 0.75, 1.5]) == 0.75
    with pytest.raises(ValueError, match="none is 1 or below"):
        full_strength([1.5])
