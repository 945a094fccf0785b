"""Which modes were found: counts of generated points around the known centres of a mixture.

A point is of *high quality* when it lies less than 3 standard deviations of a mode from the nearest
centre (Euclidean distance): Srivastava et al. 2017 (VEEGAN), Lin et al. 2018 (PacGAN). All others are *invalid*.

Where modes are sharp, these 3 standard deviations are a small part of the distance between modes, and a generator can
place every mode and still miss all of them by a hair. There a second count also takes the points that lie *near* a
mode: closer to its centre than a tenth of the smallest distance between centres (ours).
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.spatial import KDTree
from scipy.special import chdtr, rel_entr

from modescope.datasets import Distribution
from modescope.metrics import About, Array, Metric
from modescope.metrics.common.neighbours import flat


class Modes(Metric):
    """Coverage of the modes of a Gaussian mixture with known centres, weights and deviation."""

    deviations: float = Field(3.0, gt=0, description="radius of a mode, in standard deviations; 3 in VEEGAN and PacGAN")
    share: float = Field(0.5, gt=0, le=1, description="a mode with this share of its true probability is covered; ours")
    resolution: float = Field(
        0.1,
        gt=0,
        le=0.5,
        description="a point is near a mode within this share of the smallest distance between modes; counted where "
        "that is more than the radius of a mode; ours",
    )

    about: ClassVar[dict[str, About]] = {
        "high_quality_fraction": About(
            "High quality",
            "Share of generated points within 3 standard deviations (by default) of the nearest mode centre; a "
            "perfect sampler of Gaussian modes in the plane scores 0.9889, not 1.",
            "0 to 1",
            "higher",
        ),
        "invalid_fraction": About(
            "Invalid",
            "Share of generated points that belong to no mode (1 - high quality); 0.0111 for a perfect sampler in the "
            "plane.",
            "0 to 1",
            "lower",
        ),
        "modes_hit": About(
            "Modes hit",
            "Modes with at least one high-quality point, as counted in VEEGAN and PacGAN; uniform noise hits most.",
            "0 to the number of modes",
            "higher",
        ),
        "modes_covered": About(
            "Modes covered",
            "Modes that get at least half (by default) of their true probability: their high-quality points as a "
            "share of all generated points, invalid ones included.",
            "0 to the number of modes",
            "higher",
        ),
        "all_modes_covered": About(
            "All modes covered",
            "1 when every mode is covered, else 0; its mean is the success rate.",
            "0 or 1",
            "higher",
        ),
        "mode_kl": About(
            "Mode KL",
            "KL(generated || true) in nats between the mode histogram of the high-quality points and the true one. A "
            "perfect sampler scores about (modes - 1) / (2 points). Infinite by convention without such points.",
            "0 to infinity",
            "lower",
        ),
        "mode_tv": About(
            "Mode TV",
            "Total variation distance between the generated and the true mode histogram, with the invalid points as "
            "an extra bin.",
            "0 to 1",
            "lower",
        ),
        "modes_resolved": About(
            "Modes resolved",
            "Modes that get at least half (by default) of their true probability if all points near them count: those "
            "within a tenth (by default) of the smallest distance between modes. Only for sharp modes, whose 3 "
            "standard deviations are less than that.",
            "0 to the number of modes",
            "higher",
        ),
        "resolved_fraction": About(
            "Near a mode",
            "Share of generated points within a tenth (by default) of the smallest distance between modes of the "
            "nearest centre. Only for sharp modes.",
            "0 to 1",
            "higher",
        ),
    }

    def applies(self, dataset: Distribution) -> bool:
        """Only for mixtures with known centres."""
        return dataset.centres is not None and dataset.mode_std is not None

    def score(self, real: Array, fake: Array, dataset: Distribution, rng: np.random.Generator) -> dict[str, float]:
        """Scores of fake (n, *shape) against the known mixture; `real` and `rng` are not used.

        `modes_resolved` and `resolved_fraction` are there only if the modes are sharp. Raises ValueError for a dataset
        without modes.
        """
        centres, weights, _ = modes_of(dataset)
        n, counts = len(fake), self.counts(fake[None], dataset)[0]
        share, quality = counts / n, int(counts.sum()) / n  # (n_modes,), of all points
        covered = int(self.covered(share, dataset))
        # |x - c|^2 / std^2 follows the chi-square distribution with dim degrees of freedom.
        true_quality = chdtr(flat(centres).shape[1], self.deviations**2)
        excess = np.append(share - true_quality * weights, (1 - quality) - (1 - true_quality))  # (n_modes + 1,)
        return {
            "high_quality_fraction": quality,
            "invalid_fraction": (n - int(counts.sum())) / n,
            "modes_hit": float(np.sum(share > 0)),
            "modes_covered": float(covered),
            "all_modes_covered": float(covered == len(weights)),
            "mode_kl": float(np.sum(rel_entr(share / quality, weights))) if quality > 0 else np.inf,
            "mode_tv": float(np.sum(np.abs(excess)) / 2),
        } | self._resolved(fake, dataset)

    def _resolved(self, fake: Array, dataset: Distribution) -> dict[str, float]:
        """What lies near the modes of (n, *shape); nothing if a mode is as large as its neighbourhood."""
        near = self.neighbourhood(dataset)
        if near is None:
            return {}
        n, counts = len(fake), self.counts(fake[None], dataset, near)[0]  # (n_modes,)
        return {
            "modes_resolved": float(self.covered(counts / n, dataset)),
            "resolved_fraction": int(counts.sum()) / n,
        }

    def neighbourhood(self, dataset: Distribution) -> float | None:
        """The distance in data units within which a point is near a mode; None if a mode is as large as that.

        Raises ValueError for a dataset without modes.
        """
        centres, _, std = modes_of(dataset)
        near = self.resolution * smallest_distance(centres)
        return near if near > self.deviations * std else None

    def counts(self, sets: Array, dataset: Distribution, radius: float | None = None) -> NDArray[np.intp]:
        """The number of points nearer than `radius` to each mode in every set, (k, n, *shape) -> (k, n_modes).

        The radius is in data units; by default it is that of high quality. Raises ValueError for a dataset without
        modes.
        """
        centres, weights, std = modes_of(dataset)
        within = self.deviations * std if radius is None else radius
        (k, n), n_modes, centres = sets.shape[:2], len(weights), flat(centres)
        distance, mode = map(np.asarray, KDTree(centres).query(sets.reshape(k * n, centres.shape[1])))
        place = np.repeat(np.arange(k), n) * n_modes + mode  # (k n,)
        return np.bincount(place[distance < within], minlength=k * n_modes).reshape(k, n_modes)

    def covered(self, shares: Array, dataset: Distribution) -> NDArray[np.intp]:
        """How many modes have at least `share` of their true probability, (..., n_modes) -> (...)."""
        return np.asarray(np.sum(shares >= self.share * modes_of(dataset)[1], axis=-1))


def smallest_distance(centres: Array) -> float:
    """The distance of the two nearest centres of (n_modes, *shape) in data units; 0 for a single mode."""
    if len(centres) < 2:
        return 0.0
    distances, _ = map(np.asarray, KDTree(flat(centres)).query(flat(centres), k=2))  # (n_modes, 2): itself comes first
    return float(distances[:, 1].min())


def modes_of(dataset: Distribution) -> tuple[Array, Array, float]:
    """Centres (n_modes, *shape), weights (n_modes,) and deviation of the modes. Raises ValueError without modes."""
    centres, weights, std = dataset.centres, dataset.mode_weights, dataset.mode_std
    if centres is None or weights is None or std is None:
        raise ValueError(f"{dataset.kind} has no modes")
    return centres, weights, std
