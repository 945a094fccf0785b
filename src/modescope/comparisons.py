"""Comparing independent samples, many at once: Welch's test, Holm's adjustment, the probability of improvement."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit  # scipy.stats takes half a second to import

from modescope.statistics import LOWER, RESAMPLES, UPPER, Estimate, quantile

Values = NDArray[np.float64]


def welch(a: ArrayLike, b: ArrayLike) -> tuple[Estimate, float]:
    """Mean of a (n,) minus mean of b (m,) with its 95 % interval, and the two-sided p-value of Welch's t (Welch 1947).

    For independent samples of any variances. If all values of a sample are equal, in both, t says nothing: then p is
    1 for equal means and else that of a permutation test, 2 / C(n + m, n), and the interval has no width. NaN for p
    and bounds with fewer than two values on a side or a non-finite one. `n` of the estimate is the smaller number.
    """
    x, y = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    fewer = min(x.size, y.size)
    if not fewer:
        return Estimate(np.nan, np.nan, np.nan, 0), math.nan
    with np.errstate(invalid="ignore"):  # inf - inf is nan, as intended
        value = float(x.mean() - y.mean())
    if fewer == 1 or not math.isfinite(value):
        return Estimate(value, np.nan, np.nan, fewer), math.nan
    if np.ptp(x) == np.ptp(y) == 0:
        value = float(x[0] - y[0])
        return Estimate(value, value, value, fewer), 2 / math.comb(x.size + y.size, x.size) if value else 1.0
    errors = np.array([x.var(ddof=1) / x.size, y.var(ddof=1) / y.size])  # squared, of the means
    freedom = errors.sum() ** 2 / (errors**2 / (np.array([x.size, y.size]) - 1)).sum()
    error = math.sqrt(errors.sum())
    half = float(stdtrit(freedom, UPPER)) * error
    return Estimate(value, value - half, value + half, fewer), 2 * float(stdtr(freedom, -abs(value) / error))


def holm(p: ArrayLike) -> Values:
    """The p-values (k,) adjusted for k comparisons (Holm 1979): each at most alpha keeps the family's error at alpha.

    The i-th smallest is multiplied by k - i + 1, then no adjusted value may fall below that of a smaller p, or exceed
    1. A NaN is no comparison and stays NaN.
    """
    raw = np.asarray(p, dtype=np.float64)
    adjusted = np.full(raw.shape, np.nan)
    order = np.argsort(raw, kind="stable")[: np.count_nonzero(~np.isnan(raw))]  # NaN comes last
    steps = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(raw[order] * steps), 1.0)
    return adjusted


def improvement(a: ArrayLike, b: ArrayLike, rng: np.random.Generator) -> Estimate:
    """How likely a run of a (n,) scores higher than a run of b (m,), ties by half (Agarwal et al. 2021).

    The interval is the 95 % percentile bootstrap's, both samples redrawn. It has no width if all runs of one are
    higher. `n` is the smaller number of runs. NaN without values on a side or with NaN among them.
    """
    x, y = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if not min(x.size, y.size) or np.isnan(x).any() or np.isnan(y).any():
        return Estimate(np.nan, np.nan, np.nan, min(x.size, y.size))
    wins = (x[:, None] > y) + 0.5 * (x[:, None] == y)  # (n, m)
    value = float(wins.mean())
    if min(x.size, y.size) == 1:
        return Estimate(value, np.nan, np.nan, 1)
    drawn_x, drawn_y = (rng.multinomial(k, np.full(k, 1 / k), RESAMPLES) for k in (x.size, y.size))
    shares = np.sort(((drawn_x @ wins) * drawn_y).sum(axis=1) / wins.size)
    return Estimate(value, quantile(shares, LOWER), quantile(shares, UPPER), min(x.size, y.size))
