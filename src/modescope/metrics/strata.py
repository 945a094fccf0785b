"""Precision, recall, density and coverage of images, apart for empty junctions and for those with cars.

Over all frames the nearly identical empty ones would dominate: a generator that never draws a car
would cover four fifths of the frames. The definitions are those of `prdc`; see there. Most of the
distance between two frames is sensor noise: an empty junction without any lies within the balls of
all real ones. Read them beside the floor, and beside `patterns`, which looks through the noise.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from modescope.datasets import Distribution
from modescope.datasets.junction import Junction
from modescope.metrics import About, Array, Metric
from modescope.metrics.common.decoder import decoder
from modescope.metrics.patterns import junction_of

DIGITS = 9  # of a squared distance: equal pairs of frames are equally far, however their products were added up


class Strata(Metric):
    """A frame belongs to `occupied` when at least one lane is nearer to a car than to empty ground."""

    k: int = Field(5, ge=1, description="neighbours, as in prdc")
    frames: int = Field(1_000, ge=2, description="the first of each stratum and side: all pairs are compared")

    about: ClassVar[dict[str, About]] = {
        f"{name}_{stratum}": About(f"{label}, {stratum}", sentence.format(which), span, "higher")
        for stratum, which in (("empty", "without cars"), ("occupied", "with cars"))
        for name, label, sentence, span in (
            (
                "precision",
                "Precision",
                "Share of generated frames {0} inside the ball of at least one real one (radius: its k-th real "
                "neighbour {0}; k is 5 unless params.yaml says otherwise); 0 when there is no such frame.",
                "0 to 1",
            ),
            (
                "recall",
                "Recall",
                "Share of real frames {0} inside the ball of at least one generated one (radius: its k-th generated "
                "neighbour {0}); 0 when no more than k are generated.",
                "0 to 1",
            ),
            (
                "density",
                "Density",
                "Real balls around a generated frame {0}, on average, over k; 0 when there is no such frame.",
                "0 to infinity",
            ),
            (
                "coverage",
                "Coverage",
                "Share of real frames {0} whose ball holds at least one generated frame {0}.",
                "0 to 1",
            ),
        )
    }

    def applies(self, dataset: Distribution) -> bool:
        """Only where a decoder tells the strata apart."""
        return isinstance(dataset, Junction)

    @property
    def min_points(self) -> int:
        """One more than the neighbours, as a frame is none of its own."""
        return self.k + 1

    def score(self, real: Array, fake: Array, dataset: Distribution, rng: np.random.Generator) -> dict[str, float]:
        """Scores of fake (n, *shape) against real (n, *shape); none of a stratum with k real frames or fewer.

        Raises TypeError for a dataset that is no junction.
        """
        read = decoder(junction_of(dataset))
        real_occupied, fake_occupied = (read.read(x).occupied.any(axis=1) for x in (real, fake))
        scores: dict[str, float] = {}
        for stratum, reals, fakes in (
            ("empty", real[~real_occupied], fake[~fake_occupied]),
            ("occupied", real[real_occupied], fake[fake_occupied]),
        ):
            if len(reals) > self.k:
                # The ground has no part in a distance; without it, less is lost when squares are subtracted.
                y, x = (
                    (frames[: self.frames] - read.background).reshape(-1, real[0].size) for frames in (reals, fakes)
                )
                found = dense_prdc(y, x, self.k)
                scores |= {f"{name}_{stratum}": value for name, value in found.items()}
        return scores


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


def kth_squared(x: Array, k: int) -> Array:
    """Squared distance from every point to its k-th neighbour among the others, (n, dim) -> (n,), for k < n."""
    among = squared(x, x)
    np.fill_diagonal(among, -1)  # the point itself comes first, before its duplicates
    return np.asarray(np.partition(among, k, axis=1)[:, k])


def squared(x: Array, y: Array) -> Array:
    """|x_i - y_j|^2 by one matrix product, (n, dim) x (m, dim) -> (n, m)."""
    pairs = np.sum(x**2, axis=1)[:, None] + np.sum(y**2, axis=1) - 2 * x @ y.T
    return np.asarray(np.maximum(np.round(pairs, DIGITS), 0))
