"""How wide the strokes of every brush are, and whether they grow with the size of a result."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

from PIL import Image
from tqdm import tqdm

from model.evaluation.picture_selection import resize_short_side
from model.evaluation.rows import StyleReference
from model.evaluation.section import Section
from model.evaluation.table import interval_cell, markdown
from model.inference import Stylizer
from model.metrics import Interval, bootstrap_interval, extract_features, style_distance
from model.perceptual.vgg import Vgg19
from model.texture import stroke_width
from styling.brush import Brush

LARGE_PX, SMALL_PX = 1600, 400
"""Long sides of the results that are compared after the large one is reduced."""

Pictures = Mapping[str, Image.Image]
Sources = Mapping[str, Sequence[Image.Image]]


@dataclass(frozen=True)
class StrokeRow:
    """One photo in one preset with one brush, at strength 1."""

    preset: str
    photo: str
    brush: str
    stroke_width: float
    """In px."""
    growth: float | None
    """Relative to the width of the next finer brush."""
    style_distance: float
    """The source pictures have the size of the result."""
    style_distance_of_brush: float
    """The source pictures have this size times the scale of the brush."""


@dataclass(frozen=True)
class ReducedRow:
    """Style distances of one photo in one preset: a reduced large result, and a small result."""

    preset: str
    photo: str
    reduced: float
    small: float
    ratio: float


def measure_strokes(
    stylizer: Stylizer, vgg: Vgg19, photos: Pictures, sources: Sources, *, title: str, seed: int
) -> Section:
    """Render the photos in every preset with every brush.

    The style distance is measured twice: broad strokes have the size of those in a source picture
    of 1.6 times the size of the result, so at the size of the result their distance contains the
    wanted change of their size.

    Args:
        stylizer: the released weights.
        vgg: measures the style distance.
        photos: by name, at the size of the results.
        sources: the source pictures of the presets to measure, by id, of any size.
        title: the heading.
        seed: seed of the intervals.

    Raises:
        KeyError: a preset has no stored code.
    """
    rows: list[StrokeRow] = []
    for style_id, artworks in tqdm(sources.items(), unit="preset"):
        style = _SizedStyle(vgg, style_id, artworks)
        for name, photo in photos.items():
            rows += _measure_brushes(stylizer, vgg, name, photo, style)
    intervals = {
        str(brush): {
            name: _interval([getattr(row, name) for row in rows if row.brush == brush], seed)
            for name in ("stroke_width", "growth", "style_distance", "style_distance_of_brush")
        }
        for brush in Brush
    }
    table = markdown(
        [
            "brush",
            "width of strokes, px",
            "growth from the finer brush",
            "style distance at the size of the result",
            "style distance at the size of the brush",
        ],
        [
            [brush, *(interval_cell(interval, ".3f") for interval in by_metric.values())]
            for brush, by_metric in intervals.items()
        ],
    )
    figures = {
        brush: {name: interval and asdict(interval) for name, interval in by_metric.items()}
        for brush, by_metric in intervals.items()
    }
    return Section(title, table, rows, figures)


def measure_reduced_view(
    stylizer: Stylizer, vgg: Vgg19, photos: Pictures, sources: Sources, *, seed: int
) -> Section:
    """Compare a result of LARGE_PX, reduced to SMALL_PX, with a result of SMALL_PX.

    Both are compared with the source pictures at the size of the small result. The arguments are
    those of `measure_strokes`; the photos and the source pictures have any size.
    """
    rows: list[ReducedRow] = []
    for style_id, artworks in tqdm(sources.items(), unit="preset"):
        code = stylizer.preset(style_id)
        for name, photo in photos.items():
            small_photo = _resize_long_side(photo, SMALL_PX)
            side_px = min(small_photo.size)
            small_artworks = [resize_short_side(artwork, side_px) for artwork in artworks]
            style = StyleReference.of(vgg, style_id, small_artworks)
            large = stylizer.stylize(_resize_long_side(photo, LARGE_PX), code, 1.0)
            reduced = large.resize(small_photo.size, Image.Resampling.LANCZOS)
            distance = _style_distance(vgg, reduced, style)
            small_distance = _style_distance(vgg, stylizer.stylize(small_photo, code, 1.0), style)
            ratio = distance / small_distance
            rows.append(ReducedRow(style_id, name, distance, small_distance, ratio))
    intervals = {
        name: bootstrap_interval([getattr(row, name) for row in rows], seed=seed)
        for name in ("reduced", "small", "ratio")
    }
    table = markdown(
        ["style distance of the reduced result", f"of the result of {SMALL_PX} px", "ratio"],
        [[interval_cell(interval, ".3f") for interval in intervals.values()]],
    )
    figures = {name: asdict(interval) for name, interval in intervals.items()}
    return Section(f"Results of {LARGE_PX} px reduced to {SMALL_PX} px", table, rows, figures)


class _SizedStyle:
    """The references of a preset, by the size of its source pictures."""

    def __init__(self, vgg: Vgg19, style_id: str, artworks: Sequence[Image.Image]) -> None:
        self.style_id = style_id
        self._vgg, self._artworks = vgg, artworks
        self._references: dict[int, StyleReference] = {}

    def at(self, side_px: int) -> StyleReference:
        """Return the reference of the source pictures with this short side."""
        if side_px not in self._references:
            artworks = [resize_short_side(artwork, side_px) for artwork in self._artworks]
            self._references[side_px] = StyleReference.of(self._vgg, self.style_id, artworks)
        return self._references[side_px]


def _measure_brushes(
    stylizer: Stylizer, vgg: Vgg19, photo_name: str, photo: Image.Image, style: _SizedStyle
) -> list[StrokeRow]:
    code = stylizer.preset(style.style_id)
    results = {brush: stylizer.stylize(photo, code, 1.0, brush=brush) for brush in Brush}
    widths = [stroke_width(result, photo) for result in results.values()]
    growths = [None, *(wider / finer for finer, wider in pairwise(widths))]
    side_px = min(photo.size)
    return [
        StrokeRow(
            style.style_id,
            photo_name,
            str(brush),
            width,
            growth,
            _style_distance(vgg, result, style.at(side_px)),
            _style_distance(vgg, result, style.at(round(side_px * brush.scale))),
        )
        for (brush, result), width, growth in zip(results.items(), widths, growths, strict=True)
    ]


def _style_distance(vgg: Vgg19, result: Image.Image, style: StyleReference) -> float:
    return style_distance(extract_features(vgg, result).statistics, style.statistics)


def _resize_long_side(picture: Image.Image, side_px: int) -> Image.Image:
    scale = side_px / max(picture.size)
    return resize_short_side(picture, round(min(picture.size) * scale))


def _interval(values: Sequence[float | None], seed: int) -> Interval | None:
    """Return the interval of the values; None if there are none, as for the finest brush."""
    given = [value for value in values if value is not None]
    return bootstrap_interval(given, seed=seed) if given else None
