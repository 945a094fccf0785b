"""Whether the generator copies its training points: generated against held-out points, by their distance to those.

C_T (Meehan, Chaudhuri & Dasgupta 2020) asks whether generated points lie nearer to the training points than held-out
ones do. They also do where a generator crowds at the peaks, with no copy among them. The share of copies cannot be
misled in this way: the nearest neighbour of a point, among training and held-out points together, is a held-out one as
often as these are among all, wherever the point lies, unless the generator has seen the training points. (Platzer &
Reutterer 2021 compare equally many of each; this form for unequal numbers, which is more precise, is ours.)

The split of the data is one throw of the dice for all seeds. Where many generated points share few neighbours, it
decides, so the share comes with its z-score: how many standard deviations of a random split it lies from 0.
"""

from __future__ import annotations

import math
from typing import ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.spatial import KDTree

from modescope.datasets import Distribution
from modescope.metrics import About, Array, Metric
from modescope.metrics.common.memory import remembered
from modescope.metrics.common.neighbours import distances, flat, low_dimensional, tree
from modescope.metrics.common.ties import TOLERATED, Ties

NEAR = 0.95
FEWEST = 20  # generated and held-out points of a cell, for its z-score to be normal
Split: TypeAlias = "tuple[int, float, Split, Split] | None"  # axis, where it is cut, and the cells below and above


