"""The findings as Markdown: methods by measures, strengths, notes, targets."""

from collections.abc import Mapping, Sequence

from model.evaluation.protocol import LEAK_ROUNDS, SPEED_SIDE_PX, Seconds
from model.evaluation.summary import Summary, Target
from model.metrics import Interval

Summaries = Mapping[str, Summary]
_MISSING = "-"


def methods_table(summaries: Summaries, unmeasured: Mapping[str, str]) -> str:
    """A line a method at full strength, then those that were not measured, and why."""
    head = [
        "method",
        "pairs",
        "style distance",
        "content distance",
        "grid index",
        "PSNR at strength 0, dB",
        "falls strictly",
        "variety",
        "style retrieval",
        "flicker",
        f"PSNR after {LEAK_ROUNDS[-1]} rounds of itself, dB",
        f"s at {SPEED_SIDE_PX} px, style known / new",
    ]
    rows = [[name, *_cells(summary)] for name, summary in summaries.items()]
    for name, reason in unmeasured.items():
        rows.append([name, f"not measured: {reason}", *[_MISSING] * (len(head) - 2)])
    return _markdown(head, rows)


def _cells(summary: Summary) -> list[str]:
    at_zero = summary.by_strength.get(0.0)
    return [
        str(summary.pairs),
        _cell(summary.full["style_distance"], ".3f"),
        _cell(summary.full["content_distance"], ".3f"),
        _cell(summary.full["grid_index"], ".2f"),
        _cell(at_zero["psnr"] if at_zero else None, ".1f"),
        _cell(summary.falling, ".0%"),
        _cell(summary.variety, ".3f"),
        _cell(summary.retrieval, ".0%"),
        _cell(summary.flicker, ".2f"),
        _cell(summary.leak_db[LEAK_ROUNDS[-1]] if summary.leak_db else None, ".1f"),
        _seconds(summary.seconds),
    ]


def strengths_table(summaries: Summaries) -> str:
    """Style and content distance of every method at every strength."""
    strengths = sorted({s for summary in summaries.values() for s in summary.by_strength})
    rows = [
        [name, *(_distances(summary.by_strength.get(strength)) for strength in strengths)]
        for name, summary in summaries.items()
    ]
    return _markdown(["style / content distance at strength", *map(str, strengths)], rows)


def targets_table(targets: Sequence[Target]) -> str:
    """Met, or missed by how much."""
    rows = [
        [
            target.name,
            _MISSING if target.ours is None else f"{target.ours:.3f}",
            _MISSING if target.asked is None else f"{target.relation} {target.asked:.3f}",
            target.verdict,
        ]
        for target in targets
    ]
    return _markdown(["target", "ours", "asked", ""], rows)


def notes(summaries: Summaries) -> str:
    """A line a method."""
    return "".join(f"- {name}: {summary.note}\n" for name, summary in summaries.items())


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(value: Interval | None, form: str) -> str:
    """Mean, then the interval."""
    if value is None:
        return _MISSING
    return f"{value.mean:{form}} ({value.low:{form}} to {value.high:{form}})"


def _seconds(value: Seconds | None) -> str:
    return _MISSING if value is None else f"{value.known_style:.2f} / {value.new_style:.2f}"


def _distances(measured: Mapping[str, Interval] | None) -> str:
    if measured is None:
        return _MISSING
    return f"{measured['style_distance'].mean:.3f} / {measured['content_distance'].mean:.3f}"
