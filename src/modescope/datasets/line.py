"""Gaussian modes on a line: in one dimension, data, latent variable and discriminator fit into one plot.

The interval (low, high) is cut into `n_modes` equal cells with a mode centre in the middle of each:
the k-th lies at low + (k + 1/2) (high - low) / n_modes, k = 0, ..., n_modes - 1.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from modescope.datasets import Array
from modescope.datasets.common.mixture import Mixture


class Line(Mixture):
    """`n_modes` modes of standard deviation `std` on the interval (low, high); a point has the shape (1,)."""

    kind: Literal["line"] = "line"
    n_modes: int = Field(5, ge=1, le=10_000, description="number of modes; 5 in article 003")
    low: float = Field(-0.5, description="lower end of the interval, half a cell below the first centre")
    high: float = Field(0.5, description="upper end of the interval, half a cell above the last centre")
    std: float = Field(0.01, gt=0, description="standard deviation of every mode; 0.01 in article 003")

    @property
    def centres(self) -> Array:
        """Mode centres in ascending order, (n_modes, 1)."""
        cell = (self.high - self.low) / self.n_modes
        return np.asarray(self.low + (np.arange(self.n_modes)[:, None] + 0.5) * cell, dtype=np.float64)

    @model_validator(mode="after")
    def _ends_are_in_order(self) -> Line:
        if self.low >= self.high:
            raise ValueError(f"low must be below high: {self.low} >= {self.high}")
        return self
