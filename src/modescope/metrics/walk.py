"""How smooth a generator is along straight latent lines, and what it makes of midpoints and sums of latent points.

For a line z_t = (1 - t) a + t b, cut into equal steps, the path of G has a length sum_i |G(z_{i+1}) - G(z_i)| and a
largest jump max_i |G(z_{i+1}) - G(z_i)|. Both are divided by those of equally many samples in random order, which is
what they would be if the outputs of neighbouring latent points were unrelated.
"""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from modescope.datasets import Distribution
from modescope.metrics import About, Array, Metric, Views
from modescope.metrics.common.neighbours import distances, flat, kth_distance, low_dimensional, tree


class Walk(Metric):
    """For experiments whose snapshots have a `walk`; all values are relative to the run's own samples."""

    about: ClassVar[dict[str, About]] = {
        "walk_length": About(
            "Path length",
            "Mean length of the generator's path along straight latent lines, divided by the length of a path through "
            "equally many of its samples in random order: 1 when neighbouring latent points are unrelated, 0.01 for a "
            "straight path of 101 points.",
            "0 to infinity",
            "lower",
        ),
        "walk_jump": About(
            "Largest jump",
            "Largest step of that path, averaged over lines, divided by the largest step through equally many of the "
            "generator's samples in random order.",
            "0 to infinity",
            "lower",
        ),
        "midpoint_offset": About(
            "Midpoint offset",
            "Root mean square distance of G((a + b) / 2) from the midpoint of G(a) and G(b), divided by that of one "
            "sample from the midpoint of two others: 0 for a linear generator, 1 when the three are unrelated.",
            "0 to infinity",
            "neither",
        ),
        "midpoint_distance": About(
            "Midpoint distance",
            "Mean distance of G((a + b) / 2) from the nearest real point, divided by that of the generator's samples: "
            "1 when midpoints lie as near to the data as samples.",
            "0 to infinity",
            "lower",
        ),
        "sum_distance": About(
            "Sum distance",
            "Mean distance of G(a + b) from the nearest real point, divided by that of the generator's samples: 1 when "
            "sums lie as near to the data as samples.",
            "0 to infinity",
            "lower",
        ),
    }

    def score_views(self, real: Array, views: Views, dataset: Distribution) -> dict[str, float]:
        """Scores of a walk (lines, points, *shape) and sums (lines, *shape) against the samples (n, *shape).

        Empty without a walk. Distances to real points are left out for points with many coordinates.
        """
        if "walk" not in views or not len(views["samples"]):
            return {}
        walk = views["walk"].reshape(*views["walk"].shape[:2], -1)  # (lines, points, dim)
        samples, sums = flat(views["samples"]), flat(views["sums"])
        length, jump = path(walk)
        chance_length, chance_jump = path(sequences(samples, walk.shape[1]))
        start, middle, end = walk[:, 0], walk[:, walk.shape[1] // 2], walk[:, -1]  # (lines, dim) each
        offset = math.sqrt(float(np.mean(distances(middle, (start + end) / 2) ** 2)))
        # For independent points, |x - (x' + x'') / 2|^2 is on average 3/2 of the variance summed over axes.
        chance_offset = math.sqrt(1.5 * float(np.sum(np.var(samples, axis=0))))
        scores = {
            "walk_length": relative(length, chance_length),
            "walk_jump": relative(jump, chance_jump),
            "midpoint_offset": relative(offset, chance_offset),
        }
        if low_dimensional(dataset):
            usual, midway, summed = (
                float(np.mean(kth_distance(tree(real), points, 1))) for points in (samples, middle, sums)
            )
            scores["midpoint_distance"] = relative(midway, usual)
            scores["sum_distance"] = relative(summed, usual)
        return scores


def path(points: Array) -> tuple[float, float]:
    """Mean over lines of the length and of the largest step of the paths (lines, points, dim)."""
    step = np.linalg.norm(np.diff(points, axis=1), axis=-1)  # (lines, points - 1)
    return float(np.mean(np.sum(step, axis=1))), float(np.mean(np.max(step, axis=1)))


def sequences(samples: Array, points: int) -> Array:
    """Samples (n, dim), which come in random order, cut into sequences: (n // points, points, dim).

    With fewer than `points` samples, one sequence that repeats them.
    """
    n = len(samples)
    rows = np.arange(max(1, n // points) * points) % n
    return samples[rows].reshape(-1, points, samples.shape[1])


def relative(value: float, chance: float) -> float:
    """Value / chance; 1 if both are 0, as for a generator with one output, and inf if only chance is 0."""
    if chance > 0:
        return value / chance
    return 1.0 if value == 0 else math.inf
