"""Means with intervals of the measurements, and the comparison with the targets."""

import operator
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from model.evaluation.methods import full_strength
from model.evaluation.protocol import LEAK_ROUNDS, Measurements, Seconds
from model.evaluation.rows import Row
from model.metrics import Interval, bootstrap_interval

METRICS = ("style_distance", "content_distance", "grid_index", "psnr", "placement", "calm")
MAX_CALM = 1.15
_RELATIONS = {"<": operator.lt, "<=": operator.le, ">=": operator.ge}


@dataclass(frozen=True)
class Summary:
    """Summary of one method. Values that were not measured are None."""

    note: str
    pairs: int
    by_strength: dict[float, dict[str, Interval]]
    """METRICS for every strength."""
    monotone: Interval | None
    """Share of pairs whose style distance is strictly monotone in strength, up to strength 1.

    None if the method has a single strength.
    """
    variety: Interval | None
    retrieval: Interval | None
    """Share of results whose own style is the nearest in the gallery."""
    flicker: Interval | None
    content_leak_db: dict[int, Interval] | None
    """PSNR by number of rounds."""
    seconds: Seconds | None
    band_difference: int | None

    @property
    def full(self) -> dict[str, Interval]:
        """METRICS at full strength."""
        return self.by_strength[full_strength(list(self.by_strength))]

    @property
    def curve(self) -> list[tuple[float, float]]:
        """The style-content curve: mean (content, style) distances by ascending strength."""
        return [
            (metrics["content_distance"].mean, metrics["style_distance"].mean)
            for _, metrics in sorted(self.by_strength.items())
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values under the keys of summary.json, which earlier evaluations share."""
        values = asdict(self)
        values["falling"] = values.pop("monotone")
        values["leak_db"] = values.pop("content_leak_db")
        return values


def summarise(measurements: Measurements, *, seed: int) -> Summary:
    """Return means with intervals over pairs; for variety, flicker and leak over photos."""

    def interval(values: Sequence[float]) -> Interval | None:
        return bootstrap_interval(values, seed=seed) if values else None

    rows, leak = measurements.rows, measurements.content_leak_db
    strengths = sorted({row.strength for row in rows})
    by_pair = _style_distances_by_pair(rows)
    monotone = [float(all(a > b for a, b in pairwise(distances))) for distances in by_pair]
    leak_by_round = zip(LEAK_ROUNDS, zip(*leak, strict=True), strict=True)
    return Summary(
        note=measurements.note,
        pairs=len(by_pair),
        by_strength={
            strength: {
                metric: bootstrap_interval(
                    [getattr(row, metric) for row in rows if row.strength == strength], seed=seed
                )
                for metric in METRICS
            }
            for strength in strengths
        },
        monotone=interval(monotone) if len(strengths) > 1 else None,
        variety=interval(measurements.variety),
        retrieval=interval([float(hit) for hit in measurements.retrieval_hits]),
        flicker=interval(measurements.flicker),
        content_leak_db=(
            {count: bootstrap_interval(values, seed=seed) for count, values in leak_by_round}
            if leak
            else None
        ),
        seconds=measurements.seconds,
        band_difference=measurements.band_difference,
    )


def _style_distances_by_pair(rows: Sequence[Row]) -> list[list[float]]:
    """Return for every pair the style distances by ascending strength, up to strength 1."""
    by_pair: dict[tuple[str, str], list[float]] = {}
    for row in sorted(rows, key=lambda row: row.strength):
        distances = by_pair.setdefault((row.photo, row.style), [])
        if row.strength <= 1:
            distances.append(row.style_distance)
    return list(by_pair.values())


# Targets


@dataclass(frozen=True)
class Target:
    """A target: `measured` must be in `relation` to `required`; None means not measured."""

    name: str
    measured: float | None
    relation: str
    required: float | None

    @property
    def outcome(self) -> str:
        """Return "met", "missed by ..." or "not measured"."""
        if self.measured is None or self.required is None:
            return "not measured"
        if _RELATIONS[self.relation](self.measured, self.required):
            return "met"
        return f"missed by {abs(self.measured - self.required):.3f}"


def check_targets(ours: Summary, others: Mapping[str, Summary]) -> list[Target]:
    """Compare DualTrans with AdaIN and MicroAST where they were measured, and with fixed values."""
    adain, microast = others.get("AdaIN"), others.get("MicroAST")
    at_zero = ours.by_strength.get(0.0)
    return [
        *_compare_with_method(ours, "AdaIN", adain),
        *_compare_with_method(ours, "MicroAST", microast),
        Target(
            "grid index vs. MicroAST",
            ours.full["grid_index"].mean,
            "<=",
            microast.full["grid_index"].mean if microast else None,
        ),
        Target("contrast in calm areas", ours.full["calm"].mean, "<=", MAX_CALM),
        Target("PSNR at strength 0, dB", at_zero["psnr"].mean if at_zero else None, ">=", 30.0),
        Target("share of pairs monotone in strength", _mean(ours.monotone), ">=", 0.95),
        Target(
            "flicker vs. MicroAST",
            _mean(ours.flicker),
            "<=",
            _mean(microast.flicker if microast else None),
        ),
        Target("style retrieval rate", _mean(ours.retrieval), ">=", 0.8),
        Target(
            "style retrieval rate vs. AdaIN",
            _mean(ours.retrieval),
            ">=",
            _mean(adain.retrieval if adain else None),
        ),
        Target(
            "largest difference of banded from whole-picture inference, 1/255",
            ours.band_difference,
            "<=",
            2,
        ),
    ]


def _compare_with_method(ours: Summary, name: str, other: Summary | None) -> list[Target]:
    """Require a lower style distance at no higher content distance, and a lower curve."""
    style, content = (ours.full[f"{kind}_distance"].mean for kind in ("style", "content"))
    other_style = other_content = ratio = None
    if other is not None:
        other_style, other_content = (
            other.full[f"{kind}_distance"].mean for kind in ("style", "content")
        )
        ratio = largest_ratio(ours.curve, other.curve)
    return [
        Target(f"style distance vs. {name}", style, "<", other_style),
        Target(f"content distance vs. {name}", content, "<=", other_content),
        Target(
            f"style-content curve vs. {name}: largest ratio of style distances at equal content "
            "distance",
            ratio,
            "<",
            1.0,
        ),
    ]


def largest_ratio(
    ours: Sequence[tuple[float, float]], other: Sequence[tuple[float, float]]
) -> float:
    """Return the largest ratio of our style distance to the other's at equal content distance.

    Both arguments are style-content curves; the ratio is taken at each point of the other curve.
    Our curve is interpolated linearly. Beyond its last point it is constant, because the same
    result can be used; before its first point no result exists, so the ratio is infinite.
    """
    contents, styles = zip(*sorted(ours), strict=True)
    our_styles = np.interp([content for content, _ in other], contents, styles, left=np.inf)
    return float(
        max(our_style / style for our_style, (_, style) in zip(our_styles, other, strict=True))
    )


def _mean(interval: Interval | None) -> float | None:
    return interval.mean if interval else None
