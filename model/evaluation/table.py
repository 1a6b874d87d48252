"""Markdown tables of an evaluation: metrics by method, distances by strength, notes, targets."""

from collections.abc import Mapping, Sequence
from typing import Any

from model.evaluation.protocol import LEAK_ROUNDS, SPEED_SIDE_PX, Seconds
from model.evaluation.summary import Summary, Target
from model.metrics import Interval

Summaries = Mapping[str, Summary]
_MISSING = "-"


def methods_table(summaries: Summaries, unmeasured: Mapping[str, str]) -> str:
    """Return a row per method at full strength, then the unmeasured methods with the reasons."""
    header = [
        "method",
        "pairs",
        "style distance",
        "content distance",
        "grid index",
        "placement",
        "contrast in calm areas",
        "PSNR at strength 0, dB",
        "monotone in strength",
        "variety",
        "style retrieval",
        "flicker",
        f"content leak: PSNR after {LEAK_ROUNDS[-1]} rounds, dB",
        f"seconds at {SPEED_SIDE_PX} px, known / new style",
    ]
    rows = [[name, *_method_cells(summary)] for name, summary in summaries.items()]
    for name, reason in unmeasured.items():
        rows.append([name, f"not measured: {reason}", *[_MISSING] * (len(header) - 2)])
    return markdown(header, rows)


def _method_cells(summary: Summary) -> list[str]:
    at_zero = summary.by_strength.get(0.0)
    leak_db = summary.content_leak_db
    return [
        str(summary.pairs),
        interval_cell(summary.full["style_distance"], ".3f"),
        interval_cell(summary.full["content_distance"], ".3f"),
        interval_cell(summary.full["grid_index"], ".2f"),
        interval_cell(summary.full["placement"], ".2f"),
        interval_cell(summary.full["calm"], ".2f"),
        interval_cell(at_zero["psnr"] if at_zero else None, ".1f"),
        interval_cell(summary.monotone, ".0%"),
        interval_cell(summary.variety, ".3f"),
        interval_cell(summary.retrieval, ".0%"),
        interval_cell(summary.flicker, ".2f"),
        interval_cell(leak_db[LEAK_ROUNDS[-1]] if leak_db else None, ".1f"),
        _seconds_cell(summary.seconds),
    ]


def strengths_table(summaries: Summaries) -> str:
    """Return style and content distance of every method at every strength."""
    strengths = sorted({s for summary in summaries.values() for s in summary.by_strength})
    rows = [
        [name, *(_distances_cell(summary.by_strength.get(strength)) for strength in strengths)]
        for name, summary in summaries.items()
    ]
    return markdown(["style / content distance at strength", *map(str, strengths)], rows)


def targets_table(targets: Sequence[Target]) -> str:
    """Return the measured and the required value of every target, with the outcome."""
    rows = [
        [
            target.name,
            _MISSING if target.measured is None else f"{target.measured:.3f}",
            _MISSING if target.required is None else f"{target.relation} {target.required:.3f}",
            target.outcome,
        ]
        for target in targets
    ]
    return markdown(["target", "DualTrans", "required", "result"], rows)


def notes(summaries: Summaries) -> str:
    """Return a bullet point per method."""
    return "".join(f"- {name}: {summary.note}\n" for name, summary in summaries.items())


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def interval_cell(interval: Interval | None, number_format: str) -> str:
    """Return the mean with its interval in brackets; "-" for None."""
    if interval is None:
        return _MISSING
    mean, low, high = (
        format(value, number_format) for value in (interval.mean, interval.low, interval.high)
    )
    return f"{mean} ({low} to {high})"


def _seconds_cell(seconds: Seconds | None) -> str:
    return _MISSING if seconds is None else f"{seconds.known_style:.2f} / {seconds.new_style:.2f}"


def _distances_cell(metrics: Mapping[str, Interval] | None) -> str:
    if metrics is None:
        return _MISSING
    return f"{metrics['style_distance'].mean:.3f} / {metrics['content_distance'].mean:.3f}"


def rounded(value: Any) -> Any:  # noqa: ANN401  # any JSON value
    """Return a JSON value with its numbers rounded to five significant digits."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return float(f"{value:.5g}") if isinstance(value, float) else value
