"""Rényi kernel entropy (Jalali, Li & Farnia 2023): a count of modes that needs no centres, and its relative form.

The count is of order 2 and knows nothing of the real points but the width of its kernel. The relative entropy, of
order 1/2, compares both sets: it is 0 where they agree, whatever the kernel.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field
from scipy.linalg import svdvals
from scipy.spatial.distance import cdist, pdist

from modescope.datasets import Distribution
from modescope.metrics import About, Array
from modescope.metrics.common.kernels import KernelEntropy, bandwidth, gaussian, rounded
from modescope.metrics.common.neighbours import flat
from modescope.metrics.distances import subset


class Rke(KernelEntropy):
    """Modes by the kernel entropy of the generated points, and its distance from that of the real ones."""

    points: int = Field(1_000, ge=2, description="generated points for rke, at random; the cost is the square of it")
    relative_points: int = Field(
        500, ge=2, description="points of each set for rrke, as in the authors' code; the cost is the cube of it"
    )

    about: ClassVar[dict[str, About]] = {
        "rke": About(
            "RKE mode count",
            "Exponential of the Rényi kernel entropy of order 2, 1 / ||K/n||² in the Frobenius norm (Jalali, Li & "
            "Farnia 2023), for a Gaussian kernel K whose width is 0.3 of the real standard deviation, on n = 1,000 "
            "generated points (by default): m for m equal and far modes of no width, less for unequal ones. Compare "
            "with the floor: more means points that are spread too far. Not for pictures.",
            "1 to n",
            "neither",
        ),
        "rrke": About(
            "Relative RKE",
            "Relative Rényi kernel entropy of order 1/2, -2 log of the nuclear norm of K/n, with K the same kernel "
            "between n = 500 generated and n real points (by default): 0 when they agree and there are many points, "
            "in nats. Compare with the floor. Not for pictures.",
            "0 to infinity",
            "lower",
        ),
    }

    def score(self, real: Array, fake: Array, dataset: Distribution, rng: np.random.Generator) -> dict[str, float]:
        """Scores of random subsets of fake (n, *shape) and real (n, *shape)."""
        alone, relative = rng.spawn(2)  # so that changing one size leaves the other metric unchanged
        x, y, s = flat(fake), flat(real), bandwidth(real, self.width)
        few_x, few_y = (subset(side, self.relative_points, relative) for side in (x, y))
        return {
            "rke": rke(subset(x, self.points, alone), s),
            "rrke": rounded(rrke(gaussian(cdist(few_x, few_y, "sqeuclidean"), s))),
        }


def rke(x: Array, s: float) -> float:
    """1 / ||K/n||_F^2 for x (n, dim) and K the Gaussian kernel of width s, in data units: between 1 and n.

    Jalali, Li & Farnia 2023, the exponential of equation 3 for order 2. The diagonal belongs to it.
    """
    n = len(x)
    return float(n**2 / (n + 2 * np.sum(gaussian(pdist(x, "sqeuclidean"), s) ** 2)))


def rrke(kernel: Array) -> float:
    """-2 log(||K||_* / sqrt(n m)) for the kernel (n, m) between two sets; infinite if no points are near others.

    Jalali, Li & Farnia 2023, section 5. The nuclear norm ||K||_* is the sum of the singular values.
    """
    norm = float(np.sum(svdvals(kernel))) / np.sqrt(kernel.size)
    return float(-2 * np.log(norm)) if norm > 0 else np.inf
