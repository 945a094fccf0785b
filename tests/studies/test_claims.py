"""Claims about differences: verdict and reason from the interval and the smallest effect that matters."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modescope.statistics import Estimate
from modescope.studies.common.claims import beyond, claim, gated, not_beyond
from modescope.studies.common.margins import ALL, Margin

MARGIN = Margin(0.5, "modes", "half a mode")
nan, inf = math.nan, math.inf


def over(low: float, high: float, n: int = 12) -> Estimate:
    return Estimate((low + high) / 2, low, high, n)


@pytest.mark.parametrize(
    ("interval", "verdict", "reason"),
    [
        ((0.5, 0.9), "supported", ""),
        ((0.4, 0.9), "inconclusive", "too few seeds"),
        ((-0.2, 0.5), "inconclusive", "too few seeds"),  # touches
        ((-0.4, 0.4), "contradicted", "no material effect"),
        ((0.1, 0.4), "contradicted", "no material effect"),  # an effect, but too small to matter
        ((-0.9, -0.6), "contradicted", "opposite effect"),
        ((-0.9, 0.1), "contradicted", "no effect or the opposite"),
        ((-0.5, -0.1), "contradicted", "no effect or the opposite"),
        ((nan, nan), "inconclusive", "too few seeds"),
    ],
)
def test_a_material_difference(interval: tuple[float, float], verdict: str, reason: str) -> None:
    judged = beyond("a_b", "A beats B.", "Modes of a minus those of b", over(*interval), MARGIN)
    assert (judged.key, judged.verdict, judged.reason) == ("a-b", verdict, reason)
    assert judged.rule == ("Modes of a minus those of b is at least 0.5 on average, the smallest effect that matters.")


@pytest.mark.parametrize(
    ("interval", "verdict", "reason"),
    [
        ((-0.4, 0.5), "supported", ""),
        ((-9.0, -7.0), "supported", ""),
        ((0.6, 0.9), "contradicted", ""),
        ((0.2, 0.9), "inconclusive", "too few seeds"),
    ],
)
def test_no_material_difference(interval: tuple[float, float], verdict: str, reason: str) -> None:
    judged = not_beyond("key", "A is no better.", "a minus b", over(*interval), MARGIN)
    assert (judged.verdict, judged.reason) == (verdict, reason)
    assert judged.rule == "a minus b is at most 0.5 on average, the smallest effect that matters."


def test_no_effect_is_contradicted_with_enough_seeds_and_equal_values_need_six() -> None:
    assert beyond("key", "", "", over(0.0, 0.0, 6), MARGIN).verdict == "contradicted"
    assert beyond("key", "", "", over(0.0, 0.0, 5), MARGIN).verdict == "inconclusive"


def test_nothing_measured() -> None:
    assert claim("key", "", "", over(nan, nan, 0), 0.0, 1.0).reason == "nothing measured"


def test_a_gate_opens_every_verdict_and_says_why() -> None:
    for interval in ((0.6, 0.9), (-0.1, 0.1), (0.4, 0.6)):
        judged = beyond("key", "", "a minus b", over(*interval), MARGIN)
        shut = gated(judged, "Not judged here.", passed=False)
        assert (shut.verdict, shut.reason) == ("inconclusive", "too short")
        assert shut.rule == f"{judged.rule} Not judged here."
        assert gated(judged, "Not judged here.", passed=True) == replace(judged, rule=shut.rule)
        full = gated(judged, "Not judged here.", passed=False, reason="nothing to gain")
        assert full == replace(shut, reason="nothing to gain")


@given(st.floats(-2, 2), st.floats(0, 2))
def test_exactly_one_verdict_and_a_claim_and_its_denial_never_agree(low: float, width: float) -> None:
    effect = over(low, low + width)
    claimed, denied = beyond("k", "", "", effect, MARGIN), not_beyond("k", "", "", effect, MARGIN)
    assert not (claimed.verdict == denied.verdict == "contradicted")
    if claimed.verdict == "supported" and low > MARGIN.size:
        assert denied.verdict == "contradicted"
    assert (claimed.reason == "") == (claimed.verdict == "supported")


def test_margins_are_positive_and_have_reasons() -> None:
    assert len({margin.metric for margin in ALL}) == len(ALL)
    assert all(margin.size > 0 and margin.why for margin in ALL)
