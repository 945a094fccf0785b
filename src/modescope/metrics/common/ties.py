"""Ties: points of one set that coincide, as in integers, rounded numbers and repeated rows, or agree in a coordinate.

Estimates from nearest neighbours suppose a density, so that no two points coincide. Where k others lie at a point's own
place, its k-th neighbour is at distance 0: its ball is empty, and the logarithm of its radius is minus infinity.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from modescope.datasets import Array
from modescope.metrics.common.memory import remembered
from modescope.metrics.common.neighbours import flat

TOLERATED = 0.01  # the share of points whose ties may be neglected: a fifth of the smallest effect on coverage


@dataclass(frozen=True)
class Tied:
    """The ties within one set."""

    others: NDArray[np.intp]  # (n,), how many other points of the set lie at the same place

    @cached_property
    def count(self) -> int:
        """The points that coincide with another one."""
        return self.deep(1)

    @property
    def share(self) -> float:
        """The same as a share of all."""
        return self.count / max(1, len(self.others))

    def deep(self, k: int) -> int:
        """The points that coincide with at least k others, so that their k-th neighbour is at distance 0."""
        return int(np.sum(self.others >= k))

    def too_deep(self, k: int) -> bool:
        """Whether there are more of them than may be neglected."""
        return self.deep(k) > TOLERATED * len(self.others)


@dataclass(frozen=True)
class Ties:
    """The ties within the real and within the generated points, those of real with training points, and constants."""

    real: Tied
    fake: Tied
    trained: int = 0  # real points that coincide with a training point; 0 where those are not known
    constant: int = 0  # coordinates that are the same for all real points

    @property
    def count(self) -> int:
        """The points of both sets that coincide with another one of their set."""
        return self.real.count + self.fake.count

    @property
    def share(self) -> float:
        """The same as a share of all."""
        return self.count / max(1, len(self.real.others) + len(self.fake.others))

    @property
    def discrete(self) -> bool:
        """Whether the real points tie so often that they cannot come from a density."""
        return self.real.share > TOLERATED

    @property
    def most(self) -> int:
        """The most others that a point coincides with."""
        return int(max(self.real.others.max(initial=0), self.fake.others.max(initial=0)))

    def __str__(self) -> str:
        """How many points coincide, in words."""
        sides = [(name, side) for name, side in (("real", self.real), ("generated", self.fake)) if side.count]
        words = [f"{side.count:,} of {len(side.others):,} {name} points" for name, side in sides]
        return f"{' and '.join(words) or 'no points'} coincide with another one of their set"


def found(real: Array, fake: Array, train: Array | None = None) -> Ties:
    """The ties of real (n, *shape), generated (m, *shape) and, where they are known, training points (l, *shape)."""
    trained = 0 if train is None else int(np.sum(_among(real, train)))
    constant = int(np.sum(np.all(flat(real) == flat(real)[:1], axis=0)))
    return Ties(tied(real), tied(fake), trained, constant)


@remembered
def tied(x: Array) -> Tied:
    """The ties within x (n, *shape)."""
    rows, others = _plain(x), np.zeros(len(x), np.intp)
    # Equal rows have equal sums, and most sets have none, so that few rows remain to be compared.
    sums = _sums(rows)
    order = np.argsort(sums, kind="stable")
    same = np.append(sums[order][1:] == sums[order][:-1], False)
    alike = order[same | np.append(False, same[:-1])]
    if len(alike):
        _, place, size = np.unique(rows[alike], axis=0, return_inverse=True, return_counts=True)
        others[alike] = size[place.ravel()] - 1
    return Tied(others)


def _among(x: Array, others: Array) -> NDArray[np.bool_]:
    """Whether each point of x (n, *shape) lies at the place of one of the others (m, *shape), (n,)."""
    rows, there = _plain(x), _plain(others)
    sums, known = _sums(rows), _sums(there)
    likely, candidates = np.isin(sums, known), np.isin(known, sums)
    answer = np.zeros(len(rows), np.bool_)
    places = {row.tobytes() for row in there[candidates]}
    answer[likely] = [row.tobytes() in places for row in rows[likely]]
    return answer


def _plain(x: Array) -> Array:
    """(n, *shape) -> (n, dim), row by row in memory, without negative zeros: equal points have equal bytes."""
    return np.ascontiguousarray(flat(x) + 0.0)


def _sums(rows: Array) -> Array:
    with np.errstate(over="ignore"):
        return np.asarray(rows.sum(axis=1))
