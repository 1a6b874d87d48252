"""The comparison of methods on the same pairs, from pictures and weights to a folder of results."""

import csv
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import torch

from model import held_out
from model.evaluation import plots, table
from model.evaluation.baselines.adain import Adain
from model.evaluation.baselines.gatys import Gatys
from model.evaluation.method_loading import load_methods
from model.evaluation.methods import DUALTRANS, UNMEASURED, Method, full_strength
from model.evaluation.options import EvaluationOptions
from model.evaluation.picture_selection import SizedPictures, draw_pictures, list_pictures
from model.evaluation.protocol import EvaluationProtocol, Measurements, Pair
from model.evaluation.rows import Row
from model.evaluation.summary import Summary, check_targets, summarise
from model.perceptual.vgg import load_fast_vgg, load_vgg

_NOT_GIVEN = dict.fromkeys((Adain.name, "MicroAST", "Magenta"), "no weights given")
_SHEET_ROWS = 8


@dataclass(frozen=True)
class Comparison:
    """Several methods measured on the same pairs at the same size."""

    title: str
    protocol: EvaluationProtocol
    pairs: list[Pair]
    measurements: list[Measurements]

    def summaries(self, seed: int) -> dict[str, Summary]:
        """Return the summaries by method name."""
        return {measured.name: summarise(measured, seed=seed) for measured in self.measurements}


def compare_methods(options: EvaluationOptions) -> str:
    """Measure every method at every size, write the results to `options.out`, return the tables.

    The results are written after each size, because a comparison of large pictures takes hours.

    Raises:
        ValueError, OSError: pictures, weights or numbers are unusable.
    """
    photos, artworks = _draw_pictures(options)
    vgg = load_vgg(options.vgg)
    methods = load_methods(options, vgg, artworks)
    comparisons: list[Comparison] = []
    text = ""
    for side_px in options.sides_px:
        protocol = EvaluationProtocol(
            vgg,
            photos.at(side_px),
            artworks.at(side_px),
            styles=options.paired_artworks,
            seed=options.seed,
        )
        detailed_photos = 0 if comparisons else options.detailed_photos
        size = f"short side {side_px} px" if side_px else "original size"
        comparisons.append(_compare(methods, protocol, options, size, detailed_photos))
        text = _write_results(comparisons, options)
    if options.gatys_pairs:
        comparisons.append(
            _compare_with_optimisation(comparisons[0], photos, artworks, methods, options)
        )
        text = _write_results(comparisons, options)
    return text


def _compare(
    methods: list[Method],
    protocol: EvaluationProtocol,
    options: EvaluationOptions,
    size: str,
    detailed_photos: int,
) -> Comparison:
    """Measure all methods at one size; `detailed_photos` is 0 for the metrics of pairs alone.

    A method is measured at its normal strength and at those of its strengths that are asked for.
    """
    pairs = protocol.pairs(options.pairs)
    measurements = []
    for method in methods:
        wanted = {*options.strengths, full_strength(method.strengths)}
        strengths = [strength for strength in method.strengths if strength in wanted]
        measurements.append(protocol.measure_pairs(method, pairs, strengths))
    if detailed_photos:
        for method, measured in zip(methods, measurements, strict=True):
            protocol.measure_details(method, measured, photos=detailed_photos)
    return Comparison(f"{len(pairs)} pairs, {size}", protocol, pairs, measurements)


def _draw_pictures(options: EvaluationOptions) -> tuple[SizedPictures, SizedPictures]:
    """Return photos and artworks: the given ones, or the held-out set of the research data."""
    if options.research_data:
        photos = list_pictures([options.research_data / "content"], held_out.PHOTO_PREFIXES)
        artworks = list_pictures([options.research_data / "style"], held_out.ARTWORK_PREFIXES)
    elif options.photos and options.artworks:
        photos, artworks = list_pictures(options.photos), list_pictures(options.artworks)
    else:
        raise ValueError("give --photographs and --styles, or --shared")
    artwork_count = max(options.paired_artworks, options.gallery_artworks)
    drawn = (
        draw_pictures(photos, options.photo_count, seed=options.seed),
        draw_pictures(artworks, artwork_count, seed=options.seed),
    )
    return SizedPictures(drawn[0], options.sides_px), SizedPictures(drawn[1], options.sides_px)


