"""One evaluation from pictures and weights to a folder of results."""

import argparse
import csv
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from model.adain import load_adain
from model.evaluation import gallery, held_out, plots, table
from model.evaluation.baselines.adain import Adain
from model.evaluation.baselines.gatys import Gatys
from model.evaluation.baselines.magenta import load_magenta
from model.evaluation.baselines.microast import load_microast
from model.evaluation.methods import OURS, UNMEASURED, DualTrans, Method
from model.evaluation.protocol import Findings, Pair, Protocol, Row
from model.evaluation.summary import Summary, summarise, targets
from model.inference import Stylizer
from model.machine import fastest_precision
from model.perceptual import Vgg19, load_vgg

_NOT_GIVEN = dict.fromkeys((Adain.name, "MicroAST", "Magenta"), "no weights given")
_SHEET_ROWS = 8


@dataclass(frozen=True)
class Part:
    """Methods measured on the same pairs of the same size."""

    title: str
    protocol: Protocol
    pairs: list[Pair]
    findings: list[Findings]

    def summaries(self, seed: int) -> dict[str, Summary]:
        """By method."""
        return {found.name: summarise(found, seed=seed) for found in self.findings}


def evaluate(options: argparse.Namespace) -> str:
    """Measure every method and write the results; the tables that were written.

    Raises:
        ValueError, OSError: pictures, weights or numbers that cannot be used.
    """
    photographs, artworks = _pictures(options)
    vgg = load_vgg(options.vgg)
    methods = _methods(options, vgg)
    protocol = Protocol(vgg, photographs, artworks, styles=options.styles_paired, seed=options.seed)
    pairs = protocol.pairs()
    findings = [protocol.measure(method, pairs, method.strengths) for method in methods]
    for method, found in zip(methods, findings, strict=True):
        if options.explored:
            protocol.explore(method, found, photographs=options.explored)
    size = f"short side {options.side} px" if options.side else "as they are"
    parts = [Part(f"{len(pairs)} pairs, {size}", protocol, pairs, findings)]
    text = _write(parts, options)
    if options.gatys_pairs:  # slow: what is measured already is on disk
        parts.append(_optimised(protocol, methods, options))
        text = _write(parts, options)
    return text


def _pictures(
    options: argparse.Namespace,
) -> tuple[dict[str, Image.Image], dict[str, Image.Image]]:
    """Photographs and artworks: those named, or the held-out ones of the shared data."""
    if options.shared:
        photographs = gallery.files([options.shared / "content"], held_out.PHOTOGRAPHS)
        artworks = gallery.files([options.shared / "style"], held_out.ARTWORKS)
    elif options.photographs and options.styles:
        photographs, artworks = map(gallery.files, (options.photographs, options.styles))
    else:
        raise ValueError("name --photographs and --styles, or the --shared data")
    shown = max(options.styles_paired, options.gallery)
    return (
        gallery.drawn(photographs, options.limit, side=options.side, seed=options.seed),
        gallery.drawn(artworks, shown, side=options.side, seed=options.seed),
    )


def _methods(options: argparse.Namespace, vgg: Vgg19) -> list[Method]:
    methods: list[Method] = []
    for given in options.weights or [None]:
        name, path = _named(given)
        stylizer = Stylizer.load(path, device="cpu", precision=options.precision)
        methods.append(DualTrans(name, stylizer, options.tau))
    if options.adain:
        methods.append(Adain(vgg, load_adain(options.adain)))
    if options.microast:
        methods.append(load_microast(options.microast))
    if options.magenta:
        methods.append(load_magenta(options.magenta))
    return methods


def _named(given: str | None) -> tuple[str, Path | None]:
    """NAME=FILE, FILE, or nothing: what ships."""
    if given is None:
        return OURS, None
    name, _, path = given.rpartition("=")
    return f"{OURS} {name or Path(path).stem}", Path(path)


