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
from modescope.studies.common import leaderboards
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import PLAIN, Entry, entries
from modescope.studies.common.leaderboards import COVERAGE
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
    found = leaderboards.ordered(scores, found, leaderboards.ranked_by(scores, dataset))
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
        "grey; crosses are mode centres. A cross without red around it is a lost mode. The best on average comes "
        f"first. One run per entry, the first seed that did not diverge. {_followed(trained, first)}Points outside the "
        "frame are not drawn."
    )
    return Figure(
        f"{dataset}_samples",
        heading,
        caption,
        _alt(scores, found, heading),
        picture,
        gif,
        sorted({e.experiment for e in found}),
        _finding(scores, dataset, [(e, runs[e.experiment].seed[row_of(runs[e.experiment], e.arm)]) for e in found]),
    )


def _finding(scores: Scores, dataset: str, drawn: list[tuple[Entry, int]]) -> str:
    """How many modes the best and the worst of the runs drawn keep, and the plain GAN's; empty without two counts."""
    metric = leaderboards.ranked_by(scores, dataset)
    counts = [(e, ask.by_seed(scores, e.experiment, e.arm, metric).get(seed)) for e, seed in drawn]
    kept = sorted(((e, count) for e, count in counts if count is not None), key=lambda one: -one[1])
    if metric == COVERAGE or len(kept) < 2:
        return ""
    title, n_modes = ask.title(scores, dataset), f"{ask.floor(scores, dataset, metric).max():g}"
    (best, most), (worst, least) = kept[0], kept[-1]
    if most == least:
        return f"{title}: every run drawn keeps {most:g} of {n_modes} modes"
    between = [f"that of the plain GAN {count:g}" for e, count in kept[1:-1] if e.label == PLAIN]
    rest = listing([*between, f"that of {worst.called} {least:g}"])
    return f"{title}: the run of {best.called} keeps {most:g} of {n_modes} modes, {rest}"


def _alike(one: Runs, other: Runs) -> bool:
    return np.array_equal(one.snapshot_steps, other.snapshot_steps)


def _followed(trained: list[Entry], first: Runs) -> str:
    n = min(MOVING, first.snapshots.shape[2])
    return f"The animation follows the same {n:,} latent points. " if trained else ""


def _alt(scores: Scores, found: list[Entry], heading: str) -> str:
    means = [(e.title, ask.finite_mean(scores, e.experiment, e.arm, "coverage")) for e in found]
    words = [f"{title} {number(mean.value)}" for title, mean in means if mean.n]
    return f"{heading}. Mean coverage of the real points: {listing(words)}." if words else f"{heading}."
