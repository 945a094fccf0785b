"""Metrics against a swept setting, one chart per experiment, as a figure with its caption and alt text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from modescope.figures import stills
from modescope.formatting import listing, number
from modescope.store.runs import Scores
from modescope.studies import Figure
from modescope.studies.common import scores as ask

READING = (
    "Large dots: means over seeds with 95 % bootstrap intervals; small dots: single seeds; grey band: real points "
    "against real points, 5th to 95th percentile."
)
INFINITE = "Triangles at the top edge, marked ∞, are infinite values; the means leave them out."


def against(
    scores: Scores,
    key: str,
    metrics: Mapping[str, str],
    *,
    name: str,
    title: str,
    caption: str,
    y_title: str,
    symlog: float | None = None,
    limits: tuple[float, float] | None = None,
    finding: str = "",
) -> Iterator[Figure]:
    """A figure of `metrics` (name -> label) against the swept `key`; nothing if none of them was measured.

    Experiments without these metrics, or with fewer than two values of the key, get no chart.
    """
    charts, positions, shown, words = [], [], [], []
    infinite = False
    for experiment in ask.experiments(scores):
        arms = ask.along(ask.arms(scores, experiment), key)
        measured = [m for m in metrics if any(ask.values(scores, experiment, a, m).size for a in arms.values())]
        if len(arms) < 2 or not measured:
            continue
        dataset = ask.dataset(scores, experiment)
        series = []
        for metric in measured:
            runs = [ask.values(scores, experiment, arm, metric) for arm in arms.values()]
            means = [ask.finite_mean(scores, experiment, arm, metric) for arm in arms.values()]
            floor = ask.floor_range(scores, dataset, metric)
            intervals = [(e.value, e.low, e.high) for e in means]
            series.append(stills.Series(metrics[metric], [r.tolist() for r in runs], intervals, floor))
            infinite |= any(np.isinf(r).any() for r in runs)
            spoken = [f"{number(e.value)} at {value}" for value, e in zip(arms, means, strict=True)]
            words.append(f"{ask.title(scores, dataset)}, {metrics[metric]}: {listing(spoken)}.")
        charts.append(stills.Chart(ask.title(scores, dataset), y_title, series, symlog, limits))
        positions.append([f"{value}" for value in arms])
        shown.append(experiment)
    if charts:
        picture, _ = stills.against(charts, positions, key.replace("_", " ").replace("dim", "dimension"))
        caption = " ".join([READING, caption, *([INFINITE] if infinite else [])])
        yield Figure(name, title, caption, " ".join(words), picture, None, shown, finding)
