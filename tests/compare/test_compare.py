"""Comparison of two sides: settings, paired differences, what only one side has, and the text of the page."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from modescope.compare import finding, page, view
from modescope.compare.onesided import OneSided, one_sided
from modescope.compare.paired import Difference, Outcome, differences, outcome
from modescope.compare.parameters import Setting
from modescope.compare.parameters import differences as parameter_differences
from modescope.compare.sides import COLUMNS, Side, Still
from modescope.metrics import About
from modescope.statistics import Estimate

REPORTS = Path(__file__).resolve().parents[2] / "reports"
ABOUT = {
    "modes_covered": About("modes covered", "How many.", "0 to n", "higher"),
    "w2": About("W2", "How far.", "0 upwards", "lower"),
    "std_ratio": About("spread", "Of the standard deviations.", "0 upwards", "neither"),
}
PARAMS = {"effort": 0.1, "studies": {"modes": {}}, "experiments": {"gan": {"study": "modes", "steps": 10}}}

BOTH = PARAMS | {"experiments": {e: {"study": "modes"} for e in ("gan", "wgan")}}


def rows(values: list[float], metric: str = "w2", experiment: str = "gan", arm: str = "base", first: int = 0) -> Any:
    return [("modes", experiment, arm, first + i, metric, value) for i, value in enumerate(values)]


def side(name: str, *parts: Any, params: Any = PARAMS, stills: Any = None) -> Side:
    frame = pd.DataFrame([row for part in parts for row in part], columns=COLUMNS)
    return Side(name, f"{name} in words", params, frame, stills or {})


def compared(a: list[float], b: list[float], metric: str = "w2") -> Any:
    (found,) = differences(side("a", rows(a, metric)).scores, side("b", rows(b, metric)).scores, ABOUT)
    return found


def test_difference_is_b_minus_a_seed_by_seed() -> None:
    """1, 2, 4 against 3, 5, 9: differences 2, 3, 5; Student's interval 3.33 -+ 4.30 * 1.53 / sqrt(3) is the wider."""
    found = compared([1.0, 2.0, 4.0], [3.0, 5.0, 9.0])
    assert (found.a, found.b) == (pytest.approx(7 / 3), pytest.approx(17 / 3))
    half = stats.t.ppf(0.975, 2) * math.sqrt(7 / 3) / math.sqrt(3)
    assert found.effect == pytest.approx((10 / 3, 10 / 3 - half, 10 / 3 + half, 3))
    assert found.outcome == "inconclusive"


def test_pairing_sees_what_means_do_not() -> None:
    """Seeds differ by hundreds, the change is about 1: only the paired difference is significant."""
    a = [100.0, 300.0, 200.0, 500.0, 400.0, 600.0]
    found = compared(a, [x + 1 + 0.1 * i for i, x in enumerate(a)])
    assert found.effect.low > 0.9
    assert found.effect.high < 1.6
    assert found.outcome == "worse"


def test_pairs_by_seed_and_not_by_place() -> None:
    a = side("a", reversed(rows([1.0, 2.0, 3.0]))).scores
    b = side("b", rows([2.0, 3.0, 9.0], first=1)).scores
    (found,) = differences(a, b, ABOUT)
    assert found.effect.n == 2
    assert found.outcome == "alike"  # seeds 1 and 2 have equal values; 0 and 3 have no partner


@pytest.mark.parametrize(
    ("low", "high", "n", "better", "expected"),
    [
        (0.1, 0.3, 3, "higher", "better"),
        (0.1, 0.3, 3, "lower", "worse"),
        (-0.3, -0.1, 3, "lower", "better"),
        (-0.3, -0.1, 3, "higher", "worse"),
        (-0.3, -0.1, 3, "neither", "lower"),
        (0.1, 0.3, 3, "neither", "higher"),
        (0.0, 0.3, 3, "higher", "inconclusive"),
        (-0.1, 0.3, 3, "higher", "inconclusive"),
        (1.0, 1.0, 5, "higher", "inconclusive"),  # no spread with fewer than six seeds
        (1.0, 1.0, 6, "higher", "better"),
        (math.nan, math.nan, 1, "higher", "inconclusive"),
    ],
)
def test_outcome_is_where_the_whole_interval_lies(low: float, high: float, n: int, better: str, expected: str) -> None:
    assert outcome(Estimate((low + high) / 2, low, high, n), better) == expected


def test_infinite_scores_are_no_difference_and_no_crash() -> None:
    assert compared([1.0, math.inf], [math.inf, 1.0]).outcome == "inconclusive"
    assert compared([math.inf, 1.0], [math.inf, 1.0]).outcome == "alike"


@given(
    st.lists(st.integers(-100, 100), min_size=2, max_size=5), st.lists(st.integers(-100, 100), min_size=5, max_size=5)
)
def test_swapping_the_sides_turns_the_difference_round(x: list[int], y: list[int]) -> None:
    forth, back = compared(x, y[: len(x)]), compared(y[: len(x)], x)
    assert forth.effect.value == pytest.approx(-back.effect.value)
    turned = {"better": "worse", "worse": "better"}
    # Student's interval is symmetric. Where the bootstrap's is wider, its resamples of -x are those of x negated.
    assert back.outcome == turned.get(forth.outcome, forth.outcome)


