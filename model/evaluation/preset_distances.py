"""How well the stored codes of the presets paint, beside the codes of the style controller."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from PIL import Image
from tqdm import tqdm

from model.evaluation.rows import PhotoReference, Row, StyleReference, measure_result
from model.evaluation.section import Section
from model.evaluation.table import interval_cell, markdown
from model.inference import StyleCode, Stylizer
from model.metrics import Interval, bootstrap_interval
from model.perceptual.vgg import Vgg19

STORED, ENCODER = "stored code", "style controller"
_MEAN = "mean of presets"
_METRICS = {
    "style_distance": ("style distance", ".3f"),
    "content_distance": ("content distance", ".3f"),
    "grid_index": ("grid index", ".2f"),
    "placement": ("placement", ".2f"),
    "calm": ("contrast in calm areas", ".2f"),
}
"""Name of a field of `Row` -> heading and number format."""
_Intervals = dict[str, dict[str, dict[str, Interval]]]
"""Intervals by preset, code and metric."""


def measure_distances(
    stylizer: Stylizer,
    vgg: Vgg19,
    photos: Mapping[str, Image.Image],
    sources: Mapping[str, Sequence[Image.Image]],
    *,
    title: str,
    seed: int,
) -> Section:
    """Render the photos in every preset at strength 1, once with each of its two codes.

    Args:
        stylizer: the released weights.
        vgg: measures the pictures.
        photos: by name.
        sources: the source pictures of the presets to measure, by id. Their mean statistics are
            the style of the preset.
        title: the heading.
        seed: seed of the intervals.

    Raises:
        KeyError: a preset has no stored code.
    """
    references = [PhotoReference.of(vgg, name, photo) for name, photo in photos.items()]
    rows: list[Row] = []
    for style_id, artworks in tqdm(sources.items(), unit="preset"):
        style = StyleReference.of(vgg, style_id, artworks)
        codes = {STORED: stylizer.preset(style_id), ENCODER: stylizer.style_code(artworks)}
        for method, code in codes.items():
            rows += [
                _measure_one(stylizer, vgg, photo, style, method, code) for photo in references
            ]
    intervals = _summarise(rows, seed)
    figures = {
        style: {
            code: {name: asdict(interval) for name, interval in by_metric.items()}
            for code, by_metric in by_code.items()
        }
        for style, by_code in intervals.items()
    }
    return Section(title, _table(intervals), rows, figures)


def _measure_one(
    stylizer: Stylizer,
    vgg: Vgg19,
    photo: PhotoReference,
    style: StyleReference,
    method: str,
    code: StyleCode,
) -> Row:
    result = stylizer.stylize(photo.picture, code, 1.0)
    return measure_result(vgg, result, photo, style, method=method, strength=1.0)[0]


def _summarise(rows: Sequence[Row], seed: int) -> _Intervals:
    """Return intervals over the photos of each preset, and over the means of the presets."""
    styles = list(dict.fromkeys(row.style for row in rows))
    intervals: _Intervals = {style: {} for style in (*styles, _MEAN)}
    for code in (STORED, ENCODER):
        for style in styles:
            chosen = [row for row in rows if (row.style, row.method) == (style, code)]
            intervals[style][code] = {
                name: bootstrap_interval([getattr(row, name) for row in chosen], seed=seed)
                for name in _METRICS
            }
        intervals[_MEAN][code] = {
            name: bootstrap_interval(
                [intervals[style][code][name].mean for style in styles], seed=seed
            )
            for name in _METRICS
        }
    return intervals


def _table(intervals: _Intervals) -> str:
    rows = [
        [
            style,
            code,
            *(interval_cell(by_metric[name], digits) for name, (_, digits) in _METRICS.items()),
        ]
        for style, by_code in intervals.items()
        for code, by_metric in by_code.items()
    ]
    return markdown(["preset", "code", *(heading for heading, _ in _METRICS.values())], rows)
