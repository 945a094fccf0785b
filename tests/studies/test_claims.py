"""Claims about differences: verdict and reason from the interval and the smallest effect that matters."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from modescope.statistics import Estimate
from modescope.studies.common import margins
from modescope.studies.common.claims import beyond, claim, effect, gated, not_beyond
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
        ((-0.9, -0.5), "contradicted", "no effect or the opposite"),  # touches
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
    nothing = claim("key", "", "", over(nan, nan, 0), 0.0, 1.0)
    assert nothing.reason == "nothing measured"
    shut = gated(nothing, "Not judged here.", passed=False)  # a gate is no reason where there is nothing to judge
    assert (shut.verdict, shut.reason) == ("inconclusive", "nothing measured")


def test_a_claim_keeps_its_place_its_range_and_its_remedies() -> None:
    at, of = "Ring of 8", ("gan", "wgan")
    for judge, low, high in ((beyond, 0.5, inf), (not_beyond, -inf, 0.5)):
        judged = judge("a_b_c", "A beats B.", "a minus b", over(0.6, 0.9), MARGIN, where=at, remedies=of)
        assert (judged.key, judged.statement) == ("a-b-c", "A beats B.")
        assert (judged.where, judged.low, judged.high, judged.remedies) == (at, low, high, of)
        assert judged.effect == over(0.6, 0.9)
    plain = claim("k", "S.", "R.", over(0.2, 0.4), 0.0, 1.0)
    assert (plain.statement, plain.rule, plain.where, plain.remedies) == ("S.", "R.", "", ())


def test_an_effect_has_the_wider_end_of_two_intervals() -> None:
    few = effect(np.array([1.0, 2.0, 3.0]), "modes", "key")
    # t(0.975, 2) = 4.3027, standard error 1 / sqrt(3)
    assert (few.value, few.n) == (2.0, 3)
    assert (few.low, few.high) == pytest.approx((2 - 2.4842, 2 + 2.4842), abs=1e-4)
    # of 32 draws, Binomial(32, 1/16) are 1: at most 5 in 97.5 % of cases; t(0.975, 31) = 2.0395, s = 0.24593
    skewed = effect(np.array([0.0] * 30 + [1.0] * 2), "modes", "key")
    assert skewed.high == 5 / 32 > 1 / 16 + 2.0395 * 0.24593 / 32**0.5
    assert skewed.low == pytest.approx(1 / 16 - 2.0395 * 0.24593 / 32**0.5, abs=1e-5)


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
    found = over(low, low + width)
    claimed, denied = beyond("k", "", "", found, MARGIN), not_beyond("k", "", "", found, MARGIN)
    assert not (claimed.verdict == denied.verdict == "contradicted")
    if claimed.verdict == "supported" and low > MARGIN.size:
        assert denied.verdict == "contradicted"
    assert (claimed.reason == "") == (claimed.verdict == "supported")


def test_margins_are_what_their_reasons_say() -> None:
    one_in_twenty = (margins.SUCCESS, margins.RARE_STACKS, margins.COVERAGE, margins.POINTS, margins.RECALL)
    assert {margin.size for margin in one_in_twenty} == {1 / 20}
    assert (margins.MODES.size, margins.BALANCE.size) == (1 / 2, 1)
    assert margins.THOUSAND.size == 1_000 / 100
    # (K - 1) / 2n: the mean of the KL divergence of n draws from K equal modes
    assert margins.MODE_KL.size == pytest.approx(999 / 20_000, abs=1e-4)
    # tau is (agreeing - disagreeing) / all pairs: an exchanged pair of ten takes 2 / 10
    assert margins.TREND.size == pytest.approx(
        kendalltau([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]).statistic - kendalltau([1, 2, 3, 4, 5], [1, 2, 3, 5, 4]).statistic
    )
    assert margins.STRAY.size == 0.1 / 2
    assert margins.LOSS.size == pytest.approx(0.07 * math.log(2), abs=0.005 * math.log(2))


def test_margins_are_positive_and_have_reasons() -> None:
    assert len({margin.metric for margin in ALL}) == len(ALL)
    assert all(margin.size > 0 and margin.why for margin in ALL)
