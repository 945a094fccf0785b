"""Vendi score (Friedman & Dieng 2023): the effective number of different points among the generated ones.

It knows nothing of the real points but the width of its kernel: noise that fills the plane scores more than a perfect
sampler. So it is read beside its floor, which is what real points score.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field
from scipy.spatial.distance import pdist, squareform

from modescope.datasets import Distribution
from modescope.metrics import About, Array
from modescope.metrics.common.kernels import KernelEntropy, bandwidth, gaussian, rounded
from modescope.metrics.common.neighbours import flat
from modescope.metrics.distances import subset


class Vendi(KernelEntropy):
    """Diversity of the generated points by the entropy of their kernel matrix."""

    points: int = Field(500, ge=2, description="generated points, at random; the cost is the cube of it")

    about: ClassVar[dict[str, About]] = {
        "vendi": About(
            "Vendi score",
            "Exponential of the entropy of the eigenvalues of K/n (Friedman & Dieng 2023), for a Gaussian kernel K "
            "whose width is 0.3 of the real standard deviation, on n = 500 generated points (by default): m for m "
            "equal and far modes of no width, 1 for a single point. Compare with the floor: more means points that "
            "are spread too far. Not for pictures, between whose pixels such a kernel is nearly 0.",
            "1 to n",
            "neither",
        ),
    }

    def score(self, real: Array, fake: Array, dataset: Distribution, rng: np.random.Generator) -> dict[str, float]:
        """Score of a random subset of fake (n, *shape); real (n, *shape) gives the width of the kernel."""
        x = subset(flat(fake), self.points, rng)
        kernel = gaussian(squareform(pdist(x, "sqeuclidean")), bandwidth(real, self.width))
        return {"vendi": rounded(vendi_score(kernel))}


def vendi_score(kernel: Array) -> float:
    """exp(-sum_i l_i log l_i) with l_i the eigenvalues of kernel / n, for a kernel (n, n) with 1 on the diagonal.

    Friedman & Dieng 2023, definition 3.1; 0 log 0 counts as 0. Between 1 and n.
    """
    eigenvalues = np.linalg.eigvalsh(kernel / len(kernel))
    positive = eigenvalues[eigenvalues > 0]  # rounding leaves some slightly below 0
    return float(np.exp(-np.sum(positive * np.log(positive))))
