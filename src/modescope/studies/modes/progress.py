"""Modes during training: the scores of the snapshots of every run, against steps.

Sharp modes are counted by the points near them. The strict count stays low for most of a training.
"""

from __future__ import annotations

import numpy as np

from modescope.figures import curves
from modescope.formatting import listing, number
from modescope.store.runs import Scores
from modescope.studies import Figure
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import Entry, entries

COVERED, RESOLVED = "modes_covered", "modes_resolved"


def figure(scores: Scores, dataset: str) -> Figure | None:
    """One small chart per entry, with the plain GAN's mean in grey; None without two entries with snapshots."""
    metric = counted(scores, dataset)
    found = [e for e in entries(scores, dataset) if ask.course(scores, e.experiment, e.arm, metric)[0].size]
    n_modes = n_modes_of(scores, dataset)
    if len(found) < 2 or not n_modes:
        return None
    charts = [curve(scores, entry, metric) for entry in found]
    plain = next((c for c in charts if c.name == "gan"), None)
    verb = metric.removeprefix("modes_")
    heading = f"Modes {verb} during training on {ask.title(dataset)}"
    reference = None if plain is None else curves.Curve("plain GAN", plain.steps, plain.mean, plain.low, plain.high)
    png, _ = curves.small_multiples(
        charts, heading, y_title=f"modes {verb}", reference=reference, maximum=("all modes", n_modes)
    )
    caption = (
        f"Line: modes {verb} by {n_points(scores, found[0]):,} generated points, mean over seeds; band: lowest to "
        "highest seed. The latent points are the same at every step; a run counts until it diverges. So few points "
        "sometimes miss a mode that those of the final score find."
    )
    last = max(int(c.steps[-1]) for c in charts)
    ends = listing([f"{c.name} {number(_at(c, last))}" for c in charts])
    alt = f"{heading}: at the end on average {ends} of {n_modes:g}."
    return Figure(f"{dataset}_progress", heading, caption, alt, png, None, sorted({e.experiment for e in found}))


def _at(curve: curves.Curve, step: int) -> float:
    """The mean at a step; NaN if all runs had diverged."""
    return float(curve.mean[-1]) if curve.steps[-1] == step else np.nan


def counted(scores: Scores, dataset: str) -> str:
    """The metric that counts the modes of a dataset during training."""
    return RESOLVED if ask.floor(scores, dataset, RESOLVED).size else COVERED


def n_modes_of(scores: Scores, dataset: str) -> float:
    """How many modes there are: as many as a real sample covers."""
    return float(ask.floor(scores, dataset, COVERED).max(initial=0.0))


def n_points(scores: Scores, entry: Entry) -> int:
    """How many points a snapshot of an entry has."""
    return int(scores.settings[entry.experiment]["snapshots"]["points"])


def curve(scores: Scores, entry: Entry, metric: str) -> curves.Curve:
    """Mean, lowest and highest seed of an entry at every snapshot."""
    steps, values = ask.course(scores, entry.experiment, entry.arm, metric)  # (seeds, snapshots)
    return curves.Curve(
        entry.label, steps, np.nanmean(values, axis=0), np.nanmin(values, axis=0), np.nanmax(values, axis=0)
    )
