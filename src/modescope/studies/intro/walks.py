"""Figures of generators: training over the discriminator's output, straight latent lines, and latent arithmetic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from modescope.figures import layers, walks
from modescope.figures.style import AMBER, DARK_GREEN
from modescope.formatting import listing, number, plural
from modescope.store.runs import Runs, Scores
from modescope.studies import Figure
from modescope.studies.common import scores as ask
from modescope.studies.common.planes import even, note, row_of
from modescope.studies.intro import findings

REAL_POINTS = 800
PAIRS = 4  # of latent points, in each panel of the arithmetic


def training(runs: Runs, scores: Scores, titles: Mapping[str, str]) -> Figure:
    """Real and generated points over D's output at every snapshot; one plane per arm (name -> title)."""
    dataset = ask.dataset(scores, runs.experiment)
    keep = even(runs.snapshot_steps, int(runs.snapshot_steps[-1]))
    steps = [int(runs.snapshot_steps[k]) for k in keep]
    planes = [_plane(runs, row_of(runs, arm), title, keep) for arm, title in titles.items()]
    heading = f"{ask.title(scores, dataset)}: generator and discriminator during training"
    picture, _ = layers.still(planes, heading, steps[-1])
    gif = layers.animate(planes, steps, heading).gif if len(steps) > 1 else None
    caption = (
        "Yellow: real points. Green: the generator’s images of the same "
        f"{plural(runs.snapshots.shape[2], 'latent point')} in every frame. Background: the discriminator’s "
        "probability that a point is real; where it is pale, the discriminator cannot tell. Look for yellow without "
        "green. The still is the last frame. Points outside the frame are not drawn."
    )
    results = [
        _mean(scores, runs.experiment, arm, "sliced_w2") + (f" with {title}" if title else "")
        for arm, title in titles.items()
    ]
    floor = ask.floor(scores, dataset, "sliced_w2")
    least = f", between real and real {number(float(floor.mean()))}" if floor.size else ""
    alt = (
        f"{heading}. After {steps[-1]:,} steps the mean sliced Wasserstein distance between generated and real "
        f"points is {listing(results)}{least}."
    )
    finding = findings.training(scores, runs.experiment, titles)
    return Figure(f"{dataset}_training", heading, caption, alt, picture, gif, [runs.experiment], finding)


def _plane(runs: Runs, row: int, title: str, keep: list[int]) -> layers.Plane:
    lattice, seen = runs.trained.snapshots.field, runs.watched.get("field")
    extent, field = runs.dataset.extent, None
    if lattice is not None and seen is not None:
        extent = (lattice.low[0], lattice.high[0], lattice.low[1], lattice.high[1])
        field = expit(seen[row][keep])
    points = [
        layers.Layer(runs.real[None, :REAL_POINTS], AMBER, "real"),
        layers.Layer(runs.snapshots[row][keep], DARK_GREEN, "generated"),
    ]
    return layers.Plane(extent, points, ", ".join(filter(None, [title, note(runs, row)])), field)


