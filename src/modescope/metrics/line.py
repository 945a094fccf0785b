"""On the line, where everything is exact: the distribution function, a sampler's chain, and D beside the best D."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from scipy import fft

from modescope.datasets import Distribution
from modescope.metrics import About, Array, Metric, Views
from modescope.metrics.common import optimal


class Line(Metric):
    """For distributions on the line with a known distribution function F."""

    about: ClassVar[dict[str, About]] = {
        "ks": About(
            "KS distance",
            "Kolmogorov-Smirnov distance: the largest difference between the share of generated points up to x and "
            "the exact F(x), over all x. About 0.87 / √n for n independent points of the distribution itself.",
            "0 to 1",
            "lower",
        ),
        "acceptance_rate": About(
            "Acceptance",
            "Share of a sampler’s proposals that it accepts.",
            "0 to 1",
            "neither",
        ),
        "autocorrelation_time": About(
            "Autocorrelation time",
            "Steps of a chain that are worth one independent point: 1 + 2 times the sum of its autocorrelations, "
            "summed in pairs as long as those are positive (Geyer 1992).",
            "0 to infinity",
            "lower",
        ),
        "effective_samples": About(
            "Effective samples",
            "Steps of the chain over its autocorrelation time: as many independent points would give as sharp a mean.",
            "0 to infinity",
            "higher",
        ),
        "discriminator_error": About(
            "Discriminator’s error",
            "How often D takes a real point for a generated one or the other way round, answering by its "
            "probabilities after the last step; 0.5 for D = ½.",
            "0 to 1",
            "neither",
        ),
        "bayes_error": About(
            "Least error",
            "The lowest error that any discriminator can have, half the overlap of the real and the generated density; "
            "0.5 where they are equal. Sampling noise in the cells takes off a hundredth or two.",
            "0 to 0.5",
            "higher",
        ),
        "discriminator_offset": About(
            "Distance of D from ½",
            "Mean of |D − ½| over real and generated points after the last step; 0 for the optimal discriminator of "
            "equal densities.",
            "0 to 0.5",
            "lower",
        ),
    }

    def applies(self, dataset: Distribution) -> bool:
        """Where the distribution function is known."""
        return dataset.has_quantile

    def score(self, real: Array, fake: Array, dataset: Distribution, rng: np.random.Generator) -> dict[str, float]:
        """The distance of fake (n, 1) from the exact distribution, which needs no real points."""
        return {"ks": ks(fake[:, 0], dataset)}

    def score_views(self, real: Array, views: Views, dataset: Distribution) -> dict[str, float]:
        """Scores of a sampler’s `accepted`, `chain` (n, 1) and of a discriminator’s `logits`, `places` (cells,)."""
        scores: dict[str, float] = {}
        if "accepted" in views:
            scores["acceptance_rate"] = float(views["accepted"].mean())
        if "chain" in views:
            tau = autocorrelation_time(views["chain"][:, 0])
            scores |= {"autocorrelation_time": tau, "effective_samples": len(views["chain"]) / tau}
        if "logits" in views:
            cells = optimal.cells(dataset, views["places"], views["samples"][:, 0], views["logits"])
            scores |= {
                "discriminator_error": optimal.error(cells),
                "bayes_error": optimal.bayes_error(cells),
                "discriminator_offset": optimal.offset(cells),
            }
        return scores


def ks(points: Array, dataset: Distribution) -> float:
    """The largest distance between the share of points (n,) up to x and F(x): before or after a jump of the share."""
    exact, n = np.sort(dataset.cdf(points)), len(points)
    after = np.arange(1, n + 1) / n
    return float(max(np.max(after - exact), np.max(exact - after + 1 / n)))


def autocorrelation(chain: Array) -> Array:
    """Autocorrelations of a chain (n,) at lags 0 to n - 1, by fast Fourier transform; all 1 for one that never moves.

    Each is a sum over the pairs there are, divided by n: biased towards 0 at long lags, but positive definite.
    """
    away = chain - chain.mean()
    if np.ptp(chain) == 0:
        return np.ones(len(chain))
    size = fft.next_fast_len(2 * len(chain), real=True)  # padded, so that the end is not paired with the start
    sums = fft.irfft(np.abs(fft.rfft(away, size)) ** 2, size)[: len(chain)]
    return np.asarray(sums / sums[0])


def autocorrelation_time(chain: Array) -> float:
    """1 + 2 sum of the autocorrelations of a chain (n,), in steps; infinite for a chain that never moves.

    Geyer's initial positive sequence: sums of neighbouring pairs are positive for a reversible chain, so
    the sum ends before the first that is not (Geyer 1992, section 3.3).
    """
    if len(chain) < 2 or np.ptp(chain) == 0:
        return math.inf
    rho = autocorrelation(chain)
    pairs = rho[: len(rho) // 2 * 2].reshape(-1, 2).sum(1)
    ends = np.flatnonzero(pairs <= 0)
    return float(2 * pairs[: ends[0] if ends.size else None].sum() - 1)
