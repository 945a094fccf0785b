"""Intervals and verdicts over seeds; random numbers come from a Generator argument."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtrit  # scipy.stats takes half a second to import

Verdict = Literal["supported", "contradicted", "inconclusive"]
COVERED = 0.95  # how often an interval contains the true value
LOWER, UPPER = (1 - COVERED) / 2, 1 - (1 - COVERED) / 2
RESAMPLES, AT_ONCE = 9_999, 1_000
SEEDS_WITHOUT_SPREAD = 6  # the fewest seeds with equal values that can decide a claim


class Estimate(NamedTuple):
    """A value with its 95 % interval and the number of seeds behind it."""

    value: float
    low: float
    high: float
    n: int


class Floor(NamedTuple):
    """The score of real against real: mean and 95th percentile over n repeats."""

    mean: float
    p95: float
    n: int


def bootstrap_mean(values: ArrayLike, rng: np.random.Generator) -> Estimate:
    """Mean over seeds of values (n,), with its 95 % percentile-bootstrap interval (Efron & Tibshirani 1993, ch. 13).

    A single value has nan bounds. A non-finite value makes the mean non-finite and the bounds nan. Without
    values everything is nan. Raises ValueError unless values has one axis.
    """
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 1:
        raise ValueError(f"values must be (n,), not {x.shape}")
    if x.size == 0:
        return Estimate(np.nan, np.nan, np.nan, 0)
    with np.errstate(invalid="ignore"):  # inf - inf is nan, as intended
        mean = float(np.mean(x))
    if x.size == 1 or not np.isfinite(mean):
        return Estimate(mean, np.nan, np.nan, x.size)
    if np.all(x == x[0]):  # every resample is the sample; avoids rounding in its mean
        return Estimate(float(x[0]), float(x[0]), float(x[0]), x.size)
    sizes = (min(AT_ONCE, RESAMPLES - start) for start in range(0, RESAMPLES, AT_ONCE))
    means = np.sort(np.concatenate([x[rng.integers(0, x.size, (size, x.size))].mean(axis=1) for size in sizes]))
    return Estimate(mean, quantile(means, LOWER), quantile(means, UPPER), x.size)


def quantile(ascending: NDArray[np.float64], p: float) -> float:
    """The p-quantile of sorted values (n,) for 0 < p < 1, interpolated linearly (Hyndman & Fan 1996, definition 7)."""
    below, weight = divmod(len(ascending) * p + (1 - p) - 1, 1)
    low, high = ascending[int(below) : int(below) + 2]
    return float((1 - weight) * low + weight * high)


def paired_difference(a: ArrayLike, b: ArrayLike, rng: np.random.Generator) -> Estimate:
    """Mean over seeds of a - b, (n,) each in the same order of seeds, with its bootstrap interval.

    Non-finite values as in `bootstrap_mean`. Raises ValueError unless a and b have the same length.
    """
    x, y = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if x.shape != y.shape:
        raise ValueError(f"paired by seed: a and b must have the same shape, not {x.shape} and {y.shape}")
    with np.errstate(invalid="ignore"):
        return bootstrap_mean(x - y, rng)


def widened(estimate: Estimate, values: ArrayLike) -> Estimate:
    """The estimate of the mean of values (n,), its interval widened to Student's t interval where that is wider.

    With n = 3 the percentile bootstrap interval is the range of the values. It contains the mean of a normal
    distribution in 75 % of cases (1 - 2 / 2^n), Student's t interval in 95 % (Student 1908).
    """
    x = np.asarray(values, dtype=np.float64)
    if x.size < 2 or not np.isfinite(x).all():
        return estimate
    half = float(stdtrit(x.size - 1, UPPER) * x.std(ddof=1) / np.sqrt(x.size))
    return estimate._replace(
        low=min(estimate.low, estimate.value - half), high=max(estimate.high, estimate.value + half)
    )


def wilson(successes: int, n: int) -> Estimate:
    """Share of n seeds that succeeded, with its 95 % Wilson score interval (Wilson 1927), no continuity correction.

    All values are nan for n = 0. Raises ValueError unless 0 <= successes <= n.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes of {n}: must lie from 0 to n")
    if n == 0:
        return Estimate(np.nan, np.nan, np.nan, 0)
    share, z = successes / n, float(ndtri(UPPER))
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    low, high = (middle - half if successes else 0.0), (middle + half if successes < n else 1.0)  # exact at the ends
    return Estimate(share, low, high, n)


def floor_summary(values: ArrayLike) -> Floor:
    """Mean and 95th percentile of values (n,); infinite if a value is, nan without values.

    The percentile is the smallest value that at least 95 % of the values do not exceed, without interpolation.
    """
    x = np.asarray(values, dtype=np.float64)
    if x.size == 0:
        return Floor(np.nan, np.nan, 0)
    with np.errstate(invalid="ignore"):
        return Floor(float(np.mean(x)), float(np.quantile(x, 0.95, method="inverted_cdf")), x.size)


def judge(estimate: Estimate, low: float, high: float) -> Verdict:
    """Whether the claim that the value lies in [low, high] holds; a bound may be infinite.

    "supported" if the interval of the estimate lies within [low, high], "contradicted" if it lies entirely
    below or entirely above, else "inconclusive". Also "inconclusive" if the interval is nan, or if it has no
    width and there are fewer than six seeds: equal values in three runs say little about a fourth, and the
    sign test needs six runs on one side for 5 % (2 / 2^6 = 0.03). Raises ValueError unless low <= high.
    """
    if not low <= high:
        raise ValueError(f"low ({low}) must not exceed high ({high})")
    if estimate.low == estimate.high and estimate.n < SEEDS_WITHOUT_SPREAD:
        return "inconclusive"
    if low <= estimate.low and estimate.high <= high:
        return "supported"
    if estimate.high < low or estimate.low > high:
        return "contradicted"
    return "inconclusive"
