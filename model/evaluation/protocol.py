"""One protocol for every method: the same pairs, the same measures, in one run."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from PIL import Image
from tqdm import tqdm

from model import metrics
from model.evaluation.methods import DualTrans, Method, full_strength
from model.metrics import Seen
from model.perceptual import Vgg19

LEAK_ROUNDS = (1, 5, 10, 20)
LEAK_SIDE_PX = 256  # twenty pictures in a row: the short side is brought down to this
SPEED_SIDE_PX = 512
VARIETY_STYLES = 12
_SPEED_RUNS = 5

Pictures = Mapping[str, Image.Image]
Pair = tuple[str, str]
"""Names of a photograph and an artwork."""


@dataclass(frozen=True)
class Row:
    """One painted picture, measured."""

    method: str
    photograph: str
    style: str
    strength: float
    style_distance: float
    content_distance: float
    grid_index: float
    psnr: float


@dataclass(frozen=True)
class Seconds:
    """Of a square picture of SPEED_SIDE_PX, medians."""

    known_style: float
    """What was computed of the artwork alone is at hand."""
    new_style: float


@dataclass
class Findings:
    """Everything measured of one method."""

    name: str
    note: str
    rows: list[Row] = field(default_factory=list)
    painted: dict[Pair, Image.Image] = field(default_factory=dict)
    """At full strength."""
    variety: list[float] = field(default_factory=list)
    """Of each photograph."""
    retrieved: list[bool] = field(default_factory=list)
    flicker: list[float] = field(default_factory=list)
    """Of each photograph."""
    leak: list[list[float]] = field(default_factory=list)
    """Of each photograph, dB at LEAK_ROUNDS."""
    seconds: Seconds | None = None
    band_difference: int | None = None
    """Largest difference of a pixel, in 1/255, of a picture painted in bands from it whole."""


class Protocol:
    """Pictures and what VGG-19 sees in them; methods come one after another."""

    def __init__(
        self, vgg: Vgg19, photographs: Pictures, artworks: Pictures, *, styles: int, seed: int
    ) -> None:
        """Of `artworks` the first `styles` make the pairs; all of them the gallery."""
        self.vgg, self.seed = vgg, seed
        self.photographs, self.artworks = photographs, artworks
        self.paired = dict(list(artworks.items())[:styles])
        self.photographs_seen = {n: metrics.see(vgg, p) for n, p in photographs.items()}
        self.artworks_seen = {n: metrics.see(vgg, p) for n, p in artworks.items()}

    def pairs(self, count: int | None = None) -> list[Pair]:
        """All of them; fewer are a diagonal through them, so that every picture has its turn."""
        pairs = [(photograph, style) for photograph in self.photographs for style in self.paired]
        if count is None or count >= len(pairs):
            return pairs
        columns = len(self.paired)
        rows = (turn * len(self.photographs) // count for turn in range(count))
        return [pairs[row * columns + turn % columns] for turn, row in enumerate(rows)]

    def measure(
        self, method: Method, pairs: Iterable[Pair], strengths: Sequence[float]
    ) -> Findings:
        """Every pair at every strength, that of `full_strength` among them."""
        findings = Findings(method.name, method.note)
        for pair in tqdm(list(pairs), desc=method.name, unit="pair"):
            for strength in strengths:
                row, painted, _ = self._row(method, pair, strength)
                findings.rows.append(row)
                if strength == full_strength(strengths):
                    findings.painted[pair] = painted
        return findings

    def explore(self, method: Method, findings: Findings, *, photographs: int) -> None:
        """Variety, retrieval, flicker, leak and speed, on the first so many photographs."""
        artworks = list(self.artworks.values())
        names = list(self.photographs)[:photographs]
        for turn, name in enumerate(tqdm(names, desc=f"{method.name}, gallery", unit="picture")):
            picture = self.photographs[name]
            self._hang(method, findings, name)
            findings.flicker.append(self._flicker(method, picture, artworks[turn % len(artworks)]))
            findings.leak.append(_leak(method, picture))
        square = self._square()
        findings.seconds = _seconds(method, *square)
        if isinstance(method, DualTrans):
            banded, whole = method.paint_in_bands(*square), method.paint(*square, 1.0)
            findings.band_difference = metrics.largest_difference(banded, whole)

    def _row(self, method: Method, pair: Pair, strength: float) -> tuple[Row, Image.Image, Seen]:
        photograph, style = pair
        picture = self.photographs[photograph]
        painted = method.paint(picture, self.artworks[style], strength)
        seen = metrics.see(self.vgg, painted)
        row = Row(
            method.name,
            photograph,
            style,
            strength,
            metrics.style_distance(seen.statistics, self.artworks_seen[style].statistics),
            metrics.content_distance(seen.content, self.photographs_seen[photograph].content),
            metrics.grid_index(painted),
            metrics.psnr(painted, picture),
        )
        return row, painted, seen

    def _hang(self, method: Method, findings: Findings, photograph: str) -> None:
        """One photograph under every artwork: how they differ, and whose each is."""
        full = full_strength(method.strengths)
        painted = [
            self._row(method, (photograph, style), full)[2].statistics for style in self.artworks
        ]
        findings.variety.append(metrics.variety(painted[:VARIETY_STYLES]))
        styles = [seen.statistics for seen in self.artworks_seen.values()]
        findings.retrieved += metrics.retrieved(painted, styles)

    def _flicker(self, method: Method, picture: Image.Image, artwork: Image.Image) -> float:
        full = full_strength(method.strengths)
        return metrics.flicker(
            lambda noisy: method.paint(noisy, artwork, full), picture, seed=self.seed
        )

    def _square(self) -> tuple[Image.Image, Image.Image]:
        """A photograph and an artwork of SPEED_SIDE_PX."""
        first = (next(iter(pictures.values())) for pictures in (self.photographs, self.artworks))
        photograph, artwork = (picture.resize((SPEED_SIDE_PX, SPEED_SIDE_PX)) for picture in first)
        return photograph, artwork


def _seconds(method: Method, photograph: Image.Image, artwork: Image.Image) -> Seconds:
    _timed(method, photograph, artwork)
    known = [_timed(method, photograph, artwork) for _ in range(_SPEED_RUNS)]
    new = [_timed(method, photograph, artwork.copy()) for _ in range(_SPEED_RUNS)]
    return Seconds(median(known), median(new))


def _timed(method: Method, picture: Image.Image, artwork: Image.Image) -> float:
    began = time.perf_counter()
    method.paint(picture, artwork, full_strength(method.strengths))
    return time.perf_counter() - began


def _leak(method: Method, picture: Image.Image) -> list[float]:
    """The photograph itself is the style, always as it was at first."""
    scale = min(1.0, LEAK_SIDE_PX / min(picture.size))
    small = picture.resize((round(picture.width * scale), round(picture.height * scale)))
    full = full_strength(method.strengths)
    return metrics.leak(lambda painted: method.paint(painted, small, full), small, LEAK_ROUNDS)
