"""Nearest-neighbour distances by k-d tree, shared by the k-NN families.

A k-d tree is exact, and fast while a point has few coordinates; beyond about fifteen it visits
every point and is slower than the plain double loop. The families skip such data (`MAX_DIM`).
"""

from __future__ import annotations

import math
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from modescope.datasets import Array, Distribution
from modescope.metrics.common.memory import remembered

MAX_DIM = 15


def low_dimensional(dataset: Distribution) -> bool:
    """Whether a k-d tree is useful: points have few coordinates and are not all equal."""
    return math.prod(dataset.shape) <= MAX_DIM and not dataset.degenerate


def flat(x: Array) -> Array:
    """(n, *shape) -> (n, dim)."""
    return x.reshape(len(x), -1)


@remembered
def tree(x: Array) -> KDTree:
    """The k-d tree of the points x (n, *shape)."""
    return KDTree(flat(x))


@remembered
def radii(x: Array, k: int) -> Array:
    """Distance from every point of x (n, *shape) to its k-th neighbour among the others, (n,).

    Duplicates of a point are neighbours at distance 0. Raises ValueError unless k < n.
    """
    if k >= len(x):
        raise ValueError(f"{len(x)} points have no {k} neighbours each")
    # The point itself comes first, at distance 0, so its k-th neighbour is number k + 1.
    return kth_distance(tree(x), flat(x), k + 1)


def kth_distance(tree: KDTree, x: Array, k: int) -> Array:
    """Distance from every x (n, dim) to the k-th nearest point of the tree, (n,); a point of the tree comes first."""
    nearest = np.asarray(tree.query(x, k=[k])[1])[:, 0]  # (n,)
    return distances(x, tree.data[nearest])


def pairs_within(tree: KDTree, x: Array, radius: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """All (i, j) with |x_i - t_j| < radius_i, for x (n, dim), radius (n,) and t_j the points of the tree."""
    balls = np.flatnonzero(radius)  # a ball of radius 0 is empty, but the tree would list every duplicate
    # The tree compares squares with <=: search a slightly larger ball, then test the candidates exactly.
    found = tree.query_ball_point(x[balls], radius[balls] * (1 + 1e-9), return_sorted=False)
    sizes = np.fromiter(map(len, found), dtype=np.intp, count=len(balls))
    i = np.repeat(balls, sizes)
    j = np.fromiter(chain.from_iterable(found), dtype=np.intp, count=len(i))
    inside = distances(x[i], tree.data[j]) < radius[i]
    return i[inside], j[inside]


def distances(a: Array, b: Array) -> Array:
    """|a_i - b_i|, (n, dim) x 2 -> (n,); used for radii and for tests, so that ties stay ties."""
    return np.asarray(np.sqrt(np.sum((a - b) ** 2, axis=1)))
