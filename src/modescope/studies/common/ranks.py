"""Rankings of the same remedies at several settings: how far they agree, and whose place depends on the setting."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modescope.seeding import stream
from modescope.statistics import Estimate
from modescope.studies.common.entries import settings_of

Values = NDArray[np.float64]
Pair = tuple[int, int]
NAME = re.compile(r"robustness_(\d+)_(\d+)_([a-z0-9_]+)")
RATE = "optimizers.discriminator.learning_rate"
METRIC, RESAMPLES, Z95 = "modes_covered", 2_000, 1.959964


class Setting(NamedTuple):
    """What is varied; everything else is the same."""

    width: int  # units of every hidden layer
    batch: int
    rate: float  # learning rate of the discriminator


FACTORS = {"width": "width", "batch": "batch", "rate": "rate of D"}  # field of a setting -> its name


class Measured(NamedTuple):
    """A metric of every remedy at every setting."""

    remedies: list[str]
    settings: list[Setting]
    values: Values  # (remedies, settings, seeds)

    @property
    def places(self) -> Values:
        """Places from 1, the highest mean over seeds, (remedies, settings)."""
        return placed(self.values.mean(-1))


def measured(frame: pd.DataFrame) -> Measured | None:
    """Modes covered, from a table with the columns experiment, arm, seed, metric, value.

    Experiments are called `robustness_<width>_<batch>_<remedy>`, others are left out. A run without a value has
    diverged: it covers no mode. None unless there are two remedies at two settings.
    """
    found: dict[tuple[str, Setting, int], float] = {}
    rows = frame[frame["metric"] == METRIC]
    for experiment, arm, seed, value in zip(*(rows[c] for c in ("experiment", "arm", "seed", "value")), strict=True):
        name, rate = NAME.fullmatch(str(experiment)), settings_of(str(arm)).get(RATE)
        if name is not None and rate is not None:
            setting = Setting(int(name[1]), int(name[2]), float(rate))
            found[name[3], setting, int(seed)] = float(value)
    remedies = list(dict.fromkeys(remedy for remedy, _, _ in found))
    settings, seeds = sorted({setting for _, setting, _ in found}), sorted({seed for _, _, seed in found})
    if len(remedies) < 2 or len(settings) < 2:
        return None
    values = [[[found.get((r, s, seed), 0.0) for seed in seeds] for s in settings] for r in remedies]
    return Measured(remedies, settings, np.array(values))


def pairs(settings: Sequence[Setting], factor: str | None = None) -> list[Pair]:
    """All pairs of settings, or those that differ in one factor alone, by their positions."""
    found = itertools.combinations(range(len(settings)), 2)
    if factor is None:
        return list(found)
    return [
        (i, j)
        for i, j in found
        if {f for f in FACTORS if getattr(settings[i], f) != getattr(settings[j], f)} == {factor}
    ]


def tau(means: Values, other: Values, chosen: Sequence[Pair]) -> Values:
    """Kendall's tau-b (1945) between the order of `means` at setting i and of `other` at j, mean over pairs (i, j).

    Means are (..., remedies, settings), the result (...). A setting at which all remedies are equal orders nothing and
    agrees with none: tau is 0.
    """
    a, b = _signs(means), _signs(other)  # (..., settings, pairs of remedies)
    i, j = np.array(chosen).T
    a, b = a[..., i, :], b[..., j, :]
    untied = np.sqrt(np.abs(a).sum(-1) * np.abs(b).sum(-1))
    agreement: Values = ((a * b).sum(-1) / np.maximum(untied, 1)).mean(-1)
    return agreement


def agreement(found: Measured, factor: str | None = None) -> Estimate:
    """Mean tau between the rankings of pairs of settings, with its 95 % interval over seeds."""
    chosen = pairs(found.settings, factor)
    return spread(found, lambda values: tau(values.mean(-1), values.mean(-1), chosen), f"tau {factor}")


def halves(found: Measured) -> tuple[float, float]:
    """Mean tau between rankings from two halves of the seeds: at the same setting, and at different settings.

    The first is what noise alone leaves of perfect agreement, with half of the seeds.
    """
    n, n_settings = found.values.shape[-1], len(found.settings)
    same, different = [], []
    for chosen in itertools.combinations(range(n), n // 2):
        rest = [seed for seed in range(n) if seed not in chosen]
        one, other = found.values[..., list(chosen)].mean(-1), found.values[..., rest].mean(-1)
        same.append(tau(one, other, [(i, i) for i in range(n_settings)]))
        different.append(tau(one, other, [(i, j) for i in range(n_settings) for j in range(n_settings) if i != j]))
    return float(np.mean(same)), float(np.mean(different))


def shift(found: Measured, remedy: int, factor: str) -> Estimate:
    """By how many places a remedy falls from the lowest to the highest value of a factor, with its 95 % interval."""
    levels = [getattr(setting, factor) for setting in found.settings]
    first, last = (np.array([level == end for level in levels]) for end in (min(levels), max(levels)))

    def statistic(values: Values) -> Values:
        places = placed(values.mean(-1))[..., remedy, :]
        fallen: Values = places[..., last].mean(-1) - places[..., first].mean(-1)
        return fallen

    return spread(found, statistic, f"shift {found.remedies[remedy]} {factor}")


def spread(found: Measured, statistic: Callable[[Values], Values], purpose: str) -> Estimate:
    """A statistic of values (..., remedies, settings, seeds) with an interval of 1.96 bootstrap standard errors.

    Seeds are drawn anew in every cell, as no two runs share random numbers. Drawn values are noisier than measured
    ones and agree less, so percentiles would lie too low; their deviation does not. It is multiplied by
    sqrt(n / (n - 1)), as the variance of n drawn values is that much too small.
    """
    n, rng = found.values.shape[-1], stream("ranks", purpose)
    value = float(statistic(found.values))
    drawn = rng.integers(0, n, (RESAMPLES, *found.values.shape))
    deviation = float(statistic(np.take_along_axis(found.values[None], drawn, -1)).std())
    half = Z95 * deviation * math.sqrt(n / (n - 1)) if n > 1 else math.nan
    return Estimate(value, value - half, value + half, n)


def placed(means: Values) -> Values:
    """Places from 1 along the remedies, (..., remedies, settings); equal means share the middle of their places."""
    above = (means[..., None, :, :] > means[..., :, None, :]).sum(-2)
    equal = (means[..., None, :, :] == means[..., :, None, :]).sum(-2)
    places: Values = 1 + above + (equal - 1) / 2
    return places


def _signs(means: Values) -> Values:
    """The order of every two remedies at every setting, -1, 0 or 1, (..., settings, pairs of remedies)."""
    i, j = np.triu_indices(means.shape[-2], 1)
    signs: Values = np.sign(means[..., i, :] - means[..., j, :]).swapaxes(-1, -2)
    return signs
