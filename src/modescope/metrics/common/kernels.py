"""The Gaussian kernel of the entropies of kernels, its width, and what their families have in common."""

from __future__ import annotations

import math

import numpy as np
from pydantic import Field

from modescope.datasets import Array, Distribution
from modescope.metrics import Metric
from modescope.metrics.common.memory import remembered
from modescope.metrics.common.neighbours import flat, low_dimensional

WIDTH = 0.3  # of the deviation of the real points: by it, a grid of 25 and a ring of eight have about as many modes
DIGITS = 9  # the last digits of eigenvalues depend on the processor's LAPACK


class KernelEntropy(Metric):
    """A family that counts by the entropy of a Gaussian kernel."""

    width: float = Field(
        WIDTH,
        gt=0,
        description="of the Gaussian kernel, over the standard deviation of the real points (per axis, rms)",
    )

    def applies(self, dataset: Distribution) -> bool:
        """Only for points with few coordinates: between noisy pictures a kernel of pixels is nearly 0."""
        return low_dimensional(dataset)

    @property
    def min_points(self) -> int:
        """Two, which may differ."""
        return 2


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
