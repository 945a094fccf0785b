"""Mean and standard deviation of the generated points, relative to the real ones."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from modescope.datasets import Distribution
from modescope.metrics import About, Array, Metric
from modescope.metrics.common.neighbours import flat


class Moments(Metric):
    """The first two moments, which can be right even when modes are lost."""

    about: ClassVar[dict[str, About]] = {
        "mean_error": About(
            "Mean error",
            "Euclidean distance between the generated and the real mean, in standard deviations of the real points "
            "(root mean square over the axes).",
            "0 to infinity",
            "lower",
        ),
        "std_ratio": About(
            "Standard deviation ratio",
            "Standard deviation of the generated points (root mean square over the axes), divided by that of the real "
            "ones; 1 is right, 0 is a single point.",
            "0 to infinity",
            "neither",
        ),
    }

    def score(self, real: Array, fake: Array, dataset: Distribution, rng: np.random.Generator) -> dict[str, float]:
        """Scores of fake (n, *shape) against real (n, *shape).

        mean_error = |m_fake - m_real| / s_real and std_ratio = s_fake / s_real, with m the mean (dim,) and
        s = sqrt(trace(cov) / dim). If s_real is 0, mean_error is 0 for equal means and else infinite, and
        std_ratio is 1 for a constant generator and else infinite.
        """
        x, y = flat(fake), flat(real)
        gap = math.sqrt(np.sum((x.mean(axis=0) - y.mean(axis=0)) ** 2))  # no BLAS: the last bit depends on its kernel
        s_fake, s_real = rms_deviation(x), rms_deviation(y)
        if s_real == 0:
            return {"mean_error": np.inf if gap > 0 else 0.0, "std_ratio": np.inf if s_fake > 0 else 1.0}
        return {"mean_error": gap / s_real, "std_ratio": s_fake / s_real}


def rms_deviation(x: Array) -> float:
    """Standard deviation, root mean square over the axes: (n, dim) -> scalar."""
    return float(np.sqrt(np.mean(np.var(x, axis=0))))
