"""Modes during training: the scores of the snapshots of every run, against steps.

Sharp modes are counted by the points near them. The strict count stays low for most of a training.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from modescope.figures.curves import Curve
from modescope.formatting import number
from modescope.store.runs import Scores
from modescope.studies import Figure
from modescope.studies.common import courses, leaderboards
from modescope.studies.common import scores as ask
from modescope.studies.common.courses import COVERED, counted, curve, n_points
from modescope.studies.common.entries import PLAIN, entries


def figure(scores: Scores, dataset: str) -> Figure | None:
    """One small chart per entry, with the plain GAN's mean in grey; None without two entries with snapshots."""
    metric = counted(scores, dataset)
    found = [e for e in entries(scores, dataset) if ask.course(scores, e.experiment, e.arm, metric)[0].size]
    n_modes = n_modes_of(scores, dataset)
    if len(found) < 2 or not n_modes:
        return None
    found = leaderboards.ordered(scores, found, metric)
    charts = {entry.label: curve(scores, entry, metric) for entry in found}
    verb = metric.removeprefix("modes_")
    heading = f"{ask.title(scores, dataset)}: modes {verb} during training"
    plain, every = charts.get(PLAIN), list(charts.values())
    picture = courses.multiples(every, heading, f"modes {verb}", maximum=("all modes", n_modes), plain=plain)
    caption = (
        f"Line: modes {verb} by {n_points(scores, found[0]):,} generated points, mean over seeds; band: lowest to "
        "highest seed. The latent points are the same at every step; a run counts until it diverges. So few points "
        "sometimes miss a mode that those of the final score find."
    )
    alt = f"{heading}: at the end on average {courses.ends(every)} of {n_modes:g}."
    return Figure(
        f"{dataset}_progress",
        heading,
        caption,
        alt,
        picture,
        None,
        sorted({e.experiment for e in found}),
        _finding(scores, dataset, charts),
    )


def _finding(scores: Scores, dataset: str, charts: Mapping[str, Curve]) -> str:
    """The most modes that the plain GAN keeps at any snapshot, and which remedy ends with the most."""
    title, n_modes = ask.title(scores, dataset), f"{n_modes_of(scores, dataset):g}"
    last = max(int(chart.steps[-1]) for chart in charts.values())
    ends = {label: float(c.mean[-1]) for label, c in charts.items() if c.steps[-1] == last and np.isfinite(c.mean[-1])}
    ends.pop(PLAIN, None)
    best = max(ends, key=lambda label: ends[label], default=None)
    if best is None:
        return ""
    name, end = charts[best].name, ends[best]
    if PLAIN not in charts:
        alone = sum(value == end for value in ends.values()) == 1 < len(ends)
        return f"{title}: {name} ends with the most modes on average, {number(end)} of {n_modes}" if alone else ""
    most = float(np.nanmax(charts[PLAIN].mean))
    beside = f"{name} ends with {number(end)}" if end > most else "no remedy ends with more"
    return f"{title}: during training the plain GAN keeps up to {number(most)} of {n_modes} modes on average; {beside}"


def n_modes_of(scores: Scores, dataset: str) -> float:
    """How many modes there are: as many as a real sample covers."""
    return float(ask.floor(scores, dataset, COVERED).max(initial=0.0))
