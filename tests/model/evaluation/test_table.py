"""The Markdown tables."""

from model.evaluation import table
from model.evaluation.protocol import Seconds
from model.evaluation.summary import Summary, Target
from model.metrics import Interval


def summary() -> Summary:
    measured = {
        "style_distance": Interval(0.1, 0.09, 0.11),
        "content_distance": Interval(0.5, 0.4, 0.6),
        "grid_index": Interval(1.25, 1.0, 1.5),
        "psnr": Interval(31.0, 30.0, 32.0),
        "placement": Interval(0.8, 0.7, 0.9),
        "calm": Interval(1.2, 1.1, 1.3),
    }
    return Summary(
        note="weights 1",
        pairs=40,
        by_strength={0.0: measured, 1.0: measured},
        monotone=Interval(0.95, 0.9, 1.0),
        variety=None,
        retrieval=None,
        flicker=None,
        content_leak_db=None,
        seconds=Seconds(0.2, 0.25),
        band_difference=None,
    )


def test_methods_table_has_a_row_per_method_and_reasons_for_unmeasured_ones():
    header, rule, ours, other = table.methods_table(
        {"DualTrans": summary()}, {"SANet": "no weights"}
    ).splitlines()

    assert ours == (
        "| DualTrans | 40 | 0.100 (0.090 to 0.110) | 0.500 (0.400 to 0.600) | 1.25 (1.00 to 1.50) "
        "| 0.80 (0.70 to 0.90) | 1.20 (1.10 to 1.30) "
        "| 31.0 (30.0 to 32.0) | 95% (90% to 100%) | - | - | - | - | 0.20 / 0.25 |"
    )
    assert other.startswith("| SANet | not measured: no weights | - |")
    assert len({line.count("|") for line in (header, rule, ours, other)}) == 1


def test_a_strength_that_a_method_lacks_is_a_dash():
    other = summary()
    del other.by_strength[0.0]

    lines = table.strengths_table({"ours": summary(), "theirs": other}).splitlines()

    assert lines[0] == "| style / content distance at strength | 0.0 | 1.0 |"
    assert lines[2:] == [
        "| ours | 0.100 / 0.500 | 0.100 / 0.500 |",
        "| theirs | - | 0.100 / 0.500 |",
    ]


def test_targets_table_has_the_measured_and_the_required_value():
    text = table.targets_table([Target("a", 0.5, "<=", 0.25), Target("b", None, ">=", 0.8)])

    assert text.splitlines()[2:] == [
        "| a | 0.500 | <= 0.250 | missed by 0.250 |",
        "| b | - | >= 0.800 | not measured |",
    ]


def test_notes_has_a_bullet_point_per_method():
    assert table.notes({"DualTrans": summary()}) == "- DualTrans: weights 1\n"
