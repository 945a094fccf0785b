"""Whether the generator copies its training points: generated against held-out points, by their distance to those.

C_T (Meehan, Chaudhuri & Dasgupta 2020) asks whether generated points lie nearer to the training points than held-out
ones do. They also do where a generator crowds at the peaks, with no copy among them. The second measure cannot be
misled in this way: the nearest neighbour of a point, among training and held-out points together, is a held-out one as
often as these are among all, wherever the point lies, unless the generator has seen the training points. (Platzer &
Reutterer 2021 compare equally many of each; this form for unequal numbers, which is more precise, is ours.)
"""

from __future__ import annotations

import math
from typing import ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.spatial import KDTree
from scipy.stats import rankdata

from modescope.datasets import Distribution
from modescope.metrics import About, Array, Metric
from modescope.metrics.common.memory import remembered
from modescope.metrics.common.neighbours import flat, kth_distance, low_dimensional, tree
from modescope.metrics.common.ties import TOLERATED, Ties

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
            "Estimated share of generated points that copy a training point: 1 - h / e, with h the share whose nearest "
            "neighbour among training and held-out points is held-out, and e the share of held-out points among all. 0 "
            "on average, wherever the generator puts its points, unless it copies; 1 if all are copies. It is not "
            "clipped. Not for pictures.",
            "-infinity to 1",
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
        return {
            "c_t": c_t(real, fake, train, min(self.cells, min(len(real), len(fake)) // FEWEST)),
            "copied_share": copied_share(real, fake, train),
        }

    def voided(self, ties: Ties) -> dict[str, str]:
        """Both where held-out points coincide with training points: then a generated one may, without being a copy."""
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
    far_held, far_fake = to_nearest(held_out, tree(train)), to_nearest(fake, tree(train))
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
    u = rankdata(np.concatenate([p, q]))[n:].sum() - m * (m + 1) / 2
    return float((u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12))


def copied_share(held_out: Array, fake: Array, train: Array) -> float:
    """The share of copies among fake (k, *shape): 1 - h (n + m) / n for n held-out and m training points (., *shape).

    h is the share of fake that lie nearer to a held-out than to a training point; of ties, n / (n + m) count. If the
    share c of fake are copies, and the others know nothing of which points were held out, the expectation is c.
    """
    n, m = len(held_out), len(train)
    to_train, to_held = to_nearest(fake, tree(train)), to_nearest(fake, tree(held_out))
    expected = n / (n + m)
    nearer = float(np.mean(to_held < to_train) + expected * np.mean(to_held == to_train))
    return 1 - nearer / expected


@remembered
def to_nearest(x: Array, to: KDTree) -> Array:
    """Distance from every x (n, *shape) to the nearest point of the tree, (n,)."""
    return kth_distance(to, flat(x), 1)


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