def _optimised(protocol: Protocol, methods: list[Method], options: argparse.Namespace) -> Part:
    """Gatys, and the bound on the style distance, beside every method on a few small pairs."""
    pairs = protocol.pairs(options.gatys_pairs)
    photographs = {p: gallery.sized(protocol.photographs[p], options.gatys_side) for p, _ in pairs}
    artworks = {s: gallery.sized(protocol.artworks[s], options.gatys_side) for _, s in pairs}
    small = Protocol(protocol.vgg, photographs, artworks, styles=len(artworks), seed=protocol.seed)
    fast = load_vgg(options.vgg, padding_mode="zeros")  # reflected rims are slow to go back through
    if fastest_precision(torch.device("cpu")) == "bf16":
        fast = fast.bfloat16()
    optimised = [Gatys(fast, options.gatys_steps, content=content) for content in (1.0, 0.0)]
    findings = [small.measure(method, pairs, (1.0,)) for method in (*methods, *optimised)]
    title = f"{len(pairs)} pairs, short side {options.gatys_side} px, beside optimisation"
    return Part(title, small, pairs, findings)


# Results


def _write(parts: list[Part], options: argparse.Namespace) -> str:
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    summaries = {part.title: part.summaries(options.seed) for part in parts}
    text = _tables(summaries)
    (out / "table.md").write_text(text)
    _write_rows(parts, out / "rows.csv")
    protocol = _conditions(parts[0].protocol, options)
    figures = {
        title: {name: asdict(summary) for name, summary in part.items()}
        for title, part in summaries.items()
    }
    (out / "summary.json").write_text(
        json.dumps(_rounded({"protocol": protocol, "figures": figures}), indent=1) + "\n"
    )
    plots.pareto(summaries, out / "pareto.png")
    _write_sheets(parts, out, options.cell)
    return text


def _tables(summaries: Mapping[str, Mapping[str, Summary]]) -> str:
    """Every part, then our targets by the first."""
    (title, first), *others = summaries.items()
    absent = {name: reason for name, reason in _NOT_GIVEN.items() if name not in first}
    sections = [_section(title, first, absent | UNMEASURED)]
    sections += [_section(title, part, {}) for title, part in others]
    sections += [
        f"## Targets: {name}\n\n{table.targets_table(targets(ours, first))}"
        for name, ours in first.items()
        if name.startswith(OURS)
    ]
    return "\n".join(sections)


def _section(title: str, part: Mapping[str, Summary], unmeasured: Mapping[str, str]) -> str:
    strengths = {strength for summary in part.values() for strength in summary.by_strength}
    tables = [table.methods_table(part, unmeasured), table.notes(part)]
    if len(strengths) > 1:
        tables.append(table.strengths_table(part))
    return "\n".join([f"## {title}\n", *tables])


def _write_rows(parts: list[Part], path: Path) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, ["pairs", *Row.__dataclass_fields__])
        writer.writeheader()
        for part in parts:
            for row in (row for found in part.findings for row in found.rows):
                writer.writerow({"pairs": part.title, **asdict(row)})


def _conditions(protocol: Protocol, options: argparse.Namespace) -> dict[str, Any]:
    """What the figures depend on."""
    return {
        "photographs": list(protocol.photographs),
        "artworks": list(protocol.artworks),
        "artworks_paired": list(protocol.paired),
        "side_px": options.side,
        "seed": options.seed,
        "photographs_explored": options.explored,
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
    }


def _rounded(value: Any) -> Any:  # noqa: ANN401  # whatever JSON holds
    """Five digits say all that there is."""
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    return float(f"{value:.5g}") if isinstance(value, float) else value


def _write_sheets(parts: list[Part], out: Path, cell: int) -> None:
    """A sheet a method, and one of all methods on the pairs of the last part."""
    first, last = parts[0], parts[-1]
    for found in first.findings:
        sheet = plots.method_sheet(found, first.protocol.photographs, first.protocol.paired, cell)
        name = re.sub(r"[^\w.]+", "-", found.name.lower())
        sheet.save(out / f"sheet-{name}.jpg", quality=90)
    pairs = last.protocol.pairs(_SHEET_ROWS) if last is first else last.pairs[:_SHEET_ROWS]
    plots.side_by_side(
        last.findings, pairs, last.protocol.photographs, last.protocol.artworks, cell
    ).save(out / "side-by-side.jpg", quality=90)
