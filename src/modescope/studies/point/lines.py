"""Figures of the simplest GAN: success by setting, w and b during training, the line and the bell of single seeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from modescope.figures import curves, lines
from modescope.figures.stills import Series
from modescope.figures.style import ORANGE, REAL, SECOND
from modescope.formatting import listing, number, plural
from modescope.store.runs import Runs, Scores
from modescope.studies import Figure
from modescope.studies.common import scores as ask
from modescope.studies.common.planes import even
from modescope.studies.point import findings
from modescope.studies.point import settings as point
from modescope.studies.point.settings import Setting

COLUMNS = 5
PARAMETERS = (("weight", "w", "0"), ("bias", "b", "1"))  # metric, symbol, ideal
FINE = 401  # points of a bell
EDGE = 1.08  # end of the vertical axis; z and D reach 1


def success(scores: Scores) -> Iterator[Figure]:
    """The share of successful seeds of every setting, and where w and b end."""
    every = point.by_success(scores)
    if not every:
        return
    found, shares = [s for s, _ in every], [e for _, e in every]
    shown = [
        curves.Column(
            Series("success", [[] for _ in found], [(e.value, e.low, e.high) for e in shares]),
            "share of seeds, higher is better",
            limits=(-0.02, 1.02),
        )
    ]
    for name, symbol, ideal in PARAMETERS:
        runs = [ask.values(scores, s.experiment, s.arm, f"final_{name}").tolist() for s in found]
        means = [ask.finite_mean(scores, s.experiment, s.arm, f"final_{name}") for s in found]
        series = Series(f"final {symbol}", runs, [(m.value, m.low, m.high) for m in means])
        shown.append(curves.Column(series, f"{ideal} is right"))
    heading = "The simplest GAN: which settings reach the number, and where w and b end"
    picture, _ = curves.ranking([s.title for s in found], shown, heading)
    caption = (
        "One row per setting, the best first. Left: share of seeds that end with |w| < 0.1 and |b − 1| < 0.1, with its "
        "95 % Wilson interval; diverged runs count as failures. Middle and right: w and b of the final line "
        "y = w z + b; small dots: single seeds, with a stroke at their median; large dots: means with 95 % bootstrap "
        f"intervals. {_seeds(shares[0].n)}."
    )
    words = [f"{s.title} {number(e.value)}" for s, e in zip(found, shares, strict=True)]
    alt = f"{heading}. Share of successful seeds: {listing(words)}."
    yield Figure("success", heading, caption, alt, picture, None, _experiments(found), findings.success(scores))


def progress(runs: Mapping[str, Runs], scores: Scores) -> Iterator[Figure]:
    """Mean and standard deviation of w, then of b, over all seeds of every setting during training."""
    found = [s for s in point.settings(scores) if _watched(runs, s)]
    found.sort(key=lambda s: s.title != point.BASELINE)  # the baseline first, as all others have its mean in grey
    for i, (name, symbol, ideal) in enumerate(PARAMETERS if found else ()):
        charts = [_curve(runs[s.experiment], s, i) for s in found]
        heading = f"{symbol} during training: mean and standard deviation over all seeds"
        reference = None
        if charts[0].name == point.BASELINE:
            first = charts[0]
            reference = curves.Curve("baseline’s mean", first.steps, first.mean, first.low, first.high)
        picture, _ = curves.small_multiples(
            charts,
            heading,
            y_title=symbol,
            band="± one standard deviation",
            reference=reference,
            maximum=("the real number", point.REAL) if name == "bias" else None,
        )
        n = len(runs[found[0].experiment].rows(found[0].arm))
        caption = (
            f"Line: mean of {symbol} over the seeds of a setting; band: ± one standard deviation. The right value is "
            f"{ideal}. {_seeds(n)}; a run counts until it diverges."
        )
        words = [f"{c.name} {number(_end(c.mean))} ± {number(_end(c.high - c.mean))}" for c in charts]
        alt = f"{heading}: at the end {listing(words)}."
        finding = findings.progress(scores, found, name, symbol, ideal)
        yield Figure(f"progress_{name}", heading, caption, alt, picture, None, _experiments(found), finding)


def _curve(runs: Runs, setting: Setting, i: int) -> curves.Curve:
    values = runs.watched["line"][runs.rows(setting.arm), :, i].astype(np.float64)  # (seeds, snapshots)
    finite = np.where(np.isfinite(values), values, np.nan)
    some = ~np.isnan(finite).all(axis=0)
    mean, deviation = np.full((2, values.shape[1]), np.nan)
    mean[some], deviation[some] = np.nanmean(finite[:, some], axis=0), np.nanstd(finite[:, some], axis=0)
    return curves.Curve(setting.title, runs.snapshot_steps, mean, mean - deviation, mean + deviation)


def seeds(runs: Mapping[str, Runs], scores: Scores) -> Iterator[Figure]:
    """The line and the bell of a typical seed of every setting, then of a typical failure, if there are any."""
    for failing, name, heading, which in (
        (False, "typical", "A typical seed of every setting", "all seeds"),
        (True, "failing", "A failing seed of every setting that has one", "those that fail"),
    ):
        chosen = [(s, point.typical(scores, s, failing=failing)) for s in point.settings(scores)]
        found = [(s, seed) for s, seed in chosen if seed is not None and _watched(runs, s)]
        found = [(s, seed) for s, seed in found if seed in _seeds_of(runs, s)]
        if found:
            yield _seed_figure(runs, scores, found, name, heading, which)


def _seed_figure(
    runs: Mapping[str, Runs], scores: Scores, found: Sequence[tuple[Setting, int]], name: str, heading: str, which: str
) -> Figure:
    first = runs[found[0][0].experiment]
    found = [(s, seed) for s, seed in found if np.array_equal(runs[s.experiment].snapshot_steps, first.snapshot_steps)]
    keep = even(first.snapshot_steps, int(first.snapshot_steps[-1]))
    steps = [int(first.snapshot_steps[k]) for k in keep]
    field = first.trained.snapshots.field
    assert field is not None
    extent = (field.low[0], field.high[0], -EDGE, EDGE)
    charts = [_chart(runs[s.experiment], s, seed, keep) for s, seed in found]
    picture, _ = lines.still(charts, extent, heading, step=steps[-1], x_label="number", columns=COLUMNS)
    gif = lines.animate(charts, extent, steps, heading, x_label="number", columns=COLUMNS).gif if keep[1:] else None
    caption = (
        "Blue: the generator’s line, the number (horizontal) that it makes of every z (vertical, from −1 to 1); it "
        "should become vertical at the real number, grey. Orange: the discriminator’s bell, the probability (vertical, "
        "from 0 to 1) that a number (horizontal) is real. For each setting, the figure shows the seed, in brackets, "
        f"whose line ends at the median distance from w = 0, b = 1 of {which}."
    )
    words = []
    for setting, seed in found:
        who, ends = point.finals(scores, setting)
        w, b = ends[list(who).index(seed)]
        words.append(f"{setting.title} at w {number(w)}, b {number(b)}")
    alt = f"{heading}: after {steps[-1]:,} steps {listing(words)}."
    those = [s for s, _ in found]
    finding = findings.failing(scores) if name == "failing" else findings.typical(scores, found)
    return Figure(name, heading, caption, alt, picture, gif, _experiments(those), finding)


def _chart(runs: Runs, setting: Setting, seed: int, keep: list[int]) -> lines.Chart:
    """The real number, D and G of a run at some snapshots."""
    row = next(r for r in runs.rows(setting.arm) if runs.seed[r] == seed)
    field = runs.trained.snapshots.field
    assert field is not None
    at, x = (np.linspace(field.low[0], field.high[0], n) for n in (field.cells, FINE))
    logits = runs.watched["field"][row][keep].astype(np.float64)  # (frames, cells)
    # Logits are closer to linear than probabilities: interpolating them keeps steep sides round between cells.
    bell = expit(np.array([np.interp(x, at, frame) for frame in logits]))
    w, b = runs.watched["line"][row][keep].astype(np.float64).T[:, :, None]
    z = np.array([-1.0, 1.0])
    return lines.Chart(
        f"{setting.title} ({seed})",
        [
            lines.Line(np.array([[[point.REAL, -EDGE], [point.REAL, EDGE]]]), REAL, "the real number"),
            lines.Line(_over(x, bell), ORANGE, "D: probability of real"),
            lines.Line(np.stack([w * z + b, np.broadcast_to(z, (len(keep), 2))], -1), SECOND, "G: number made, by z"),
        ],
    )


def _over(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """The graphs of y (frames, n) over x (n,), (frames, n, 2)."""
    return np.stack([np.broadcast_to(x, y.shape), y], -1)


def _watched(runs: Mapping[str, Runs], setting: Setting) -> bool:
    return setting.experiment in runs and {"line", "field"} <= runs[setting.experiment].watched.keys()


def _seeds_of(runs: Mapping[str, Runs], setting: Setting) -> list[int]:
    return [runs[setting.experiment].seed[row] for row in runs[setting.experiment].rows(setting.arm)]


def _end(values: NDArray[np.floating]) -> float:
    return float(values[-1])


def _seeds(n: int) -> str:
    return f"{plural(n, 'seed')} per setting"


def _experiments(found: Sequence[Setting]) -> list[str]:
    return sorted({s.experiment for s in found})
