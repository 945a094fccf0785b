"""Metropolis-Hastings: a random walk that rejects some moves, so that it visits places in proportion to their density.

Metropolis et al. 1953, Hastings 1970. The proposal is symmetric, so Hastings' correction is 1.
"""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from pydantic import Field

from modescope.datasets import Array, Distribution
from modescope.samplers import Sampler

AHEAD = 8  # steps whose 2^AHEAD possible places are evaluated at once (prefetching, Brockwell 2006)


class MetropolisHastings(Sampler):
    """From x to x + N(0, step^2) with probability min(1, f(x') / f(x)), else x once more."""

    step: float = Field(gt=0, description="standard deviation of the proposed move, in data units")
    start: float = Field(0.0, description="first place of the chain")
    burn_in: int = Field(0, ge=0, le=10_000_000, description="number of first steps that are discarded")
    thin: int = Field(1, ge=1, le=10_000, description="steps per sample")

    source: ClassVar[str] = "Metropolis et al. 1953; Hastings 1970"

    def check(self, dataset: Distribution) -> None:
        """Raises ValueError unless the dataset has a density on the line that is positive at `start`."""
        if dataset.shape != (1,) or not dataset.has_density:
            raise ValueError(f"sampler metropolis_hastings needs a density on the line; {dataset.kind} has none in 1-D")
        if not math.isfinite(dataset.log_density(np.array([[self.start]]))[0]):
            raise ValueError(f"start: the density at {self.start:g} is 0; choose a place of positive density")

    def draw(self, dataset: Distribution, n: int, rng: np.random.Generator) -> dict[str, Array]:
        """`samples` (n, 1); the `warm_up` (burn_in, 1); the `chain` after it and whether each move was `accepted`.

        The chain has n x thin steps, (n x thin, 1), and every thin-th is a sample. Raises ValueError for a chain
        without steps.
        """
        length = n * self.thin + self.burn_in
        if n < 1:
            raise ValueError(f"a chain of {n} samples has no steps; at least 1 sample is needed")
        moves = rng.normal(0, self.step, length)
        thresholds = np.log(rng.uniform(size=length))
        walked, accepted = walk(dataset, self.start, moves, thresholds)
        chain = walked[self.burn_in :, None]
        return {
            "samples": chain[self.thin - 1 :: self.thin],
            "warm_up": walked[: self.burn_in, None],
            "chain": chain,
            "accepted": accepted[self.burn_in :, None].astype(np.float64),
        }


def walk(dataset: Distribution, start: float, moves: Array, thresholds: Array) -> tuple[Array, Array]:
    """The place after every step and whether the move was accepted; `thresholds` are log u, (steps,) each.

    Every place that can be reached in the next few steps is the present one plus a subset of their
    moves, so one call of the density serves all of them, whichever are accepted.
    """
    places, accepted, here = np.empty(len(moves)), np.zeros(len(moves), np.bool_), start
    for first in range(0, len(moves), AHEAD):
        ahead = moves[first : first + AHEAD]
        subsets = np.arange(2 ** len(ahead))[:, None] >> np.arange(len(ahead)) & 1  # (2^ahead, ahead)
        reachable = here + subsets @ ahead
        log_density = dataset.log_density(reachable[:, None]).tolist()
        at = 0  # the subset of moves accepted so far, as bits
        for k, threshold in enumerate(thresholds[first : first + AHEAD].tolist()):
            moved = at | 1 << k
            if threshold < log_density[moved] - log_density[at]:
                at, accepted[first + k] = moved, True
            places[first + k] = reachable[at]
        here = float(reachable[at])
    return places, accepted.astype(np.float64)