def _compare_with_optimisation(
    first: Comparison,
    photos: SizedPictures,
    artworks: SizedPictures,
    methods: list[Method],
    options: EvaluationOptions,
) -> Comparison:
    """Measure Gatys, with and without its content loss, and every method on a few small pairs."""
    pairs = first.protocol.pairs(options.gatys_pairs)
    side = options.gatys_side_px
    small_photos, small_artworks = photos.at(side), artworks.at(side)
    small = EvaluationProtocol(
        first.protocol.vgg,
        {photo: small_photos[photo] for photo, _ in pairs},
        {style: small_artworks[style] for _, style in pairs},
        styles=len(pairs),
        seed=options.seed,
    )
    vgg = load_fast_vgg(options.vgg, torch.device("cpu"))
    gatys = [Gatys(vgg, options.gatys_steps, content=content) for content in (1.0, 0.0)]
    measurements = [small.measure_pairs(method, pairs, (1.0,)) for method in (*methods, *gatys)]
    title = f"{len(pairs)} pairs, short side {side} px, compared with optimisation"
    return Comparison(title, small, pairs, measurements)


# Results


def _write_results(comparisons: list[Comparison], options: EvaluationOptions) -> str:
    out = options.out
    out.mkdir(parents=True, exist_ok=True)
    summaries = {comparison.title: comparison.summaries(options.seed) for comparison in comparisons}
    text = _all_tables(summaries)
    (out / "table.md").write_text(text)
    _write_rows(comparisons, out / "rows.csv")
    figures = {
        title: {name: summary.to_dict() for name, summary in by_method.items()}
        for title, by_method in summaries.items()
    }
    report = {"protocol": _conditions(comparisons[0].protocol, options), "figures": figures}
    (out / "summary.json").write_text(json.dumps(table.rounded(report), indent=1) + "\n")
    plots.plot_pareto(summaries, out / "pareto.png")
    _write_sheets(comparisons, out, options.cell_px)
    return text


def _all_tables(summaries: Mapping[str, Mapping[str, Summary]]) -> str:
    """Return the tables of every comparison, each with the targets of our methods."""
    first = next(iter(summaries.values()))
    not_given = {name: reason for name, reason in _NOT_GIVEN.items() if name not in first}
    sections = []
    for title, by_method in summaries.items():
        unmeasured = not_given | UNMEASURED if by_method is first else {}
        sections.append(_section(title, by_method, unmeasured))
        sections += [
            f"### Targets: {name}\n\n{table.targets_table(check_targets(summary, by_method))}"
            for name, summary in by_method.items()
            if name.startswith(DUALTRANS)
        ]
    return "\n".join(sections)


def _section(title: str, by_method: Mapping[str, Summary], unmeasured: Mapping[str, str]) -> str:
    strengths = {strength for summary in by_method.values() for strength in summary.by_strength}
    tables = [table.methods_table(by_method, unmeasured), table.notes(by_method)]
    if len(strengths) > 1:
        tables.append(table.strengths_table(by_method))
    return "\n".join([f"## {title}\n", *tables])


def _write_rows(comparisons: list[Comparison], path: Path) -> None:
    columns = {field.name: field.name for field in fields(Row)} | {"photo": "photograph"}
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["pairs", *columns.values()])
        for comparison in comparisons:
            for row in (row for measured in comparison.measurements for row in measured.rows):
                writer.writerow([comparison.title, *(getattr(row, name) for name in columns)])


def _conditions(protocol: EvaluationProtocol, options: EvaluationOptions) -> dict[str, Any]:
    """Return everything that the figures depend on."""
    return {
        "photographs": list(protocol.photos),
        "artworks": list(protocol.artworks),
        "artworks_paired": list(protocol.paired_artworks),
        "sides_px": list(options.sides_px),
        "fit_steps": options.fit_steps,
        "seed": options.seed,
        "photographs_explored": options.detailed_photos,
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
    }


def _write_sheets(comparisons: list[Comparison], out: Path, cell: int) -> None:
    """Write a sheet per method, and one of all methods on the pairs of the last comparison."""
    first, last = comparisons[0], comparisons[-1]
    for measured in first.measurements:
        protocol = first.protocol
        sheet = plots.method_sheet(measured, protocol.photos, protocol.paired_artworks, cell)
        name = re.sub(r"[^\w.]+", "-", measured.name.lower())
        sheet.save(out / f"sheet-{name}.jpg", quality=90)
    pairs = last.protocol.pairs(_SHEET_ROWS) if last is first else last.pairs[:_SHEET_ROWS]
    plots.side_by_side(
        last.measurements, pairs, last.protocol.photos, last.protocol.artworks, cell
    ).save(out / "side-by-side.jpg", quality=90)
