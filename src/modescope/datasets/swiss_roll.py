"""The Swiss roll in the plane: a spiral curve of one and a half turns under isotropic Gaussian noise.

t ~ U(3 pi/2, 9 pi/2);  c(t) = t / (9 pi/2) (cos t, sin t);  x = c(t) + std N(0, I)

t is that of scikit-learn's `make_swiss_roll`, scaled so that the curve ends on the unit circle. The density is
that of infinitely many Gaussians along the curve, 1/(3 pi) times the integral of N(x; c(t), std^2 I) over t.
It has no closed form, but the integrand is smooth, so quadrature is exact to rounding.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from modescope.datasets import Array, Distribution

Index = NDArray[np.intp]

START, END = 1.5 * np.pi, 4.5 * np.pi  # of t, which is also the angle
NEGLIGIBLE = 36.0  # the integrand is left out where it is below exp(-36) = 2e-16 of its maximum
VARIATION = 10.0  # largest change of the exponent from the middle of a panel to its ends
ORDER = 20  # Gauss-Legendre nodes a panel: exact to 1e-10 for such a change
CHUNK = 20_000  # points at a time: tens of MB


class SwissRoll(Distribution):
    """A band of standard deviation `std` along a curve in the unit disc, turns 4/9 apart. It has no modes."""

    kind: Literal["swiss_roll"] = "swiss_roll"
    std: float = Field(0.01, ge=1e-6, description="standard deviation of the noise per axis; the radius is 1")

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one point, (2,)."""
        return (2,)

    def sample(self, n: int, rng: np.random.Generator) -> Array:
        """Independent points, (n, 2)."""
        t = rng.uniform(START, END, n)
        curve: Array = np.stack([np.cos(t), np.sin(t)], axis=1) * (t / END)[:, None]  # (n, 2)
        return curve + self.std * rng.standard_normal((n, 2))

    def log_density(self, x: Array) -> Array:
        """Logarithm of p(x), (n, 2) -> (n,), to 1e-9 on the band and to 12 digits far away, where it stays finite."""
        parts = np.array_split(x, max(1, math.ceil(len(x) / CHUNK)))
        log_integral = np.concatenate([_log_integral(part, self.std, ORDER) for part in parts])  # (n,)
        return np.asarray(log_integral - math.log(2 * math.pi * self.std**2 * (END - START)))

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """The unit disc that holds the curve, and four standard deviations around it."""
        reach = 1 + 4 * self.std
        return (-reach, reach, -reach, reach)


def _log_integral(x: Array, std: float, order: int) -> Array:
    """Logarithm of the integral of exp(-e(t)), e(t) = |x - c(t)|^2 / (2 std^2), from START to END: (n, 2) -> (n,)."""
    r, phi = np.hypot(x[:, 0], x[:, 1]) * END, np.arctan2(x[:, 1], x[:, 0])  # (n,), r in units where |c(t)| = t
    point, middle, half = _panels(r, phi, std * END)  # (panels,) each
    node, weight = np.polynomial.legendre.leggauss(order)
    t = middle[:, None] + half[:, None] * node  # (panels, order)
    e = _exponent(t, r[point, None], phi[point, None], std * END)
    least = np.full(len(x), np.inf)
    np.minimum.at(least, point, e.min(axis=1))
    mass = half * (np.exp(least[point, None] - e) @ weight)  # (panels,)
    return np.asarray(np.log(np.bincount(point, mass, minlength=len(x))) - least)


def _panels(r: Array, phi: Array, std: float) -> tuple[Index, Array, Array]:
    """Parts of [START, END] that contribute to each point: index of the point, middle and half width, (panels,) each.

    Bisection. By Taylor, |e''| <= (1 + r (2 + END)) / std^2 bounds how far e(t) can be from its value in the middle.
    A panel that cannot come near the least value so far is left out; one on which e changes too much is halved.
    Far away, a change of 1e-12 of e itself is allowed: it is below the rounding error of the sum.
    """
    bound = (1 + r * (2 + END)) / std**2  # (n,)
    point = np.arange(len(r))
    middle, half = np.full(len(r), (START + END) / 2), (END - START) / 2
    least = np.full(len(r), np.inf)
    done: list[tuple[Index, Array, Array]] = []
    while True:
        e = _exponent(middle, r[point], phi[point], std)
        angle = middle - phi[point]
        slope = np.abs(middle - r[point] * np.cos(angle) + middle * r[point] * np.sin(angle)) / std**2
        change = slope * half + bound[point] * half**2 / 2
        np.minimum.at(least, point, e)
        near = e - change <= least[point] + NEGLIGIBLE
        fine = change <= np.maximum(VARIATION, 1e-12 * e)
        keep, split = near & fine, near & ~fine
        done.append((point[keep], middle[keep], np.full_like(middle[keep], half)))
        point, middle, half = point[split], middle[split], half / 2
        if not len(point):
            found = [np.concatenate(column) for column in zip(*done, strict=True)]
            return found[0], found[1], found[2]
        point, middle = np.repeat(point, 2), np.stack([middle - half, middle + half], axis=1).ravel()


def _exponent(t: Array, r: Array, phi: Array, std: float) -> Array:
    """|x - c(t)|^2 / (2 std^2) for x in polar coordinates, as a sum of squares to avoid cancellation."""
    return np.asarray(((r - t) ** 2 + 4 * r * t * np.sin((t - phi) / 2) ** 2) / (2 * std**2))