NONE = Estimate(math.nan, math.nan, math.nan, 0)


@pytest.mark.parametrize(
    ("outcomes", "heading"),
    [
        ([], "No measure of A and B can be compared"),
        (["alike", "alike"], "A and B have the same scores"),
        (["alike", "inconclusive"], "No measure differs significantly between A and B"),
        (["better"], "B is better in 1 measure and worse in none"),
        (["worse", "worse", "alike"], "B is worse in 2 measures and better in none"),
        (["better"] * 3 + ["worse"], "B is better in 3 measures and worse in 1"),
        (["lower"], "B differs from A in 1 measure for which neither direction is better"),
        (
            ["better", "higher", "lower"],
            "B is better in 1 measure and worse in none, and differs in 2 for which neither direction is better",
        ),
    ],
)
def test_the_heading_is_true_in_every_case(outcomes: list[Outcome], heading: str) -> None:
    found = [Difference("modes", "gan", "base", f"m{i}", 0, 0, NONE, outcome) for i, outcome in enumerate(outcomes)]
    assert finding.heading(found) == heading


def test_a_metric_for_which_lower_is_better_is_mirrored() -> None:
    """W2 falls, so it lies to the right of the middle with its best row first; a spread has no side that is shaded."""
    falls = [rows([x, x + 0.1, x], experiment=e) for e, x in (("gan", 3.0), ("wgan", 2.0))]
    base = [rows([4.0, 4.0, 4.0], experiment=e) for e in ("gan", "wgan")]
    wider = rows([1.0, 1.1, 1.0], "std_ratio")
    found = view.build(
        side("a", *base, rows([2.0] * 3, "std_ratio"), params=BOTH), side("b", *falls, wider, params=BOTH), ABOUT
    )
    w2, spread = found.studies[0].groups
    assert [line.code for line in w2.shown] == ["wgan, base", "gan, base"]
    assert [line.mark for line in w2.shown] == ["supported", "supported"]
    assert all(line.row.point is not None and line.row.point > 50 for line in w2.shown)
    assert (w2.direction, spread.direction) == ("lower is better", "neither direction is better")
    (line,) = spread.shown
    assert (line.mark, line.row.holds) == ("inconclusive", None)
    assert line.row.point is not None
    assert line.row.point < 50
    assert line.words == "Gan: lower by −0.967 [−1.11, −0.823]"


def test_equal_changes_of_many_entries_are_one_row() -> None:
    a = {"experiments": {f"e{i}": {"steps": 10, "optimizers": {"generator": {"rate": 0.1}}} for i in range(3)}}
    b = {"experiments": {f"e{i}": {"steps": 20, "optimizers": {"generator": {"rate": 0.1}}} for i in range(3)}}
    b["experiments"]["e2"]["steps"] = 30
    differing, alike = parameter_differences(a, b)
    assert differing == [
        Setting("experiments.*.steps", ["e0", "e1"], "10", "20"),
        Setting("experiments.e2.steps", [], "10", "30"),
    ]
    assert alike == [Setting("experiments.*.optimizers.generator.rate", ["e0", "e1", "e2"], "0.1", "0.1")]


def test_what_one_side_lacks_is_one_row_however_much_is_in_it() -> None:
    a = {
        "effort": 1.0,
        "datasets": {"old": {"kind": "ring", "std": 0.1}},
        "experiments": {"e": {"ema": {"decay": 0.9}}},
    }
    b = {"effort": 1, "datasets": {"new": {"kind": "grid"}}, "experiments": {"e": {"ema": None}}, "samplers": {"s": {}}}
    b["classifiers"] = {"c": {"study": "x"}}
    assert parameter_differences(a, b)[0] == [
        Setting("datasets.new", [], "–", "present"),
        Setting("datasets.old", [], "present", "–"),
        Setting("experiments.e.ema", [], '{"decay": 0.9}', "null"),
        Setting("samplers.s", [], "–", "present"),
        Setting("classifiers.c", [], "–", "present"),
    ]


@pytest.mark.parametrize(("x", "y"), [(True, 1), ([1, 2], [1, 2, 3]), ({}, None), ("1", 1), (0.0, False)])
def test_values_that_only_look_alike_differ(x: Any, y: Any) -> None:
    assert len(parameter_differences({"k": x}, {"k": y})[0]) == 1
    assert parameter_differences({"k": x}, {"k": x})[0] == []


