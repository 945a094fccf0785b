"""Intervals against enumerated bootstrap distributions and published Wilson intervals; verdicts case by case."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from modescope.statistics import (
    Estimate,
    bootstrap_mean,
    floor_summary,
    judge,
    paired_difference,
    widened,
    wilson,
)

pytestmark = pytest.mark.filterwarnings("error")
nan, inf = math.nan, math.inf


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        ([0.0, 1.0], 0.0, 1.0),  # both 0 and both 1 have probability 1/4
        ([0.0, 0.0, 3.0], 0.0, 3.0),  # three times 3: 1/27 > 0.025
        ([0.0, 0.0, 0.0, 4.0], 0.0, 3.0),  # mean 4: 1/256, mean 3 or more: 13/256 > 0.025
        ([5.0, 5.0, 5.0, 1.0], 2.0, 5.0),  # the mirror image
    ],
)
def test_bootstrap_interval_of_enumerated_distributions(values, low, high):
    assert bootstrap_mean(values, rng()) == Estimate(sum(values) / len(values), low, high, len(values))


def test_bootstrap_interval_of_many_values_is_the_normal_one():
    values = rng(1).normal(3, 2, 400)
    found = bootstrap_mean(values, rng())
    half = 1.96 * values.std() / 20
    assert found.value == values.mean()
    assert (found.low, found.high) == pytest.approx((found.value - half, found.value + half), abs=0.1 * half)


@pytest.mark.parametrize("n", [2, 3, 12, 40])
def test_bootstrap_interval_is_that_of_scipy(n):
    for seed in range(5):
        values = rng(seed).normal(size=n)
        expected = stats.bootstrap((values,), np.mean, method="percentile", batch=1_000, rng=rng(seed))
        assert bootstrap_mean(values, rng(seed))[1:3] == pytest.approx(tuple(expected.confidence_interval), rel=1e-12)


@pytest.mark.parametrize("n", [1, 2, 5, 12, 500])
def test_wilson_interval_is_that_of_scipy(n):
    for successes in sorted({0, 1, n // 3, n - 1, n}):
        expected = stats.binomtest(successes, n).proportion_ci(confidence_level=0.95, method="wilson")
        assert wilson(successes, n)[1:3] == pytest.approx(tuple(expected), rel=1e-12, abs=1e-15)


def test_bootstrap_draws_from_its_generator_alone():
    values = rng(2).normal(size=6)
    np.random.seed(0)  # noqa: NPY002
    first = bootstrap_mean(values, rng(3))
    np.random.seed(1)  # noqa: NPY002
    assert bootstrap_mean(values, rng(3)) == first
    assert bootstrap_mean(values, rng(4)) != first


def test_equal_values_have_an_interval_of_no_width():
    assert bootstrap_mean([0.1] * 3, rng()) == Estimate(0.1, 0.1, 0.1, 3)


@pytest.mark.parametrize(
    ("values", "mean"), [([2.5], 2.5), ([1.0, inf], inf), ([-inf, 1.0], -inf), ([inf, -inf], nan), ([nan, 1.0], nan)]
)
def test_no_interval_from_one_value_or_with_a_non_finite_one(values, mean):
    found = bootstrap_mean(values, rng())
    assert found.value == pytest.approx(mean, nan_ok=True)
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert found.n == len(values)


def test_no_values():
    found = bootstrap_mean([], rng())
    assert found.n == 0
    assert all(math.isnan(v) for v in found[:3])


def test_whole_numbers_without_a_sign_and_truth_values_are_numbers():
    # as unsigned bytes 1 - 2 is 255, and truth values cannot be subtracted
    for kind in (np.uint8, bool):
        ones, zeros = np.ones(6, kind), np.zeros(6, kind)
        assert paired_difference(zeros, ones, rng()) == Estimate(-1.0, -1.0, -1.0, 6)
        assert widened(Estimate(1.0, 0.5, 1.5, 6), ones) == Estimate(1.0, 0.5, 1.5, 6)
    # the mean of float32 is taken in double precision: 2^24 + 1 is no number of single precision
    assert floor_summary(np.array([2**24, 2**24, 2**24, 2**24 + 4], np.float32)).mean == 2**24 + 1


def test_values_of_several_axes_are_refused():
    with pytest.raises(ValueError, match="must be"):
        bootstrap_mean([[1.0, 2.0]], rng())


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=8))
def test_interval_lies_within_the_values(values):
    found = bootstrap_mean(values, rng())
    slack = 1e-9
    assert min(values) - slack <= found.low <= found.high <= max(values) + slack


def test_paired_difference_removes_what_the_seeds_share():
    seeds = np.array([0.0, 100.0, -50.0, 7.0])
    assert paired_difference(seeds + 2, seeds, rng()) == Estimate(2.0, 2.0, 2.0, 4)
    a, b = [3.0, 1.0, 4.0, 1.0], [1.0, 1.0, 2.0, 5.0]
    assert paired_difference(a, b, rng()) == bootstrap_mean([2.0, 0.0, 2.0, -4.0], rng())
    assert math.isnan(paired_difference([inf, 1.0], [inf, 1.0], rng()).value)
    with pytest.raises(ValueError, match="paired by seed"):
        paired_difference([1.0, 2.0], [1.0], rng())


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    # Newcombe 1998 (Statistics in Medicine 17:857), table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_of_published_examples(successes, n, low, high):
    found = wilson(successes, n)
    assert found.value == successes / n
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
    assert found.n == n


def test_wilson_at_the_ends():
    # all of n: low is n / (n + z^2)
    assert wilson(5, 5).low == pytest.approx(5 / (5 + 1.959964**2), rel=1e-6)
    assert wilson(5, 5).high == 1
    assert math.isnan(wilson(0, 0).value)
    assert wilson(0, 0).n == 0
    for successes, n in ((3, 2), (-1, 2)):
        with pytest.raises(ValueError, match="successes of"):
            wilson(successes, n)


def test_floor_summary():
    # the smallest value that is at least as large as 95 of the hundred
    assert floor_summary(np.arange(1.0, 101.0)) == (50.5, 95.0, 100)
    assert floor_summary([4.0, 2.0]) == (3.0, 4.0, 2)
    assert floor_summary([1.0, inf]) == (inf, inf, 2)
    assert floor_summary([]).n == 0
    assert math.isnan(floor_summary([]).mean)


@pytest.mark.parametrize(
    ("interval", "claim", "verdict"),
    [
        ((0.2, 0.4), (0.0, 1.0), "supported"),
        ((0.0, 1.0), (0.0, 1.0), "supported"),
        ((0.2, 0.4), (0.1, inf), "supported"),
        ((-5.0, 0.4), (-inf, 0.5), "supported"),
        ((1.1, 1.4), (0.0, 1.0), "contradicted"),
        ((-0.4, -0.1), (0.0, inf), "contradicted"),
        ((0.9, 1.4), (0.0, 1.0), "inconclusive"),
        ((1.0, 1.4), (0.0, 1.0), "inconclusive"),  # touches
        ((-0.4, 0.0), (0.0, 1.0), "inconclusive"),
        ((-1.0, 2.0), (0.0, 1.0), "inconclusive"),  # the interval contains the claimed one
        ((nan, nan), (0.0, 1.0), "inconclusive"),
        ((nan, nan), (-inf, inf), "inconclusive"),
    ],
)
def test_judge(interval, claim, verdict):
    assert judge(Estimate(0.0, *interval, 5), *claim) == verdict


def test_widened_is_students_t_at_few_seeds_and_the_bootstrap_where_that_is_wider():
    values = [1.0, 2.0, 3.0]
    narrow = bootstrap_mean(values, np.random.default_rng(0))
    wide = widened(narrow, values)
    # t(0.975, 2) = 4.3027 (any table), standard error 1 / sqrt(3)
    assert (wide.low, wide.high) == (pytest.approx(2 - 4.3027 / 3**0.5, abs=1e-4), pytest.approx(2 + 2.48417, abs=1e-4))
    assert (wide.value, wide.n) == (narrow.value, 3)
    # t(0.975, 1) = 12.706, and the standard error of 0 and 2 is 1
    assert widened(Estimate(1.0, 0.0, 2.0, 2), [0.0, 2.0])[1:3] == pytest.approx((-11.706, 13.706), abs=1e-3)
    assert widened(Estimate(2.0, -9.0, 9.0, 3), values) == Estimate(2.0, -9.0, 9.0, 3)
    single = bootstrap_mean([1.0], np.random.default_rng(0))
    assert widened(single, [1.0]) is single


def test_widened_intervals_hold_the_mean_of_three_normal_seeds():
    rng, held = np.random.default_rng(1), 0
    for _ in range(400):
        values = rng.normal(size=3)
        low, high = widened(Estimate(values.mean(), values.min(), values.max(), 3), values)[1:3]
        held += low <= 0 <= high
    assert 0.92 <= held / 400 <= 0.98


@pytest.mark.parametrize(("n", "verdict"), [(3, "inconclusive"), (5, "inconclusive"), (6, "supported")])
def test_equal_values_decide_only_from_six_seeds_on(n, verdict):
    assert judge(bootstrap_mean([2.0] * n, np.random.default_rng(0)), 1.5, 2.5) == verdict


@pytest.mark.parametrize("claim", [(1.0, 0.0), (nan, 1.0)])
def test_judge_refuses_an_empty_claim(claim):
    with pytest.raises(ValueError, match=r"low \(.*\) must not exceed high"):
        judge(Estimate(0.0, 0.0, 0.0, 5), *claim)