def lines(runs: Mapping[str, Runs], scores: Scores, arms: Mapping[str, str]) -> Iterator[Figure]:
    """The images of a typical and of the worst latent line, then arithmetic; one column per experiment (-> its arm)."""
    shown = {e: arm for e, arm in arms.items() if _walked(runs[e], arm)}
    if not shown:
        return
    ranked = {e: _by_jump(runs[e].views["walk"][row_of(runs[e], arm)]) for e, arm in shown.items()}
    panels = [
        _path(runs[e], _title(scores, e), shown[e], ranked[e][chosen], words)
        for words, chosen in (("typical", "middle"), ("worst", "last"))
        for e in shown
    ]
    heading = "A straight line in latent space and its image"
    picture, _ = walks.paths(panels, heading, len(shown))
    count = next(iter(runs[e].views["walk"] for e in shown))
    caption = (
        f"{count.shape[2]} evenly spaced points of a straight line between two latent points, mapped by the "
        "generator and coloured from one end to the other, over real points in grey. Circle: the largest jump from one "
        f"point to the next. Of {plural(count.shape[1], 'line')}, the top one has the median largest jump and the "
        "bottom one the largest. One seed each."
    )
    jumps = [f"{_mean(scores, e, arm, 'walk_jump')} on {_title(scores, e)}" for e, arm in shown.items()]
    lengths = [_mean(scores, e, arm, "walk_length") for e, arm in shown.items()]
    alt = (
        f"{heading}. The largest jump along a line, relative to samples in random order, is on average "
        f"{listing(jumps)}; the length of the path, in the same order, {listing(lengths)}."
    )
    finding = findings.lines(scores, shown.items())
    yield Figure("latent_lines", heading, caption, alt, picture, None, list(shown), finding)
    yield _arithmetic(runs, scores, shown)


def _walked(runs: Runs, arm: str) -> bool:
    """Whether the arm's run to show has a walk in the plane and did not diverge."""
    return (
        {"walk", "sums"} <= runs.views.keys()
        and runs.views["walk"].shape[3:] == (2,)
        and not note(runs, row_of(runs, arm))
    )


def _by_jump(walk: NDArray[np.floating]) -> dict[str, int]:
    """Which lines of walk (lines, points, 2) have the median and the largest jump."""
    jump = np.linalg.norm(np.diff(walk, axis=1), axis=-1).max(axis=1)  # (lines,)
    order = np.argsort(jump, kind="stable")
    return {"middle": int(order[(len(order) - 1) // 2]), "last": int(order[-1])}


def _path(runs: Runs, title: str, arm: str, line: int, words: str) -> walks.Path:
    walk = runs.views["walk"][row_of(runs, arm)]
    return walks.Path(runs.dataset.extent, runs.real[:REAL_POINTS], walk[line], f"{title}, {words} line")


def _arithmetic(runs: Mapping[str, Runs], scores: Scores, shown: Mapping[str, str]) -> Figure:
    panels: Sequence[walks.Sums] = [_sums(runs[e], _title(scores, e), arm) for e, arm in shown.items()]
    heading = "Latent arithmetic: what midpoints and sums of latent points become"
    picture, _ = walks.arithmetic(panels, heading)
    caption = (
        f"The first {plural(PAIRS, 'pair')} of latent points a and b of one run, one colour per pair, over real points "
        "in grey. Circles: G(a) and G(b). Diamond: G((a + b)/2). Star: G(a + b). Sums lie farther from the origin than "
        "the latent points of the training, by a factor of √2; midpoints lie nearer by the same factor."
    )
    words = [
        f"{_title(scores, e)}: midpoints {_mean(scores, e, arm, 'midpoint_distance')}, sums "
        f"{_mean(scores, e, arm, 'sum_distance')}"
        for e, arm in shown.items()
    ]
    alt = f"{heading}. Mean distance from the nearest real point, relative to the samples: {'; '.join(words)}."
    finding = findings.arithmetic(scores, shown.items())
    return Figure("latent_arithmetic", heading, caption, alt, picture, None, list(shown), finding)


def _sums(runs: Runs, title: str, arm: str) -> walks.Sums:
    row = row_of(runs, arm)
    walk, sums = runs.views["walk"][row][:PAIRS], runs.views["sums"][row][:PAIRS]
    ends = walk[:, 0], walk[:, -1], walk[:, walk.shape[1] // 2]
    return walks.Sums(runs.dataset.extent, runs.real[:REAL_POINTS], *ends, sums, title)


def _title(scores: Scores, experiment: str) -> str:
    return ask.title(scores, ask.dataset(scores, experiment))


def _mean(scores: Scores, experiment: str, arm: str, metric: str) -> str:
    return number(ask.finite_mean(scores, experiment, arm, metric).value)
