"""The remedies of a dataset as rows: their ranking as a picture, and how one metric spreads over seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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

CAPTION = (
    "One row per entry, in the order of params.yaml; one column per metric. Large dots: means over seeds with 95 % "
    "bootstrap intervals; small dots: single seeds, with a stroke at their median; grey band: real points against real "
    "points, 5th to 95th percentile."
)


def ranking(
    scores: Scores,
    dataset: str,
    found: Sequence[Entry],
    metrics: Mapping[str, str],
    heading: str,
    *,
    labels: Mapping[str, str] | None = None,
) -> Still:
    """A picture with one row per entry and one column per metric; `metrics` maps a name to the words below its axis.

    `labels` has words for the metrics whose columns are not titled by their name.
    """
    columns = []
    for metric, words in metrics.items():
        runs = [ask.values(scores, e.experiment, e.arm, metric).tolist() for e in found]
        means = [ask.finite_mean(scores, e.experiment, e.arm, metric) for e in found]
        intervals = [(m.value, m.low, m.high) for m in means]
        title = (labels or {}).get(metric, metric)
        columns.append(curves.Column(Series(title, runs, intervals, ask.floor_range(scores, dataset, metric)), words))
    picture, _ = curves.ranking([e.named for e in found], columns, heading)
    return picture


def spoken(scores: Scores, found: Sequence[Entry], metric: str) -> str:
    """The mean of every entry in words."""
    means = {e.label: ask.finite_mean(scores, e.experiment, e.arm, metric).value for e in found}
    return listing([f"{label} {number(mean)}" for label, mean in means.items()])


def spread(values: NDArray[np.float64]) -> Estimate:
    """The median over seeds, from the lowest to the highest seed; NaN without values."""
    if not values.size:
        return Estimate(np.nan, np.nan, np.nan, 0)
    return Estimate(float(np.median(values)), float(values.min()), float(values.max()), values.size)
