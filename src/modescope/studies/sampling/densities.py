"""Histograms on the line with the exact density, and the range of their axis, for stills and animations."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from modescope.datasets import Distribution
from modescope.figures.histograms import Chart, Mark
from modescope.figures.style import GENERATED, INK
from modescope.store.runs import Runs

BARS, PLACES = 50, 401
BEYOND = 2e-4  # share of the mass cut off at each end of an axis
ROOM = 0.08  # margin at each end, as a share of the range
Row = NDArray[np.float64]


def axis(dataset: Distribution) -> tuple[float, float]:
    """Ends of an axis that shows all but a few points in 10,000."""
    low, high = dataset.quantile(np.array([BEYOND, 1 - BEYOND]))
    room = ROOM * float(high - low)
    return float(low) - room, float(high) + room


def density(dataset: Distribution) -> tuple[Row, Row]:
    """Points along the axis and the exact density there, (PLACES,) each."""
    x = np.linspace(*axis(dataset), PLACES)
    return x, np.exp(dataset.log_density(x[:, None]))


def bars(points: NDArray[np.floating], limits: tuple[float, float], of: int | None = None) -> tuple[Row, Row]:
    """Edges (BARS + 1,) and heights (BARS,) of a histogram of points (n,), in density of `of` points (default n).

    Points beyond the limits are in no bar.
    """
    counts, edges = np.histogram(points, BARS, limits)
    return edges, counts / (max(1, len(points) if of is None else of) * (edges[1] - edges[0]))


def chart(dataset: Distribution, points: NDArray[np.floating], title: str) -> Chart:
    """The histogram of points (n,) with the exact density."""
    x, p = density(dataset)
    edges, heights = bars(points, axis(dataset))
    marks = [
        Mark("steps", edges, heights, GENERATED, "samples", opacity=0.45),
        Mark("line", x, p, INK, "exact density"),
    ]
    top = 1.25 * float(p.max())
    return Chart(title, marks, "x", "density", (float(x[0]), float(x[-1])), (0, top))


def first(runs: Runs) -> int:
    """The row of the run that figures show: the first that did not diverge, or the first if all did."""
    return next((row for row, step in enumerate(runs.diverged_at) if step < 0), 0)
