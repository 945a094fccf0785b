"""The difference of every metric between two revisions, paired by seed, with a 95 % interval for few seeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from modescope.compare.sides import COLUMNS
from modescope.metrics import About
from modescope.seeding import stream
from modescope.statistics import SEEDS_WITHOUT_SPREAD, Estimate, paired_difference, widened

Key = tuple[str, str, str, str]  # study, experiment, arm, metric
Outcome = Literal["better", "worse", "higher", "lower", "inconclusive", "alike"]
TOLD: tuple[Outcome, ...] = ("better", "worse", "higher", "lower")  # the interval excludes 0


@dataclass(frozen=True)
class Difference:
    """One metric of one arm: means over the seeds that both sides have, and B - A."""

    study: str
    experiment: str
    arm: str
    metric: str
    a: float
    b: float
    effect: Estimate
    outcome: Outcome


def values(scores: pd.DataFrame) -> dict[Key, dict[int, float]]:
    """Long-form scores as (study, experiment, arm, metric) -> seed -> value, in the order of the rows."""
    found: dict[Key, dict[int, float]] = {}
    for study, experiment, arm, seed, metric, value in scores[COLUMNS].itertuples(index=False):
        found.setdefault((str(study), str(experiment), str(arm), str(metric)), {})[int(seed)] = float(value)
    return found


def differences(a: pd.DataFrame, b: pd.DataFrame, about: Mapping[str, About]) -> list[Difference]:
    """The differences of all metrics that both sides measured with at least one common seed, in the order of B.

    Metrics missing from `about` count as better in neither direction.
    """
    before, after = values(a), values(b)
    rows = []
    for key, right in after.items():
        left = before.get(key, {})
        seeds = sorted(left.keys() & right.keys())
        if seeds:
            better = about[key[3]].better if key[3] in about else "neither"
            rows.append(_difference(key, [left[s] for s in seeds], [right[s] for s in seeds], better))
    return rows


def outcome(effect: Estimate, better: str) -> Outcome:
    """Better or worse in B, higher or lower if neither direction is better, or inconclusive.

    It is inconclusive if the interval of B - A includes 0, has no bounds, or has no width with fewer
    than six seeds (see `statistics.judge`).
    """
    no_width = effect.low == effect.high and effect.n < SEEDS_WITHOUT_SPREAD
    if no_width or not (effect.low > 0 or effect.high < 0):
        return "inconclusive"
    direction: Outcome = "higher" if effect.low > 0 else "lower"
    if better == "neither":
        return direction
    return "better" if direction == better else "worse"


def _difference(key: Key, left: list[float], right: list[float], better: str) -> Difference:
    x, y = np.asarray(left), np.asarray(right)
    with np.errstate(invalid="ignore"):
        means, change = (float(x.mean()), float(y.mean())), y - x
    if np.array_equal(x, y, equal_nan=True):
        return Difference(*key, *means, Estimate(0.0, 0.0, 0.0, len(x)), "alike")
    effect = widened(paired_difference(y, x, stream("compare", *key)), change)
    return Difference(*key, *means, effect, outcome(effect, better))