def test_one_sided_things_are_named_once_at_their_widest() -> None:
    old = {
        "studies": {"modes": {}, "gone": {}},
        "experiments": {e: {"study": "modes"} for e in ("gan", "lsgan", "wgan")} | {"x": {"study": "gone"}},
    }
    new = {"studies": {"modes": {}}, "experiments": {e: {"study": "modes"} for e in ("gan", "lsgan", "hinge")}}
    a = side(
        "a",
        rows([1.0, 2.0, 3.0, 4.0]),
        rows([1.0], "std_ratio"),
        rows([1.0], arm="ema=0.9"),
        rows([1.0], experiment="wgan"),
        rows([1.0], experiment="lsgan"),
        params=old,
    )
    b = side("b", rows([1.0]), rows([1.0], experiment="hinge"), rows([1.0], experiment="left_behind"), params=new)
    assert one_sided(a, b) == [
        OneSided("study", "gone", "A", ""),
        OneSided("experiment", "wgan", "A", "modes"),
        OneSided("experiment", "hinge", "B", "modes"),
        OneSided("scores", "lsgan", "A", "modes"),
        OneSided("arm", "ema=0.9", "A", "gan"),
        OneSided("metric", "std_ratio", "A", "gan"),
        OneSided("seeds", "1–3", "A", "gan, base"),
    ]
    assert one_sided(a, a) == []


def test_a_side_that_was_not_run_is_said_once() -> None:
    params = {"studies": {"modes": {}}, "experiments": {e: {"study": "modes"} for e in ("gan", "wgan")}}
    a = side("a", rows([1.0]), rows([1.0], experiment="wgan"), params=params)
    assert one_sided(a, side("b", params=params)) == [
        OneSided("scores", "modes", "A", "2 experiments; the other side has not been run")
    ]


def pictures(tmp_path: Path, **contents: bytes | None) -> dict[str, dict[str, Still]]:
    stills = {}
    for name, content in contents.items():
        file = tmp_path / f"{name}_{(content or b'').hex()}.png"
        if content is not None:
            file.write_bytes(content)
        digest = (content or b"lost").hex()
        stills[name] = Still(f"{name} & more", "<b>alt</b>", 300, 200, digest, file if content is not None else None)
    return {"modes": stills}


def test_pictures_are_paired_by_name_and_only_if_they_differ(tmp_path: Path) -> None:
    a = side("a", stills=pictures(tmp_path, same=b"1", changed=b"2", old=b"3", lost=None))
    b = side("b", stills=pictures(tmp_path, same=b"1", changed=b"4", new=b"5", lost=b"6") | {"other": {}})
    found = view.build(a, b, ABOUT)
    assert found.alike_pictures == 1
    assert [(p.name, p.a is None, p.b is None) for p in found.pairs] == [
        ("changed", False, False),
        ("new", True, False),
        ("lost", False, False),
        ("old", False, True),
    ]
    content = dict(page.files(found, REPORTS / "templates", REPORTS / "static"))
    assert {name: content[name] for name in content if name.endswith(".png")} == {
        "assets/modes_changed_a.png": b"2",
        "assets/modes_changed_b.png": b"4",
        "assets/modes_new_b.png": b"5",
        "assets/modes_lost_b.png": b"6",
        "assets/modes_old_a.png": b"3",
    }
    html = content["index.html"].decode()
    assert html.count("This side has no such figure.") == 2
    assert html.count("The picture is not in the local DVC cache.") == 1
    assert "1 figure is identical on both sides" in html


def test_page_tells_what_differs_and_escapes_what_it_did_not_write() -> None:
    evil = "<script>alert(1)</script>"
    params = {
        "studies": {"modes": {}},
        "experiments": {evil: {"study": "modes", "note": evil}, "gan": {"study": "modes"}},
    }
    a = side("HEAD~1", rows([1.0, 1.1, 1.2, 1.3]), rows([0.1, 0.2, 0.3, 0.5], "std_ratio"), params=PARAMS)
    b = side(evil, rows([3.0, 3.2, 3.1, 3.4]), rows([0.5, 0.2, 0.3, 0.1], "std_ratio"), params=params)
    found = view.build(a, b, ABOUT)
    html = page.render(found, REPORTS / "templates")
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "2 measures (each the mean of a metric over the seeds of an arm): 1 differs with an interval" in html
    sheet = page.sheet(found).splitlines()
    assert sheet[0] == "study,experiment,arm,metric,a,b,difference,low,high,seeds,outcome"
    assert [line.split(",")[3] + line.split(",")[-1] for line in sheet[1:]] == ["w2worse", "std_ratioinconclusive"]
    told = next(d for d in found.told)
    assert told.effect.value == pytest.approx(np.mean([2.0, 2.1, 1.9, 2.1]))


def test_two_equal_sides_say_so() -> None:
    a = side("a", rows([1.0, 2.0]))
    found = view.build(a, a, ABOUT)
    assert found.lead == (
        "No settings differ. Both sides have 1 measure (each the mean of a metric over the seeds of an arm), equal "
        "seed by seed."
    )
    assert (found.settings, found.told, found.open, found.pairs, found.one_sided) == ([], [], [], [], [])
    html = page.render(found, REPORTS / "templates")
    assert "None: both sides have the same params.yaml." in html
    assert "Nothing: both sides have the same studies" in html


def test_nothing_measured_on_both_sides_is_said() -> None:
    assert "no metric can be compared" in view.build(side("a", rows([1.0])), side("b"), ABOUT).lead
