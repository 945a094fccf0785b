"""Inverse transform sampling: the quantile function applied to a uniform variable (Devroye 1986, section II.2)."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from modescope.datasets import Array, Distribution
from modescope.samplers import Sampler


class InverseTransform(Sampler):
    """x = F^-1(u), u ~ U(0, 1): x has the distribution function F."""

    source: ClassVar[str] = "Devroye 1986"

    def check(self, dataset: Distribution) -> None:
        """Raises ValueError if the dataset has no quantile function."""
        if not dataset.has_quantile:
            raise ValueError(f"sampler inverse_transform needs a quantile function; {dataset.kind} has none in 1-D")

    def draw(self, dataset: Distribution, n: int, rng: np.random.Generator) -> dict[str, Array]:
        """`samples` (n, 1) and the `uniform` variables (n, 1) that they were computed from."""
        uniform = rng.uniform(size=n)
        return {"samples": dataset.quantile(uniform)[:, None], "uniform": uniform[:, None]}
