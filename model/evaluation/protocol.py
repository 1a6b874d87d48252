"""The evaluation protocol: every method is measured on the same pairs with the same metrics."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from PIL import Image
from torch import Tensor
from tqdm import tqdm

from model import metrics
from model.evaluation.methods import DualTrans, Method, full_strength
from model.evaluation.rows import PhotoReference, Row, StyleReference, measure_result
from model.perceptual.vgg import Vgg19

LEAK_ROUNDS = (1, 5, 10, 20)
LEAK_SIDE_PX = 256  # photos are reduced to this short side, because 20 rounds take long
SPEED_SIDE_PX = 512
VARIETY_STYLES = 12
_SPEED_RUNS = 5

Pictures = Mapping[str, Image.Image]
Pair = tuple[str, str]
"""Names of a photo and an artwork."""


@dataclass(frozen=True)
class Seconds:
    """Median seconds for a square photo of SPEED_SIDE_PX."""

    known_style: float
    """With everything that depends only on the artwork already computed."""
    new_style: float


@dataclass
class Measurements:
    """Everything measured of one method."""

    name: str
    note: str
    rows: list[Row] = field(default_factory=list)
    results: dict[Pair, Image.Image] = field(default_factory=dict)
    """At full strength."""
    variety: list[float] = field(default_factory=list)
    """One value per photo."""
    retrieval_hits: list[bool] = field(default_factory=list)
    flicker: list[float] = field(default_factory=list)
    """One value per photo."""
    content_leak_db: list[list[float]] = field(default_factory=list)
    """One list per photo: the PSNR after each of LEAK_ROUNDS."""
    seconds: Seconds | None = None
    band_difference: int | None = None
    """Largest difference, in 1/255, between inference in bands and in one piece; DualTrans only."""


class EvaluationProtocol:
    """Photos and artworks with their references, and the measurements of a method on them."""

    def __init__(
        self, vgg: Vgg19, photos: Pictures, artworks: Pictures, *, styles: int, seed: int
    ) -> None:
        """Pair the photos with the first `styles` artworks; the gallery has all artworks."""
        self.vgg, self.seed = vgg, seed
        self.photos, self.artworks = photos, artworks
        self.paired_artworks = dict(list(artworks.items())[:styles])
        self._photos = {name: PhotoReference.of(vgg, name, p) for name, p in photos.items()}
        self._styles = {name: StyleReference.of(vgg, name, [a]) for name, a in artworks.items()}

    def pairs(self, count: int | None = None) -> list[Pair]:
        """Return all pairs, or `count` of them along a diagonal.

        The diagonal spreads the pairs over all photos and paired artworks.
        """
        pairs = [(photo, style) for photo in self.photos for style in self.paired_artworks]
        if count is None or count >= len(pairs):
            return pairs
        columns = len(self.paired_artworks)
        rows = (index * len(self.photos) // count for index in range(count))
        return [pairs[row * columns + index % columns] for index, row in enumerate(rows)]

    def measure_pairs(
        self, method: Method, pairs: Iterable[Pair], strengths: Sequence[float]
    ) -> Measurements:
        """Measure every pair at every strength; keep the results at full strength."""
        measurements = Measurements(method.name, method.note)
        for pair in tqdm(list(pairs), desc=method.name, unit="pair"):
            for strength in strengths:
                row, result, _ = self._measure_one(method, pair, strength)
                measurements.rows.append(row)
                if strength == full_strength(strengths):
                    measurements.results[pair] = result
        return measurements

    def measure_details(self, method: Method, measurements: Measurements, *, photos: int) -> None:
        """Add variety, retrieval, flicker and content leak of the first photos, and the speed.

        For DualTrans, also add the difference between inference in bands and in one piece.
        """
        artworks = list(self.artworks.values())
        names = list(self.photos)[:photos]
        for index, name in enumerate(tqdm(names, desc=f"{method.name}, gallery", unit="photo")):
            photo = self.photos[name]
            self._measure_gallery(method, measurements, name)
            artwork = artworks[index % len(artworks)]
            measurements.flicker.append(self._flicker(method, photo, artwork))
            measurements.content_leak_db.append(_content_leak(method, photo))
        square = self._square_pair()
        measurements.seconds = _measure_speed(method, *square)
        if isinstance(method, DualTrans):
            in_bands, whole = method.stylize_in_bands(*square), method.stylize(*square, 1.0)
            measurements.band_difference = metrics.largest_difference(in_bands, whole)

    def _measure_one(
        self, method: Method, pair: Pair, strength: float
    ) -> tuple[Row, Image.Image, Tensor]:
        """Return the metrics of one result, the result, and its style statistics."""
        photo, style = self._photos[pair[0]], self._styles[pair[1]]
        result = method.stylize(photo.picture, self.artworks[style.name], strength)
        row, statistics = measure_result(
            self.vgg, result, photo, style, method=method.name, strength=strength
        )
        return row, result, statistics

    def _measure_gallery(self, method: Method, measurements: Measurements, photo: str) -> None:
        """Stylize one photo with every artwork; add variety and retrieval."""
        strength = full_strength(method.strengths)
        results = [
            self._measure_one(method, (photo, style), strength)[2] for style in self.artworks
        ]
        measurements.variety.append(metrics.variety(results[:VARIETY_STYLES]))
        styles = [style.statistics for style in self._styles.values()]
        measurements.retrieval_hits += metrics.retrieval_hits(results, styles)

    def _flicker(self, method: Method, photo: Image.Image, artwork: Image.Image) -> float:
        strength = full_strength(method.strengths)
        return metrics.flicker(
            lambda noisy: method.stylize(noisy, artwork, strength), photo, seed=self.seed
        )

    def _square_pair(self) -> tuple[Image.Image, Image.Image]:
        """Return the first photo and artwork as squares of SPEED_SIDE_PX."""
        first = (next(iter(pictures.values())) for pictures in (self.photos, self.artworks))
        photo, artwork = (picture.resize((SPEED_SIDE_PX, SPEED_SIDE_PX)) for picture in first)
        return photo, artwork


def _measure_speed(method: Method, photo: Image.Image, artwork: Image.Image) -> Seconds:
    _time_one(method, photo, artwork)  # warm-up; also fills the caches of the artwork
    known = [_time_one(method, photo, artwork) for _ in range(_SPEED_RUNS)]
    new = [_time_one(method, photo, artwork.copy()) for _ in range(_SPEED_RUNS)]
    return Seconds(median(known), median(new))


def _time_one(method: Method, photo: Image.Image, artwork: Image.Image) -> float:
    start = time.perf_counter()
    method.stylize(photo, artwork, full_strength(method.strengths))
    return time.perf_counter() - start


def _content_leak(method: Method, photo: Image.Image) -> list[float]:
    """Return the PSNR in dB after LEAK_ROUNDS; the style is the unchanged photo in every round."""
    scale = min(1.0, LEAK_SIDE_PX / min(photo.size))
    small = photo.resize((round(photo.width * scale), round(photo.height * scale)))
    strength = full_strength(method.strengths)
    return metrics.content_leak(
        lambda result: method.stylize(result, small, strength), small, LEAK_ROUNDS
    )
