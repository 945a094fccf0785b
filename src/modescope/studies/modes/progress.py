"""Modes covered during training: the snapshots of every run, scored like its final samples.

Sharp modes are counted by the points near them. The strict count stays at zero until the very end.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from modescope.figures import curves
from modescope.formatting import listing, number
from modescope.metrics.modes import Modes
from modescope.store.runs import Runs, Scores
from modescope.studies import Figure
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import Entry, entries


def figure(runs: Mapping[str, Runs], scores: Scores, dataset: str) -> Figure | None:
    """One small chart per entry, with the plain GAN's mean in grey; None without two entries with three snapshots."""
    found = [e for e in entries(scores, dataset) if runs[e.experiment].dataset.centres is not None]
    found = [e for e in found if len(runs[e.experiment].snapshot_steps) > 2 and runs[e.experiment].samples.shape[1]]
    if len(found) < 2:
        return None
    charts = [_curve(runs[entry.experiment], entry) for entry in found]
    plain = next((c for c in charts if c.name == "gan"), None)
    centres = runs[found[0].experiment].dataset.centres
    assert centres is not None
    near = Modes().neighbourhood(runs[found[0].experiment].dataset)
    verb = "covered" if near is None else "resolved"
    heading = f"Modes {verb} during training on {ask.title(dataset)}"
    n = runs[found[0].experiment].snapshots.shape[2]
    reference = None if plain is None else curves.Curve("plain GAN", plain.steps, plain.mean, plain.low, plain.high)
    png, _ = curves.small_multiples(
        charts, heading, y_title=f"modes {verb}", reference=reference, maximum=("all modes", float(len(centres)))
    )
    caption = (
        f"Line: modes {verb} by {n:,} generated points, mean over seeds; band: lowest to highest seed. The latent "
        "points are the same at every step; a run counts until it diverges. So few points sometimes miss a mode that "
        "those of the final score find."
    )
    ends = listing([f"{c.name} {number(float(c.mean[-1]))}" for c in charts])
    alt = f"{heading}: at the end on average {ends} of {len(centres)}."
    return Figure(f"{dataset}_progress", heading, caption, alt, png, None, sorted({e.experiment for e in found}))


def _curve(runs: Runs, entry: Entry) -> curves.Curve:
    covered = np.array([_covered(runs, row) for row in runs.rows(entry.arm)])  # (seeds, snapshots)
    measured = np.isfinite(covered)
    some = measured.any(axis=0)
    mean, low, high = (np.full(covered.shape[1], np.nan) for _ in range(3))
    mean[some] = np.nanmean(covered[:, some], axis=0)
    low[some], high[some] = np.nanmin(covered[:, some], axis=0), np.nanmax(covered[:, some], axis=0)
    return curves.Curve(entry.label, runs.snapshot_steps, mean, low, high)


def _covered(runs: Runs, row: int) -> NDArray[np.float64]:
    """Modes covered (sharp: resolved) at every snapshot of a run, NaN once its points are not finite, (snapshots,)."""
    points = runs.snapshots[row].astype(np.float64)  # (snapshots, points, *shape)
    finite = np.isfinite(points).reshape(len(points), -1).all(axis=1)
    covered = np.full(len(points), np.nan)
    near = Modes().neighbourhood(runs.dataset)
    shares = Modes().counts(points[finite], runs.dataset, near) / points.shape[1]
    covered[finite] = Modes().covered(shares, runs.dataset)
    return covered
