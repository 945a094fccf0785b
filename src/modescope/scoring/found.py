"""What was found: every metric of the generated points beside its floor, real points against other real points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from modescope import metrics
from modescope.datasets import Array
from modescope.metrics import About
from modescope.metrics.common.memory import frozen
from modescope.scoring.asked import Asked
from modescope.seeding import stream

Standing = Literal["as real", "better", "worse", "differs", "unknown"]


@dataclass(frozen=True)
class Score:
    """One metric of the generated points."""

    name: str
    value: float
    floor: float  # mean over the splits of the real points
    floor_low: float  # the lowest of them
    floor_high: float
    about: About
    reason: str  # why the value or the floor is not a number; empty if both are

    @property
    def standing(self) -> Standing:
        """How the value lies to the range of the floor; `differs` where neither direction is better."""
        if np.isnan([self.value, self.floor_low, self.floor_high]).any():
            return "unknown"
        if self.floor_low <= self.value <= self.floor_high:
            return "as real"
        if self.about.better == "neither":
            return "differs"
        return "better" if (self.value > self.floor_high) == (self.about.better == "higher") else "worse"


@dataclass(frozen=True)
class Found:
    """All scores, and the points that were compared."""

    asked: Asked
    scores: dict[str, Score]
    real: Array  # (n, *shape)
    fake: Array  # (n, *shape)
    others: Array  # (n_real - n, *shape), the real points that were not compared


def find(asked: Asked) -> Found:
    """Score n points a side, drawn at random, and as many real points against other real ones.

    The floor is the mean over `repeats` random splits of the real points into two sets of n, with the lowest and the
    highest.
    """
    families, dataset, n, seed = asked.families, asked.dataset, asked.n, asked.seed
    train = None if asked.train is None else frozen(asked.train)
    rng = stream("score", seed)
    shuffled = rng.permutation(asked.real)
    real, fake = frozen(shuffled[:n]), frozen(rng.permutation(asked.fake)[:n])
    values = metrics.score_all(families, real, fake, dataset, ("score", seed), train=train)
    void = metrics.voided(families, real, fake, dataset, train)
    floors = []
    for repeat in range(asked.repeats):
        mixed = rng.permutation(asked.real)
        x, y = frozen(mixed[:n]), frozen(mixed[n : 2 * n])
        floors.append(metrics.score_all(families, x, y, dataset, ("floor", seed, repeat), train=train))
        void = metrics.voided(families, x, y, dataset, train) | void
    about = {name: words for family in families.values() for name, words in family.about.items()}
    scores = {}
    for name, value in values.items():
        floor = np.array([one[name] for one in floors])
        with np.errstate(invalid="ignore"):  # the mean of two opposite infinities
            mean, low, high = float(floor.mean()), float(floor.min()), float(floor.max())
        undefined = bool(np.isnan([value, mean]).any())
        reason = void.get(name, "not defined for these points") if undefined else ""
        scores[name] = Score(name, value, mean, low, high, about[name], reason)
    return Found(asked, scores, real, fake, shuffled[n:])
