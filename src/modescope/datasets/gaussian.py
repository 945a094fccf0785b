"""One isotropic Gaussian, N(0, std^2 I): it has no modes to lose, only a shape."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from pydantic import Field
from scipy.special import ndtr, ndtri

from modescope.datasets import Array, Distribution


class Gaussian(Distribution):
    """N(0, std^2 I) in `dim` dimensions. It has no separate modes, so `centres` is None."""

    kind: Literal["gaussian"] = "gaussian"
    dim: int = Field(2, ge=1, le=65_536)
    std: float = Field(1.0, gt=0, description="standard deviation along every axis, in data units")

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one point, (dim,)."""
        return (self.dim,)

    def sample(self, n: int, rng: np.random.Generator) -> Array:
        """Independent points, (n, dim)."""
        return self.std * rng.standard_normal((n, self.dim))

    def log_density(self, x: Array) -> Array:
        """Logarithm of p: -|x|^2 / (2 std^2) - dim/2 log(2 pi std^2), (n, dim) -> (n,)."""
        squared = np.sum(x**2, axis=1)  # (n,)
        return np.asarray(-squared / (2 * self.std**2) - self.dim / 2 * math.log(2 * math.pi * self.std**2))

    def cdf(self, x: Array) -> Array:
        """Phi(x / std), (n,) -> (n,)."""
        return np.asarray(ndtr(x / self.std))

    def quantile(self, u: Array) -> Array:
        """`std` Phi^-1(u), (n,) -> (n,)."""
        return np.asarray(self.std * ndtri(u))

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Four standard deviations each way: all but 1 in 3,000 points. Raises NotImplementedError unless dim is 2."""
        if self.dim != 2:
            raise NotImplementedError(f"a {self.dim}-dimensional Gaussian is not drawn in a plane")
        reach = 4 * self.std
        return (-reach, reach, -reach, reach)
