"""The discriminator beside the optimal one on the line, during training: animated, and as errors against steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from modescope.figures import histograms, layers, strokes
from modescope.figures.style import AMBER, GENERATED, INK, REAL, SECOND
from modescope.formatting import number
from modescope.metrics.common import optimal
from modescope.store.runs import Runs, Scores
from modescope.studies import Figure
from modescope.studies.common import scores as ask
from modescope.studies.common.planes import even
from modescope.studies.sampling import findings
from modescope.studies.sampling.densities import bars, density, first

TALLEST = 0.8  # height of the peak of the exact density in the plane


def watched(runs: Mapping[str, Runs], scores: Scores) -> list[str]:
    """The trained experiments that recorded D along a line with a known distribution function."""
    return [e for e in ask.experiments(scores) if e in runs and _places(runs[e]) is not None]


def _places(runs: Runs) -> NDArray[np.float64] | None:
    """Where D was recorded, (cells,); None without such a line."""
    if "field" not in runs.watched or not runs.dataset.has_quantile or runs.watched["field"].ndim != 3:
        return None
    field = runs.trained.snapshots.field
    assert field is not None
    return np.linspace(field.low[0], field.high[0], field.cells)


def cells(runs: Runs, row: int, snapshot: int) -> optimal.Cells:
    """Both distributions and D at a snapshot of a run, by cell."""
    places = _places(runs)
    assert places is not None
    points = runs.snapshots[row, snapshot, :, 0].astype(np.float64)
    return optimal.cells(runs.dataset, places, points, runs.watched["field"][row, snapshot].astype(np.float64))


def animation(runs: Mapping[str, Runs], scores: Scores) -> Figure | None:
    """One plane per dataset: p, the histogram of G(z), D and D*; None without an experiment that recorded D."""
    found = watched(runs, scores)
    found = [e for e in found if np.array_equal(runs[e].snapshot_steps, runs[found[0]].snapshot_steps)]
    if not found:
        return None
    shown = runs[found[0]]
    keep = even(shown.snapshot_steps, int(shown.snapshot_steps[-1]))
    steps = [int(shown.snapshot_steps[k]) for k in keep]
    planes = [_plane(runs[e], ask.title(scores, ask.dataset(scores, e)), keep) for e in found]
    heading = "The discriminator and the optimal one, D* = p / (p + q)"
    picture, _ = layers.still(planes, heading, steps[-1])
    gif = layers.animate(planes, steps, heading).gif if len(steps) > 1 else None
    n = shown.snapshots.shape[2]
    caption = (
        f"Black: the exact density p. Red: the histogram of {n:,} generated points, the same latent points in every "
        f"frame; both are scaled alike, so that p peaks at {TALLEST:g}. Blue: D, the probability that a point is "
        "real. Yellow: D*, from p and the generated points in cells as wide as D’s grid; it is noisy where there are "
        "few points. D should follow D*, and both should approach ½. The first seed that did not diverge."
    )
    alt = f"{heading}. {_errors(scores, found)}"
    return Figure("discriminator", heading, caption, alt, picture, gif, found, findings.half(scores, found))


def _plane(runs: Runs, title: str, keep: Sequence[int]) -> layers.Plane:
    row, dataset = first(runs), runs.dataset
    field = runs.trained.snapshots.field
    assert field is not None
    limits = (field.low[0], field.high[0])
    extent = (*limits, -0.04, 1.04)  # room for lines at 0 and 1
    x, p = density(dataset)
    scale = TALLEST / float(p.max())
    real = strokes.stroke(x, p * scale, extent)[None]
    fake, best, d = [], [], []
    for k in keep:
        edges, q = bars(runs.snapshots[row, k, :, 0], limits, runs.snapshots.shape[2])
        fake.append(strokes.outline(edges, q * scale, extent))
        c = cells(runs, row, k)
        best.append(strokes.stroke(c.places, optimal.optimal(c), extent))
        d.append(strokes.stroke(c.places, c.d, extent))
    marks = [
        layers.Layer(np.array(fake), GENERATED, "generated q"),
        layers.Layer(real, INK, "real p"),
        layers.Layer(np.array(best), AMBER, "optimal D*"),
        layers.Layer(np.array(d), SECOND, "discriminator D"),
    ]
    return layers.Plane(extent, marks, title, x_label="x", y_label="D; densities scaled")


def errors(runs: Mapping[str, Runs], scores: Scores) -> Figure | None:
    """D's expected error and its lower bound against steps, one chart per dataset, all seeds; None without any."""
    found, charts = watched(runs, scores), []
    for experiment in found:
        mine = runs[experiment]
        steps = mine.snapshot_steps
        marks = [histograms.Mark("dashed", np.array([0, steps[-1]]), np.array([0.5, 0.5]), INK, "D = ½", 1.2)]
        for row in (row for row, at in enumerate(mine.diverged_at) if at < 0):
            c = [cells(mine, row, k) for k in range(len(steps))]
            marks += [
                histograms.Mark("line", steps, np.array([optimal.bayes_error(s) for s in c]), REAL, "least error", 1.1),
                histograms.Mark(
                    "line", steps, np.array([optimal.error_of_optimal(s) for s in c]), AMBER, "error of D*", 1.1, 0.8
                ),
                histograms.Mark("line", steps, np.array([optimal.error(s) for s in c]), SECOND, "error of D", 1.1, 0.8),
            ]
        title = ask.title(scores, ask.dataset(scores, experiment))
        charts.append(histograms.Chart(title, marks, "step", "expected error", (0, float(steps[-1])), (0, 0.6)))
    if not charts:
        return None
    heading = "How often the discriminator errs, and how rarely it could"
    picture, _ = histograms.still(charts, heading, columns=2)
    n = runs[found[0]].snapshots.shape[2]
    caption = (
        "One line per seed. Blue: how often D takes a real point for a generated one, or the reverse, if it answers at "
        "random with its own probabilities, ½ ∫ p (1 − D) + q D. Yellow: the same for D*. Grey: the least error of any "
        f"discriminator, ½ ∫ min(p, q), a lower bound for every run. All tend to ½ as q tends to p. Since q is counted "
        f"from {n:,} points in cells, yellow and grey stay slightly below ½ even then."
    )
    alt, finding = f"{heading}. {_errors(scores, found)}", findings.errors(scores, found)
    return Figure("discriminator_error", heading, caption, alt, picture, None, found, finding)


def _errors(scores: Scores, found: Sequence[str]) -> str:
    words = [
        f"{ask.title(scores, ask.dataset(scores, e))}: {number(_mean(scores, e, 'discriminator_error'))}, where the "
        f"least "
        f"possible error is {number(_mean(scores, e, 'bayes_error'))} and the mean distance of D from ½ is "
        f"{number(_mean(scores, e, 'discriminator_offset'))}"
        for e in found
    ]
    return f"Mean error of the discriminator after the last step: {'; '.join(words)}."


def _mean(scores: Scores, experiment: str, metric: str) -> float:
    found = [ask.values(scores, experiment, arm, metric) for arm in ask.arms(scores, experiment)]
    return float(np.mean(np.concatenate(found))) if found and sum(v.size for v in found) else float("nan")
