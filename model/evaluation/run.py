"""One evaluation, from pictures and weights to a folder of results."""

import csv
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from model.adain import load_adain
from model.evaluation import held_out, plots, table
from model.evaluation.baselines.adain import Adain
from model.evaluation.baselines.gatys import Gatys
from model.evaluation.baselines.magenta import load_magenta
from model.evaluation.baselines.microast import load_microast
from model.evaluation.methods import DUALTRANS, UNMEASURED, DualTrans, Method
from model.evaluation.options import EvaluationOptions
from model.evaluation.picture_selection import draw_pictures, list_pictures, resize_short_side
from model.evaluation.protocol import EvaluationProtocol, Measurements, Pair, Row
from model.evaluation.summary import Summary, check_targets, summarise
from model.inference import Stylizer
from model.machine import fastest_precision
from model.perceptual import Vgg19, load_vgg

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


def evaluate(options: EvaluationOptions) -> str:
    """Measure every method, write the results to `options.out` and return the tables.

    Raises:
        ValueError, OSError: pictures, weights or numbers are unusable.
    """
    photos, artworks = _draw_pictures(options)
    vgg = load_vgg(options.vgg)
    methods = _load_methods(options, vgg)
    protocol = EvaluationProtocol(
        vgg, photos, artworks, styles=options.paired_artworks, seed=options.seed
    )
    pairs = protocol.pairs()
    measurements = [protocol.measure_pairs(method, pairs, method.strengths) for method in methods]
    if options.detailed_photos:
        for method, measured in zip(methods, measurements, strict=True):
            protocol.measure_details(method, measured, photos=options.detailed_photos)
    size = f"short side {options.side_px} px" if options.side_px else "original size"
    comparisons = [Comparison(f"{len(pairs)} pairs, {size}", protocol, pairs, measurements)]
    text = _write_results(comparisons, options)
    if options.gatys_pairs:  # slow, so the results so far are already written
        comparisons.append(_compare_with_optimisation(protocol, methods, options))
        text = _write_results(comparisons, options)
    return text


def _draw_pictures(
    options: EvaluationOptions,
) -> tuple[dict[str, Image.Image], dict[str, Image.Image]]:
    """Return photos and artworks: the given ones, or the held-out set of the research data."""
    if options.research_data:
        photos = list_pictures([options.research_data / "content"], held_out.PHOTO_PREFIXES)
        artworks = list_pictures([options.research_data / "style"], held_out.ARTWORK_PREFIXES)
    elif options.photos and options.artworks:
        photos, artworks = list_pictures(options.photos), list_pictures(options.artworks)
    else:
        raise ValueError("give --photographs and --styles, or --shared")
    artwork_count = max(options.paired_artworks, options.gallery_artworks)
    side, seed = options.side_px, options.seed
    return (
        draw_pictures(photos, options.photo_count, side=side, seed=seed),
        draw_pictures(artworks, artwork_count, side=side, seed=seed),
    )


def _load_methods(options: EvaluationOptions, vgg: Vgg19) -> list[Method]:
    methods: list[Method] = []
    for argument in options.weights or (None,):
        name, path = _name_and_path(argument)
        stylizer = Stylizer.load(path, device="cpu", precision=options.precision)
        methods.append(DualTrans(name, stylizer, options.strengths))
    if options.adain:
        methods.append(Adain(vgg, load_adain(options.adain)))
    if options.microast:
        methods.append(load_microast(options.microast))
    if options.magenta:
        methods.append(load_magenta(options.magenta))
    return methods


def _name_and_path(argument: str | None) -> tuple[str, Path | None]:
    """Split NAME=FILE or FILE; None means the released weights."""
    if argument is None:
        return DUALTRANS, None
    name, _, path = argument.rpartition("=")
    return f"{DUALTRANS} {name or Path(path).stem}", Path(path)


def _compare_with_optimisation(
    protocol: EvaluationProtocol, methods: list[Method], options: EvaluationOptions
) -> Comparison:
    """Measure Gatys, with and without its content loss, and every method on a few small pairs."""
    pairs = protocol.pairs(options.gatys_pairs)
    side = options.gatys_side_px
    photos = {p: resize_short_side(protocol.photos[p], side) for p, _ in pairs}
    artworks = {s: resize_short_side(protocol.artworks[s], side) for _, s in pairs}
    small = EvaluationProtocol(
        protocol.vgg, photos, artworks, styles=len(artworks), seed=protocol.seed
    )
    vgg = load_vgg(options.vgg, padding_mode="zeros")  # the gradient of reflection padding is slow
    if fastest_precision(torch.device("cpu")) == "bf16":
        vgg = vgg.bfloat16()
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
    (out / "summary.json").write_text(json.dumps(_rounded(report), indent=1) + "\n")
    plots.plot_pareto(summaries, out / "pareto.png")
    _write_sheets(comparisons, out, options.cell_px)
    return text


def _all_tables(summaries: Mapping[str, Mapping[str, Summary]]) -> str:
    """Return the tables of every comparison, then the targets for the first comparison."""
    (title, first), *others = summaries.items()
    not_given = {name: reason for name, reason in _NOT_GIVEN.items() if name not in first}
    sections = [_section(title, first, not_given | UNMEASURED)]
    sections += [_section(title, by_method, {}) for title, by_method in others]
    sections += [
        f"## Targets: {name}\n\n{table.targets_table(check_targets(summary, first))}"
        for name, summary in first.items()
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
        "side_px": options.side_px,
        "seed": options.seed,
        "photographs_explored": options.detailed_photos,
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
    }


def _rounded(value: Any) -> Any:  # noqa: ANN401  # any JSON value
    """Round numbers to five significant digits."""
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return float(f"{value:.5g}") if isinstance(value, float) else value


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
