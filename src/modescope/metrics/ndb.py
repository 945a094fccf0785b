"""Number of statistically different bins of images (Richardson & Weiss 2018, section 3).

The space of images is cut into Voronoi cells by k-means on half of the real ones. The authors cluster pixels; so do we,
averaged to 8 x 8, where sensor noise is small compared with a car. Clustering the residuals of a fixed camera against
its background would give the same cells, since subtracting a constant shifts images and centres alike.

The authors take the real proportions from the images that k-means was fitted to. The centres overfit those, so fresh
real images differ from them (in 0.6 of the bins, for 500 noisy frames). Here the other half gives the proportions.
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
from modescope.metrics.common.memory import remembered
from modescope.metrics.common.neighbours import flat

SEED = 0  # of the clustering, so that all runs scored on the same real images share their bins
SIDE = 8
STARTS = 5  # of k-means; the one with the least spread is kept
ROUNDS = 20  # iterations of each start; any cells make a fair comparison, so they need not converge


class Ndb(Metric):
    """For images, where points have no close neighbours and nearest-neighbour metrics fail."""

    bins: int = Field(10, ge=2, le=20, description="k-means clusters; more find rarer events, but need more images")
    level: float = Field(0.05, gt=0, lt=1, description="level of the two-sided test of each bin; 0.05 in the article")

    about: ClassVar[dict[str, About]] = {
        "ndb": About(
            "Different bins (NDB)",
            "Share of the bins (k-means clusters of the real images) in which the proportions of real and generated "
            "images differ significantly (two-proportion z-test at 5 %): 0.05 by chance, 1 when every bin is wrong.",
            "0 to 1",
            "lower",
        ),
    }

    def applies(self, dataset: Distribution) -> bool:
        """Only for images, (channels, height, width), whose modes are not known: those are counted, not clustered."""
        return len(dataset.shape) == 3 and dataset.mode_weights is None

    @property
    def min_points(self) -> int:
        """Two images a bin, of which k-means sees one."""
        return 2 * self.bins

    def score(self, real: Array, fake: Array, dataset: Distribution, rng: np.random.Generator) -> dict[str, float]:
        """Scores of fake (n, C, height, width) against real of the same shape."""
        centres, expected = proportions(real, self.bins)
        counts = np.bincount(nearest(flat(averaged(fake)), centres), minlength=len(centres))
        return {"ndb": float(np.mean(p_values(expected, counts) < self.level))}


@remembered
def proportions(real: Array, n_bins: int) -> tuple[Array, NDArray[np.intp]]:
    """Centres (bins, dim) from one half of the images real (n, C, height, width), counts (bins,) of the other half."""
    x = flat(averaged(real))
    seen = np.random.default_rng(SEED).permutation(len(x)) < len(x) // 2
    centres = bins(x[seen], n_bins)
    return centres, np.bincount(nearest(x[~seen], centres), minlength=len(centres))


def averaged(images: Array, side: int = SIDE) -> Array:
    """Means over blocks of pixels, (n, C, height, width) -> (n, C, <= side, <= side)."""
    for axis in (2, 3):
        edges = np.linspace(0, images.shape[axis], min(side, images.shape[axis]) + 1).astype(np.intp)
        shape = [-1 if i == axis else 1 for i in range(4)]
        images = np.add.reduceat(images, edges[:-1], axis=axis) / np.diff(edges).reshape(shape)
    return images


def bins(x: Array, n_bins: int) -> Array:
    """Centres of the k-means clusters of x (n, dim), (n_bins, dim): the best of a few starts by k-means++.

    With fewer than n_bins distinct images, these are the centres.
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
    """The bin of every x (n, dim), (n,); the first one if several are equally near."""
    return np.asarray(np.argmin(cdist(x, centres, "sqeuclidean"), axis=1))


def p_values(real: NDArray[np.intp], fake: NDArray[np.intp]) -> Array:
    """Two-sided p of equal proportions in every bin, from counts (bins,) each, by the pooled z-test.

    z = (p - q) / sqrt(r (1 - r) (1/n + 1/m)), with r the proportion of both together. A bin that holds nothing, or
    everything, of both sets has p = 1.
    """
    n, m = real.sum(), fake.sum()
    pooled = (real + fake) / (n + m)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    z = np.divide(np.abs(real / n - fake / m), error, out=np.zeros(len(real)), where=error > 0)
    return np.asarray(2 * ndtr(-z))
