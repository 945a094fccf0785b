"""Gaussian modes evenly spaced on a circle, the usual first test for lost modes.

The first centre lies at angle 0 and the k-th at 2 pi k / n_modes. Some published rings take
`linspace(0, 2 pi, n)` with both ends and so repeat one mode; this one does not.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from modescope.datasets import Array
from modescope.datasets.common.mixture import Mixture


class Ring(Mixture):
    """`n_modes` modes of standard deviation `std` at distance `radius` from the origin."""

    kind: Literal["ring"] = "ring"
    n_modes: int = Field(8, ge=1, le=10_000, description="8 in Metz et al. 2017 and most papers since")
    radius: float = Field(2.0, gt=0, description="distance of the centres from the origin; 2 in article 000")
    std: float = Field(0.2, gt=0, description="standard deviation of every mode along every axis; 0.2 in article 000")

    @property
    def centres(self) -> Array:
        """Mode centres, (n_modes, 2)."""
        angle = 2 * np.pi * np.arange(self.n_modes) / self.n_modes
        return self.radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """The circle and four standard deviations around it."""
        reach = self.radius + 4 * self.std
        return (-reach, reach, -reach, reach)
