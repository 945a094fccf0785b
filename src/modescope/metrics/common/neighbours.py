"""Nearest-neighbour distances by k-d tree: what the k-NN families share.

A k-d tree is exact, and fast while a point has few coordinates; beyond about fifteen it visits
every point and is slower than the plain double loop. The families refuse such data (`MAX_DIM`).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from modescope.datasets import Array, Distribution

MAX_DIM = 15


def low_dimensional(dataset: Distribution) -> bool:
    """Whether a k-d tree is of use for points of this shape; it is not where all of them are one."""
    return math.prod(dataset.shape) <= MAX_DIM and not dataset.degenerate


def flat(x: Array) -> Array:
    """(n, *shape) -> (n, dim)."""
    return x.reshape(len(x), -1)


def radii(tree: KDTree, k: int) -> Array:
    """Distance from every point of the tree to its k-th neighbour among the others, (n,).

    Duplicates of a point are others at distance 0. Raises ValueError unless k < n.
    """
    if k >= tree.n:
        raise ValueError(f"{tree.n} points have no {k} neighbours each")
    # The point itself, at distance 0, is the first of k + 1: the others begin with the second.
    nearest = np.asarray(tree.query(tree.data, k=[k + 1])[1])[:, 0]  # (n,)
    return distances(tree.data, tree.data[nearest])


def kth_distance(tree: KDTree, x: Array, k: int) -> Array:
    """Distance from every x (n, dim), not of the tree, to the k-th nearest point of the tree, (n,)."""
    nearest = np.asarray(tree.query(x, k=[k])[1])[:, 0]  # (n,)
    return distances(x, tree.data[nearest])


def pairs_within(tree: KDTree, x: Array, radius: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """All (i, j) with |x_i - t_j| < radius_i, for x (n, dim), radius (n,) and t_j the points of the tree."""
    balls = np.flatnonzero(radius)  # a ball of radius 0 holds nothing, but the tree would list every duplicate
    # The tree compares squares and with <=; a hair more, and then the exact test on the candidates.
    found = tree.query_ball_point(x[balls], radius[balls] * (1 + 1e-9), return_sorted=False)
    i = np.repeat(balls, [len(js) for js in found])
    j = np.fromiter((j for js in found for j in js), dtype=np.intp, count=len(i))
    inside = distances(x[i], tree.data[j]) < radius[i]
    return i[inside], j[inside]


def distances(a: Array, b: Array) -> Array:
    """|a_i - b_i|, (n, dim) x 2 -> (n,); the one formula for radii and tests, so that ties are ties."""
    return np.asarray(np.sqrt(np.sum((a - b) ** 2, axis=1)))
