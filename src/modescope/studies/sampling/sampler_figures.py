"""Figures of sampling without training: inverse transform, rejection and Markov chains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from modescope import samplers
from modescope.figures import histograms, layers, strokes
from modescope.figures.style import AMBER, GENERATED, INK, REAL, SECOND
from modescope.formatting import listing, number
from modescope.metrics.line import autocorrelation
from modescope.params.config import BASE_ARM, Sampling
from modescope.samplers.rejection import Rejection
from modescope.store.runs import Runs, Scores
from modescope.studies import Figure
from modescope.studies.common import scores as ask
from modescope.studies.sampling import findings
from modescope.studies.sampling.densities import axis, bars, chart, density, first
from modescope.studies.sampling.experiments import drawn, name

SHOWN, FRAMES, ON_THE_WAY = 2_000, 60, 12  # uniform variables, frames, and frames that each variable moves
HALF_WAY = 36  # the frame of the still, when about half have arrived
TRACE, LAGS = 1_000, 100  # steps of a chain


def figures(runs: Mapping[str, Runs], scores: Scores) -> Iterator[Figure]:
    """The inverse transform, then for every dataset its samplers, the envelope and the chains."""
    for experiment in drawn(scores, "inverse_transform")[:1]:
        yield transformation(runs[experiment], scores)
    for dataset in dict.fromkeys(ask.dataset(scores, e) for e in drawn(scores)):
        here = [e for e in drawn(scores) if ask.dataset(scores, e) == dataset]
        if len(here) > 1:
            yield _side_by_side(runs, scores, here, dataset)
        kinds = {e: scores.settings[e]["sampler"] for e in here}
        for experiment in [e for e in here if kinds[e] == "rejection"][:1]:
            yield envelope(runs[experiment], scores)
        chains = [e for e in here if kinds[e] == "metropolis_hastings"]
        if chains:
            yield _chains(runs, scores, chains, dataset)


def on_the_way(uniform: NDArray[np.floating], samples: NDArray[np.floating], left: float) -> NDArray[np.float64]:
    """Points (frames, n, 2) moving from (left, u) to (F^-1(u), u), for u and its samples (n,); NaN until they start.

    They start one after another, and all have arrived in the last frame.
    """
    start = np.linspace(0, FRAMES - ON_THE_WAY, len(uniform))  # (n,)
    gone = (np.arange(FRAMES + 1)[:, None] - start) / ON_THE_WAY  # (frames, n)
    x = np.where(gone < 1, left + (samples - left) * gone, samples)  # exact at the end despite rounding
    return np.stack([np.where(gone >= 0, x, np.nan), np.broadcast_to(uniform, gone.shape)], axis=-1)


def transformation(runs: Runs, scores: Scores) -> Figure:
    """Uniform variables that move to the distribution function, and the histogram of those that have arrived."""
    row, dataset = first(runs), runs.dataset
    samples = runs.samples[row, :SHOWN, 0].astype(np.float64)
    uniform = runs.views["uniform"][row, :SHOWN, 0].astype(np.float64)
    limits, (x, p) = axis(dataset), density(dataset)
    moving = on_the_way(uniform, samples, limits[0])
    arrived = (moving[..., 0] == samples).sum(1)  # (frames,)
    wide = (*limits, -0.02, 1.02)
    tall = (*limits, -0.03 * float(p.max()), 1.2 * float(p.max()))
    grown = [strokes.outline(*bars(samples[:n], limits, len(samples)), tall) for n in arrived]
    planes = [
        layers.Plane(
            wide,
            [
                layers.Layer(strokes.stroke(x, dataset.cdf(x), wide)[None], INK, "exact F and density"),
                layers.Layer(moving, GENERATED, "samples"),
            ],
            "from u through the quantile function to x",
            x_label="x",
            y_label="u",
        ),
        layers.Plane(
            tall,
            [
                layers.Layer(strokes.stroke(x, p, tall)[None], INK),
                layers.Layer(np.array(grown), GENERATED),
            ],
            "histogram of those that have arrived",
            x_label="x",
            y_label="density",
        ),
    ]
    title = ask.title(scores, ask.dataset(scores, runs.experiment))
    heading = f"{title}: {len(samples):,} uniform variables become samples"
    steps = arrived.tolist()
    picture, _ = layers.still(planes, heading, steps[HALF_WAY], HALF_WAY)
    ks = ask.mean(scores, runs.experiment, BASE_ARM, "ks")
    floor = ask.floor(scores, ask.dataset(scores, runs.experiment), "ks")
    caption = (
        "Left: each uniform variable u starts at the left edge, at height u, and stops at the distribution function F, "
        "where x = F⁻¹(u). Right: the histogram of the x that have arrived, as a share of all, with the exact density. "
        "The counter is the number that have arrived: all in the last frame, about half in the still. "
        f"Seed {runs.seed[row]}."
    )
    alt = (
        f"{heading}. The histogram grows into the exact density: the mean KS distance of "
        f"{runs.samples.shape[1]:,} such points from it is {number(ks.value)}, that of real points "
        f"{number(float(floor.mean())) if floor.size else 'not measured'}."
    )
    gif = layers.animate(planes, steps, heading).gif
    return Figure(
        "transformation",
        heading,
        caption,
        alt,
        picture,
        gif,
        [runs.experiment],
        findings.transformation(scores, runs.experiment),
    )


def _side_by_side(runs: Mapping[str, Runs], scores: Scores, here: Sequence[str], dataset: str) -> Figure:
    charts, words = [], []
    for experiment in here:
        mine = runs[experiment]
        ks = ask.mean(scores, experiment, BASE_ARM, "ks")
        charts.append(chart(mine.dataset, mine.samples[first(mine)][:, 0], name(scores, experiment)))
        words.append(f"{name(scores, experiment)} {number(ks.value)}")
    heading = f"{ask.title(scores, dataset)}: one distribution, {len(here)} ways to draw from it"
    picture, _ = histograms.still(charts, heading, columns=min(4, len(charts)))
    n = runs[here[0]].samples.shape[1]
    caption = (
        f"Histograms of {n:,} points of the first seed, with the exact density. Points of a chain depend on those "
        "before them, so its histogram is rougher than that of as many independent points."
    )
    alt = f"{heading}. Mean KS distance from the exact distribution: {listing(words)}."
    finding = findings.samplers(scores, here)
    return Figure(f"{dataset}_samplers", heading, caption, alt, picture, None, list(here), finding)


def envelope(runs: Runs, scores: Scores) -> Figure:
    """Proposals at random heights under c g: accepted below the density, rejected above it."""
    assert isinstance(runs.settings, Sampling)
    sampler = samplers.build(runs.settings.sampler, runs.settings.settings)
    assert isinstance(sampler, Rejection)
    row, (x, p) = first(runs), density(runs.dataset)
    over = sampler.constant * np.exp(sampler.proposal.log_density(x))
    place, height = (runs.views[view][row, :SHOWN, 0] for view in ("proposals", "heights"))
    kept = runs.views["accepted"][row, :SHOWN, 0] > 0.5
    marks = [
        histograms.Mark("dots", place[~kept], height[~kept], REAL, "rejected", 2.2, 0.7),
        histograms.Mark("dots", place[kept], height[kept], GENERATED, "accepted", 2.2, 0.7),
        histograms.Mark("line", x, over, AMBER, "envelope c g", 2.0),
        histograms.Mark("line", x, p, INK, "exact density", 1.8),
    ]
    limits = (float(x[0]), float(x[-1]))
    rate = ask.mean(scores, runs.experiment, BASE_ARM, "acceptance_rate").value
    sheet = histograms.Chart("proposals", marks, "x", "height", limits, (0, 1.1 * float(over.max())))
    histogram = chart(runs.dataset, runs.samples[row][:, 0], "accepted proposals")
    title = ask.title(scores, ask.dataset(scores, runs.experiment))
    heading = f"{title}: rejection sampling accepts what falls under the density"
    picture, _ = histograms.still([sheet, histogram], heading, columns=2)
    caption = (
        f"Left: {len(place):,} proposals x ~ g at uniform heights under the envelope c g with c = "
        f"{sampler.constant:g}; those above the density f are rejected. Right: the histogram of "
        f"{runs.samples.shape[1]:,} accepted ones. Seed {runs.seed[row]}."
    )
    alt = f"{heading}. {number(rate)} of the proposals are accepted; 1/c is {number(1 / sampler.constant)}."
    return Figure(
        f"{ask.dataset(scores, runs.experiment)}_rejection",
        heading,
        caption,
        alt,
        picture,
        None,
        [runs.experiment],
        findings.rejection(scores, runs.experiment, 1 / sampler.constant),
    )


def _chains(runs: Mapping[str, Runs], scores: Scores, chains: Sequence[str], dataset: str) -> Figure:
    charts, words = [], []
    for experiment in chains:
        charts += chain(runs[experiment], name(scores, experiment))
        tau = ask.finite_mean(scores, experiment, BASE_ARM, "autocorrelation_time").value
        rate = ask.mean(scores, experiment, BASE_ARM, "acceptance_rate").value
        words.append(f"{name(scores, experiment)}: {number(rate)} accepted, autocorrelation time {number(tau)} steps")
    heading = f"{ask.title(scores, dataset)}: Metropolis–Hastings chains"
    picture, _ = histograms.still(charts, heading, columns=3)
    caption = (
        f"Left: the first {TRACE:,} steps of the chain; the grey ones are the burn-in. Middle: the autocorrelation "
        "after the burn-in. Right: the histogram with the exact density. One row per step length, first seed."
    )
    alt, finding = f"{heading}. {'; '.join(words)}.", findings.chains(scores, chains)
    return Figure(f"{dataset}_chains", heading, caption, alt, picture, None, list(chains), finding)


def chain(runs: Runs, title: str) -> list[histograms.Chart]:
    """Trace, autocorrelation and histogram of one chain."""
    row = first(runs)
    before, after = runs.views["warm_up"][row][:, 0], runs.views["chain"][row][:, 0].astype(np.float64)
    walked = np.concatenate([before, after])[:TRACE]
    step, split = np.arange(1, len(walked) + 1), min(len(before), len(walked))
    rho = autocorrelation(after)[: LAGS + 1]
    lags = np.arange(len(rho))
    low, high = axis(runs.dataset)
    low, high = min(low, float(walked.min())), max(high, float(walked.max()))
    trace = [
        histograms.Mark("line", step[:split], walked[:split], REAL, "burn-in", 0.9),
        histograms.Mark("line", step[split:], walked[split:], GENERATED, "kept", 0.9),
    ]
    return [
        histograms.Chart(title, trace, "step", "x", (0, TRACE), (low, high)),
        histograms.Chart(
            "autocorrelation",
            [histograms.Mark("area", lags, rho, SECOND, opacity=0.35), histograms.Mark("line", lags, rho, SECOND)],
            "lag in steps",
            "",
            (0, LAGS),
            (min(-0.1, float(rho.min())), 1.05),
        ),
        chart(runs.dataset, runs.samples[row][:, 0], "histogram"),
    ]
