"""One-dimensional data with an exact reference: KS distance, mixing of a chain, and D against the optimal D."""

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
            "Acceptance rate",
            "Share of a sampler’s proposals that are accepted.",
            "0 to 1",
            "neither",
        ),
        "autocorrelation_time": About(
            "Autocorrelation time",
            "Chain steps worth one independent point: 1 + 2 times the sum of the autocorrelations, summed in pairs "
            "as long as the pairs are positive (Geyer 1992).",
            "0 to infinity",
            "lower",
        ),
        "effective_samples": About(
            "Effective samples",
            "Chain length divided by the autocorrelation time: so many independent points estimate the mean as well.",
            "0 to infinity",
            "higher",
        ),
        "discriminator_error": About(
            "Discriminator error",
            "Error rate of D after the last step on real and generated points in equal parts, when it answers “real” "
            "with probability D; 0.5 for D = ½.",
            "0 to 1",
            "neither",
        ),
        "bayes_error": About(
            "Bayes error",
            "Lowest error rate that any discriminator can have: half the overlap of the real and the generated "
            "density, 0.5 when they are equal. Sampling noise in the cells lowers it by 0.01 to 0.02.",
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
        """Only where the distribution function is known."""
        return dataset.has_quantile

    def score(self, real: Array, fake: Array, dataset: Distribution, rng: np.random.Generator) -> dict[str, float]:
        """KS distance of fake (n, 1) from the exact distribution; `real` is not used."""
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
    """Largest difference between the empirical distribution function of points (n,) and F, around each jump."""
    exact, n = np.sort(dataset.cdf(points)), len(points)
    after = np.arange(1, n + 1) / n
    return float(max(np.max(after - exact), np.max(exact - after + 1 / n)))


def autocorrelation(chain: Array) -> Array:
    """Autocorrelations of a chain (n,) at lags 0 to n - 1, by FFT; all 1 for a chain that never moves.

    Every sum over pairs is divided by n, whatever the lag: biased towards 0 at long lags, but positive definite.
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