class Memorisation(Metric):
    """Copies among the generated points; needs the training points."""

    cells: int = Field(16, ge=1, le=1_024, description="most cells of C_T, with equally many training points each")

    about: ClassVar[dict[str, About]] = {
        "c_t": About(
            "C_T",
            "Mean over up to 16 cells (by default) of the z-score of a rank test: do generated points lie nearer to "
            "the training points than held-out ones (Meehan, Chaudhuri & Dasgupta 2020)? About 0, with a deviation of "
            "1 / √cells, for a perfect sampler; far below 0 for copies, but also for points that crowd at the peaks; "
            "above 0 for points outside the data. Not for pictures, whose noise decides which are near.",
            "-infinity to infinity",
            "neither",
        ),
        "copied_share": About(
            "Copies",
            "Estimated share of generated points that copy a training point: s - h / e, with s the share that lie near "
            "a data point, h the share whose nearest one is held-out, and e the share of held-out points in the data. "
            "About 0 unless the generator copies, 1 if all points are copies. It is not clipped, and it is the same "
            "split of the data that decides for all seeds: see its z-score. Not for pictures.",
            "-infinity to 1",
            "lower",
        ),
        "copied_z": About(
            "Copies, z-score",
            "The share of copies over its standard deviation if the data were split at random into training and "
            "held-out points: about 0 with a deviation of 1 without copying, whatever the generator; above 3 it is no "
            "chance. All seeds share the split, so their mean varies almost as much as one value. Not for "
            "pictures.",
            "-infinity to infinity",
            "lower",
        ),
    }

    def applies(self, dataset: Distribution) -> bool:
        """Only for points with few coordinates: which of two noisy pictures is nearer depends on their noise."""
        return low_dimensional(dataset)

    @property
    def min_points(self) -> int:
        """Those of one cell."""
        return FEWEST

    def score_training(
        self, real: Array, fake: Array, train: Array, dataset: Distribution, rng: np.random.Generator
    ) -> dict[str, float]:
        """Scores of fake (n, *shape) with held-out points real (n, *shape) and training points (m, *shape)."""
        share, z = copied(real, fake, train)
        n_cells = min(self.cells, min(len(real), len(fake)) // FEWEST)
        return {"c_t": c_t(real, fake, train, n_cells), "copied_share": share, "copied_z": z}

    def voided(self, ties: Ties) -> dict[str, str]:
        """All where held-out points coincide with training points: then a generated one may, without being a copy."""
        if ties.trained <= TOLERATED * len(ties.real.others):
            return {}
        reason = f"{ties.trained:,} of {len(ties.real.others):,} real points coincide with a training point"
        return dict.fromkeys(self.about, reason)


def c_t(held_out: Array, fake: Array, train: Array, n_cells: int) -> float:
    """C_T of fake (m, *shape): Meehan, Chaudhuri & Dasgupta 2020, section 3.

    The mean over cells of the z-scores of the rank test, weighted by the held-out points (n, *shape) of each. Cells
    with fewer than 20 points of either are left out; if none is left, all points are one cell. The authors find cells
    by k-means; here space is cut in half at medians of the training points (l, *shape), so that all cells hold equally
    many, and there are at most n_cells.
    """
    cuts = splits(train, int(math.log2(max(1, n_cells))))
    far_held, far_fake = to_nearest(held_out, tree(train))[0], to_nearest(fake, tree(train))[0]
    cell_held, cell_fake = cells(flat(held_out), cuts), cells(flat(fake), cuts)
    total, weight = 0.0, 0
    for cell in np.unique(cell_held):
        p, q = far_held[cell_held == cell], far_fake[cell_fake == cell]
        if min(len(p), len(q)) >= FEWEST:
            total, weight = total + len(p) * z_score(p, q), weight + len(p)
    return total / weight if weight else z_score(far_held, far_fake)


def z_score(p: Array, q: Array) -> float:
    """Z-score of the Mann-Whitney test, p (n,) and q (m,): negative where q is smaller; ties count by half."""
    n, m = len(p), len(q)
    from scipy.stats import rankdata  # takes a third of a second to import

    u = rankdata(np.concatenate([p, q]))[n:].sum() - m * (m + 1) / 2
    return float((u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12))


def copied(held_out: Array, fake: Array, train: Array) -> tuple[float, float]:
    """The share of copies among fake (k, *shape), and its z-score, with n held-out and m training points (., *shape).

    Only generated points that lie near a data point count: nearer than NEAR of the held-out points lie to a training
    point. Of them, h k have a held-out point as their nearest; of ties, e = n / (n + m) count. With s k near points,
    the share is s - h / e. If k_j generated points have the data point j as their nearest, and which n are held out is
    random, its variance is (1 - e) / e sum_j (k_j - k_mean)^2 / k^2, times (n + m) / (n + m - 1).
    """
    data = len(held_out) + len(train)
    expected = len(held_out) / data
    (far, which), (to_held, held) = to_nearest(fake, tree(train)), to_nearest(fake, tree(held_out))
    near = np.minimum(far, to_held) <= np.quantile(to_nearest(held_out, tree(train))[0], NEAR)
    if not near.any():
        return 0.0, 0.0
    to_first = np.where(to_held < far, 1.0, np.where(to_held == far, expected, 0.0))[near]
    share = float(near.sum() - to_first.sum() / expected) / len(fake)
    nearest = np.where(to_held < far, len(train) + held, which)[near]
    counts = np.bincount(nearest, minlength=data).astype(np.float64)  # (n + m,)
    deviation = math.sqrt((1 - expected) / expected * np.var(counts) * data**2 / (data - 1)) / len(fake)
    return share, share / deviation if deviation > 0 else 0.0


@remembered
def to_nearest(x: Array, to: KDTree) -> tuple[Array, NDArray[np.intp]]:
    """Distance from every x (n, *shape) to the nearest point of the tree, and which one it is, (n,) each."""
    which = np.asarray(to.query(flat(x), k=[1])[1])[:, 0]
    return distances(flat(x), to.data[which]), which


@remembered
def splits(x: Array, depth: int) -> Split:
    """Cut x (n, *shape) into 2^depth cells of equally many, each time at the median of its longest axis.

    A cell is left whole where no point lies below the median, as where all coincide.
    """
    if depth == 0:
        return None
    rows = flat(x)
    axis = int(np.argmax(np.ptp(rows, axis=0)))
    at = float(np.median(rows[:, axis]))
    below = rows[:, axis] < at
    if not below.any():
        return None
    return axis, at, splits(rows[below], depth - 1), splits(rows[~below], depth - 1)


def cells(x: Array, split: Split) -> NDArray[np.intp]:
    """The number of the cell of every x (n, dim), (n,)."""
    if split is None:
        return np.zeros(len(x), np.intp)
    axis, at, low, high = split
    above = x[:, axis] >= at
    return np.asarray(2 * np.where(above, cells(x, high), cells(x, low)) + above)
