"""Nearest-neighbour distances by k-d tree, shared by the k-NN families.

A k-d tree is exact, and fast while a point has few coordinates; beyond about fifteen it visits
every point and is slower than the plain double loop. The families skip such data (`MAX_DIM`).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from modescope.datasets import Array, Distribution

MAX_DIM = 15


def low_dimensional(dataset: Distribution) -> bool:
    """Whether a k-d tree is useful: points have few coordinates and are not all equal."""
    return math.prod(dataset.shape) <= MAX_DIM and not dataset.degenerate


def flat(x: Array) -> Array:
    """(n, *shape) -> (n, dim)."""
    return x.reshape(len(x), -1)


def radii(tree: KDTree, k: int) -> Array:
    """Distance from every point of the tree to its k-th neighbour among the others, (n,).

    Duplicates of a point are neighbours at distance 0. Raises ValueError unless k < n.
    """
    if k >= tree.n:
        raise ValueError(f"{tree.n} points have no {k} neighbours each")
    # The point itself comes first, at distance 0, so its k-th neighbour is number k + 1.
    nearest = np.asarray(tree.query(tree.data, k=[k + 1])[1])[:, 0]  # (n,)
    return distances(tree.data, tree.data[nearest])


def kth_distance(tree: KDTree, x: Array, k: int) -> Array:
    """Distance from every x (n, dim), which is not in the tree, to the k-th nearest point of the tree, (n,)."""
    nearest = np.asarray(tree.query(x, k=[k])[1])[:, 0]  # (n,)
    return distances(x, tree.data[nearest])


def pairs_within(tree: KDTree, x: Array, radius: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """All (i, j) with |x_i - t_j| < radius_i, for x (n, dim), radius (n,) and t_j the points of the tree."""
    balls = np.flatnonzero(radius)  # a ball of radius 0 is empty, but the tree would list every duplicate
    # The tree compares squares with <=: search a slightly larger ball, then test the candidates exactly.
    found = tree.query_ball_point(x[balls], radius[balls] * (1 + 1e-9), return_sorted=False)
    i = np.repeat(balls, [len(js) for js in found])
    j = np.fromiter((j for js in found for j in js), dtype=np.intp, count=len(i))
    inside = distances(x[i], tree.data[j]) < radius[i]
    return i[inside], j[inside]


def distances(a: Array, b: Array) -> Array:
    """|a_i - b_i|, (n, dim) x 2 -> (n,); used for radii and for tests, so that ties stay ties."""
    return np.asarray(np.sqrt(np.sum((a - b) ** 2, axis=1)))
