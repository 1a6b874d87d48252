"""Summaries and targets of known measurements."""

import pytest

from model.evaluation.protocol import Measurements
from model.evaluation.rows import Row
from model.evaluation.summary import Summary, Target, check_targets, largest_ratio, summarise
from model.metrics import Interval


def row(strength: float, style: float, photo: str = "cat", content: float = 0.5) -> Row:
    return Row("a", photo, "wave", strength, style, content, 1.2, 30.0, 0.8, 1.25)


def test_a_summary_has_the_mean_over_the_pairs_of_every_strength():
    rows = [row(0.0, 0.4), row(1.0, 0.1), row(0.0, 0.4, "dog"), row(1.0, 0.3, "dog")]

    summary = summarise(Measurements("a", "", rows), seed=0)

    assert summary.pairs == 2
    assert summary.by_strength[0.0]["style_distance"] == Interval(0.4, 0.4, 0.4)
    full = summary.full["style_distance"]
    assert (full.mean, full.low, full.high) == pytest.approx((0.2, 0.1, 0.3))
    assert (summary.full["placement"].mean, summary.full["calm"].mean) == (0.8, 1.25)
    assert summary.curve == [(0.5, 0.4), (0.5, pytest.approx(0.2))]


def test_monotone_is_the_share_of_pairs_that_are_strictly_monotone_up_to_strength_1():
    monotone = [row(0.5, 0.2), row(0.0, 0.3), row(1.0, 0.1), row(1.5, 0.9)]
    level = [row(0.0, 0.3, "dog"), row(0.5, 0.3, "dog"), row(1.0, 0.1, "dog"), row(1.5, 0.0, "dog")]

    summary = summarise(Measurements("a", "", monotone + level), seed=0)

    assert summary.monotone is not None
    assert summary.monotone.mean == 0.5


def test_values_that_were_not_measured_are_none():
    summary = summarise(Measurements("a", "", [row(1.0, 0.1)]), seed=0)

    assert (summary.monotone, summary.variety, summary.content_leak_db, summary.seconds) == (
        None,
    ) * 4


def test_content_leak_is_the_mean_over_photos_for_each_number_of_rounds():
    measurements = Measurements(
        "a", "", [row(1.0, 0.1)], content_leak_db=[[40.0, 30.0, 25.0, 20.0], [38.0, 30.0, 25, 10]]
    )

    leak = summarise(measurements, seed=0).content_leak_db

    assert leak is not None
    assert {number: value.mean for number, value in leak.items()} == {1: 39, 5: 30, 10: 25, 20: 15}


# Targets


def summary(
    style: float = 0.06,
    content: float = 0.5,
    retrieval: float | None = None,
    flicker: float | None = None,
) -> Summary:
    values = {
        "style_distance": style,
        "content_distance": content,
        "grid_index": 1.0,
        "psnr": 40.0,
        "placement": 0.8,
        "calm": 1.2,
    }
    metrics = {name: point(value) for name, value in values.items()}
    return Summary(
        note="",
        pairs=1,
        by_strength={0.0: metrics | {"style_distance": point(0.3)}, 1.0: metrics},
        monotone=point(0.9),
        variety=None,
        retrieval=None if retrieval is None else point(retrieval),
        flicker=None if flicker is None else point(flicker),
        content_leak_db=None,
        seconds=None,
        band_difference=1,
    )


def point(value: float) -> Interval:
    return Interval(value, value, value)


def test_targets_are_met_or_missed_by_an_amount():
    ours = summary(retrieval=0.85, flicker=1.2)
    others = {
        "AdaIN": summary(0.04, retrieval=0.9),
        "MicroAST": summary(0.07, 0.8, flicker=1.2),
    }

    outcomes = {target.name: target.outcome for target in check_targets(ours, others)}

    assert outcomes["style distance vs. AdaIN"] == "missed by 0.020"
    assert outcomes["content distance vs. AdaIN"] == "met"
    assert outcomes["style distance vs. MicroAST"] == "met"
    assert outcomes["grid index vs. MicroAST"] == "met"
    assert outcomes["contrast in calm areas"] == "missed by 0.050"
    assert outcomes["PSNR at strength 0, dB"] == "met"
    assert outcomes["share of pairs monotone in strength"] == "missed by 0.050"
    assert outcomes["flicker vs. MicroAST"] == "met"
    assert outcomes["style retrieval rate"] == "met"
    assert outcomes["style retrieval rate vs. AdaIN"] == "missed by 0.050"
    assert outcomes["largest difference of banded from whole-picture inference, 1/255"] == "met"


def test_targets_of_methods_that_were_not_measured_are_not_measured():
    outcomes = {target.name: target.outcome for target in check_targets(summary(), {})}

    assert outcomes["style distance vs. AdaIN"] == "not measured"
    assert outcomes["style retrieval rate"] == "not measured"
    assert outcomes["PSNR at strength 0, dB"] == "met"


def test_a_strict_target_is_missed_by_an_equal_value():
    assert Target("a", 0.5, "<", 0.5).outcome == "missed by 0.000"


def test_curves_are_compared_at_the_content_distance_of_each_point_of_the_other():
    ours = [(0.0, 0.4), (0.4, 0.2), (0.8, 0.1)]

    # at content 0.2 the styles are 0.3 and 0.6; at content 0.6 they are 0.15 and 0.1
    assert largest_ratio(ours, [(0.2, 0.6), (0.6, 0.1)]) == pytest.approx(1.5)


def test_our_curve_is_constant_beyond_its_last_point_and_undefined_before_its_first():
    ours = [(0.1, 0.4), (0.8, 0.1)]

    assert largest_ratio(ours, [(2.0, 0.2)]) == pytest.approx(0.5)
    assert largest_ratio(ours, [(0.05, 0.9)]) == float("inf")
