"""A metric during training: the scores of the snapshots of every run, against steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from modescope.figures import curves
from modescope.figures.style import Still
from modescope.formatting import listing, number
from modescope.store.runs import Scores
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import Entry

COVERED, RESOLVED = "modes_covered", "modes_resolved"


def counted(scores: Scores, dataset: str) -> str:
    """The metric that counts the modes of a dataset; where they are sharp, by the points near them."""
    return RESOLVED if ask.floor(scores, dataset, RESOLVED).size else COVERED


def curve(scores: Scores, entry: Entry, metric: str) -> curves.Curve:
    """Mean, lowest and highest seed of an entry at every snapshot."""
    steps, values = ask.course(scores, entry.experiment, entry.arm, metric)  # (seeds, snapshots)
    return curves.Curve(
        entry.named, steps, np.nanmean(values, axis=0), np.nanmin(values, axis=0), np.nanmax(values, axis=0)
    )


def n_points(scores: Scores, entry: Entry) -> int:
    """How many points a snapshot of an entry has."""
    return int(scores.settings[entry.experiment]["snapshots"]["points"])


def multiples(
    charts: Sequence[curves.Curve],
    heading: str,
    y_title: str,
    *,
    maximum: tuple[str, float],
    plain: curves.Curve | None,
) -> Still:
    """One small chart per curve, with the plain GAN's mean in grey and `maximum` (label, value) dashed."""
    reference = None if plain is None else curves.Curve("plain GAN", plain.steps, plain.mean, plain.low, plain.high)
    picture, _ = curves.small_multiples(charts, heading, y_title=y_title, reference=reference, maximum=maximum)
    return picture


def ends(charts: Sequence[curves.Curve]) -> str:
    """The mean of every curve at the last step in words; a dash if all its runs had diverged."""
    last = max(int(c.steps[-1]) for c in charts)
    return listing([f"{c.name} {number(_at(c, last))}" for c in charts])


def _at(curve: curves.Curve, step: int) -> float:
    return float(curve.mean[-1]) if curve.steps[-1] == step else np.nan
