"""Combinations shown during training: the counts of the snapshots of every run, against steps."""

from __future__ import annotations

import numpy as np

from modescope.formatting import listing, number
from modescope.store.runs import Scores
from modescope.studies import Figure
from modescope.studies.common import courses, leaderboards
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import PLAIN, entries
from modescope.studies.thousand import counts, remedies
from modescope.studies.thousand.counts import RECOGNISED


def figure(scores: Scores, dataset: str) -> Figure | None:
    """One small chart per entry, with the plain GAN's mean in grey; None without snapshots or without their floor.

    Entries whose snapshots have another number of stacks than the plain GAN's are left out; without a plain GAN, than
    the first entry's.
    """
    found = [e for e in entries(scores, dataset) if ask.course(scores, e.experiment, e.arm, RECOGNISED)[0].size]
    if not found:
        return None
    n = courses.n_points(scores, next((e for e in found if e.label == PLAIN), found[0]))
    others = [e for e in found if courses.n_points(scores, e) != n]  # other numbers of stacks cannot be compared
    found = leaderboards.ordered(scores, [e for e in found if e not in others], RECOGNISED)
    most = counts.real(scores, dataset, f"{RECOGNISED}_{n}")
    if not most > 0:
        return None
    charts = {e.label: courses.curve(scores, e, RECOGNISED) for e in found}
    heading = f"{ask.title(scores, dataset)}: combinations among {n:,} stacks during training"
    base, last = charts.get(PLAIN), max(int(c.steps[-1]) for c in charts.values())
    finding = ""
    if base is not None and base.steps[-1] == last:
        count = f"the plain GAN ends at {number(float(base.mean[-1]))} combinations among {n:,} stacks"
        finding = f"{ask.title(scores, dataset)}: {count}, real stacks show {number(most)}"
    untrained = float(base.mean[0]) if base is not None and base.steps[0] == 0 else np.nan
    learned = f"Networks that have learned nothing (the plain GAN at step 0) show {number(untrained)}."
    blind = "" if np.isnan(untrained) else f" {learned}"
    names = listing([e.title for e in others])
    apart = f" Left out, since their snapshots have another number of stacks: {names}." if others else ""
    every = list(charts.values())
    picture = courses.multiples(every, heading, "modes recognised", maximum=("real stacks", most), plain=base)
    caption = (
        f"Line: combinations recognised among {n:,} generated stacks, mean over seeds; band: lowest to highest seed. "
        f"Dashed: real stacks, {number(most)}; so few show no more, and the final score is counted on many "
        f"more.{blind} The latent points are the same at every step; a run counts until it diverges."
        f"{apart}{remedies.rarities(scores, dataset)}"
    )
    alt = f"{heading}: at the end on average {courses.ends(every)}; real stacks {number(most)}."
    shown = sorted({e.experiment for e in found})
    return Figure(f"{dataset}_progress", heading, caption, alt, picture, None, shown, finding)
