"""Mixtures of equally wide isotropic Gaussians: the base of every dataset with known mode centres."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Any

import numpy as np
from pydantic import Field, model_validator
from scipy.special import ndtr, ndtri

from modescope.datasets import Array, Distribution


class Mixture(Distribution):
    """p(x) = sum_k w_k N(x; c_k, std^2 I); subclasses give the centres c_k."""

    std: float = Field(gt=0, description="standard deviation of every mode along every axis")
    weights: list[float] | None = Field(None, description="probability of each mode; equal when absent")

    @property
    @abstractmethod
    def centres(self) -> Array:
        """Mode centres, (n_modes, dim)."""

    @property
    def mode_weights(self) -> Array:
        """Probability of each mode, (n_modes,)."""
        n_modes = len(self.centres)
        return np.full(n_modes, 1 / n_modes) if self.weights is None else np.asarray(self.weights)

    @property
    def mode_std(self) -> float:
        """Standard deviation of every mode along every axis, in data units."""
        return self.std

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one point, (dim,)."""
        return self.centres.shape[1:]

    def sample(self, n: int, rng: np.random.Generator) -> Array:
        """Draw a mode for each point by weight, then add Gaussian noise to its centre: (n, dim)."""
        mode = rng.choice(len(self.centres), size=n, p=self.mode_weights)  # (n,)
        return self.centres[mode] + self.std * rng.standard_normal((n, *self.shape))

    def log_density(self, x: Array) -> Array:
        """Logarithm of p(x), (n, dim) -> (n,). Finite for every x: the sum over modes is taken in logarithms."""
        dim = self.centres.shape[1]
        axes = zip(x.T, self.centres.T, strict=True)
        exponent = sum((along[:, None] - centre) ** 2 for along, centre in axes) / (-2 * self.std**2)  # (n, n_modes)
        log_norm = -dim / 2 * math.log(2 * math.pi * self.std**2)
        exponent = exponent + np.log(self.mode_weights)
        most = np.maximum(exponent.max(axis=1), np.finfo(np.float64).min)  # (n,), finite
        return np.asarray(np.log(np.sum(np.exp(exponent - most[:, None]), axis=1)) + most + log_norm)

    def cdf(self, x: Array) -> Array:
        """sum_k w_k Phi((x - c_k) / std) on the line, (n,) -> (n,). Raises NotImplementedError in more dimensions."""
        return np.asarray(ndtr((x[:, None] - self._on_the_line()) / self.std) @ self.mode_weights)

    def quantile(self, u: Array) -> Array:
        """The root of F(x) = u, bracketed by the quantiles of the single modes, (n,) -> (n,)."""
        from scipy.optimize.elementwise import find_root  # half of the time in which this file is imported

        of_modes = self._on_the_line() + self.std * ndtri(u)[:, None]  # (n, n_modes)
        bracket = (of_modes.min(1) - self.std * 1e-6, of_modes.max(1) + self.std * 1e-6)
        find: Any = find_root  # its type stub does not know `args`
        return np.asarray(find(lambda x, u: self.cdf(x) - u, bracket, args=(u,)).x)

    def _on_the_line(self) -> Array:
        if self.shape != (1,):
            raise NotImplementedError(f"{self.kind} is not on the line: its points have {self.shape[0]} coordinates")
        return self.centres[:, 0]

    @model_validator(mode="after")
    def _weights_are_probabilities(self) -> Mixture:
        if self.weights is None:
            return self
        if len(self.weights) != len(self.centres):
            raise ValueError(f"weights: {len(self.weights)} given for {len(self.centres)} modes")
        # A mode of weight 0 could neither be covered nor lost.
        if min(self.weights) <= 0 or not math.isclose(math.fsum(self.weights), 1, abs_tol=1e-9):
            raise ValueError(f"weights must be positive and sum to 1, not to {math.fsum(self.weights)}")
        return self
