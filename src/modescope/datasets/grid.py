"""Gaussian modes of equal width on a square grid in the plane, as many as wanted."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from modescope.datasets import Array
from modescope.datasets.common.mixture import Mixture


class Grid(Mixture):
    """`n_side` rows of `n_side` modes, neighbours `spacing` apart, centred on the origin."""

    kind: Literal["grid"] = "grid"
    n_side: int = Field(5, ge=1, le=100, description="modes along one side; 5 gives the usual 25")
    spacing: float = Field(1.0, gt=0, description="distance of neighbouring centres, in data units")
    std: float = Field(0.05, gt=0, description="standard deviation of every mode along every axis")

    @property
    def centres(self) -> Array:
        """Mode centres, (n_side^2, 2), row-major: the k-th is in row k // n_side from below, column k % n_side."""
        row, column = np.divmod(np.arange(self.n_side**2), self.n_side)
        return self.spacing * (np.stack([column, row], axis=1) - (self.n_side - 1) / 2)

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """The grid with a margin of half a spacing or four standard deviations, whichever is larger."""
        reach = self.spacing * (self.n_side - 1) / 2 + max(self.spacing / 2, 4 * self.std)
        return (-reach, reach, -reach, reach)
