"""Precision, recall, density and coverage from balls around points that reach to their k-th neighbour.

Precision and recall: Kynkaanniemi et al. 2019; density and coverage: Naeem et al. 2020, whose
definitions (strictly inside a ball, the k-th neighbour among the others) are used for all four.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from modescope.datasets import Distribution
from modescope.metrics import About, Array, Metric
from modescope.metrics.common.neighbours import flat, low_dimensional, pairs_within, radii, tree
from modescope.metrics.common.ties import Ties


class Prdc(Metric):
    """Fidelity (precision, density) and diversity (recall, coverage), measured separately."""

    k: int = Field(5, ge=1, description="neighbours; the value that Naeem et al. 2020 recommend")

    about: ClassVar[dict[str, About]] = {
        "precision": About(
            "Precision",
            "Share of generated points inside the ball of at least one real point (radius: distance to its k-th "
            "nearest real neighbour; k = 5 by default).",
            "0 to 1",
            "higher",
        ),
        "recall": About(
            "Recall",
            "Share of real points inside the ball of at least one generated point (radius: distance to its k-th "
            "nearest generated neighbour).",
            "0 to 1",
            "higher",
        ),
        "density": About(
            "Density",
            "Mean number of real balls that contain a generated point, divided by k; about 1 when the distributions "
            "agree, far above 1 when points crowd at the peaks.",
            "0 to infinity",
            "higher",
        ),
        "coverage": About(
            "Coverage",
            "Share of real points whose ball contains at least one generated point; 1 - 2^-k on average for a "
            "perfect sampler, 0.969 for k = 5.",
            "0 to 1",
            "higher",
        ),
    }

    def applies(self, dataset: Distribution) -> bool:
        """Only for points with few coordinates; for images see `strata`."""
        return low_dimensional(dataset)

    @property
    def min_points(self) -> int:
        """One more than k, since a point is not its own neighbour."""
        return self.k + 1

    def score(self, real: Array, fake: Array, dataset: Distribution, rng: np.random.Generator) -> dict[str, float]:
        """Scores of fake (n, *shape) against real (n, *shape), on all points. Raises ValueError unless k < n."""
        real_balls, fakes_inside = pairs_within(tree(fake), flat(real), radii(real, self.k))
        _, reals_inside = pairs_within(tree(real), flat(fake), radii(fake, self.k))
        return {
            "precision": share(fakes_inside, len(fake)),
            "recall": share(reals_inside, len(real)),
            "density": len(fakes_inside) / (self.k * len(fake)),
            "coverage": share(real_balls, len(real)),
        }

    def voided(self, ties: Ties) -> dict[str, str]:
        """What rests on balls of radius 0, which hold nothing, around too many points."""
        reason = f"{ties}: balls that reach to the {self.k}-th neighbour have radius 0"
        real = dict.fromkeys(("precision", "density", "coverage"), reason) if ties.real.too_deep(self.k) else {}
        return real | ({"recall": reason} if ties.discrete and ties.fake.too_deep(self.k) else {})


def share(found: NDArray[np.intp], n: int) -> float:
    """The share of the indices 0 to n - 1 that occur in `found`."""
    return float(np.mean(np.bincount(found, minlength=n) > 0))
