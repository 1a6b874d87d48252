"""What findings that are known come to, and what the targets say of them."""

import pytest

from model.evaluation.protocol import Findings, Row
from model.evaluation.summary import Summary, Target, summarise, targets, worst_ratio
from model.metrics import Interval


def row(strength: float, style: float, photograph: str = "cat", content: float = 0.5) -> Row:
    return Row("a", photograph, "wave", strength, style, content, 1.2, 30.0)


def test_the_summary_means_over_the_pairs_of_a_strength():
    rows = [row(0.0, 0.4), row(1.0, 0.1), row(0.0, 0.4, "dog"), row(1.0, 0.3, "dog")]

    summary = summarise(Findings("a", "", rows), seed=0)

    assert summary.pairs == 2
    assert summary.by_strength[0.0]["style_distance"] == Interval(0.4, 0.4, 0.4)
    full = summary.full["style_distance"]
    assert (full.mean, full.low, full.high) == pytest.approx((0.2, 0.1, 0.3))
    assert summary.curve == [(0.5, 0.4), (0.5, pytest.approx(0.2))]


def test_the_pairs_are_counted_whose_distance_falls_strictly_up_to_full_strength():
    falling = [row(0.5, 0.2), row(0.0, 0.3), row(1.0, 0.1), row(1.5, 0.9)]
    level = [row(0.0, 0.3, "dog"), row(0.5, 0.3, "dog"), row(1.0, 0.1, "dog"), row(1.5, 0.0, "dog")]

    summary = summarise(Findings("a", "", falling + level), seed=0)

    assert summary.falling is not None
    assert summary.falling.mean == 0.5


def test_what_was_not_measured_is_none():
    summary = summarise(Findings("a", "", [row(1.0, 0.1)]), seed=0)

    assert (summary.falling, summary.variety, summary.leak_db, summary.seconds) == (None,) * 4


def test_the_leak_is_a_mean_over_photographs_by_round():
    found = Findings(
        "a", "", [row(1.0, 0.1)], leak=[[40.0, 30.0, 25.0, 20.0], [38.0, 30.0, 25, 10]]
    )

    leak = summarise(found, seed=0).leak_db

    assert leak is not None
    assert {number: value.mean for number, value in leak.items()} == {1: 39, 5: 30, 10: 25, 20: 15}


# Targets


def summary(
    style: float = 0.06,
    content: float = 0.5,
    retrieval: float | None = None,
    flicker: float | None = None,
) -> Summary:
    values = {"style_distance": style, "content_distance": content, "grid_index": 1.0, "psnr": 40.0}
    told = {name: point(value) for name, value in values.items()}
    return Summary(
        note="",
        pairs=1,
        by_strength={0.0: told | {"style_distance": point(0.3)}, 1.0: told},
        falling=point(0.9),
        variety=None,
        retrieval=None if retrieval is None else point(retrieval),
        flicker=None if flicker is None else point(flicker),
        leak_db=None,
        seconds=None,
        band_difference=1,
    )


def point(value: float) -> Interval:
    return Interval(value, value, value)


def test_the_targets_say_what_is_met_and_by_how_much_the_rest_is_missed():
    ours = summary(retrieval=0.85, flicker=1.2)
    peers = {
        "AdaIN": summary(0.04, retrieval=0.9),
        "MicroAST": summary(0.07, 0.8, flicker=1.2),
    }

    verdicts = {target.name: target.verdict for target in targets(ours, peers)}

    assert verdicts["style distance, AdaIN's"] == "missed by 0.020"
    assert verdicts["content distance, AdaIN's"] == "met"
    assert verdicts["style distance, MicroAST's"] == "met"
    assert verdicts["grid index, MicroAST's"] == "met"
    assert verdicts["PSNR at strength 0, dB"] == "met"
    assert verdicts["style distance falls strictly, share"] == "missed by 0.050"
    assert verdicts["flicker, MicroAST's"] == "met"
    assert verdicts["style retrieval, share"] == "met"
    assert verdicts["style retrieval, AdaIN's"] == "missed by 0.050"
    assert verdicts["bands = whole, 1/255"] == "met"


def test_without_peers_their_targets_are_not_measured_and_the_others_are():
    verdicts = {target.name: target.verdict for target in targets(summary(), {})}

    assert verdicts["style distance, AdaIN's"] == "not measured"
    assert verdicts["style retrieval, share"] == "not measured"
    assert verdicts["PSNR at strength 0, dB"] == "met"


def test_a_target_of_less_is_missed_by_the_same():
    assert Target("a", 0.5, "<", 0.5).verdict == "missed by 0.000"


def test_the_curve_is_compared_at_the_content_distance_of_each_of_their_points():
    ours = [(0.0, 0.4), (0.4, 0.2), (0.8, 0.1)]

    # at 0.2 ours is 0.3 to their 0.6; at 0.6 it is 0.15 to 0.1
    assert worst_ratio(ours, [(0.2, 0.6), (0.6, 0.1)]) == pytest.approx(1.5)


def test_past_our_last_point_the_curve_is_level_and_before_the_first_there_is_none():
    ours = [(0.1, 0.4), (0.8, 0.1)]

    assert worst_ratio(ours, [(2.0, 0.2)]) == pytest.approx(0.5)
    assert worst_ratio(ours, [(0.05, 0.9)]) == float("inf")
