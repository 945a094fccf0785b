"""Modes during training: the scores of the snapshots of every run, against steps.

Sharp modes are counted by the points near them. The strict count stays low for most of a training.
"""

from __future__ import annotations

from modescope.store.runs import Scores
from modescope.studies import Figure
from modescope.studies.common import courses
from modescope.studies.common import scores as ask
from modescope.studies.common.courses import COVERED, counted, curve, n_points
from modescope.studies.common.entries import entries


def figure(scores: Scores, dataset: str) -> Figure | None:
    """One small chart per entry, with the plain GAN's mean in grey; None without two entries with snapshots."""
    metric = counted(scores, dataset)
    found = [e for e in entries(scores, dataset) if ask.course(scores, e.experiment, e.arm, metric)[0].size]
    n_modes = n_modes_of(scores, dataset)
    if len(found) < 2 or not n_modes:
        return None
    charts = [curve(scores, entry, metric) for entry in found]
    verb = metric.removeprefix("modes_")
    heading = f"Modes {verb} during training on {ask.title(scores, dataset)}"
    picture = courses.multiples(
        charts, heading, f"modes {verb}", maximum=("all modes", n_modes), plain=courses.plain_of(charts, found)
    )
    caption = (
        f"Line: modes {verb} by {n_points(scores, found[0]):,} generated points, mean over seeds; band: lowest to "
        "highest seed. The latent points are the same at every step; a run counts until it diverges. So few points "
        "sometimes miss a mode that those of the final score find."
    )
    alt = f"{heading}: at the end on average {courses.ends(charts)} of {n_modes:g}."
    return Figure(f"{dataset}_progress", heading, caption, alt, picture, None, sorted({e.experiment for e in found}))


def n_modes_of(scores: Scores, dataset: str) -> float:
    """How many modes there are: as many as a real sample covers."""
    return float(ask.floor(scores, dataset, COVERED).max(initial=0.0))
