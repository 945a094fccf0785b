"""Exact expectations of counts and of nearest neighbours, for points drawn at random."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy
from scipy.stats import binom, poisson

Array = NDArray[np.float64]


def hit(n: int, p: Array) -> float:
    """How many of the bins with probabilities p (bins,) hold at least one of n points."""
    return float(np.sum(1 - (1 - p) ** n))


def covered(n: int, p: Array, share: Array) -> float:
    """How many bins hold at least the share (bins,) of n points."""
    return float(np.sum(binom.sf(np.ceil(share * n - 1e-9) - 1, n, p)))


def all_covered(n: int, p: Array, share: Array) -> float:
    """The probability that every bin holds at least its share of n points; the rest of the mass is one more bin.

    Independent Poisson counts of mean n p, given their sum n, are multinomial.
    """
    counts = np.arange(n + 1)
    together = poisson.pmf(counts, n * max(0.0, 1 - p.sum()))
    for one, least in zip(p, np.ceil(share * n - 1e-9), strict=True):
        together = np.convolve(together, np.where(counts >= least, poisson.pmf(counts, n * one), 0))[: n + 1]
    return float(together[n] / poisson.pmf(n, n))


def deviation(n: int, p: Array) -> float:
    """Total variation between p (bins,) and the shares of n points: the half of E |share - p|, summed."""
    counts = np.arange(n + 1)[:, None]
    return float(np.sum(binom.pmf(counts, n, p) * np.abs(counts / n - p)) / 2)


def overlap(n: int, p: Array) -> float:
    """E sum of min(p, share) over the bins p (bins,) of n points."""
    counts = np.arange(n + 1)[:, None]
    return float(np.sum(binom.pmf(counts, n, p) * np.minimum(counts / n, p)))


def two_samples(n: int, p: Array) -> tuple[float, float]:
    """E sum of |x - y| / 2 and of min(x, y), for the shares x and y of two sets of n points in the bins p (bins,)."""
    counts = np.arange(n + 1)
    apart = lower = 0.0
    for one in p:
        mass = binom.pmf(counts, n, one)
        used = np.flatnonzero(mass > 1e-12)
        weight, x, y = np.outer(mass[used], mass[used]), counts[used][:, None] / n, counts[used] / n
        apart += float(np.sum(weight * np.abs(x - y)) / 2)
        lower += float(np.sum(weight * np.minimum(x, y)))
    return apart, lower


def kl_of_counts(n: int, p: Array) -> float:
    """E KL(shares of n points || p) in nats, for bins p (bins,) that sum to 1; about (bins - 1) / 2n."""
    counts = np.arange(n + 1)[:, None]
    share = counts / n
    return float(np.sum(binom.pmf(counts, n, p) * (xlogy(share, share) - xlogy(share, p))))


def ball_holds_one(n: int, m: int, k: int, ratio: float = 1.0) -> float:
    """The probability that the ball to the k-th of n - 1 other points holds one of m generated points, where it lies.

    The nearest k of all are real ones with probability prod (n - 1 - i) / (n - 1 + m - i); `ratio` is the density of
    the generated points over that of the real ones at that place, if it is not 1.
    """
    return 1 - math.prod((n - 1 - i) / (n - 1 - i + ratio * m) for i in range(k))
