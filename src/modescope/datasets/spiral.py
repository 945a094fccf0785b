"""A thin, connected spiral band of three turns with sharp edges; the density is zero elsewhere.

u, v ~ U(-1, 1);  r = 0.05 + 0.45 (u + 1) + 0.05 v;  theta = 3 pi u   (article 000)

(u, v) has density 1/4 and the map to (r, theta) the Jacobian 0.45 * 0 - 0.05 * 3 pi = -0.15 pi, so
p(r, theta) = 1 / (0.6 pi) and, in the plane, p(x, y) = 1 / (0.6 pi r) on the band.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from modescope.datasets import Array, Distribution

INNER, PITCH, HALF_WIDTH = 0.05, 0.45, 0.05  # r = INNER + PITCH (u + 1) + HALF_WIDTH v
HALF_TURN = 3 * np.pi  # theta = HALF_TURN u, so three turns
WINDINGS = 2 * np.pi * np.array([-1, 0, 1])  # theta in [-3 pi, 3 pi] meets each direction three times


class Spiral(Distribution):
    """Radius 0 to 1, neighbouring turns 0.3 apart, the band 0.1 wide along the radius."""

    kind: Literal["spiral"] = "spiral"

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one point, (2,)."""
        return (2,)

    def sample(self, n: int, rng: np.random.Generator) -> Array:
        """Independent points, (n, 2)."""
        u, v = rng.uniform(-1, 1, (2, n))
        r, theta = INNER + PITCH * (u + 1) + HALF_WIDTH * v, HALF_TURN * u  # (n,) each
        return np.stack([r * np.cos(theta), r * np.sin(theta)], axis=1)

    def log_density(self, x: Array) -> Array:
        """Logarithm of p(x), (n, 2) -> (n,): summed over the windings that reach x, -inf where none does.

        The density grows as 1/r towards the origin, which is itself a corner of the band and counts as outside.
        """
        r = np.hypot(x[:, 0], x[:, 1])[:, None]  # (n, 1)
        theta = np.arctan2(x[:, 1], x[:, 0])[:, None] + WINDINGS  # (n, 3)
        u = theta / HALF_TURN
        v = (r - INNER - PITCH * (u + 1)) / HALF_WIDTH
        reached = np.sum((np.abs(u) <= 1) & (np.abs(v) <= 1), axis=1)  # (n,)
        area = 4 * HALF_WIDTH * HALF_TURN * r[:, 0]  # (n,), 0.6 pi r
        with np.errstate(divide="ignore"):  # log 0 = -inf off the band
            return np.asarray(np.log(np.divide(reached, area, out=np.zeros_like(area), where=reached > 0)))

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """The unit disc that holds the whole spiral, with a margin."""
        return (-1.1, 1.1, -1.1, 1.1)
