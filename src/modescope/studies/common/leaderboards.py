"""The remedies of a dataset as rows: their ranking as a picture, and how one metric spreads over seeds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from modescope.figures import curves
from modescope.figures.stills import Series
from modescope.figures.style import Still
from modescope.formatting import listing, number
from modescope.statistics import Estimate
from modescope.store.runs import Scores
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import Entry

COVERAGE = "coverage"
RANKED_BY = ("modes_resolved", "modes_covered", COVERAGE)  # sharp modes, modes, data without modes
CAPTION = (
    "One row per entry, ordered by the mean in the first column; one column per metric. Large dots: means over seeds "
    "with 95 % bootstrap intervals; small dots: single seeds, with a stroke at their median; grey band: real points "
    "against real points, 5th to 95th percentile."
)


def ranked_by(scores: Scores, dataset: str) -> str:
    """The metric by which remedies are ordered on a dataset: the first of those that real points were scored by."""
    return next((m for m in RANKED_BY if ask.floor(scores, dataset, m).size), RANKED_BY[-1])


def ordered(scores: Scores, found: Iterable[Entry], metric: str, *, lower: bool = False) -> list[Entry]:
    """The entries by their mean over seeds, the best first; those without a value come last.

    Equal means keep their order. Seeds with infinite values are left out of the mean, as in figures.
    """

    def rank(entry: Entry) -> float:
        mean = ask.finite_mean(scores, entry.experiment, entry.arm, metric).value
        return math.inf if math.isnan(mean) else mean if lower else -mean

    return sorted(found, key=rank)


def ranking(
    scores: Scores, dataset: str, found: Sequence[Entry], metrics: Mapping[str, tuple[str, str]], heading: str
) -> Still:
    """A row per entry and a column per metric; `metrics` has the title of each and the words below its axis."""
    columns = []
    lost = [[np.nan] * ask.n_diverged(scores, e.experiment, e.arm) for e in found]
    scored = [ask.n_scored(scores, e.experiment, e.arm) > 0 for e in found]
    for metric, (title, words) in metrics.items():
        runs = [
            ask.values(scores, e.experiment, e.arm, metric).tolist() if there else diverged
            for e, there, diverged in zip(found, scored, lost, strict=True)
        ]
        means = [ask.finite_mean(scores, e.experiment, e.arm, metric) for e in found]
        intervals = [(m.value, m.low, m.high) for m in means]
        columns.append(curves.Column(Series(title, runs, intervals, ask.floor_range(scores, dataset, metric)), words))
    picture, _ = curves.ranking([e.named for e in found], columns, heading)
    return picture


def spoken(scores: Scores, found: Sequence[Entry], metric: str) -> str:
    """The mean of every entry in words."""
    means = [(e.title, ask.finite_mean(scores, e.experiment, e.arm, metric).value) for e in found]
    return listing([f"{title} {number(mean)}" for title, mean in means])


def spread(values: NDArray[np.float64]) -> Estimate:
    """The median over seeds, from the lowest to the highest seed; NaN without values."""
    if not values.size:
        return Estimate(np.nan, np.nan, np.nan, 0)
    return Estimate(float(np.median(values)), float(values.min()), float(values.max()), values.size)
