"""Number of statistically different bins of images (Richardson & Weiss 2018, section 3).

The space of images is cut into Voronoi cells by k-means on half of the real ones. The authors cluster pixels; so do we,
averaged to 8 x 8, where sensor noise is small beside a car. To cluster the residuals of a fixed camera against its
background gives the same cells, since a constant moves images and centres alike.

The authors count the images that k-means has seen as the real proportions. A centre follows these, so that fresh real
images seem to differ from them (in 0.6 of the bins, for 500 noisy frames): here the other half is counted.
"""

from __future__ import annotations

import warnings
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.cluster.vq import kmeans2
from scipy.spatial.distance import cdist
from scipy.special import ndtr

from modescope.datasets import Distribution
from modescope.metrics import About, Array, Metric
from modescope.metrics.common.neighbours import flat

SEED = 0  # of the clustering: all runs that are judged on the same real images share their bins
SIDE = 8
STARTS = 5  # of k-means, the tightest of which is kept
ROUNDS = 20  # of each: any cells make a fair comparison, so that convergence is not needed


class Ndb(Metric):
    """For images, whose neighbours are too far away for the families that count them."""

    bins: int = Field(10, ge=2, le=20, description="more cells find rarer events, and need more images")
    level: float = Field(0.05, gt=0, lt=1, description="of the test of each bin, two-sided; 0.05 in the article")

    about: ClassVar[dict[str, About]] = {
        "ndb": About(
            "Different bins",
            "Share of the bins, made of the real images by k-means, in which the proportions of real and generated "
            "images differ by a two-proportion z-test at 5 %: 0.05 by chance alone, 1 when every bin is wrong.",
            "0 to 1",
            "lower",
        ),
    }

    def applies(self, dataset: Distribution) -> bool:
        """Whether a point is an image, (channels, height, width)."""
        return len(dataset.shape) == 3

    @property
    def min_points(self) -> int:
        """One image a bin, in the half that k-means sees."""
        return 2 * self.bins

    def score(self, real: Array, fake: Array, dataset: Distribution, rng: np.random.Generator) -> dict[str, float]:
        """Scores of fake (n, C, height, width) against real of the same shape."""
        x, y = flat(averaged(real)), flat(averaged(fake))
        seen = np.random.default_rng(SEED).permutation(len(x)) < len(x) // 2
        centres = bins(x[seen], self.bins)
        counts = [np.bincount(nearest(points, centres), minlength=len(centres)) for points in (x[~seen], y)]
        return {"ndb": float(np.mean(p_values(*counts) < self.level))}


def averaged(images: Array, side: int = SIDE) -> Array:
    """Means over blocks of pixels, (n, C, height, width) -> (n, C, <= side, <= side)."""
    for axis in (2, 3):
        edges = np.linspace(0, images.shape[axis], min(side, images.shape[axis]) + 1).astype(np.intp)
        shape = [-1 if i == axis else 1 for i in range(4)]
        images = np.add.reduceat(images, edges[:-1], axis=axis) / np.diff(edges).reshape(shape)
    return images


def bins(x: Array, n_bins: int) -> Array:
    """Centres of the k-means clusters of x (n, dim), (n_bins, dim): the tightest of a few starts by k-means++.

    There are no more than different images.
    """
    different = np.unique(x, axis=0)
    if len(different) <= n_bins:
        return different
    rng, found, best = np.random.default_rng(SEED), x[:n_bins], np.inf
    for _ in range(STARTS):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a cluster that loses its last image keeps its centre
            centres, label = kmeans2(x, n_bins, iter=ROUNDS, minit="++", missing="warn", rng=rng)
        spread = float(np.sum((x - centres[label]) ** 2))
        if spread < best:
            found, best = centres, spread
    return np.asarray(found, dtype=np.float64)


def nearest(x: Array, centres: Array) -> NDArray[np.intp]:
    """The bin of every x (n, dim), (n,); the first of equally near ones."""
    return np.asarray(np.argmin(cdist(x, centres, "sqeuclidean"), axis=1))


def p_values(real: NDArray[np.intp], fake: NDArray[np.intp]) -> Array:
    """Two-sided p of equal proportions in every bin, from counts (bins,) each, by the pooled z-test.

    z = (p - q) / sqrt(r (1 - r) (1/n + 1/m)), with r the proportion of both together. A bin that holds nothing, or
    everything, of both sides shows no difference: p = 1.
    """
    n, m = real.sum(), fake.sum()
    pooled = (real + fake) / (n + m)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    z = np.divide(np.abs(real / n - fake / m), error, out=np.zeros(len(real)), where=error > 0)
    return np.asarray(2 * ndtr(-z))
