"""A discriminator D in one dimension against the optimal D* = p / (p + q): their error rates.

The line is cut into cells around the places where D is known. The outermost cells reach to infinity, so
the cells hold all the mass of both distributions.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from modescope.datasets import Distribution
from modescope.metrics import Array


class Cells(NamedTuple):
    """Per cell, (cells,) each: its place, the mass of real and of generated points in it, and D there."""

    places: Array
    p: Array  # exact
    q: Array  # the share of generated points
    d: Array  # probability of being real, by the discriminator


def cells(dataset: Distribution, places: Array, points: Array, logits: Array) -> Cells:
    """Cells around ascending places (cells,), for generated points (n,) and D's logits at the places (cells,)."""
    between = (places[1:] + places[:-1]) / 2
    p = np.diff(np.concatenate([[0.0], dataset.cdf(between), [1.0]]))
    counts = np.bincount(np.searchsorted(between, points), minlength=len(places))
    return Cells(places, p, counts / max(1, len(points)), expit(logits))


def optimal(c: Cells) -> Array:
    """D* = p / (p + q) (Goodfellow et al. 2014, proposition 1), (cells,); NaN in cells without mass."""
    mass = c.p + c.q
    return np.divide(c.p, mass, out=np.full_like(mass, np.nan), where=mass > 0)


def error(c: Cells) -> float:
    """Error rate of D on a point that is real or generated with equal probability: sum of [p (1 - D) + q D] / 2.

    D answers "real" with probability D. The rate is 1/2 for D = 1/2, whatever p and q.
    """
    return float(np.sum(c.p * (1 - c.d) + c.q * c.d) / 2)


def bayes_error(c: Cells) -> float:
    """Lowest error rate of any D, sum of min(p, q) / 2: in each cell p (1 - D) + q D is at least min(p, q).

    1/2 where p = q, 0 where they do not overlap.
    """
    return float(np.sum(np.minimum(c.p, c.q)) / 2)


def error_of_optimal(c: Cells) -> float:
    """Error rate of D* as defined in `error`, answering "real" with probability D*: sum of p q / (p + q)."""
    return error(c._replace(d=np.nan_to_num(optimal(c), nan=0.5)))


def offset(c: Cells) -> float:
    """Mean distance of D from 1/2 over real and generated points, sum of (p + q) / 2 |D - 1/2|."""
    return float(np.sum((c.p + c.q) / 2 * np.abs(c.d - 0.5)))
