"""Lane patterns of real footage: which cells are occupied, in test frames and in generated frames.

The true table of patterns is unknown, so the test frames stand in for it. They also give the background (their median)
and the threshold between an empty and an occupied frame. Anything that leaves a residual counts as a vehicle: ghosts
and blends are not detected.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from modescope.datasets import Distribution
from modescope.datasets.common.events import Values, median_frame, otsu, patterns, residuals, strongest
from modescope.datasets.common.footage import Footage
from modescope.metrics import About, Array, Metric

EMPTY = 0


class Cells(Metric):
    """Histograms of lane patterns; for footage with lane `cells`."""

    about: ClassVar[dict[str, About]] = {
        "cells_covered": About(
            "Lane patterns covered",
            "Share of the lane patterns of the test frames that are covered: the pattern's share of the generated "
            "frames is at least half of its share of the test frames.",
            "0 to 1",
            "higher",
        ),
        "cells_tv": About(
            "Lane pattern distance",
            "Total variation distance between the histograms of lane patterns in the test and the generated frames.",
            "0 to 1",
            "lower",
        ),
        "cells_empty_ratio": About(
            "Empty-frame ratio",
            "Share of generated frames without an occupied lane, divided by that of the test frames; 1 is right.",
            "0 to infinity",
            "neither",
        ),
        "cells_recall": About(
            "Lane pattern recall",
            "Sum of min(p, q) over the patterns with a vehicle, divided by the sum of p, where p and q are a pattern's "
            "shares of the test and the generated frames; 1 when no vehicle is lost.",
            "0 to 1",
            "higher",
        ),
    }

    def applies(self, dataset: Distribution) -> bool:
        """Only for real footage with lane cells."""
        return isinstance(dataset, Footage) and bool(dataset.cells)

    def score(self, real: Array, fake: Array, dataset: Distribution, rng: np.random.Generator) -> dict[str, float]:
        """Scores of fake (n, C, size, size) against the test frames real (n, C, size, size), values in [-1, 1].

        A ratio with denominator 0 is left out. Raises TypeError for a dataset without lanes.
        """
        if not isinstance(dataset, Footage):
            raise TypeError(f"{dataset.kind} has no lane cells")
        p, q = shares(*labels(real, fake, dataset))
        rare = np.arange(len(p)) > EMPTY
        scores = {
            "cells_covered": float(np.mean(q[p > 0] >= p[p > 0] / 2)),
            "cells_tv": float(np.abs(p - q).sum() / 2),
        }
        if p[EMPTY] > 0:
            scores["cells_empty_ratio"] = float(q[EMPTY] / p[EMPTY])
        if p[rare].sum() > 0:
            scores["cells_recall"] = float(np.minimum(p, q)[rare].sum() / p[rare].sum())
        return scores


def labels(real: Array, fake: Array, dataset: Footage) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The pattern of every real and generated frame, (n,) each, by the background and threshold of the real ones."""
    filmed, made = unit(real), unit(fake)
    background = median_frame(filmed)
    residual = residuals(filmed, background)
    threshold = dataset.threshold if dataset.threshold is not None else otsu(strongest(residual))
    cells = list(dataset.cells.values())
    return patterns(residual, cells, threshold), patterns(residuals(made, background), cells, threshold)


def shares(real: NDArray[np.int64], fake: NDArray[np.int64]) -> tuple[Array, Array]:
    """Share of every pattern in real and generated frames, (patterns,) each: the empty one, then those that occur."""
    known = np.unique(np.concatenate([[EMPTY], real, fake]))
    p, q = (np.bincount(np.searchsorted(known, x), minlength=len(known)) / len(x) for x in (real, fake))
    return p, q


def unit(frames: Array) -> Values:
    """Pixels from [-1, 1] to [0, 1]; values outside are clipped."""
    return ((np.clip(frames, -1, 1) + 1) / 2).astype(np.float32)
