"""Gaussian mixture with given means, in any dimension.

p(x) = sum_k w_k N(x; m_k, std^2 I). In one dimension, the distribution function and quantiles are known as well.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field, field_validator

from modescope.datasets import Array
from modescope.datasets.common.mixture import Mixture


class GaussianMixture(Mixture):
    """Modes of standard deviation `std` at `means`; a point has as many coordinates as a mean."""

    kind: Literal["mixture"] = "mixture"
    means: list[list[float]] = Field(min_length=1, max_length=10_000, description="centre of each mode, in data units")

    @property
    def centres(self) -> Array:
        """The means in the order given, (n_modes, dim)."""
        return np.array(self.means, dtype=np.float64)

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """The smallest axis-aligned square that holds every mean with four standard deviations around it.

        Raises NotImplementedError unless the points lie in the plane.
        """
        if self.shape != (2,):
            raise NotImplementedError(f"a mixture with {self.shape[0]} coordinates is not drawn in a plane")
        low, high = self.centres.min(0), self.centres.max(0)  # (2,) each
        (x, y), reach = (low + high) / 2, float(np.max(high - low)) / 2 + 4 * self.std
        return (float(x - reach), float(x + reach), float(y - reach), float(y + reach))

    @field_validator("means")  # not a model validator: the base class compares weights with means before those run
    @classmethod
    def _are_distinct_points(cls, means: list[list[float]]) -> list[list[float]]:
        lengths = sorted({len(mean) for mean in means})
        if len(lengths) > 1 or lengths[0] == 0:
            raise ValueError(f"means must all have the same number of coordinates, at least one, not {lengths}")
        if len({tuple(mean) for mean in means}) < len(means):
            raise ValueError("means must differ: modes at the same place would count twice")
        return means
