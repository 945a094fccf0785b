"""Rows of forest plots: the bound in the middle, the side that supports on the right, numbers checked by hand."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET

import pytest
import synthetic
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader

from modescope.report import forest
from modescope.statistics import Estimate, Verdict, judge

NAN, INF = math.nan, math.inf
FINITE = st.floats(-1e6, 1e6, allow_subnormal=False)


def test_a_bound_from_below() -> None:
    row = forest.row(Estimate(3.0, 2.0, 4.5, 6), 0.5, INF)
    assert row.bounds == (50.0,)
    assert row.holds == (50.0, 100.0)
    assert row.whisker == (66.5, 94.0)  # 11 per cent a unit: 4.5 lies 4 units from the bound
    assert row.point == 77.5
    assert row.zero == 44.5
    assert (row.mirrored, row.beyond) == (False, (False, False))


def test_a_claim_that_holds_for_small_effects_is_mirrored() -> None:
    row = forest.row(Estimate(0.25, 0.125, 0.375, 6), -INF, 0.625)
    assert row.mirrored
    assert row.holds == (50.0, 100.0)
    assert row.whisker == (72.0, 94.0)
    assert row.point == 83.0
    assert row.zero is None  # it lies farther to the right than is drawn


def test_two_bounds_are_a_band_in_the_middle() -> None:
    inside = forest.row(Estimate(1.0, 0.9, 1.2, 6), 0.5, 1.5)
    assert inside.bounds == inside.holds == (35.0, 65.0)
    assert inside.point == 50.0
    outside = forest.row(Estimate(3.0, 1.0, 5.0, 6), 0.5, 1.5)  # needs more room: 11 per cent a unit
    assert outside.bounds == (44.5, 55.5)
    assert outside.whisker == (50.0, 94.0)


def test_without_an_interval_there_is_only_the_point() -> None:
    row = forest.row(Estimate(2.0, NAN, NAN, 1), 1.0, INF)
    assert (row.point, row.whisker) == (94.0, None)


def test_without_a_value_there_is_only_the_bound() -> None:
    row = forest.row(Estimate(NAN, NAN, NAN, 0), 1.0, INF)
    assert (row.point, row.whisker, row.bounds) == (None, None, (50.0,))


def test_an_effect_at_the_bound_lies_on_it() -> None:
    assert forest.row(Estimate(0.0, 0.0, 0.0, 3), 0.0, INF).point == 50.0


@pytest.mark.parametrize(
    ("low", "high", "edge"), [(0.5, INF, (False, True)), (-INF, 0.5, (True, False)), (0.0, 1.0, (False, True))]
)
def test_what_is_infinite_lies_at_the_edge(low: float, high: float, edge: tuple[bool, bool]) -> None:
    row = forest.row(Estimate(INF, NAN, NAN, 3), low, high)
    assert row.beyond == edge
    assert row.point == (100.0 if edge[1] else 0.0)


def test_a_rule_without_bounds_centres_the_value() -> None:
    row = forest.row(Estimate(2.0, 1.0, 3.0, 6), -INF, INF)
    assert (row.point, row.whisker, row.holds, row.bounds) == (50.0, (6.0, 94.0), None, ())


def test_the_range_must_not_be_empty() -> None:
    with pytest.raises(ValueError, match=r"low \(2\) must not exceed high \(1\)"):
        forest.row(Estimate(0.0, 0.0, 0.0, 3), 2, 1)


@given(st.lists(FINITE, min_size=3, max_size=3), FINITE, st.booleans())
def test_the_drawing_agrees_with_the_verdict(numbers: list[float], bound: float, from_below: bool) -> None:
    low, value, high = sorted(numbers)
    effect, held = Estimate(value, low, high, 9), (bound, INF) if from_below else (-INF, bound)
    row = forest.row(effect, *held)
    assert row.whisker is not None
    assert 0 <= row.whisker[0] <= (row.point or 0) <= row.whisker[1] <= 100
    verdict: Verdict = judge(effect, *held)
    if row.whisker[0] > 50:
        assert verdict == "supported"
    elif row.whisker[1] < 50:
        assert verdict == "contradicted"


@pytest.mark.parametrize(
    ("effect", "low", "high", "words"),
    [
        (Estimate(3.42, 2.25, 4.58, 6), 0.5, INF, "3.42 [2.25, 4.58]; holds from 0.5 up"),
        (Estimate(0.1, NAN, NAN, 1), -INF, 0.5, "0.1; holds up to 0.5"),
        (Estimate(1.0, 0.9, 1.1, 6), 0.9, 1.1, "1 [0.9, 1.1]; holds from 0.9 to 1.1"),
        (Estimate(NAN, NAN, NAN, 0), 0.5, INF, "nothing measured; holds from 0.5 up"),
        (Estimate(1.0, 0.9, 1.1, 6), -INF, INF, "1 [0.9, 1.1]"),
    ],
)
def test_a_row_in_words(effect: Estimate, low: float, high: float, words: str) -> None:
    assert forest.told(effect, low, high) == words


def drawn(effect: Estimate, low: float, high: float, verdict: Verdict | None) -> ET.Element:
    environment = Environment(loader=FileSystemLoader(synthetic.TEMPLATES), autoescape=True)
    macro = environment.get_template("forest.html.j2").module.forest_row  # type: ignore[attr-defined]
    text = macro(forest.row(effect, low, high), verdict, forest.told(effect, low, high)).strip()
    return ET.fromstring(text)  # noqa: S314, our own template


def test_verdicts_differ_in_shape() -> None:
    effect, shapes = Estimate(3.0, 2.0, 4.5, 6), {}
    for verdict in ("supported", "contradicted", "inconclusive"):
        svg = drawn(effect, 0.5, INF, verdict)
        assert svg.attrib["class"] == f"forest {verdict}"
        assert svg.findtext("title") == "3 [2, 4.5]; holds from 0.5 up"
        shapes[verdict] = svg.find(".//svg[@class='point']/*")
    assert {verdict: None if s is None else s.tag for verdict, s in shapes.items()} == {
        "supported": "circle",
        "contradicted": "path",
        "inconclusive": "circle",  # filled or not by its class
    }


def test_nothing_in_a_row_has_a_style_attribute() -> None:
    svg = drawn(Estimate(INF, NAN, NAN, 3), 0.5, INF, None)
    assert all("style" not in element.attrib for element in svg.iter())
    assert svg.find(".//svg[@class='end']") is not None
