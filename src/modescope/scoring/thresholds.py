"""Limits on metrics, such as `coverage=0.9`, for use where a script must fail when samples are not good enough."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from modescope.formatting import number
from modescope.params.config import ConfigError
from modescope.scoring.found import Score


@dataclass(frozen=True)
class Threshold:
    """A limit that a metric must not fall below, or not exceed."""

    option: str  # as the user wrote it
    metric: str
    limit: float
    lowest: bool  # whether it is the lowest value that passes, or the highest

    def failure(self, scores: Mapping[str, Score]) -> str:
        """What is wrong, in one line; empty where the limit is kept. A value that is not a number never keeps it."""
        if self.metric not in scores:
            return f"{self.option}: {self.metric} has no value for these points"
        score = scores[self.metric]
        if math.isnan(score.value):
            return f"{self.option}: {self.metric} is not a number: {score.reason}"
        if score.value < self.limit if self.lowest else score.value > self.limit:
            return f"{self.option}: {self.metric} is {_exact(score.value)}; the floor is {number(score.floor)}"
        return ""


def threshold(option: str, given: str, known: Collection[str]) -> Threshold:
    """The limit that `--fail-below` or `--fail-above` with `METRIC=NUMBER` states; `known` are the metrics measured.

    Raises ConfigError, one line.
    """
    name, _, text = given.partition("=")
    if name not in known:
        raise ConfigError(f"{option} {given}: {name!r} is not measured here; allowed: {', '.join(sorted(known))}")
    try:
        limit = float(text)
    except ValueError:
        limit = math.nan
    if not math.isfinite(limit):
        raise ConfigError(f"{option} {given}: {text!r}; allowed: METRIC=NUMBER, such as {name}=0.9")
    return Threshold(f"{option} {given}", name, limit, lowest=option == "--fail-below")


def _exact(value: float) -> str:
    """The value as it was compared, since three digits may hide on which side of the limit it lies."""
    return f"{value:.10g}"
