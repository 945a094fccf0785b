"""A parabola in the plane: a curve without width, the first example of the introduction.

x ~ U(-1, 1);  y = x^2   (article 001)

All mass lies on a set of zero area, so there is no density in the plane. Every generator misses the curve a little.
The data have one dimension, so one latent dimension is enough.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from modescope.datasets import Array, Distribution


class Parabola(Distribution):
    """(x, x^2) for x uniform on (-1, 1): points are denser where the curve is flat. It has no modes."""

    kind: Literal["parabola"] = "parabola"

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one point, (2,)."""
        return (2,)

    def sample(self, n: int, rng: np.random.Generator) -> Array:
        """Independent points, (n, 2)."""
        x = rng.uniform(-1, 1, n)
        return np.stack([x, x**2], axis=1)

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """A square around the middle of the curve, a quarter wider than it."""
        return (-1.25, 1.25, -0.75, 1.75)
