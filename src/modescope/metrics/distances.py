"""Distances between the two point sets: kernel (MMD), sliced and exact Wasserstein."""

from __future__ import annotations

import math
import os
from typing import Any, ClassVar

import numpy as np
from pydantic import Field
from scipy.spatial.distance import cdist, pdist

from modescope.datasets import Distribution
from modescope.metrics import About, Array, Metric
from modescope.metrics.common.neighbours import flat, low_dimensional

AT_ONCE = 32_768  # pairs of points a block of MMD, so that its kernels stay in the processor's cache


class Distances(Metric):
    """How far apart real and generated points are: by a kernel and by optimal transport."""

    mmd_points: int = Field(2_000, ge=2, description="points of each set for MMD, whose cost is quadratic")
    mmd_bandwidths: int = Field(6, ge=1, le=20, description="number of kernels, each half as wide as the one before")
    mmd_widest: float = Field(2.0, gt=0, description="widest bandwidth, relative to the median distance of real points")
    w2_points: int = Field(2_000, ge=1, description="points of each set for the exact W2, whose cost is cubic")
    projections: int = Field(200, ge=1, description="random directions of the sliced W2, which uses all points")

    about: ClassVar[dict[str, About]] = {
        "mmd2": About(
            "MMD²",
            "Squared maximum mean discrepancy (unbiased estimate, Gretton et al. 2012) between 2,000 real and 2,000 "
            "generated points (by default), with the mean of six Gaussian kernels whose widths are 1/16 to 2 times "
            "the median distance of real points; about half of all values are negative when the distributions agree.",
            "about 0 to 2",
            "lower",
        ),
        "sliced_w2": About(
            "Sliced W2",
            "Sliced Wasserstein-2 distance in data units: root mean square over random directions of the exact "
            "1-D distance (Bonneel et al. 2015).",
            "0 to infinity",
            "lower",
        ),
        "w2": About(
            "W2",
            "Exact Wasserstein-2 distance in data units between 2,000 real and 2,000 generated points (by default); "
            "compare with the floor, which is well above 0 at this sample size.",
            "0 to infinity",
            "lower",
        ),
    }

    def applies(self, dataset: Distribution) -> bool:
        """Only for points with few coordinates: distances between pixels say little about images."""
        return low_dimensional(dataset)

    def score(self, real: Array, fake: Array, dataset: Distribution, rng: np.random.Generator) -> dict[str, float]:
        """Scores of fake (n, *shape) against real (n, *shape); subsets are drawn without replacement."""
        x, y = flat(fake), flat(real)
        for_mmd, for_w2, for_sliced = rng.spawn(3)  # so that changing one size leaves the other two metrics unchanged
        directions = for_sliced.standard_normal((self.projections, x.shape[1]))
        x_mmd, y_mmd = subset(x, self.mmd_points, for_mmd), subset(y, self.mmd_points, for_mmd)
        return {
            "mmd2": mmd2(x_mmd, y_mmd, self.mmd_widest * median_distance(y_mmd), self.mmd_bandwidths),
            "sliced_w2": sliced_w2(x, y, directions),
            "w2": w2(subset(x, self.w2_points, for_w2), subset(y, self.w2_points, for_w2)),
        }


def mmd2(x: Array, y: Array, widest: float, n_kernels: int) -> float:
    """Unbiased MMD^2 between x (n, dim) and y (m, dim): Gretton et al. 2012, eq. (3).

    mean_{i != j} k(x_i, x_j) + mean_{i != j} k(y_i, y_j) - 2 mean_{i, j} k(x_i, y_j) with k the mean of
    the kernels exp(-|a - b|^2 / (2 s^2)), s = widest / 2^j for j = 0 ... n_kernels - 1, in data units.
    """

    def mean_kernel(squared: Array) -> float:
        total = 0.0
        for start in range(0, len(squared), AT_ONCE):
            kernel = squared[start : start + AT_ONCE] * (-0.5 / widest**2)
            np.exp(kernel, out=kernel)
            total += kernel.sum()
            for _ in range(n_kernels - 1):
                kernel *= kernel  # half the width is the fourth power, cheaper than another exp
                kernel *= kernel
                total += kernel.sum()
        return float(total / (len(squared) * n_kernels))

    within_x, within_y, across = pdist(x, "sqeuclidean"), pdist(y, "sqeuclidean"), cdist(x, y, "sqeuclidean")
    return mean_kernel(within_x) + mean_kernel(within_y) - 2 * mean_kernel(across.ravel())


def median_distance(y: Array) -> float:
    """Median distance between different points of y (n, dim), in data units; 1 when all of them coincide."""
    apart = pdist(y)
    if not apart.all():
        apart = apart[apart > 0]
    return float(np.median(apart)) if apart.size else 1.0


def sliced_w2(x: Array, y: Array, directions: Array) -> float:
    """Sliced W2 between x and y, both (n, dim), along directions (projections, dim) of any length, in data units.

    In one dimension the optimal transport between equally many points pairs them in sorted order.
    (POT's general form, for weighted points, takes fifteen times as long.)
    """
    x_axes, y_axes, total = x.T.copy(), y.T.copy(), 0.0
    for unit in directions / np.sqrt(np.sum(directions**2, axis=1, keepdims=True)):
        # Row by row, which stays in the processor's cache; without BLAS, whose kernels round differently.
        x_along, y_along = along(unit, x_axes), along(unit, y_axes)  # (n,)
        x_along.sort()
        y_along.sort()
        x_along -= y_along
        total += np.square(x_along, out=x_along).mean()
    return math.sqrt(total / len(directions))


def along(unit: Array, axes: Array) -> Array:
    """Coordinates of the points `axes` (dim, n) along a direction (dim,), (n,)."""
    coordinates = unit[0] * axes[0]
    for part, axis in zip(unit[1:], axes[1:], strict=True):
        coordinates += part * axis
    return np.asarray(coordinates)


def w2(x: Array, y: Array) -> float:
    """Exact W2 between the equally weighted points of x (n, dim) and y (m, dim), in data units."""
    if x.shape == y.shape and x.shape[1] == 1:  # on the line, sorted points make the pairs
        return math.sqrt(np.mean((np.sort(x, axis=0) - np.sort(y, axis=0)) ** 2))
    cost = _pot().emd2([], [], cdist(x, y, "sqeuclidean"), numItermax=10_000_000)  # empty weights mean equal weights
    return float(np.sqrt(cost))


def _pot() -> Any:
    """POT, which takes half a second to import, or more where scikit-learn is installed.

    It imports every array library that it finds. Only NumPy is needed, and PyTorch takes seconds.
    """
    for library in ("PYTORCH", "JAX", "CUPY", "TENSORFLOW"):
        os.environ.setdefault(f"POT_BACKEND_DISABLE_{library}", "1")
    import ot

    return ot


def subset(x: Array, n: int, rng: np.random.Generator) -> Array:
    """Draw n points of x (at most all of them) without replacement, (n, dim)."""
    return rng.choice(x, size=min(n, len(x)), replace=False)
