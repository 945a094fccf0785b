"""How smooth a generator is: what it makes along straight latent lines, and of the middles and sums of latent points.

For a line z_t = (1 - t) a + t b, cut into equal steps, the path of G has a length sum_i |G(z_{i+1}) - G(z_i)| and a
largest jump max_i |G(z_{i+1}) - G(z_i)|. Any sequence of points has both; what they would be if neighbouring latent
points had nothing to do with each other is what as many samples in the order in which they were drawn give.
"""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from scipy.spatial import KDTree

from modescope.datasets import Distribution
from modescope.metrics import About, Array, Metric, Views
from modescope.metrics.common.neighbours import distances, flat, kth_distance, low_dimensional


class Walk(Metric):
    """For experiments whose snapshots have a `walk`; everything relative to the run's own samples."""

    about: ClassVar[dict[str, About]] = {
        "walk_length": About(
            "Path length",
            "Length of the path that the generator makes of a straight latent line, on average over lines, over that "
            "of as many of its own samples in random order: 1 when neighbouring latent points have nothing to do with "
            "each other, 0.01 for a straight path at 101 points.",
            "0 to infinity",
            "lower",
        ),
        "walk_jump": About(
            "Largest jump",
            "Largest step of that path, on average over lines, over the largest among as many of the generator's own "
            "samples in random order.",
            "0 to infinity",
            "lower",
        ),
        "midpoint_offset": About(
            "Midpoint offset",
            "Root mean square distance of G((a + b) / 2) from the middle of G(a) and G(b), over that of one sample "
            "from the middle of two others: 0 for a linear generator, 1 when the middle says nothing of its ends.",
            "0 to infinity",
            "neither",
        ),
        "midpoint_distance": About(
            "Midpoint distance",
            "Mean distance of G((a + b) / 2) from the nearest real point, over that of the generator's samples: 1 when "
            "middles lie as near to the data as samples.",
            "0 to infinity",
            "lower",
        ),
        "sum_distance": About(
            "Sum distance",
            "Mean distance of G(a + b) from the nearest real point, over that of the generator's samples: 1 when sums "
            "lie as near to the data as samples.",
            "0 to infinity",
            "lower",
        ),
    }

    def score_views(self, real: Array, views: Views, dataset: Distribution) -> dict[str, float]:
        """Scores of a walk (lines, points, *shape) and sums (lines, *shape) against the samples (n, *shape).

        Without a walk there are none. Distances from real points are left out where a point has many coordinates.
        """
        if "walk" not in views or not len(views["samples"]):
            return {}
        walk = views["walk"].reshape(*views["walk"].shape[:2], -1)  # (lines, points, dim)
        samples, sums = flat(views["samples"]), flat(views["sums"])
        length, jump = path(walk)
        chance_length, chance_jump = path(sequences(samples, walk.shape[1]))
        start, middle, end = walk[:, 0], walk[:, walk.shape[1] // 2], walk[:, -1]  # (lines, dim) each
        offset = math.sqrt(float(np.mean(distances(middle, (start + end) / 2) ** 2)))
        # |x - (x' + x'') / 2|^2 of independent points is 3/2 of the variance, summed over axes, on average.
        chance_offset = math.sqrt(1.5 * float(np.sum(np.var(samples, axis=0))))
        scores = {
            "walk_length": relative(length, chance_length),
            "walk_jump": relative(jump, chance_jump),
            "midpoint_offset": relative(offset, chance_offset),
        }
        if low_dimensional(dataset):
            tree = KDTree(flat(real))
            usual = float(np.mean(kth_distance(tree, samples, 1)))
            scores["midpoint_distance"] = relative(float(np.mean(kth_distance(tree, middle, 1))), usual)
            scores["sum_distance"] = relative(float(np.mean(kth_distance(tree, sums, 1))), usual)
        return scores


def path(points: Array) -> tuple[float, float]:
    """Mean over lines of the length and of the largest step of the paths (lines, points, dim)."""
    step = np.linalg.norm(np.diff(points, axis=1), axis=-1)  # (lines, points - 1)
    return float(np.mean(np.sum(step, axis=1))), float(np.mean(np.max(step, axis=1)))


def sequences(samples: Array, points: int) -> Array:
    """Samples (n, dim), which come in random order, cut into sequences: (n // points, points, dim).

    Where there are fewer than `points`, one sequence that begins again at its end.
    """
    n = len(samples)
    rows = np.arange(max(1, n // points) * points) % n
    return samples[rows].reshape(-1, points, samples.shape[1])


def relative(value: float, chance: float) -> float:
    """Value over chance; 1 where both are 0, as for a generator that makes one point of everything."""
    if chance > 0:
        return value / chance
    return 1.0 if value == 0 else math.inf
