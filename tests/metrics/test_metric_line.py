"""Scores in one dimension: KS distance against SciPy, known autocorrelation times, and the bound on every D."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats
from scipy.special import logit

from modescope import datasets, metrics
from modescope.metrics import Array
from modescope.metrics.common import optimal
from modescope.metrics.line import Line, autocorrelation, autocorrelation_time, ks

NORMAL = datasets.build({"kind": "gaussian", "dim": 1})
PEAKS = datasets.build({"kind": "line", "n_modes": 2, "low": -2.0, "high": 2.0, "std": 0.4})
PLACES = np.linspace(-4, 4, 33)


@given(st.integers(0, 10_000), st.integers(1, 50), st.floats(-2, 2))
def test_ks_is_that_of_scipy(seed: int, n: int, shift: float) -> None:
    points = PEAKS.sample(n, np.random.default_rng(seed))[:, 0] + shift
    assert ks(points, PEAKS) == pytest.approx(stats.kstest(points, PEAKS.cdf).statistic, abs=1e-12)


def test_ks_by_hand() -> None:
    # one point at the median: the share jumps from 0 to 1 where F is 1/2; quartiles of three are a quarter away
    assert ks(np.array([0.0]), NORMAL) == pytest.approx(0.5)
    assert ks(NORMAL.quantile(np.array([0.25, 0.5, 0.75])), NORMAL) == pytest.approx(0.25)
    assert ks(np.array([99.0, 99.0]), NORMAL) == pytest.approx(1)


def test_the_floor_is_kolmogorovs() -> None:
    rng, n = np.random.default_rng(0), 400
    found = [Line().score(np.empty(0), NORMAL.sample(n, rng), NORMAL, rng)["ks"] for _ in range(300)]
    expected = math.sqrt(math.pi / 2) * math.log(2) / math.sqrt(n)  # 0.87 / sqrt(n)
    assert np.mean(found) == pytest.approx(expected, rel=0.05)
    assert stats.kstest(np.sqrt(n) * np.array(found), stats.kstwobign.cdf).pvalue > 1e-3


def autoregressive(rho: float, n: int, seed: int = 0) -> Array:
    """x_t = rho x_{t-1} + sqrt(1 - rho^2) e_t: stationary, with autocorrelations rho^k."""
    rng = np.random.default_rng(seed)
    x = np.empty(n)
    x[0] = rng.standard_normal()
    for t, e in enumerate(rng.standard_normal(n - 1) * math.sqrt(1 - rho**2), 1):
        x[t] = rho * x[t - 1] + e
    return x


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_the_autocorrelation_time_of_an_autoregression(rho: float) -> None:
    # 1 + 2 sum rho^k = (1 + rho) / (1 - rho)
    found = [autocorrelation_time(autoregressive(rho, 20_000, seed)) for seed in range(4)]
    assert np.mean(found) == pytest.approx((1 + rho) / (1 - rho), rel=0.1)


@pytest.mark.parametrize(
    ("chain", "time"),
    [
        ([1, 1, -1, -1, 0], 1.5),  # 1, 1/4, -1/2, -1/4, 0: the sum ends before the second pair
        ([1, -1, 1, -1], 0.0),  # 1, -3/4, 1/2, -1/4: no pair ends it
        ([0, 2], 0.0),  # 1, -1/2
    ],
)
def test_autocorrelation_times_by_hand(chain: list[float], time: float) -> None:
    assert autocorrelation_time(np.array(chain, dtype=float)) == pytest.approx(time, abs=1e-12)


def test_autocorrelations_are_sums_over_pairs() -> None:
    x = np.random.default_rng(1).normal(size=37)
    away = x - x.mean()
    expected = [np.sum(away[: 37 - k] * away[k:]) / np.sum(away**2) for k in range(37)]
    np.testing.assert_allclose(autocorrelation(x), expected, atol=1e-12)


def test_a_chain_that_never_moves_is_worth_nothing() -> None:
    assert autocorrelation_time(np.full(50, 3.0)) == math.inf
    assert autocorrelation_time(np.array([1.0])) == math.inf
    np.testing.assert_array_equal(autocorrelation(np.full(5, 0.1)), 1)
    views = {"chain": np.ones((40, 1)), "accepted": np.zeros((40, 1))}
    scores = Line().score_views(np.empty(0), views, NORMAL)
    assert scores == {"acceptance_rate": 0, "autocorrelation_time": math.inf, "effective_samples": 0}


def test_a_chain_in_slow_steps_counts_for_less() -> None:
    views = {"chain": autoregressive(0.5, 8_000)[:, None]}
    scores = Line().score_views(np.empty(0), views, NORMAL)
    assert scores["effective_samples"] == pytest.approx(8_000 / scores["autocorrelation_time"])
    assert scores["effective_samples"] == pytest.approx(8_000 / 3, rel=0.15)
    # every value five times: five times as long
    slow = autocorrelation_time(np.repeat(autoregressive(0.5, 8_000), 5))
    assert slow == pytest.approx(5 * scores["autocorrelation_time"], rel=0.1)


def test_families_that_show_nothing_of_this_have_no_scores() -> None:
    assert Line().score_views(np.empty(0), {"codes": np.zeros((3, 1)), "z": np.zeros((3, 1))}, NORMAL) == {}
    for kind in ("ring", "swiss_roll", "gaussian"):
        assert not Line().applies(datasets.build({"kind": kind}))
    assert metrics.build({"line": {}})["line"].applies(PEAKS)


# The discriminator against the optimal one


def shares(cells: int) -> st.SearchStrategy[Array]:
    """Masses per cell that sum to 1."""
    values = arrays.arrays(np.float64, cells, elements=st.floats(0, 1))
    return values.filter(lambda v: v.sum() > 0.01).map(lambda v: v / v.sum())


@given(shares(7), shares(7), arrays.arrays(np.float64, 7, elements=st.floats(0, 1)))
def test_no_discriminator_errs_less_than_the_bound(p: Array, q: Array, d: Array) -> None:
    c = optimal.Cells(np.arange(7.0), p, q, d)
    assert np.all(p * (1 - d) + q * d >= np.minimum(p, q) - 1e-15)  # cell by cell
    assert optimal.error(c) >= optimal.bayes_error(c) - 1e-12
    hard = c._replace(d=(p > q).astype(float))
    assert optimal.error(hard) == pytest.approx(optimal.bayes_error(c), abs=1e-12)  # the bound is reached
    assert optimal.bayes_error(c) - 1e-12 <= optimal.error_of_optimal(c) <= 0.5 + 1e-12
    assert optimal.error(c._replace(d=np.full(7, 0.5))) == pytest.approx(0.5)
    assert optimal.error_of_optimal(c) == pytest.approx(
        sum(a * b / (a + b) for a, b in zip(p, q, strict=True) if a + b > 0), abs=1e-12
    )


@given(shares(5), arrays.arrays(np.float64, 5, elements=st.floats(0, 1)))
def test_where_the_two_match_every_discriminator_guesses(p: Array, d: Array) -> None:
    c = optimal.Cells(np.arange(5.0), p, p, d)
    assert optimal.error(c) == pytest.approx(0.5)
    assert optimal.bayes_error(c) == pytest.approx(0.5)
    np.testing.assert_allclose(optimal.optimal(c)[p > 0], 0.5)
    assert optimal.offset(c) == pytest.approx(np.sum(p * np.abs(d - 0.5)))


def test_cells_hold_all_of_the_mass() -> None:
    points = np.array([-100.0, -4.0, 0.01, 0.02, 100.0])
    c = optimal.cells(NORMAL, PLACES, points, np.zeros(33))
    assert c.p.sum() == pytest.approx(1)
    assert (c.q[0], c.q[16], c.q[-1], c.q.sum()) == pytest.approx((0.4, 0.4, 0.2, 1))
    assert c.p[16] == pytest.approx(stats.norm.cdf(0.125) - stats.norm.cdf(-0.125))
    np.testing.assert_array_equal(c.d, 0.5)


def test_two_normals_whose_overlap_is_known() -> None:
    # N(0, 1) and N(1, 1) overlap in 2 Phi(-1/2), and D* is the logistic function of 1/2 - x
    points = NORMAL.quantile((np.arange(200_000) + 0.5) / 200_000) + 1
    c = optimal.cells(NORMAL, np.linspace(-5, 6, 400), points, 0.5 - np.linspace(-5, 6, 400))
    assert optimal.bayes_error(c) == pytest.approx(stats.norm.cdf(-0.5), abs=2e-3)
    inner = np.abs(c.places) < 3
    np.testing.assert_allclose(optimal.optimal(c)[inner], c.d[inner], atol=0.02)
    assert optimal.error(c) == pytest.approx(optimal.error_of_optimal(c), abs=1e-3)


def test_scores_of_a_discriminator_are_those_of_its_cells() -> None:
    points = NORMAL.quantile((np.arange(5_000) + 0.5) / 5_000)[:, None]
    views = {"places": PLACES, "samples": points, "logits": np.full(33, logit(0.7))}
    scores = Line().score_views(np.empty(0), views, NORMAL)
    assert scores["discriminator_error"] == pytest.approx(0.5, abs=1e-3)
    assert scores["bayes_error"] == pytest.approx(0.5, abs=2e-3)
    assert scores["discriminator_offset"] == pytest.approx(0.2)
    # equally many points of the distribution itself: noise in the cells hides 0.01 to 0.02 of the overlap
    drawn = optimal.cells(NORMAL, PLACES, NORMAL.sample(5_000, np.random.default_rng(0))[:, 0], np.zeros(33))
    assert 0.47 < optimal.bayes_error(drawn) < 0.5


def test_a_single_point_is_all_of_its_cell_and_no_point_is_in_none() -> None:
    one, none = (optimal.cells(NORMAL, PLACES, points, np.zeros(33)) for points in (np.array([0.01]), np.empty(0)))
    assert (one.q[16], one.q.sum(), none.q.sum()) == (1, 1, 0)
