"""Training in the plane: one run over its snapshots, and the arms of a sweep side by side."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from modescope.figures import animation, stills
from modescope.figures.canvas import Panel
from modescope.formatting import counted, listing, number, percent, plural, sentence
from modescope.store.runs import Runs, Scores
from modescope.studies import Figure
from modescope.studies.common import answers
from modescope.studies.common import scores as ask

POINTS, FRAMES = 2_000, 121
OUTSIDE = "Points outside the frame are not drawn."
STILL = "The still shows fresh samples after the last step."


def trainings(runs: Runs, scores: Scores, key: str, noun: str, note: str) -> Iterator[Figure]:
    """The first steps and the whole training of the lowest arm along a key, then all arms side by side.

    `noun` names one unit of the key; `note` says what to look for with the lowest arm.
    """
    arms = ask.along(runs.arms, key)
    if not arms:
        return
    name, title = ask.dataset(scores, runs.experiment), ask.title(scores, ask.dataset(scores, runs.experiment))
    lowest, arm = next(iter(arms.items()))
    end, dense = int(runs.snapshot_steps[-1]), runs.trained.snapshots.dense_until
    seed, points = runs.seed[row_of(runs, arm)], plural(runs.snapshots.shape[2], "latent point")
    caption = f"Grey: real test points. Red: the generator’s images of the same {points} in every frame. {note}".strip()
    caption = f"{caption} Seed {seed}. {OUTSIDE}"
    one = f"{title}, {plural(lowest, noun)}"
    if 0 < dense < end and len(even(runs.snapshot_steps, dense)) > 1:
        alt = f"{title}: real points in grey and, after {dense:,} steps, generated points in red."
        heading = f"{one}: first {dense:,} steps"
        finding = _after(scores, runs.experiment, arm, counted(lowest, noun), dense)
        yield _figure(f"{name}_first", runs, {arm: ""}, heading, caption, alt, dense, finding)
    after = f"{title}: real points in grey and, after {end:,} steps, generated points in red."
    alt = f"{after} {_coverage(scores, runs.experiment, {lowest: arm}, noun)}"
    heading = f"{one}: all {end:,} steps"
    mean = ask.finite_mean(scores, runs.experiment, arm, "coverage").value
    finding = "" if math.isnan(mean) else _covers(counted(lowest, noun), lowest, mean)
    yield _figure(f"{name}_training", runs, {arm: ""}, heading, f"{caption} {STILL}", alt, end, finding)
    if len(arms) > 1:
        alt = f"{after} {_coverage(scores, runs.experiment, arms, noun)}"
        caption = (
            "Grey: real test points. Red: generated points; look for grey that no red covers. Networks and training "
            f"are the same; only the number of {noun}s differs. One seed each. {OUTSIDE}"
        )
        heading = f"{title} with {listing([str(value) for value in arms])} {noun}s"
        titles = {arm: plural(value, noun.split()[-1]) for value, arm in arms.items()}
        finding = answers.best(scores, runs.experiment, key, noun, "coverage", "Most real points are covered")
        yield _figure(f"{name}_side_by_side", runs, titles, heading, f"{caption} {STILL}", alt, end, finding)


def _figure(
    name: str, runs: Runs, titles: Mapping[str, str], heading: str, caption: str, alt: str, last: int, finding: str
) -> Figure:
    """Arms (name -> title) side by side, animated over their snapshots up to step `last`, which the still shows.

    At the end of training the still shows the runs' samples, before that the last snapshot. An animation needs at
    least two snapshots.
    """
    rows = [row_of(runs, arm) for arm in titles]
    keep = even(runs.snapshot_steps, last)
    steps = [int(runs.snapshot_steps[k]) for k in keep]
    n = POINTS if len(rows) < 3 else POINTS // 2
    panels = [
        Panel(runs.dataset.extent, runs.real[:n], title, runs.dataset.centres, note(runs, row))
        for row, title in zip(rows, titles.values(), strict=True)
    ]
    points = [runs.snapshots[row][keep] for row in rows]  # (frames, points, 2) each
    trained = steps[-1] == runs.snapshot_steps[-1]
    final = [runs.samples[row][:n] if trained else runs.snapshots[row][keep[-1]] for row in rows]
    picture, _ = stills.scatter(panels, final, heading, steps[-1])
    gif = animation.animate(panels, points, steps, heading).gif if len(steps) > 1 else None
    return Figure(name, heading, caption, alt, picture, gif, [runs.experiment], finding)


def row_of(runs: Runs, arm: str) -> int:
    """The row of the run that figures show for an arm: its first seed that did not diverge, or its first if all did."""
    rows = runs.rows(arm)
    return next((row for row in rows if runs.diverged_at[row] < 0), rows[0])


def even(steps: NDArray[np.int64], last: int) -> list[int]:
    """Indices of at most FRAMES snapshots, evenly spread over the steps up to `last`; both ends are kept."""
    until = steps[steps <= last]
    wanted = np.linspace(until[0], until[-1], min(FRAMES, len(until)))
    return sorted({int(np.abs(until - w).argmin()) for w in wanted})


def note(runs: Runs, row: int) -> str:
    step = runs.diverged_at[row]
    return "" if step < 0 else f"diverged at step {step:,}"


def _covers(who: str, n: int, share: float) -> str:
    return f"{sentence(who)} cover{'s' * (n == 1)} {percent(share)} of the real points on average."


def _after(scores: Scores, experiment: str, arm: str, who: str, step: int) -> str:
    """How many modes were covered after some steps, as a sentence; empty for data without modes."""
    steps, covered = ask.course(scores, experiment, arm, "modes_covered")
    at = np.flatnonzero(steps == step)
    if not at.size or np.isnan(covered[:, at[0]]).all():
        return ""
    floor = ask.floor(scores, ask.dataset(scores, experiment), "modes_covered")
    of = f" of {number(float(floor.max()))}" if floor.size else ""
    mean = number(float(np.nanmean(covered[:, at[0]])))
    return f"After {step:,} steps with {who}, {mean}{of} modes are covered on average."


def _coverage(scores: Scores, experiment: str, arms: Mapping[int, str], noun: str) -> str:
    """The mean coverage of these arms in words; empty if it was not measured."""
    means = {value: ask.finite_mean(scores, experiment, arm, "coverage").value for value, arm in arms.items()}
    words = [f"{number(mean)} with {plural(value, noun)}" for value, mean in means.items() if not math.isnan(mean)]
    return f"Mean coverage is {listing(words)}." if words else ""
