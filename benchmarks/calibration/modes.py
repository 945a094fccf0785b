"""Counts of modes for a perfect sampler of a grid and of a ring of sharp modes; the line with its exact references."""

from __future__ import annotations

import math

import numpy as np
from scipy.integrate import quad
from scipy.special import expit, ndtr
from scipy.stats import kstwo, norm

from benchmarks.calibration import chances
from benchmarks.calibration.case import Case, Scores
from benchmarks.calibration.points import GRID, scored
from modescope import datasets, metrics
from modescope.datasets import Array

SHARP = datasets.build({"kind": "ring", "n_modes": 8, "radius": 1.0, "std": 0.02})
LINE = datasets.build({"kind": "gaussian", "dim": 1})
QUALITY = 1 - math.exp(-4.5)  # of the points of a Gaussian in the plane that lie within three deviations
NEAR = 1 - math.exp(-((0.2 * math.sin(math.pi / 8) / 0.02) ** 2) / 2)  # within a tenth of the distance of two modes
MOVES, CHAIN = 0.8, 20_000  # correlation of neighbours, steps
CHANCE = 0.3


def perfect(n: int, modes: int, near: float | None = None) -> dict[str, float]:
    """A perfect sampler of equal modes in the plane; `near` is the share of points near a mode, where that counts."""
    weight = np.full(modes, 1 / modes)
    strict = QUALITY * weight
    found = {
        "high_quality_fraction": QUALITY,
        "invalid_fraction": 1 - QUALITY,
        "modes_hit": chances.hit(n, strict),
        "modes_covered": chances.covered(n, strict, weight / 2),
        "all_modes_covered": chances.all_covered(n, strict, weight / 2),
        "mode_kl": chances.kl_of_counts(round(QUALITY * n), weight),
        "mode_tv": chances.deviation(n, np.append(strict, 1 - QUALITY)),
    }
    if near is None:
        return found
    return {"modes_resolved": chances.covered(n, near * weight, weight / 2), "resolved_fraction": near}


def chain(n: int, rng: np.random.Generator) -> Scores:
    """A chain x' = 0.8 x + noise, proposals that are accepted in three of ten cases, and D = p / (p + q)."""
    noise = rng.normal(size=CHAIN) * math.sqrt(1 - MOVES**2)
    walk = np.empty(CHAIN)
    state = float(rng.normal())
    for i, step in enumerate(noise):
        state = MOVES * state + step
        walk[i] = state
    places = np.linspace(-5, 6, 301)
    views = {
        "accepted": (rng.random(n) < CHANCE).astype(np.float64),
        "chain": walk[:, None],
        "samples": rng.normal(1.0, 1.0, (n, 1)),
        "places": places,
        "logits": logit(places),
    }
    (family,) = metrics.build({"line": {}}).values()
    return family.score_views(views["samples"], views, LINE)


def logit(x: Array) -> Array:
    """Of the optimal D between N(0, 1) and N(1, 1): log p / q."""
    return np.asarray(0.5 - x)


def of_chain(n: int) -> dict[str, float]:
    """(1 + 0.8) / (1 - 0.8) steps are worth one point; the errors of the optimal D by quadrature."""

    def over(value: object) -> float:
        return float(quad(lambda x: (norm.pdf(x) + norm.pdf(x - 1)) / 2 * value(expit(logit(x)), x), -9, 10)[0])

    time = (1 + MOVES) / (1 - MOVES)
    return {
        "acceptance_rate": CHANCE,
        "autocorrelation_time": time,
        "effective_samples": CHAIN / time,
        "discriminator_error": over(lambda d, x: 2 * d * (1 - d)),
        "bayes_error": float(ndtr(-0.5)),
        "discriminator_offset": over(lambda d, x: abs(d - 0.5)),
    }


CASES = [
    Case(
        "modes",
        "a perfect sampler of a grid of 25",
        250,
        scored("modes", GRID, GRID.sample, GRID.sample),
        lambda n: perfect(n, 25),
    ),
    Case(
        "modes",
        "a perfect sampler of a ring of eight sharp modes",
        100,
        scored("modes", SHARP, SHARP.sample, SHARP.sample),
        lambda n: perfect(n, 8, NEAR),
    ),
    Case(
        "line",
        "N(0, 1) against itself",
        1_000,
        scored("line", LINE, LINE.sample, LINE.sample),
        lambda n: {"ks": float(kstwo(n).mean())},
    ),
    Case("line", f"a chain of {CHAIN:,} steps; the optimal D between N(0, 1) and N(1, 1)", 5_000, chain, of_chain),
]
