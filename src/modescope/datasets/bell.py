"""A bell curve drawn in the plane: the graph of a Gaussian density over an interval.

x ~ U(low, high);  y = exp(-(x - mean)^2 / (2 std^2)) / (std sqrt(2 pi))   (article 001)

x is uniform: the bell is the curve that the points lie on, not their distribution. A curve without width has no
density in the plane.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from modescope.datasets import Array, Distribution


class Bell(Distribution):
    """Points on the graph of N(mean, std^2)'s density between `low` and `high`. It has no modes."""

    kind: Literal["bell"] = "bell"
    mean: float = Field(0.0, description="x of the peak")
    std: float = Field(0.4, gt=0, description="standard deviation of the density; 0.4 gives a peak of about 1")
    low: float = Field(-1.0, description="smallest x")
    high: float = Field(1.0, description="largest x")

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one point, (2,)."""
        return (2,)

    def height(self, x: Array) -> Array:
        """The Gaussian density at x, (n,) -> (n,)."""
        scaled = (x - self.mean) / self.std
        return np.asarray(np.exp(-(scaled**2) / 2) / (self.std * math.sqrt(2 * math.pi)))

    def sample(self, n: int, rng: np.random.Generator) -> Array:
        """Independent points, (n, 2)."""
        x = rng.uniform(self.low, self.high, n)
        return np.stack([x, self.height(x)], axis=1)

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """A square around the middle of the curve, a quarter wider than its longer side."""
        top = min(max(self.mean, self.low), self.high)  # x of the highest point
        y = self.height(np.array([self.low, self.high, top]))
        y_low, y_high = float(y.min()), float(y.max())
        reach = 1.25 * max(self.high - self.low, y_high - y_low) / 2
        x_middle, y_middle = (self.low + self.high) / 2, (y_low + y_high) / 2
        return (x_middle - reach, x_middle + reach, y_middle - reach, y_middle + reach)

    @model_validator(mode="after")
    def _ends_are_in_order(self) -> Bell:
        if self.low >= self.high:
            raise ValueError(f"low must be below high: {self.low} >= {self.high}")
        return self
