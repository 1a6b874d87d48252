"""What the findings come to: means with intervals, and the targets."""

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from model.evaluation.methods import full_strength
from model.evaluation.protocol import LEAK_ROUNDS, Findings, Row, Seconds
from model.metrics import Interval, interval

MEASURES = ("style_distance", "content_distance", "grid_index", "psnr")
_RELATIONS = {"<": operator.lt, "<=": operator.le, ">=": operator.ge}


@dataclass(frozen=True)
class Summary:
    """One method. What was not measured is None."""

    note: str
    pairs: int
    by_strength: dict[float, dict[str, Interval]]
    """MEASURES at every strength."""
    falling: Interval | None
    """Share of pairs whose style distance falls strictly from every strength to the next, up to 1.

    None where the method has one strength.
    """
    variety: Interval | None
    retrieval: Interval | None
    """Share of results whose own style is the nearest of the gallery."""
    flicker: Interval | None
    leak_db: dict[int, Interval] | None
    """After so many rounds."""
    seconds: Seconds | None
    band_difference: int | None

    @property
    def full(self) -> dict[str, Interval]:
        """MEASURES at full strength."""
        return self.by_strength[full_strength(list(self.by_strength))]

    @property
    def curve(self) -> list[tuple[float, float]]:
        """Content and style distance, by rising strength."""
        return [
            (at["content_distance"].mean, at["style_distance"].mean)
            for _, at in sorted(self.by_strength.items())
        ]


def summarise(findings: Findings, *, seed: int) -> Summary:
    """Intervals are over pairs; of variety, flicker and leak over photographs."""

    def known(values: Sequence[float]) -> Interval | None:
        return interval(values, seed=seed) if values else None

    strengths = sorted({row.strength for row in findings.rows})
    curves = _style_curves(findings.rows)
    falling = [float(all(a > b for a, b in pairwise(curve))) for curve in curves]
    rounds = zip(LEAK_ROUNDS, zip(*findings.leak, strict=True), strict=True)
    return Summary(
        note=findings.note,
        pairs=len(curves),
        by_strength={
            strength: {
                measure: interval(
                    [getattr(row, measure) for row in findings.rows if row.strength == strength],
                    seed=seed,
                )
                for measure in MEASURES
            }
            for strength in strengths
        },
        falling=known(falling) if len(strengths) > 1 else None,
        variety=known(findings.variety),
        retrieval=known([float(found) for found in findings.retrieved]),
        flicker=known(findings.flicker),
        leak_db={n: interval(values, seed=seed) for n, values in rounds} if findings.leak else None,
        seconds=findings.seconds,
        band_difference=findings.band_difference,
    )


def _style_curves(rows: Sequence[Row]) -> list[list[float]]:
    """Of every pair the style distance over rising strength, up to 1."""
    curves: dict[tuple[str, str], list[float]] = {}
    for row in sorted(rows, key=lambda row: row.strength):
        curve = curves.setdefault((row.photograph, row.style), [])
        if row.strength <= 1:
            curve.append(row.style_distance)
    return list(curves.values())


# Targets


@dataclass(frozen=True)
class Target:
    """What was to be reached: `ours` stands in `relation` to `asked`; None was not measured."""

    name: str
    ours: float | None
    relation: str
    asked: float | None

    @property
    def verdict(self) -> str:
        """met, missed by how much, or not measured."""
        if self.ours is None or self.asked is None:
            return "not measured"
        if _RELATIONS[self.relation](self.ours, self.asked):
            return "met"
        return f"missed by {abs(self.ours - self.asked):.3f}"


def targets(ours: Summary, peers: Mapping[str, Summary]) -> list[Target]:
    """Against AdaIN and MicroAST where they were measured, and against fixed figures."""
    found = []
    for name in ("AdaIN", "MicroAST"):
        found += _beside(ours, name, peers.get(name))
    micro, adain = peers.get("MicroAST"), peers.get("AdaIN")
    at_zero = ours.by_strength.get(0.0)
    return [
        *found,
        Target(
            "grid index, MicroAST's",
            ours.full["grid_index"].mean,
            "<=",
            micro.full["grid_index"].mean if micro else None,
        ),
        Target("PSNR at strength 0, dB", at_zero["psnr"].mean if at_zero else None, ">=", 30.0),
        Target("style distance falls strictly, share", _mean(ours.falling), ">=", 0.95),
        Target(
            "flicker, MicroAST's",
            _mean(ours.flicker),
            "<=",
            _mean(micro.flicker if micro else None),
        ),
        Target("style retrieval, share", _mean(ours.retrieval), ">=", 0.8),
        Target(
            "style retrieval, AdaIN's",
            _mean(ours.retrieval),
            ">=",
            _mean(adain.retrieval if adain else None),
        ),
        Target("bands = whole, 1/255", ours.band_difference, "<=", 2),
    ]


def _beside(ours: Summary, name: str, theirs: Summary | None) -> list[Target]:
    """Lower style distance at no higher content distance, at full strength and along the curve."""
    style, content = (ours.full[f"{kind}_distance"].mean for kind in ("style", "content"))
    if theirs is None:
        their_style = their_content = worst = None
    else:
        their_style, their_content = (
            theirs.full[f"{kind}_distance"].mean for kind in ("style", "content")
        )
        worst = worst_ratio(ours.curve, theirs.curve)
    return [
        Target(f"style distance, {name}'s", style, "<", their_style),
        Target(f"content distance, {name}'s", content, "<=", their_content),
        Target(
            f"curve below {name}'s: largest ratio of style distances at one content distance",
            worst,
            "<",
            1.0,
        ),
    ]


def worst_ratio(
    ours: Sequence[tuple[float, float]], theirs: Sequence[tuple[float, float]]
) -> float:
    """Our style distance over theirs at the content distance of each of their points; the largest.

    Between our points the curve is straight; past our last it goes on level (the same picture
    serves), and before our first there is none: infinite.
    """
    contents, styles = zip(*sorted(ours), strict=True)
    at = np.interp([content for content, _ in theirs], contents, styles, left=np.inf)
    return float(max(mine / style for mine, (_, style) in zip(at, theirs, strict=True)))


def _mean(value: Interval | None) -> float | None:
    return value.mean if value else None
