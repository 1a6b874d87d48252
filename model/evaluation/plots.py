"""Pareto plot and contact sheets of an evaluation."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image

from model.contact_sheet import contact_sheet
from model.evaluation.protocol import Measurements, Pair, Pictures
from model.evaluation.summary import Summary


def plot_pareto(summaries_by_title: Mapping[str, Mapping[str, Summary]], path: Path) -> None:
    """Write a PNG of style distance over content distance; the lower left corner is best.

    Each comparison gets a plot, and each method a line with its strength next to each point.

    Args:
        summaries_by_title: summaries by method for each comparison.
        path: PNG file to write.

    Raises:
        ValueError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415  # optional dependency
    except ImportError as error:
        raise ValueError("the plot needs: pip install 'dualtrans[evaluation]'") from error
    count = len(summaries_by_title)
    figure = Figure(figsize=(7 * count, 5), layout="constrained")
    plots = figure.subplots(1, count, squeeze=False)[0]
    for axes, (title, summaries) in zip(plots, summaries_by_title.items(), strict=True):
        for name, summary in summaries.items():
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
        axes.set(xlabel="content distance", ylabel="style distance", title=title)
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(path, dpi=130)


def method_sheet(
    measurements: Measurements, photos: Pictures, artworks: Pictures, cell: int
) -> Image.Image:
    """Return all results of one method at full strength: a row per photo, a column per artwork.

    Pairs that were not measured stay white. `cell` is in px.
    """
    rows: list[list[Image.Image | None]] = [[None, *artworks.values()]]
    for name, photo in photos.items():
        rows.append([photo, *(measurements.results.get((name, style)) for style in artworks)])
    return contact_sheet(rows, cell)


def side_by_side(
    measurements: Sequence[Measurements],
    pairs: Sequence[Pair],
    photos: Pictures,
    artworks: Pictures,
    cell: int,
) -> Image.Image:
    """Return a row per pair: photo, artwork, then the result of every method. `cell` is in px."""
    rows = [
        [photos[p], artworks[s], *(measured.results.get((p, s)) for measured in measurements)]
        for p, s in pairs
    ]
    return contact_sheet(rows, cell)
