"""The Gaussian kernel of the entropies of kernels, and its width."""

from __future__ import annotations

import math

import numpy as np

from modescope.datasets import Array
from modescope.metrics.common.memory import remembered
from modescope.metrics.common.neighbours import flat

WIDTH = 0.3  # of the deviation of the real points: by it, a grid of 25 and a ring of eight have about as many modes
DIGITS = 9  # the last digits of eigenvalues depend on the processor's LAPACK


@remembered
def bandwidth(real: Array, width: float) -> float:
    """`width` times the standard deviation of real (n, *shape), root mean square over the axes; in data units."""
    return width * math.sqrt(float(np.mean(np.var(flat(real), axis=0))))


def gaussian(squared: Array, s: float) -> Array:
    """exp(-d^2 / (2 s^2)) of squared distances of any shape; for s = 0, 1 where points coincide and else 0."""
    if s == 0:
        return np.asarray(squared == 0, dtype=np.float64)
    with np.errstate(over="ignore"):  # of a huge distance over a tiny width, whose kernel is 0
        return np.exp(squared / (-2 * s**2))


def rounded(value: float) -> float:
    """To the digits that are the same on every processor."""
    return float(f"{value:.{DIGITS}g}")
