"""The findings as pictures: the Pareto plot, contact sheets."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from model.contact_sheet import contact_sheet
from model.evaluation.protocol import Findings, Pair, Pictures
from model.evaluation.summary import Summary

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def pareto(parts: Mapping[str, Mapping[str, Summary]], path: Path) -> None:
    """Style over content distance, a line a method through its strengths: lower left is better.

    Args:
        parts: by title, methods measured on the same pairs: a plot each.
        path: of the PNG.

    Raises:
        ValueError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415  # of an extra
    except ImportError as error:
        raise ValueError("the plot needs: pip install 'dualtrans[evaluation]'") from error
    figure = Figure(figsize=(7 * len(parts), 5), layout="constrained")
    plots = figure.subplots(1, len(parts), squeeze=False)[0]
    for axes, (title, summaries) in zip(plots, parts.items(), strict=True):
        for name, summary in summaries.items():
            _line(axes, name, summary)
        axes.set(xlabel="content distance", ylabel="style distance", title=title)
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(path, dpi=130)


def _line(axes: "Axes", name: str, summary: Summary) -> None:
    """Each point with its strength beside it."""
    contents, styles = zip(*summary.curve, strict=True)
    (line,) = axes.plot(contents, styles, marker="o", label=name)
    for strength, point in zip(sorted(summary.by_strength), summary.curve, strict=True):
        axes.annotate(
            f"{strength:g}",
            point,
            xytext=(4, 4),
            textcoords="offset points",
            fontsize=7,
            color=line.get_color(),
        )


def method_sheet(
    findings: Findings, photographs: Pictures, artworks: Pictures, cell: int
) -> Image.Image:
    """Rows are photographs, columns artworks, all at full strength; blank where no pair was."""
    rows: list[list[Image.Image | None]] = [[None, *artworks.values()]]
    for name, photograph in photographs.items():
        rows.append([photograph, *(findings.painted.get((name, style)) for style in artworks)])
    return contact_sheet(rows, cell)


def side_by_side(
    everyone: Sequence[Findings],
    pairs: Sequence[Pair],
    photographs: Pictures,
    artworks: Pictures,
    cell: int,
) -> Image.Image:
    """A row a pair: photograph, artwork, then every method's picture."""
    rows = [
        [photographs[p], artworks[s], *(findings.painted.get((p, s)) for findings in everyone)]
        for p, s in pairs
    ]
    return contact_sheet(rows, cell)
