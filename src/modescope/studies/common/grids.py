"""Samples of every entry of a dataset side by side with the data, as a still and an animation."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from modescope.figures import animation, stills
from modescope.figures.canvas import Panel
from modescope.figures.marks import Named
from modescope.formatting import listing, number
from modescope.store.runs import Runs, Scores
from modescope.studies import Figure
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import Entry, entries
from modescope.studies.common.planes import even, note, row_of

COLUMNS, REAL, DRAWN, MOVING = 5, 1_500, 1_500, 256
NOTHING = np.empty((0, 2))


def figure(runs: Mapping[str, Runs], scores: Scores, dataset: str, entrants: str = "every remedy") -> Figure | None:
    """The data, then a panel for every entry with the same snapshot steps as the first; None without points in a plane.

    Samplers and external generators have no snapshots, so their panels do not move. `entrants` is what the heading
    calls the entries.
    """
    found = [e for e in entries(scores, dataset) if runs[e.experiment].samples.shape[2:] == (2,)]
    found = [e for e in found if runs[e.experiment].samples.shape[1]]
    if not found:
        return None
    trained = [e for e in found if runs[e.experiment].snapshot_steps.size]
    first = runs[(trained or found)[0].experiment]
    found = [e for e in found if e not in trained or _alike(runs[e.experiment], first)]
    extent, centres, real = first.dataset.extent, first.dataset.centres, first.real[:REAL]
    panels, after, during = [Panel(extent, real, "the data", centres)], [NOTHING], []
    keep = even(first.snapshot_steps, int(first.snapshot_steps[-1])) if trained else []
    for entry in found:
        mine = runs[entry.experiment]
        row = row_of(mine, entry.arm)
        title = entry.named if entry in trained else Named(f"{entry.title}, not trained", entry.remedy)
        panels.append(Panel(extent, real[: REAL // 2], title, centres, note(mine, row)))
        after.append(mine.samples[row][:DRAWN])
        still = np.repeat(mine.samples[row][None, :MOVING], len(keep), axis=0)
        during.append(mine.snapshots[row][keep][:, :MOVING] if entry in trained else still)
    steps = [int(first.snapshot_steps[k]) for k in keep]
    heading = f"{ask.title(scores, dataset)}: {entrants}" + (f" after {steps[-1]:,} steps" if trained else "")
    picture, _ = stills.scatter(panels, after, heading, steps[-1] if trained else None, columns=COLUMNS)
    gif = None
    if len(steps) > 2:
        still = np.empty((len(steps), 0, 2))
        gif = animation.animate(panels, [still, *during], steps, heading, columns=COLUMNS).gif
    caption = (
        f"First panel: real points. Other panels: {DRAWN:,} fresh samples of each entry in red over real points in "
        "grey; crosses are mode centres. A cross without red around it is a lost mode. One run per entry, the first "
        f"seed that did not diverge. {_followed(trained, first)}Points outside the frame are not drawn."
    )
    return Figure(
        f"{dataset}_samples",
        heading,
        caption,
        _alt(scores, dataset, heading),
        picture,
        gif,
        sorted({e.experiment for e in found}),
    )


def _alike(one: Runs, other: Runs) -> bool:
    return np.array_equal(one.snapshot_steps, other.snapshot_steps)


def _followed(trained: list[Entry], first: Runs) -> str:
    n = min(MOVING, first.snapshots.shape[2])
    return f"The animation follows the same {n:,} latent points. " if trained else ""


def _alt(scores: Scores, dataset: str, heading: str) -> str:
    means = {e.label: ask.finite_mean(scores, e.experiment, e.arm, "coverage") for e in entries(scores, dataset)}
    words = [f"{label} {number(mean.value)}" for label, mean in means.items() if mean.n]
    return f"{heading}. Mean coverage of the real points: {listing(words)}." if words else f"{heading}."
