"""Precision, recall, density and coverage of images, separately for empty junctions and those with cars.

Over all frames the nearly identical empty ones would dominate: a generator that never draws a car
would cover four fifths of the frames. The definitions are those of `prdc`. Most of the distance
between two frames is sensor noise, so an empty junction without noise lies within the balls of all
real ones. Compare these scores with the floor and with `patterns`, which noise does not affect.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from modescope.datasets import Distribution
from modescope.datasets.junction import Junction
from modescope.metrics import About, Array, Metric
from modescope.metrics.common.decoder import Decoder, decoder
from modescope.metrics.common.memory import frozen, remembered
from modescope.metrics.patterns import junction_of

STRATA = ("empty", "occupied")
DIGITS = 9  # of squared distances, so that equal pairs of frames tie whatever the order of summation


class Strata(Metric):
    """A frame belongs to `occupied` when at least one lane is nearer to a car than to empty ground."""

    k: int = Field(5, ge=1, description="neighbours, as in prdc")
    frames: int = Field(
        1_000, ge=2, description="frames per stratum and set at most (the first ones): all pairs are compared"
    )

    about: ClassVar[dict[str, About]] = {
        f"{name}_{stratum}": About(f"{label}, {stratum}", sentence.format(which), span, "higher")
        for stratum, which in (("empty", "without cars"), ("occupied", "with cars"))
        for name, label, sentence, span in (
            (
                "precision",
                "Precision",
                "Share of generated frames {0} inside the ball of at least one real one (radius: distance to its k-th "
                "nearest real neighbour {0}; k = 5 by default); 0 when there is no such generated frame.",
                "0 to 1",
            ),
            (
                "recall",
                "Recall",
                "Share of real frames {0} inside the ball of at least one generated one (radius: distance to its k-th "
                "nearest generated neighbour {0}); 0 when at most k are generated.",
                "0 to 1",
            ),
            (
                "density",
                "Density",
                "Mean number of real balls that contain a generated frame {0}, divided by k; 0 when there is none.",
                "0 to infinity",
            ),
            (
                "coverage",
                "Coverage",
                "Share of real frames {0} whose ball contains at least one generated frame {0}.",
                "0 to 1",
            ),
        )
    }

    def applies(self, dataset: Distribution) -> bool:
        """Only for simulated junctions, where a decoder separates the strata."""
        return isinstance(dataset, Junction)

    @property
    def min_points(self) -> int:
        """One more than k, since a frame is not its own neighbour."""
        return self.k + 1

    def score(self, real: Array, fake: Array, dataset: Distribution, rng: np.random.Generator) -> dict[str, float]:
        """Scores of fake (n, *shape) against real (n, *shape); a stratum with at most k real frames has none.

        Raises TypeError unless the dataset is a simulated junction.
        """
        read = decoder(junction_of(dataset))
        scores: dict[str, float] = {}
        of_real, of_fake = (stratified(frames, read, self.frames) for frames in (real, fake))
        for name, reals, fakes in zip(STRATA, of_real, of_fake, strict=True):
            if len(reals) > self.k:
                found = dense_prdc(reals, fakes, self.k)
                scores |= {f"{kind}_{name}": value for kind, value in found.items()}
        return scores


@remembered
def stratified(frames: Array, read: Decoder, most: int) -> tuple[Array, Array]:
    """The first `most` frames without cars and with cars, (<= most, dim) each, as differences from the ground.

    Subtracting the ground changes no distance, but reduces rounding errors in `squared`.
    """
    occupied = read.read(frames).occupied.any(axis=1)
    empties, others = (
        frozen((frames[np.flatnonzero(which)[:most]] - read.background).reshape(-1, frames[0].size))
        for which in (~occupied, occupied)
    )
    return empties, others


def dense_prdc(real: Array, fake: Array, k: int) -> dict[str, float]:
    """The scores of `prdc` from all pairs, for points of any dimension: real (n, dim) with k < n, fake (m, dim)."""
    if len(fake) == 0:
        return dict.fromkeys(("precision", "recall", "density", "coverage"), 0.0)
    between = squared(real, fake)  # (n, m)
    in_real = between < kth_squared(real, k)[:, None]
    in_fake = between < kth_squared(fake, k) if len(fake) > k else np.zeros_like(in_real)
    return {
        "precision": float(np.mean(in_real.any(axis=0))),
        "recall": float(np.mean(in_fake.any(axis=1))),
        "density": float(np.sum(in_real) / (k * len(fake))),
        "coverage": float(np.mean(in_real.any(axis=1))),
    }


@remembered
def kth_squared(x: Array, k: int) -> Array:
    """Squared distance from every point to its k-th neighbour among the others, (n, dim) -> (n,), for k < n."""
    among = squared(x, x)
    np.fill_diagonal(among, -1)  # the point itself comes first, before its duplicates
    return np.asarray(np.partition(among, k, axis=1)[:, k])


def squared(x: Array, y: Array) -> Array:
    """|x_i - y_j|^2 by one matrix product, (n, dim) x (m, dim) -> (n, m)."""
    pairs = np.sum(x**2, axis=1)[:, None] + np.sum(y**2, axis=1) - 2 * x @ y.T
    return np.asarray(np.maximum(np.round(pairs, DIGITS), 0))
